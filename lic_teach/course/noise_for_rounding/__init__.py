"""How to train through a staircase.

rounding.py: noise against rounding over sigma
toy.py: the smallest codec that learns, its points, and what a file of them would hold
exercises.py: the checks of its exercises
"""
