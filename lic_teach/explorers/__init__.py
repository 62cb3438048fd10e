"""The interactive figures of the lessons: one file each, on one small base.

base.py       Explorer: controls -> compute -> draw -> picture, readout, plot
controls.py   the widgets that ipywidgets lacks: slider, picture to click, wipe, readout
plots.py      the small rate-distortion plot, as SVG
duel.py       lesson 00: JPEG against the learned codec at one lambda
"""
