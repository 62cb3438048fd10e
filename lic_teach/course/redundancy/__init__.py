"""Why a picture can be compressed at all.

next_pixel.py: the learner guesses pixels, beside MED (guessing.py: the game)
lag.py: a pixel against its neighbour, entropy before and after
prediction.py: residuals from the left neighbour and back, shuffled pixels
exercises.py: the checks of its exercises
"""
