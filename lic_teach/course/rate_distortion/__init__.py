"""Which of two codecs is better.

tangent.py: a line of slope -lambda to pull along the curves
exercises.py: the checks of its exercises
"""
