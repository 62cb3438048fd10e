"""The command line: `lic-teach compress photo.png photo.lic --lam 0.01`.

The name of a file picks the codec when it is written (.jpg or .lic), its first bytes pick it
when it is read. Packages that are slow to import are imported inside the commands.
"""

import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lic_teach import images, metrics
from lic_teach.study.command import rd

DEFAULT_LAM = 1e-2

app = typer.Typer(
    help="Two codecs, side by side.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Source = Annotated[Path, typer.Argument(metavar="IN", show_default=False)]
Target = Annotated[Path, typer.Argument(metavar="OUT", show_default=False)]
Force = Annotated[bool, typer.Option("--force", help="Overwrite OUT.")]


@contextmanager
def in_words() -> Iterator[None]:
    """Errors that a user can meet become one line on stderr and exit status 1; warnings too."""

    def show(message, *_):
        typer.echo(f"lic-teach: warning: {message}", err=True)

    try:
        with warnings.catch_warnings():
            warnings.showwarning = show
            yield
    except (ValueError, OSError) as error:
        words = f"{error.filename}: {error.strerror}" if getattr(error, "strerror", "") else error
        typer.echo(f"lic-teach: {words}", err=True)
        raise typer.Exit(1) from error


def refuse_to_overwrite(path: Path, force: bool) -> None:
    if path.exists() and not force:
        raise ValueError(f"{path} exists: --force overwrites it")


# --- compress and decompress -------------------------------------------------------------


@app.command()
def compress(
    source: Source,
    target: Target,
    quality: Annotated[
        int | None, typer.Option(help="For .jpg: 1..100, libjpeg's scale. [default: 75]")
    ] = None,
    lam: Annotated[
        float | None,
        typer.Option(
            help="Bits per pixel that one unit of squared error is worth: larger is "
            f"better and bigger. [default for .lic: {DEFAULT_LAM}]"
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Compress the picture IN to OUT, a .jpg or a .lic file."""
    with in_words():
        refuse_to_overwrite(target, force)
        encode = encoder(target, quality, lam)
        image = images.load(source)
        data, image_hat = encode(image)
        images.write_atomic(target, data)
        rate, psnr = metrics.bpp(data, image), metrics.psnr(image, image_hat)
        typer.echo(f"{target}: {len(data):,} bytes, {rate:.3f} bpp, {psnr:.2f} dB (RGB)")


def encoder(target: Path, quality: int | None, lam: float | None):
    """The function image -> (bytes, decoded image) that OUT's name and the options ask for."""
    suffix = target.suffix.lower()
    if suffix in (".jpg", ".jpeg"):
        return jpeg_encoder(quality, lam)
    if suffix != ".lic":
        raise ValueError(f"{target}: the name must end in .jpg or .lic, to pick the codec")
    if quality is not None:
        raise ValueError("--quality is JPEG's: a .lic file takes --lam")
    return learned_encoder(DEFAULT_LAM if lam is None else lam)


def jpeg_encoder(quality: int | None, lam: float | None):
    from lic_teach import jpeg

    if quality is not None and lam is not None:
        raise ValueError("--quality and --lam exclude each other")
    options = {"lam": lam} if lam is not None else {"quality": 75 if quality is None else quality}

    def encode(image):
        data = jpeg.encode(image, **options)
        return data, jpeg.decode(data)

    return encode


def learned_encoder(lam: float):
    from lic_teach import learned

    def encode(image):
        model = learned.load()
        data = learned.encode(image, model, lam)
        return data, learned.decode(data, model)

    return encode


@app.command()
def decompress(source: Source, target: Target, force: Force = False) -> None:
    """Decode IN, a JPEG or .lic file, to OUT: .png, .ppm, .bmp or .tif."""
    with in_words():
        refuse_to_overwrite(target, force)
        image = decode(source.read_bytes())
        images.save(target, image)
        typer.echo(f"{target}: {image.shape[1]} x {image.shape[0]} pixels")


def decode(data: bytes):
    """A file of either codec -> picture."""
    if codec_of(data) == "jpeg":
        from lic_teach import jpeg

        return jpeg.decode(data)
    from lic_teach import learned

    return learned.decode(data, learned.model_of(data))


def codec_of(data: bytes) -> str:
    """ "jpeg" or "learned", by the first bytes; ValueError for other files."""
    if data[:2] == b"\xff\xd8":
        return "jpeg"
    if data[:4] == b"\x89LIC":
        return "learned"
    found = f"begins with {data[:8]!r}" if data else "is empty"
    raise ValueError(f"neither a JPEG nor a .lic file: it {found}")


# --- info --------------------------------------------------------------------------------


@app.command()
def info(file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)]) -> None:
    """What a JPEG or .lic file consists of."""
    with in_words():
        data = file.read_bytes()
        describe = {"jpeg": describe_jpeg, "learned": describe_learned}[codec_of(data)]
        typer.echo(f"{file}: {len(data):,} bytes")
        describe(data)


def describe_jpeg(data: bytes) -> None:
    """One line a segment: offset, length, name, meaning."""
    from lic_teach.jpeg import container

    segments = container.parse(data)
    for offset, length, name, meaning in segments:
        typer.echo(f"{offset:>10,} {length:>10,}  {name:<5} {meaning}")
    if "EOI" not in [segment.name for segment in segments]:
        raise ValueError("the file ends before its EOI marker: it is cut short")


def describe_learned(data: bytes) -> None:
    """The header's fields. LicError where the file is not whole."""
    from lic_teach.learned import container, quantize

    header, payload = container.unpack(data)
    typer.echo(f"  picture   {header.width} x {header.height} pixels")
    typer.echo(f"  rate      {8 * len(data) / (header.width * header.height):.3f} bpp")
    typer.echo(f"  lambda    {quantize.from_code(header.lam_code):.4g}")
    typer.echo(f"  model     {header.model.hex()}")
    typer.echo(f"  payload   {len(payload):,} bytes at offset {container.HEADER.size}")
    typer.echo("  checksum  right")


# --- the rest ----------------------------------------------------------------------------

app.command()(rd)


@app.command()
def bench(
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Time and memory of our JPEG against Pillow's, as ratios. Takes about a minute."""
    from lic_teach import bench

    bench.run(json)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the first lesson; options such as --no-browser go to JupyterLab."""
    with in_words():
        lesson = Path(__file__).parents[1] / "lessons" / "00_start_here.ipynb"
        if not lesson.exists():
            raise ValueError("the lessons are in the repository, not in the installed package")
        command = [sys.executable, "-m", "jupyterlab", str(lesson), *context.args]
        raise typer.Exit(subprocess.run(command, cwd=lesson.parents[1]).returncode)
