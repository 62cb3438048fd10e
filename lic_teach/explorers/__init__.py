"""The interactive figures of the lessons: one file each, on one small base.

base.py       Explorer: controls -> compute -> draw -> picture, readout, plot
pictures.py   what a learner gives to an explorer, and what it is called there
controls.py   the widgets that ipywidgets lacks: slider, picture to click, wipe, readout
readout.py    tables and small pictures for the readout, as HTML
plots.py      drawings as SVG: their text, the small rate-distortion plot
duel.py       lesson 00: JPEG against the learned codec at one lambda
lag.py        lesson 01: a pixel against its neighbour, entropy before and after (lag_plot.py)
chroma.py     lesson 02: luma and chroma blurred separately
dct.py        lesson 03: a block built of waves (dct_bases.py, block_view.py: the grid to drag)
quantization.py   lesson 04: what a quality strikes out (quantization_plot.py)
blockbits.py  lesson 05: a block's symbols and bits, one after the other (blockbits_plot.py)
hufftree.py   lesson 05: the Huffman tree of given counts
microscope.py lesson 06: a file byte by byte, and what breaks it (microscope_files.py, _draw.py,
              _words.py; byte_view.py: the bytes to click; sabotage.py)
tangent.py    lesson 07: a line of slope -lambda to pull along the curves (tangent_plot.py)
tables.py     lesson 08: quantization tables between the standard's and lambda's (tables_plot.py)
cells.py      lesson 09: quantization cells turned and bent (cells_code.py, _curves.py, _plot.py)
graph.py      lesson 10: a computation graph, forward and backward (graph_plot.py)
descent.py    lesson 10: gradient descent to the edge of divergence (descent_plot.py)
bottleneck.py lesson 11: a photograph through k numbers a patch (autoencoder.py: the machine,
              bottleneck_plot.py; traversal.py: one latent at a time)
codelength.py lesson 12: a guess against real latents (priors.py, codelength_plot.py)
rounding.py   lesson 13: noise against rounding over sigma (rounding_plot.py)
codec_view.py lesson 14: the trained codec at one lambda, opened (codec_view_plot.py)
training.py   lesson 14: two recorded trainings to scrub through (training_plot.py)
arrows.py     lesson 15: which of two losses reaches which part (arrows_bars.py, _plot.py)
pulls.py      lesson 15: the gradients behind it, of R and of D, layer by layer
fitting.py    lesson 16: latents and their prior over a training (fitting_codec.py, _plot.py)
interval.py   lesson 17: an arithmetic coder, one symbol a step (interval_plot.py)
break_decoder.py  lesson 17: a decoder that computes almost as the encoder did
showdown.py   lesson 18: every codec on one plot, a point to click (showdown_files.py, _plot.py)
thinking.py   lesson 19: the encoder refines one picture, step by step (thinking_plot.py)
"""

import importlib
import pkgutil


def classes() -> list[type]:
    """All explorers of the course, in the order of their names; imports every module here."""
    from lic_teach.explorers.base import Explorer

    names = [f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)]
    modules = {name: importlib.import_module(name) for name in names}
    # traitlets makes a further subclass where an instance gets a trait: that one is no module's
    found = [
        kind
        for kind in Explorer.__subclasses__()
        if getattr(modules.get(kind.__module__), kind.__name__, None) is kind
    ]
    return sorted(found, key=lambda kind: kind.__name__)
