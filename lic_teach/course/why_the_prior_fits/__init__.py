"""Who told the latents to be Gaussian.

fitting.py: latents and their prior over a training
small_codec.py: the smallest codec with a prior, trained in seconds
exercises.py: the checks of its exercises
"""
