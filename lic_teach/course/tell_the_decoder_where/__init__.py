"""How a decoder knows where the picture is busy.

adapting.py: coefficients, classes of blocks, and a width for each class
recoding.py: a .jpg made smaller under a prior that was trained, without losing a bit
classes.py: classes of blocks, told or guessed
exercises.py: the checks of its exercises
"""
