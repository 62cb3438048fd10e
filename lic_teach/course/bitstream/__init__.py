"""Whether the estimate is true.

interval_zoom.py: an arithmetic coder, one symbol a step
range_coder.py: the same in whole numbers, and its trace in decimal
real_file.py: the symbols and tables of a .lic file, for that coder
break_decoder.py: a decoder that computes almost as the encoder did
exercises.py: the checks of its exercises
"""
