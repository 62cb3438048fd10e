"""`lic-teach rd`: measure codecs over a folder of pictures and print the BD-rate table."""

from pathlib import Path
from typing import Annotated

import typer

from lic_teach.images import members


def pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, sorted by name; ValueError if there are none."""
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder")
    return members(folder)


def choose(names: str) -> dict:
    """'jpeg,webp' -> the two by name, 'all' -> all; ValueError for a codec that is not known."""
    from lic_teach.study import codecs, own  # here, so that --help does not wait for them

    known = codecs.CODECS | own.CODECS
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    chosen = list(known) if chosen == ["all"] else chosen
    if not chosen:
        raise ValueError(f"no codec named: choose from {', '.join(known)}")
    for name in chosen:
        if name not in known:
            raise ValueError(f"no codec {name!r}: choose from {', '.join(known)}")
    return {name: known[name] for name in chosen}


def rd(
    images: Annotated[Path, typer.Option(help="Folder of pictures.")],
    codecs: Annotated[str, typer.Option(help="Codecs, with commas between them.")] = "jpeg",
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("rd"),
    jobs: Annotated[int, typer.Option(help="Processes; -1 is one a core.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Measure again what is there.")] = False,
) -> None:
    """Measure codecs over a folder of pictures.

    Writes their rate-distortion curves as .json files and prints BD-rates.

    \b
      lic-teach rd --images kodak --codecs jpeg,webp,learned_context
      lic-teach rd --images kodak --codecs all --jobs -1

    Interrupted, it goes on where it stopped; a study that is whole is kept. `all` is every codec
    known here; a wrong name lists them. BD-rates are against the study `jpeg` in OUT.
    """
    from lic_teach.study import curves

    paths, chosen = pictures(images), choose(codecs)
    dataset = curves.dataset_name(paths)
    for name, codec in chosen.items():
        whole = out / f"{dataset}_{name}.json"
        if whole.exists() and not force:
            typer.echo(f"{whole} exists and is kept: --force measures again")
            continue
        typer.echo(f"{name}: {codec.protocol}")
        typer.echo(curves.study(name, codec, paths, out, jobs))
    report(out, dataset)


def report(out: Path, dataset: str) -> None:
    """Print the BD-rates of all studies of one set of pictures against its `jpeg`."""
    from lic_teach.study import table

    paths = [path for path in out.glob("*.json") if path.name.startswith(f"{dataset}_")]
    studies = [table.read(path) for path in sorted(paths)]
    studies = [study for study in studies if study.get("dataset") == dataset]
    anchor = next((s for s in studies if s["codec"] == "jpeg"), None)
    if anchor is None:
        typer.echo("No BD-rates: measure the anchor too (--codecs jpeg).")
    else:
        typer.echo(table.format_table(table.bd_table(studies, anchor)))
