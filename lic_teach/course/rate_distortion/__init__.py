"""Which of two codecs is better.

tangent.py: one lambda over three curves with a budget
budget.py: one budget for three pictures, shared out in three ways
water.py: R(D) of Gaussian sources, and reverse water-filling
exercises.py: the checks of its exercises
"""
