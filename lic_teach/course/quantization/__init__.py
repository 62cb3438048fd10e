"""Where the loss happens.

quantization.py: what a quality strikes out
exercises.py: the checks of its exercises
"""
