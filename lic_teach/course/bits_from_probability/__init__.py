"""What a guess costs.

code_length.py: a guess against real latents
exercises.py: the checks of its exercises
"""
