"""The course's first duel: the same picture, the same number of bits.

duel.py: JPEG against the learned codec at one lambda
exercises.py: the checks of its exercises
"""
