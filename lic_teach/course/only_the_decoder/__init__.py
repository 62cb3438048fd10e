"""What a decoder can learn while the .jpg stays as it is.

repair.py: any .jpg to a repaired picture, and the network that does it
training.py: photographs to pairs, pairs to a network
bins.py: between which bounds a file says that its coefficients were
page.py: a page of text, and a convolution, drawn
before_after.py: one file, three decoders
exercises.py: the checks of its exercises
"""
