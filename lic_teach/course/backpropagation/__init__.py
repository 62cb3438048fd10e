"""Who is to blame for an error: gradients sent backwards.

graph.py: a computation graph for two pixels that share their weights, forward and backward
neighbours.py: a small network that predicts a pixel from twelve, and what it learns
exercises.py: the checks of its exercises
"""
