"""What a bend can do that no matrix can.

cells.py: quantization cells turned and bent, drawn by cells_drawing.py and curves_drawing.py
code.py: the code for points of the plane
exercises.py: the checks of its exercises
"""
