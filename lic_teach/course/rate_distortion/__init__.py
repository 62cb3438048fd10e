"""Which of two codecs is better.

tangent.py: a line of slope -lambda to pull along the curves
budget.py: one budget for three pictures, shared out in three ways
exercises.py: the checks of its exercises
"""
