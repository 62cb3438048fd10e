"""How to train through a staircase.

rounding.py: noise against rounding over sigma
exercises.py: the checks of its exercises
"""
