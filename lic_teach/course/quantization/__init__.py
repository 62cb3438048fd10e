"""Where the loss happens.

quantization.py: what a quality strikes out
camera.py: a .jpg as a camera leaves it
exercises.py: the checks of its exercises
"""
