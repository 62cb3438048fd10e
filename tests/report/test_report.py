"""The page of lic-teach compare: Pillow makes the same files, reads the same pictures.

What a browser does with it is tested in Chromium, with the network refused.
"""

import base64
import io
import json
import math
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pytorch_msssim import ms_ssim
from tqdm import tqdm

from lic_teach import images
from lic_teach.report import page, pictures, plot
from lic_teach.study import compare
from tests.lab import chromium

PHOTO = images.sample("chelsea")[60:244, 100:308]
LAM = 0.01
BOXES = pictures.crops(PHOTO)


@pytest.fixture(scope="module")
def result():
    return compare.compare(PHOTO, LAM, partial(pictures.show, boxes=BOXES))


@pytest.fixture(scope="module")
def html(result):
    return page.page(PHOTO, 'a "photo" <b> & more.png', result, BOXES)


def by_pillow(quality):
    file = io.BytesIO()
    Image.fromarray(PHOTO).save(file, "JPEG", quality=quality, subsampling="4:2:0", optimize=True)
    return file.getvalue()


def opened(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def measured(data):
    """bpp and MSE of a file of PHOTO, in plain numpy."""
    error = np.mean((opened(data).astype(float) - PHOTO) ** 2)
    return 8 * len(data) / (PHOTO.shape[0] * PHOTO.shape[1]), error


# --- the files ---------------------------------------------------------------------------


def test_all_codecs_are_there_and_the_references_that_pillow_writes(result):
    assert list(result.curves) == list(result.equal_lam) == list(result.equal_bits)
    assert {"jpeg", "jpeg_lam", compare.LEARNED, "webp", "jpeg2000"} <= set(result.curves)


def test_a_file_of_jpeg_is_the_one_that_pillow_writes(result):
    for file in (result.equal_lam["jpeg"], result.equal_bits["jpeg"]):
        data = by_pillow(file.setting)
        rate, error = measured(data)
        assert file.size == len(data)
        assert file.bpp == pytest.approx(rate) and file.mse == pytest.approx(error)
        assert file.psnr == pytest.approx(10 * math.log10(255**2 / error))
        pair = [torch.from_numpy(x.astype(np.float32)).permute(2, 0, 1)[None] for x in
                (PHOTO, opened(data))]  # fmt: skip
        assert file.ms_ssim == pytest.approx(float(ms_ssim(*pair, data_range=255)), abs=1e-5)
        assert file.encode > 0 and file.decode > 0


def test_at_equal_lambda_no_quality_of_jpeg_is_much_better(result):
    losses = [rate + LAM * error for rate, error in map(measured, map(by_pillow, range(5, 96)))]
    chosen = result.equal_lam["jpeg"]
    assert chosen.bpp + LAM * chosen.mse <= 1.02 * min(losses)  # settings are interpolated


def test_at_equal_bits_no_quality_of_jpeg_is_much_nearer(result):
    bits = result.equal_lam[compare.LEARNED].bpp
    sizes = [measured(by_pillow(quality))[0] for quality in range(5, 96)]
    chosen = result.equal_bits["jpeg"].bpp
    assert abs(np.log(chosen / bits)) <= min(abs(np.log(np.array(sizes) / bits))) + 0.03


def test_at_equal_bits_the_files_are_as_large_as_the_learned_one(result):
    bits = result.equal_lam[compare.LEARNED].bpp
    assert result.equal_bits[compare.LEARNED] is result.equal_lam[compare.LEARNED]
    for file in result.equal_bits.values():
        assert file.bpp == pytest.approx(bits, rel=0.1), file.codec


def test_our_own_codecs_take_lambda_itself(result):
    assert result.equal_lam["jpeg_lam"].setting == result.equal_lam[compare.LEARNED].setting == LAM


def test_a_picture_without_error_and_one_too_small():
    flat = np.full((64, 64, 3), 128, np.uint8)
    text = page.write(flat, "flat.png", LAM)
    assert "∞" in text and "nan" not in text.split('id="data"')[0]
    with pytest.raises(ValueError, match="60 x 64 pixels: comparing takes at least 64 a side"):
        page.write(flat[:, :60], "small.png", LAM)


def test_a_large_picture_is_sampled_in_tiles(monkeypatch):
    """The same code, with what counts as large made small."""
    names = ("jpeg", compare.LEARNED)
    every = compare.known()
    monkeypatch.setattr(compare, "LARGE", 1000)
    monkeypatch.setattr(compare, "TILE", 176)
    monkeypatch.setattr(compare, "known", lambda large=False: {n: every[n] for n in names})
    photo = images.sample("coffee")[:360, :540]
    result = compare.compare(photo, LAM, lambda x_hat: [x_hat])
    assert result.large
    file = result.equal_bits["jpeg"]
    tiles = compare.spread(360, 540)
    each = [compare.metrics.ms_ssim(photo[tile], file.shown[0][tile]) for tile in tiles]
    assert len(each) == 6 and file.ms_ssim == pytest.approx(np.mean(each))
    assert file.bpp == pytest.approx(result.equal_lam[compare.LEARNED].bpp, rel=0.1)
    bpp, psnr = plot.line(result.curves["jpeg"], [result.equal_lam["jpeg"], file])
    assert np.interp(np.log(file.bpp), np.log(bpp), psnr) == pytest.approx(file.psnr, abs=0.05)


@given(st.integers(400, 5000), st.integers(400, 5000))
def test_tiles_lie_in_the_picture_and_apart_where_there_is_room(height, width):
    tiles = compare.spread(height, width)
    assert len(tiles) == compare.ACROSS * compare.DOWN
    for y, x in tiles:
        assert 0 <= y.start < y.stop <= height and 0 <= x.start < x.stop <= width
        assert y.stop - y.start == x.stop - x.start == compare.TILE
        assert y.start % 16 == x.start % 16 == 0
    if min(height, width) >= 1300:
        seen = np.zeros((height, width), np.uint8)
        for tile in tiles:
            seen[tile] += 1
        assert seen.max() == 1


def test_processes_give_what_one_process_gives():
    work = {"a": (math.sqrt, 16.0), "b": (math.hypot, 3.0, 4.0)}
    pickle.loads(pickle.dumps(partial(pictures.show, boxes=BOXES)))
    for codec in compare.known().values():
        pickle.loads(pickle.dumps(codec))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        for where in (pool, None):
            with tqdm(total=2, disable=True) as bar:
                assert compare.run(where, bar, work) == {"a": 4.0, "b": 5.0}


# --- Ctrl-C ------------------------------------------------------------------------------

STAND_INS = """if True:
    import os, signal, time
    from pathlib import Path

    def work(name):
        Path(name).write_text(str(os.getpid()))
        time.sleep(3600)

    if __name__ == "__main__":
        from lic_teach import cli, images
        from lic_teach.report import page
        from lic_teach.study import compare
        from tqdm import tqdm

        def write(*_):
            with compare.workers(10**7) as pool, tqdm(disable=True) as bar:
                compare.run(pool, bar, {name: (work, name) for name in "abcd"})

        page.write = write
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's "&" ignores it
        cli.app()
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing on Windows")
@pytest.mark.parametrize("to_all", [True, False], ids=["a terminal's Ctrl-C", "kill -INT"])
def test_ctrl_c_ends_compare_whatever_its_processes_do(tmp_path, to_all):
    """Each codec is stood for by an hour's sleep; two of them have begun when it comes."""
    images.save(tmp_path / "photo.png", PHOTO)
    (tmp_path / "stand_ins.py").write_text(STAND_INS)
    process = subprocess.Popen(
        [sys.executable, "stand_ins.py", "compare", "photo.png"],
        cwd=tmp_path,
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not all((tmp_path / n).exists() and (tmp_path / n).read_text() for n in "ab"):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    (os.killpg if to_all else os.kill)(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode not in (0, None) and "Traceback" not in said
    assert set(os.listdir(tmp_path)) - {"__pycache__"} == {"a", "b", "photo.png", "stand_ins.py"}
    for name in "ab":
        with pytest.raises(ProcessLookupError):  # none of its processes is left
            os.kill(int((tmp_path / name).read_text()), 0)


def test_an_error_of_one_codec_says_whose_it_is():
    with pytest.raises(ZeroDivisionError) as caught, tqdm(total=1, disable=True) as bar:
        compare.run(None, bar, {"avif": (divmod, 1, 0)})
    assert caught.value.__notes__ == ["avif"]


# --- the page ----------------------------------------------------------------------------


class Reader(HTMLParser):
    """Ids, texts of cells and titles, and whether every tag is closed where it should be."""

    VOID = {"meta", "img", "input", "path", "rect", "circle", "polyline"}

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.attributes = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.attributes += attributes
        self.ids += [value for key, value in attributes if key == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def inside(html):
    """The JSON that the script works with."""
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])


def pixels(uri):
    head, data = uri.split(",", 1)
    assert head == "data:image/webp;base64"
    return opened(base64.b64decode(data))


def test_the_page_is_whole_and_asks_nobody_for_anything(html):
    reader = Reader(html)
    assert reader.open == [] and len(set(reader.ids)) == len(reader.ids)
    assert "[[" not in html.split('id="data"')[0]
    links = [value for key, value in reader.attributes if key in ("src", "href", "srcset")]
    assert links == []
    assert set(re.findall(r"https?://[^\s\"']+", html)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in html and "url(" not in html and "@import" not in html


def test_a_name_is_text_whatever_is_in_it(html):
    assert "<b> & more" not in html
    assert "a &quot;photo&quot; &lt;b&gt; &amp; more.png" in html


def test_the_pictures_of_the_page_are_those_of_the_files(html, result):
    found = inside(html)
    whole, *pieces = map(pixels, found["pictures"]["original"])
    np.testing.assert_array_equal(whole, PHOTO)
    for piece, box in zip(pieces, BOXES, strict=True):
        np.testing.assert_array_equal(piece, PHOTO[box])
    for mode, files in (("lam", result.equal_lam), ("bits", result.equal_bits)):
        decoded = opened(by_pillow(files["jpeg"].setting))
        whole, *pieces = map(pixels, found["pictures"][f"jpeg {mode}"])
        np.testing.assert_array_equal(whole, decoded)
        np.testing.assert_array_equal(pieces[0], decoded[BOXES[0]])


def test_a_large_picture_is_shown_smaller_and_its_crops_as_they_are():
    photo = np.tile(images.sample("astronaut"), (2, 4, 1))
    boxes = pictures.crops(photo)
    whole, *pieces = map(opened, pictures.show(photo, boxes))
    assert whole.shape == (384, 768, 3)
    for piece, box in zip(pieces, boxes, strict=True):
        assert piece.shape == (320, 320, 3)
        np.testing.assert_array_equal(piece, photo[box])


def test_crops_go_from_calm_to_busy():
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    photo = np.concatenate([np.zeros_like(noise), noise // 4, noise], axis=1)
    calm, middling, busy = (np.std(photo[box]) for box in pictures.crops(photo))
    assert calm == 0 < middling < busy


def test_both_tables_say_what_was_measured(html, result):
    tables = re.findall(r"<table>.*?</table>", html, re.DOTALL)
    for table, files in zip(tables, (result.equal_bits, result.equal_lam), strict=True):
        rows = re.findall(r"<tr><th scope=\"row\".*?</tr>", table)
        assert len(rows) == len(files)
        for row, (name, file) in zip(rows, files.items(), strict=True):
            cells = [re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
            loss = file.bpp + LAM * np.float64(file.mse)
            assert cells[0] == page.NAMES[name]
            assert cells[2:5] == [f"{file.size:,}", f"{file.bpp:.3f}", f"{file.psnr:.2f}"]
            assert cells[6] == f"{loss:.3f}"
        assert "1.0 ×</td><td>1.0 ×" in rows[0]  # Pillow's JPEG over itself
        best = max(files.values(), key=lambda f: f.psnr)
        assert f"<b>{best.psnr:.2f}</b>" in table


@pytest.mark.parametrize(
    "value, words", [(1, "1.0 ×"), (0.0213, "0.021 ×"), (5.25, "5.2 ×"), (123.4, "120 ×")]
)
def test_ratios_have_two_digits(value, words):
    assert page.ratio(value) == words


def test_who_misses_the_size_is_named(result):
    assert "JPEG 2000" not in page.off(result.equal_bits)
    far = result.equal_bits["webp"]._replace(bpp=2 * result.equal_bits[compare.LEARNED].bpp)
    assert "WebP takes 100 % more" in page.off(result.equal_bits | {"webp": far})


def test_marks_of_the_plot_lie_on_their_lines(result):
    for name, curve in result.curves.items():
        file = result.equal_bits[name]
        bpp, psnr = plot.line(curve, [file])
        assert np.interp(np.log(file.bpp), np.log(bpp), psnr) == pytest.approx(file.psnr, abs=0.02)
        unmoved = np.interp(np.log(file.bpp), np.log(np.sort(curve.bpp)),
                            np.sort(10 * np.log10(255**2 / curve.mse)))  # fmt: skip
        assert unmoved == pytest.approx(file.psnr, abs=0.4)  # interpolation is near the truth


@pytest.mark.browser
def test_in_a_browser_everything_moves_and_nothing_is_fetched(html, result, tmp_path):
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    asked, complaints = [], []
    with chromium(400, 800) as tab:
        tab.on("request", lambda request: asked.append(request.url.split(":")[0]))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto((tmp_path / "page.html").as_uri())
        tab.wait_for_function("document.getElementById('over').naturalWidth > 0")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 400
        size = "[...document.images].map((i) => [i.naturalWidth, i.naturalHeight])"
        assert tab.evaluate(size)[0] == [PHOTO.shape[1], PHOTO.shape[0]]
        tab.focus("#at")
        tab.keyboard.press("ArrowRight")
        assert "51%" in tab.get_attribute("#stage", "style")
        name = tab.text_content("#left-name")
        assert f"{result.equal_bits['jpeg'].bpp:.3f} bpp" in name
        tab.check("input[value=lam]")
        tab.wait_for_function(f"document.getElementById('left-name').textContent != {name!r}")
        assert f"{result.equal_lam['jpeg'].bpp:.3f} bpp" in tab.text_content("#left-name")
        assert [part.is_visible() for part in tab.query_selector_all(".numbers")] == [False, True]
        tab.select_option("#view", label="busy crop")
        side = BOXES[0][0].stop - BOXES[0][0].start
        tab.wait_for_function(f"document.getElementById('over').naturalWidth == {side}")
        assert len(tab.query_selector_all("#crops figure")) == 1 + len(result.curves)
    assert complaints == [] and set(asked) <= {"file", "data"}
