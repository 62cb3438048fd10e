"""Who says what D is: the learner's eyes, two metrics, and a decoder that draws.

pairs.py: the same picture by several codecs, in files of one size
sealed.py: a game of twelve rounds, sealed until the last vote
blind_test.py: the blind test; .js and .css are its two pictures
inside.py: a decoder that draws each latent inside its own bin, and how much texture there is
texture.py: a slider from the least error to the most texture
exercises.py: the checks of its exercises
"""
