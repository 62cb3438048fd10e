"""Who chose those 64 numbers.

steps.py: one step for luma alone, its slope, and the standard's shape to a power
trellis_path.py: one block, and which of its coefficients are worth their bits
parts.py: what each part is worth, in real files
tables.py: quantization tables between the standard's and lambda's
exercises.py: the checks of its exercises
"""
