"""The command line: `lic-teach compress photo.png photo.lic --lam 0.01`.

Every command answers a mistake with one sentence and exit status 1, a wrong option with 2; a
folder is done to its end, whatever happens to one file in it. Packages that are slow to import
are imported inside the commands.
"""

import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from lic_teach import files, images, metrics
from lic_teach.paths import LESSONS, environment
from lic_teach.study.command import rd

app = typer.Typer(
    help="""JPEG from scratch and a learned codec, side by side.

\b
  lic-teach lab                              open the course
  lic-teach compare photo.png                all codecs on your picture, as a page
  lic-teach compress photo.png photo.lic     write a file of the learned codec

Of each command, `lic-teach COMMAND --help` has examples. Exit status: 0 all went well, 1 a
file could not be read, written or understood, 2 the command was not understood.""",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Source = Annotated[Path, typer.Argument(metavar="IN", show_default=False)]
Target = Annotated[Path, typer.Argument(metavar="OUT", show_default=False)]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what exists.")]
Lenient = Annotated[
    bool, typer.Option("--lenient", help="Of a damaged JPEG take what can be decoded.")
]


def say(error: Exception) -> None:
    """An error as one line on stderr."""
    typer.echo(f"lic-teach: {files.sentence(error)}", err=True)


@contextmanager
def in_words() -> Iterator[None]:
    """Every error becomes one line on stderr and exit status 1; warnings a line too.

    SIGTERM ends the work as Ctrl-C does, so that no temporary file is left behind.
    """

    def show(message, *_):
        typer.echo(f"lic-teach: warning: {message}", err=True)

    for stream in sys.stdout, sys.stderr:
        if hasattr(stream, "reconfigure"):  # a file name may have what a terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with warnings.catch_warnings():
            warnings.showwarning = show
            yield
    except (typer.Exit, BrokenPipeError):  # nobody reads on, as in `lic-teach info a.jpg | head`
        raise
    except Exception as error:  # a ValueError mostly; EOFError would be taken for Ctrl-D
        say(error)
        raise typer.Exit(1) from error
    finally:
        signal.signal(signal.SIGTERM, before)


def each(
    source: Path,
    suffixes: set[str],
    pairs: list[tuple[Path, Path | None]],
    work: Callable[[Path, Path | None], Iterable[str]],
    force: bool = False,
    verdict: str = "files failed, the others are done",
) -> None:
    """work(path, out) for all pairs: it writes `out`, if there is one, and yields lines to print.

    source: the file, or the folder that the paths lie in. A single failure is passed on. In a
    folder it is said, the other files are done, the files of other kinds are named, and the exit
    status is 1 in the end.
    """
    failed, last, written = 0, None, set()
    for path, out in tqdm(pairs, unit="file", disable=None if len(pairs) > 1 else True):
        try:
            with files.about(path):
                if out in written:
                    raise ValueError(f"{out} was just written from another file")
                if out is not None:
                    files.refuse_to_lose(path, out, force)
                for line in work(path, out):
                    written |= {out} - {None}
                    files.tell(line)
        except BrokenPipeError:
            raise
        except Exception as error:
            if len(pairs) == 1 or getattr(error, "filename", None) == files.STDOUT:
                last = error  # without lines on stdout the files are written all the same
                continue
            failed += 1  # the error is not kept: what it was about may be large
            with tqdm.external_write_mode(sys.stderr):
                say(error)
    note_left_out(source, suffixes)
    if failed:
        raise ValueError(f"{failed} of {len(pairs)} {verdict}")
    if last:
        raise last


def note_left_out(source: Path, suffixes: set[str]) -> None:
    """Of a folder the files that are not read, as one line on stderr."""
    if source.is_dir() and (words := files.left_out(source, suffixes)):
        typer.echo(f"lic-teach: {words}", err=True)


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
            help="Lambda: bits per pixel that one unit of squared error is worth. Larger is "
            f"better and bigger. For .lic 0.0004..0.1 [default: {files.DEFAULT_LAM}]; for .jpg "
            "any, instead of --quality: slower, and far better."
        ),
    ] = None,
    eye: Annotated[
        bool,
        typer.Option(
            "--eye",
            help="For .jpg, with --lam: count errors less where they are seen less. "
            "Smaller at equal looks, with a lower PSNR.",
        ),
    ] = False,
    arithmetic: Annotated[
        bool,
        typer.Option(
            "--arithmetic",
            help="For .jpg: the standard's other coder. Smaller by 3 to 15 %; browsers do not open "
            "it, Pillow only up to 64 KiB.",
        ),
    ] = False,
    overfit: Annotated[
        bool,
        typer.Option(
            "--overfit",
            help="For .lic: fit a small decoder to this picture and send it along. Minutes to "
            "hours; decodes fast.",
        ),
    ] = False,
    steps: Annotated[
        int, typer.Option(min=1, help="How long --overfit searches: the longer the smaller.")
    ] = 1000,
    to: Annotated[str, typer.Option(help="What a folder's files become: lic or jpg.")] = "lic",
    lenient: Lenient = False,
    force: Force = False,
) -> None:
    """Compress a picture, or a folder of them.

    OUT is a .jpg or a .lic file.

    \b
      lic-teach compress photo.png photo.jpg --quality 90
      lic-teach compress photo.png photo.jpg --lam 0.01 --eye
      lic-teach compress photo.png photo.lic --lam 0.01
      lic-teach compress photo.png photo.lic --overfit --steps 5000
      lic-teach compress holiday small --to jpg --lam 0.005

    A .jpg opens anywhere; `lic-teach decompress` opens both. Of a folder every picture is
    compressed into the folder OUT, under its own name, without subfolders.
    """
    with in_words():
        if to not in ("lic", "jpg"):
            raise ValueError(f"--to is lic or jpg, not {to!r}")
        pairs = files.jobs(source, target, files.PICTURES, f".{to}")
        encode = files.encoder(
            pairs[0][1], quality, lam, eye, arithmetic, steps if overfit else None
        )
        files.make_folder(source, target)

        def work(path, out):
            image = files.load(path, lenient)
            data, image_hat = encode(image)
            images.write_atomic(out, data)
            rate, psnr = metrics.bpp(data, image), metrics.psnr(image, image_hat)
            yield f"{out}: {len(data):,} bytes, {rate:.3f} bpp, {psnr:.2f} dB (RGB)"

        each(source, files.PICTURES, pairs, work, force)


