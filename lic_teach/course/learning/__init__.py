"""How a machine finds its numbers.

graph.py: a computation graph, forward and backward
descent.py: gradient descent to the edge of divergence
exercises.py: the checks of its exercises
"""
