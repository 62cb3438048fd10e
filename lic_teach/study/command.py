"""`lic-teach rd`: measure codecs over a folder of pictures and print the BD-rate table."""

from pathlib import Path
from typing import Annotated

import typer

from lic_teach.study import curves, table
from lic_teach.study.codecs import CODECS

SUFFIXES = {".png", ".webp", ".ppm", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg"}


def pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, sorted by name; ValueError if there are none."""
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder")
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not found:
        raise ValueError(f"{folder} holds no picture ({', '.join(sorted(SUFFIXES))})")
    return found


def choose(names: str) -> list[str]:
    """'jpeg,webp' -> ['jpeg', 'webp']; ValueError for a codec that is not known."""
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    for name in chosen:
        if name not in CODECS:
            raise ValueError(f"no codec {name!r}: choose from {', '.join(CODECS)}")
    return chosen


def rd(
    images: Annotated[Path, typer.Option(help="Folder of pictures.")],
    codecs: Annotated[str, typer.Option(help="Codecs, with commas between them.")] = "jpeg",
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("rd"),
    jobs: Annotated[int, typer.Option(help="Processes; -1 is one a core.")] = 1,
) -> None:
    """Rate-distortion curves of CODECS over a folder, as .json, and their BD-rates.

    Interrupted, it goes on where it stopped. BD-rates are against the study `jpeg` in OUT.
    """
    try:
        paths, names = pictures(images), choose(codecs)
        for name in names:
            typer.echo(f"{name}: {CODECS[name].protocol}")
            typer.echo(curves.study(name, CODECS[name], paths, out, jobs))
    except ValueError as error:
        typer.echo(f"lic-teach rd: {error}", err=True)
        raise typer.Exit(1) from error
    studies = [table.read(p) for p in sorted(out.glob(f"{curves.dataset_name(paths)}_*.json"))]
    anchor = next((s for s in studies if s["codec"] == "jpeg"), None)
    if anchor is None:
        typer.echo("No BD-rates: measure the anchor too (--codecs jpeg).")
    else:
        typer.echo(table.format_table(table.bd_table(studies, anchor)))
