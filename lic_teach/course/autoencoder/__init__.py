"""What survives a bottleneck.

autoencoders.py: the machines, linear and not
bottleneck.py: a photograph through k numbers a patch
traversal.py: one latent at a time
exercises.py: the checks of its exercises
"""
