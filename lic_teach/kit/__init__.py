"""What every lesson stands on, beside its figures: guesses, and the learner's own work.

predict.py    a guess before the output shows
mine.py       right answers, kept as source in mine.py beside the notebooks
source.py     the source of a function that was written in a notebook, as plain Python
progress.py   what is right and what is open: a table of the lessons, a table of a class
"""
