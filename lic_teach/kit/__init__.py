"""What every room of the course stands on.

base.py       Explorer: controls -> compute -> draw -> picture, readout, plot
pictures.py   what a learner gives to an explorer, and what it is called there
controls.py   the widgets that ipywidgets lacks: slider, picture to click, wipe, readout
readout.py    tables and small pictures for the readout, as HTML
typeset.py    the readout's HTML as SVG, without a browser
stills.py     a whole explorer as one picture, for a page without a kernel
plots.py      drawings as SVG: their text and colours
axes.py       values -> places: grid, lines, marks and bars of a panel
labels.py     where words touch neither lines nor marks
rd_plot.py    the rate-distortion plot
stops.py      where a control can go from where it stands, the nearest first
prefetch.py   what a learner will ask next, computed while the figure stands still
checks.py     exercises: a verdict on an answer, and a hint that fits the mistake
measured.py   a file of a picture, measured; the codecs that several figures show
expected.py   what the learned codec expects of each latent: mean and width
priors.py     priors on whole numbers: what they charge, and which fits
predictors.py predictors of a pixel from its neighbours, and the bits that they leave
file_block.py a block of the cat in her file, symbol by symbol
predict.py    a guess before the output shows
mine.py       right answers, kept as source in mine.py beside the notebooks
source.py     the source of a function that was written in a notebook, as plain Python
scoreboard.py how many bytes each changed part saves, as bars
votes.py      votes of a blind test, kept in mine.py, and held against a coin
progress.py   what is right and what is open: a table of the lessons, a table of a class
"""
