"""How long things take: `python -m tools.bench.explorers`, and so on.

jpeg.py       time and memory of our JPEG, as ratios to libjpeg-turbo's
times.py      processor time of every codec of a study, over Pillow's JPEG
explorers.py  from a control to the new picture, for every explorer: in the kernel
screen.py     ... and on the screen

Reported, never asserted: time says as much about the machine, and what else runs on it.
"""
