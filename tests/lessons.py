"""What the cells of a lesson define, and what they print: for tests of what its prose says."""

import ast
import re

import nbformat
import PIL
import pytest

from lic_teach import contents, notebooks

# What a lesson says of others' files is measured with the Pillow of constraints.txt.
todays_codecs = pytest.mark.skipif(
    int(PIL.__version__.split(".")[0]) < 13,
    reason="the AVIF and WebP of an older Pillow write other files",
)
DEFINITIONS = ast.Import | ast.ImportFrom | ast.FunctionDef


def prose(subject):
    """All that its source says, on one line."""
    source = notebooks.LESSONS / "src" / f"{contents.notebook(subject).stem}.py"
    return re.sub(r"\s+#?\s*", " ", source.read_text(encoding="utf-8"))


def code(subject):
    """The code cells of a lesson as it is committed, with their outputs."""
    cells = nbformat.read(contents.notebook(subject), as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def printed(subject):
    """All that the cells print."""
    outputs = [output for cell in code(subject) for output in cell.outputs]
    return "\n".join(output.get("text", "") for output in outputs)


def definitions(subject, also=lambda node: False, **names):
    """The imports and functions of the cells, and the statements that `also` picks, by name.

    names: what the functions need beside each other.
    """
    for cell in code(subject):
        kept = [n for n in ast.parse(cell.source).body if isinstance(n, DEFINITIONS) or also(n)]
        exec("\n".join(map(ast.unparse, kept)), names)
    return names
