"""What the cells of a lesson define, and what they print: for tests of what its prose says."""

import ast

import nbformat

from lic_teach import notebooks

DEFINITIONS = ast.Import | ast.ImportFrom | ast.FunctionDef


def code(number, folder=notebooks.LESSONS):
    """The code cells of lesson NN as it is committed, with their outputs."""
    (path,) = folder.glob(f"{number}_*.ipynb")
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def printed(number):
    """All that the cells print."""
    outputs = [output for cell in code(number) for output in cell.outputs]
    return "\n".join(output.get("text", "") for output in outputs)


def definitions(number, also=lambda node: False, **names):
    """The imports and functions of the cells, and the statements that `also` picks, by name.

    names: what the functions need beside each other.
    """
    for cell in code(number):
        kept = [n for n in ast.parse(cell.source).body if isinstance(n, DEFINITIONS) or also(n)]
        exec("\n".join(map(ast.unparse, kept)), names)
    return names
