"""What a guess costs.

code_length.py: a guess against real latents
linear.py: 64 latents of a linear autoencoder, the best width for whole numbers
exercises.py: the checks of its exercises
"""
