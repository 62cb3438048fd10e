"""Whether a network can beat JPEG.

codec_view.py: the trained codec at one lambda, opened
training.py: two recorded trainings to scrub through
exercises.py: the checks of its exercises
"""
