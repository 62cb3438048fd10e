"""What survives a bottleneck.

autoencoders.py: the machines, linear and not
edge.py: a patch whose edge slides
overlapping.py: windows that overlap by half, against isolated patches
bottleneck.py: a photograph through k numbers a patch
traversal.py: one latent at a time
exercises.py: the checks of its exercises
"""
