"""How a machine finds its numbers.

descent.py: plain gradient descent, momentum and Adam in one valley
exercises.py: the checks of its exercises
"""
