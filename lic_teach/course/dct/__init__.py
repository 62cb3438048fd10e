"""What a block is made of.

dct_builder.py: a block built of waves (bases.py: the waves; block_view.py: the grid to drag)
rivals.py: other transforms, other sizes of block, and the bits that each takes at one error
puzzle.py: blocks and coefficients to be matched
exercises.py: the checks of its exercises
"""
