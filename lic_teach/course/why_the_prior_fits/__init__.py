"""Who told the latents to be Gaussian.

fitting.py: latents and their prior over a training
thinking.py: the encoder refines one picture, step by step
bending.py: what latents would gain that are bent into a Gaussian
small_codec.py: the smallest codec with a prior, trained in seconds
exercises.py: the checks of its exercises
"""
