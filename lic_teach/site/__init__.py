"""The whole course as a folder of static pages, with explorers that move without a kernel.

    lessons/NN_name.ipynb --pages--> the same, each explorer a place --Sphinx--> OUT/NN_name.html
    explorer --record--> what it shows at every place of its slider --store--> OUT/_static

The notebooks are not executed again: their saved outputs are shown. Only the explorers are made
anew, and asked for every state that the site can show. All of Sphinx's theme, MathJax and the
fonts lie in the folder, so it opens from a disk, a USB stick or any web server.

states.py     the states of an explorer that a page can offer
record.py     an explorer's widgets, and their values in every state
store.py      recordings as scripts, pictures as lossless WebP, each once
pages.py      notebooks as Sphinx reads them
build.py      Sphinx's settings, the index, and the folder that is written
site.js       the model behind the widgets in place of a kernel
site.css      their look among the theme's
"""

from lic_teach.site.build import build

__all__ = ["build"]
