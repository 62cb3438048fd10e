"""For those who work on the course; run from its folder, as `python -m tools.shots`.

bench/          how long things take: our JPEG, every codec, every explorer
fuzz_jpeg.py    damaged JPEGs through everything that reads them (fuzz.py: the loop)
fuzz_lic.py     damaged .lic files likewise
shots.py        pictures of a lesson's explorers, wide and narrow, light and dark
site_states.py  every state on a built site against the live explorers
figures.py      the two figures of the README
one_picture.py  the recorded fits of the overfitted codec
record.py       the recorded trainings; autoencoders.py: the small autoencoders' weights
"""
