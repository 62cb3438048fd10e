"""Where the loss happens.

quantization.py: what a quality strikes out
artefacts.py: ripples and squares, and errors in waves of one kind
camera.py: a .jpg laid out as a camera's
exercises.py: the checks of its exercises
"""
