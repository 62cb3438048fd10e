"""Why a picture can be compressed at all.

lag.py: a pixel against its neighbour, entropy before and after
exercises.py: the checks of its exercises
"""
