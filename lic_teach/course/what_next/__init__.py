"""What the best codecs do that ours does not.

thinking.py: the encoder refines one picture, step by step
exercises.py: the checks of its exercises
"""
