"""Whether a network can beat JPEG.

own_codec.py: a codec to write, train and keep; pieces.py: what it is joined of
machines.py: its drawing beside JPEG's
anchors.py: JPEG and JPEG by lambda, what it is measured against
parts.py: which part earns the bits, recorded
training.py: two recorded trainings to scrub through
codec_view.py: the shipped codec at one lambda, opened
exercises.py: the checks of its exercises
"""
