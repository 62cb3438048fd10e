"""`lic-teach rd`: measure codecs over a folder of pictures and print the BD-rate table."""

import warnings
from pathlib import Path
from typing import Annotated

import typer

from lic_teach.files import about, left_out, sentence, tell
from lic_teach.images import PICTURES, members, try_place
from lic_teach.study.codecs import Codec


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
      lic-teach rd --images kodak --codecs jpeg,webp,learned_hours
      lic-teach rd --images kodak --codecs all --jobs -1

    Interrupted, it goes on where it stopped. A study that is whole is kept, where its pictures,
    codec and versions are those of today. `all` is every codec known here; a wrong name lists
    them. BD-rates are against the study `jpeg` in OUT, of the same pictures.
    """
    from lic_teach.study import curves
    from lic_teach.study.pictures import doubts, look

    if jobs == 0:
        raise ValueError("--jobs 0: choose 1 or more processes, or -1 for one a core")
    paths, chosen = pictures(images), choose(codecs)
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is no folder")
    try_place(out)
    looked = look(paths)
    for words in doubts(looked):
        tell(f"note: {words}")
    dataset, digests = curves.dataset_name(paths), {p.name: p.digest for p in looked}
    todo = {n: c for n, c in chosen.items() if force or not kept(out, dataset, n, c, digests)}
    failed = measure(todo, paths, out, jobs)
    report(out, dataset, digests)
    if words := left_out(images, PICTURES):
        typer.echo(f"lic-teach: {words}", err=True)
    if failed:
        raise ValueError(f"{failed} of {len(todo)} codecs failed, the others are done")


def measure(todo: dict[str, Codec], paths: list[Path], out: Path, jobs: int) -> int:
    """Make the studies of these codecs; returns how many failed. A single failure is passed on."""
    from lic_teach.study import curves

    failed = 0
    for name, codec in todo.items():
        tell(f"{name}: {codec.protocol}")
        try:
            with about(name), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of pictures: `look` has said them
                path = curves.study(name, codec, paths, out, jobs)
        except Exception as error:
            if len(todo) == 1:
                raise
            failed += 1
            typer.echo(f"lic-teach: {sentence(error)}", err=True)
        else:
            tell(f"{path}")
    return failed


def kept(out: Path, dataset: str, name: str, codec: Codec, digests: dict[str, str]) -> bool:
    """Whether this study lies there already. ValueError where another one does: it is not lost."""
    from lic_teach.study import identity, table

    path = out / f"{dataset}_{name}.json"
    if not path.exists():
        return False
    wanted = identity.describe(name, codec, dataset, digests)
    if why := identity.another(table.read(path), codec, wanted):
        raise ValueError(
            f"{path} is another study, {why}: --force overwrites it, --out takes another folder"
        )
    tell(f"{path} exists and is kept: --force measures again")
    return True


def report(out: Path, dataset: str, digests: dict[str, str]) -> None:
    """Print the BD-rates of all studies of one set of pictures against its `jpeg`.

    digests: of the pictures' samples, by the file's name.
    """
    from lic_teach.study import table
    from lic_teach.study.identity import SAMPLES, other_pictures

    studies = []
    for path in sorted(path for path in out.glob("*.json") if path.name.startswith(f"{dataset}_")):
        try:
            studies.append(table.read(path))
        except ValueError as error:
            warnings.warn(str(error), stacklevel=2)
    studies = [study for study in studies if study.get("dataset") == dataset]
    anchor = next((study for study in studies if study["codec"] == "jpeg"), None)
    these = {"dataset": dataset, "images": list(digests), SAMPLES: list(digests.values())}
    if anchor is None:
        tell("No BD-rates: measure the anchor too (--codecs jpeg).")
    elif why := other_pictures(anchor, these):
        tell(
            f"No BD-rates: the anchor in {out} is of other pictures ({why}): --codecs jpeg --force."
        )
    else:
        tell(table.format_table(table.bd_table(studies, anchor)))
