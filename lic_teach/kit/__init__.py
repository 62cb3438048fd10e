"""What every room of the course stands on.

base.py       Explorer: controls -> compute -> draw -> picture, readout, plot
controls.py   the widgets that ipywidgets lacks: slider, picture to click, wipe, readout
readout.py    tables and small pictures for the readout, as HTML
plots.py      drawings as SVG: their text, the small rate-distortion plot
checks.py     exercises: a verdict on an answer, and a hint that fits the mistake
priors.py     priors on whole numbers: what they charge, and which fits
"""
