"""Who chose those 64 numbers.

tables.py: quantization tables between the standard's and lambda's
exercises.py: the checks of its exercises
"""