@app.command()
def decompress(
    source: Source, target: Target, lenient: Lenient = False, force: Force = False
) -> None:
    """Decode a .jpg or .lic file, or a folder of them.

    OUT is a .png, .ppm, .bmp or .tif. A photograph stands upright there, as its camera said.

    \b
      lic-teach decompress photo.lic photo.png
      lic-teach decompress small back

    The second line makes a .png of every .jpg and .lic file in the folder `small`.
    """
    with in_words():
        pairs = files.jobs(source, target, files.CODED, ".png")
        files.make_folder(source, target)

        def work(path, out):
            data = images.read(path)
            with files.about(path):
                image = files.decode(data, lenient)
            images.save(out, image)
            yield f"{out}: {image.shape[1]} x {image.shape[0]} pixels"

        each(source, files.CODED, pairs, work, force)


@app.command()
def info(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="Or a folder of files.")
    ],
) -> None:
    """What a .jpg or .lic file says of itself.

    \b
      lic-teach info photo.jpg        offset, length, name and meaning of each segment
      lic-teach info photo.lic        size, rate, lambda, the model that wrote it
    """
    with in_words():
        paths = files.members(source, files.CODED) if source.is_dir() else [source]

        def work(path, _):
            data = images.read(path)
            yield f"{path}: {len(data):,} bytes"
            yield from files.describe(data)

        pairs = [(path, None) for path in paths]
        each(source, files.CODED, pairs, work, verdict="files are not whole")


# --- compare -----------------------------------------------------------------------------


@app.command()
def compare(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(help="The page. [default: PICTURE's name with .html, in this folder]"),
    ] = None,
    lam: Annotated[float, typer.Option(help="Lambda, 0.0004..0.1.")] = files.DEFAULT_LAM,
    lenient: Lenient = False,
    force: Force = False,
) -> None:
    """All codecs on one picture, as a page to open in a browser.

    \b
      lic-teach compare photo.png
      lic-teach compare photo.png --lam 0.002 --out small.html

    JPEG by Pillow and by this course, the learned codec, WebP, JPEG 2000 and AVIF, at equal
    bits and at equal lambda: a wipe between any two, crops, numbers, the rate-distortion plot.
    The page is one file, needs no network, and every picture in it is lossless. A photograph
    of 12 megapixels takes about a minute.
    """
    with in_words():
        target = Path(f"{picture.stem}.html") if out is None else out
        files.refuse_to_lose(picture, target, force)
        from lic_teach.report import page

        with files.about(picture):
            text = page.write(files.load(picture, lenient), picture.name, lam)
        images.write_atomic(target, text.encode(errors="backslashreplace"))
        files.tell(f"{target}: {len(text) / 1e6:.1f} MB; open it in a browser")


# --- studies and training ----------------------------------------------------------------

app.command()(in_words()(rd))


