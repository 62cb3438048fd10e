"""Whether the eye needs all three channels.

chroma.py: luma and chroma blurred separately
exercises.py: the checks of its exercises
"""
