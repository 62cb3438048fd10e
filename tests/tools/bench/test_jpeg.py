"""The benchmark runs and reports; no figure of time is asserted."""

import json

from lic_teach import images
from tools.bench import jpeg as bench


def test_benchmark_on_small_pictures(capsys, monkeypatch):
    monkeypatch.setattr(bench, "SIZE", (64, 96))
    measured = bench.measure(rounds=2, megapixels=(0.02, 0.1))
    assert set(measured["ratio_to_pillow"]) == set(images.SAMPLES)
    assert all(min(row.values()) > 0 for row in measured["ratio_to_pillow"].values())
    assert [row["megapixels"] for row in measured["growth"]] == [0.02, 0.1]
    text = bench.report(measured)
    assert all(name in text for name in images.SAMPLES) and "B/px" in text
    monkeypatch.setattr(bench, "measure", lambda rounds: measured)
    bench.run(json=True)
    assert json.loads(capsys.readouterr().out) == measured
    bench.run()
    assert capsys.readouterr().out.strip() == text


def test_a_picture_of_any_size_is_the_photograph_mirrored():
    photo = images.sample("chelsea")
    large = bench.photograph("chelsea", 700, 1000)
    assert large.shape == (700, 1000, 3)
    assert (large[: photo.shape[0], : photo.shape[1]] == photo).all()
    assert (large[photo.shape[0]] == large[photo.shape[0] - 1]).all()
