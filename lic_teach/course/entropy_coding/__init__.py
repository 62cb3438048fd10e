"""How numbers become bits.

block_bits.py: a block's symbols and bits, one after the other
huffman_tree.py: the Huffman tree of given counts
exercises.py: the checks of its exercises
"""
