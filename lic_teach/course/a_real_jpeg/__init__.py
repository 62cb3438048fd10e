"""A real .jpg, byte by byte, and what breaks it.

byte_microscope.py: a file under the microscope (byte_view.py: the bytes to click)
files.py: the files, whole and broken; words.py: what every byte says; sabotage.py: damage by name
pieces.py: what an own encoder is joined of; one_bit.py: what a wrong bit was part of, and does
exercises.py: the checks of its exercises
"""
