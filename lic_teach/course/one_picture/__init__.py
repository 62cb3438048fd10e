"""A codec that is made for one picture.

fit.py: a fit, kept as real files of its moments; the cat's comes with the course
work.py: the decoder's multiplications, counted
rivals.py: the same picture by JPEG, JPEG by lambda and the learned codec
overfitting.py: the moments of a fit, opened
effort.py: from one pass of a network to a network of one's own
exercises.py: the checks of its exercises
"""
