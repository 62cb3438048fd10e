"""The golden files: what was written once is decoded for ever, or refused in words."""

import json

import numpy as np
import pytest

from lic_teach import files, images, learned, overfit
from tools import golden

SUMS = json.loads((golden.FOLDER / golden.SUMS).read_text())
CODED = sorted(p.name for p in golden.FOLDER.iterdir() if p.suffix in files.CODED)
# A Y, a Cb and a Cr that another order of summation rounds to the other side: 1 + 1.772 at most.
JPEGS_ROUNDING = 3


def off(data, name):
    """The picture of a file, compared with the one that it held when it was made."""
    expected = images.load(golden.FOLDER / f"{name}.png").astype(int)
    found = files.decode(data)
    found = found if found.ndim == 3 else np.stack([found] * 3, -1)
    assert found.shape == expected.shape
    return np.abs(found - expected)


def test_every_kind_of_file_and_every_shipped_model_has_one_with_its_picture_and_its_sum():
    """python -m tools.golden makes what is missing."""
    assert {name for name, _ in golden.kinds()} <= set(CODED)
    assert set(SUMS) == set(CODED)
    assert {p.stem for p in golden.FOLDER.glob("*.png")} == set(CODED)


@pytest.mark.parametrize("name", CODED)
def test_it_holds_the_same_numbers_and_the_same_picture_or_says_who_reads_it(name):
    data = (golden.FOLDER / name).read_bytes()
    if files.codec_of(data) == "learned" and not overfit.is_overfitted(data):
        shipped = {learned.load(model).exact().name.hex() for model in learned.shipped()}
        if name.removesuffix(".lic").split("-")[-1] not in shipped:
            with pytest.raises(learned.LicError, match="lic_teach 0.1|made with model [0-9a-f]{8}"):
                files.decode(data)
            return
    assert golden.whole_numbers(data) == SUMS[name]
    difference = off(data, name)
    if files.codec_of(data) != "learned":
        assert difference.max() <= JPEGS_ROUNDING and np.mean(difference > 0) < 0.01
    elif overfit.is_overfitted(data):
        assert difference.max() == 0
    else:
        assert difference.max() <= 1 and np.mean(difference > 0) < 0.01


def test_what_is_there_is_not_written_again(monkeypatch, tmp_path):
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    kinds = [("grey.jpg", dict(golden.kinds())["grey.jpg"])]
    monkeypatch.setattr(golden, "kinds", lambda: iter(kinds))
    golden.main()
    assert golden.whole_numbers((tmp_path / "grey.jpg").read_bytes()) == SUMS["grey.jpg"]
    (tmp_path / "grey.jpg").write_bytes(b"an old one")
    golden.main()
    assert (tmp_path / "grey.jpg").read_bytes() == b"an old one"
    assert json.loads((tmp_path / golden.SUMS).read_text()) == {"grey.jpg": SUMS["grey.jpg"]}
