"""What the best codecs do that ours does not.

exercises.py: the check of its exercise
"""
