"""Who wins, and what it cost.

showdown.py: every codec on one plot, a point to click
files.py: the files behind it
exercises.py: the checks of its exercises
"""
