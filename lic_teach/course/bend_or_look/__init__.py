"""What a bend can do that no matrix can, and what a coder that looks can do instead.

cells.py: quantization cells turned and bent, drawn by cells_drawing.py and curves_drawing.py
code.py: the code for points of the plane, and its coders
ecvq.py: cells of any shape, the reference
exercises.py: the checks of its exercises
"""
