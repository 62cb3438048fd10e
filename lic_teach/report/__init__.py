"""Report: one picture by all codecs, as a page that needs nothing but a browser.

    picture --study/compare.py--> files --pictures.py, plot.py, page.py--> a .html

`lic-teach compare photo.png` writes it. Every picture in it is lossless and inside the page.
Lesson showdown does the same for many pictures.
"""
