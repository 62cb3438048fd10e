"""Whether the estimate is true.

interval_zoom.py: an arithmetic coder, one symbol a step
break_decoder.py: a decoder that computes almost as the encoder did
exercises.py: the checks of its exercises
"""
