"""What a block is made of.

dct_builder.py: a block built of waves (bases.py: the waves; block_view.py: the grid to drag)
exercises.py: the checks of its exercises
"""