@app.command()
def train(
    photos: Annotated[Path, typer.Argument(metavar="PHOTOS", help="Folder of photographs.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Weights: a .safetensors file.")],
    prior: Annotated[
        str, typer.Option(help="factorized, mixture, hyper or context.")
    ] = "factorized",
    steps: Annotated[
        int, typer.Option(min=1, help="Batches of 8 pieces of 128 x 128; ms-ssim: 4 of 192.")
    ] = 20000,
    start: Annotated[Path | None, typer.Option(help="Weights to start from.")] = None,
    valid: Annotated[
        Path | None, typer.Option(help="Photographs on which lambda is calibrated (mse).")
    ] = None,
    lam: Annotated[float | None, typer.Option(help="Train for this lambda alone.")] = None,
    distortion: Annotated[str, typer.Option(help="What D is: mse or ms-ssim.")] = "mse",
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="More are slower on busy machines.")] = 1,
    force: Force = False,
) -> None:
    """Train a learned codec on a folder of photographs.

    \b
      lic-teach train photos my.safetensors --steps 20000 --valid other-photos
      lic-teach train photos eye.safetensors --start my.safetensors --distortion ms-ssim

    Minimizes L = R + lambda * D. Hours on a CPU; a GPU is used where there is one. A lic-teach
    that was installed alone needs one package more, an optimizer: pip install "lic-teach[train]".

    Interrupted, the same command goes on from OUT.checkpoint.safetensors; one of other photographs
    or options is refused, or put aside by --force. To use the weights:
    `learned.load("my.safetensors")` in Python.
    """
    with in_words():
        from lic_teach.learned import command
        from lic_teach.learned.model import PRIORS
        from lic_teach.study.command import pictures

        if prior not in PRIORS:
            raise ValueError(f"no prior {prior!r}: choose from {', '.join(sorted(PRIORS))}")
        if distortion not in ("mse", "ms-ssim"):
            raise ValueError(f"no distortion {distortion!r}: choose from mse, ms-ssim")
        for folder in filter(None, (photos, valid)):
            pictures(folder)
            note_left_out(folder, images.PICTURES)
        command.run(photos, out, prior, steps, start, valid, lam, seed, threads, force, distortion)


# --- the course --------------------------------------------------------------------------


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the first lesson.

    Options such as --no-browser go to JupyterLab.
    """
    with in_words():
        lesson = min(LESSONS.glob("*.ipynb"), default=None)
        if lesson is None:
            raise ValueError("the lessons are in the repository, not in the installed package")
        command = [sys.executable, "-m", "jupyterlab", str(lesson), *context.args]
        server = subprocess.Popen(command, env=environment())
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # JupyterLab hears it, and asks
        try:
            code = server.wait()
        finally:
            server.terminate()
            signal.signal(signal.SIGINT, before)
        raise typer.Exit(code)


@app.command()
def site(
    out: Annotated[Path, typer.Argument(metavar="OUT", show_default=False)],
    lesson: Annotated[
        list[str] | None, typer.Option(help="Only this one, such as dct; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a site at OUT.")] = False,
) -> None:
    """The whole course as static pages, whose sliders move without Python.

    A few minutes. Opens from a disk and from any web server.

    \b
      lic-teach site pages
      lic-teach site pages --lesson start_here --lesson quantization --force
    """
    with in_words():
        try:
            from lic_teach.site import build
        except ModuleNotFoundError as error:
            words = f"no {error.name}: in the course's folder, pip install -e '.[site]'"
            raise ValueError(words) from error
        images.try_place(out.absolute().parent)
        build(out, lesson, force, files.tell)


@app.command()
def students(out: Annotated[Path, typer.Argument(metavar="OUT")], force: Force = False) -> None:
    """Write the lessons without their solutions.

    \b
      lic-teach students handout

    For a class: the folded solutions are gone, everything else is there, and every exercise
    still checks its answer. See TEACHING.md.
    """
    with in_words():
        from lic_teach import students as copies

        written = copies.write(out, force)
        files.tell(f"{out}: {len(written)} lessons without their solutions")


@app.command()
def progress(
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", show_default=False)] = None,
) -> None:
    """Which exercises are right, and which are open.

    \b
      lic-teach progress
      lic-teach progress lessons

    FOLDER holds your notebooks and mine.py, in which the checks keep right answers; without it,
    this folder or the lessons' own.
    """
    with in_words():
        from lic_teach.kit import mine
        from lic_teach.kit import progress as done
        from lic_teach.paths import LESSONS

        here = Path() if Path(mine.FILE).is_file() or any(Path().glob("*.ipynb")) else LESSONS
        files.tell(done.table_text(folder or here))


@app.command("class")
def class_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)],
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Every exercise, for a spreadsheet.")
    ] = False,
) -> None:
    """Where a class stands: a line for each learner; and the votes of all in the blind test.

    \b
      lic-teach class returned
      lic-teach class returned --csv > class.csv

    FOLDER holds a folder for each learner, with the mine.py of theirs somewhere inside. It is
    read, never run.
    """
    with in_words():
        from lic_teach.kit import progress as done

        text = done.class_csv(folder) if as_csv else done.class_text(folder)
        files.tell(text.rstrip("\n"))


if __name__ == "__main__":  # in a clone that is not installed: python -m lic_teach.cli
    app()
