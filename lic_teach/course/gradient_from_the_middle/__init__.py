"""How a loss on an inner layer can train anything.

arrows.py: which of two losses reaches which part, drawn by arrows_drawing.py and
    planes_drawing.py
pulls.py: the gradients behind it, of R and of D, part by part
exercises.py: the checks of its exercises
"""
