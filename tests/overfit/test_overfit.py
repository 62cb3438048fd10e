"""The overfitted codec against -log2 p, SciPy, whole numbers, and damaged files."""

import gc
import struct
import subprocess
import sys
import weakref
import zlib
from decimal import Decimal

import numpy as np
import pytest
import torch
from scipy.stats import laplace

from lic_teach import files, images, learned, metrics, overfit
from lic_teach.learned.exact import snap
from lic_teach.overfit import codec, container, entropy, quantize, transform
from lic_teach.overfit.fit import pyramid

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def photo():
    return images.sample("chelsea")[100:149, 100:171]


@pytest.fixture(scope="module")
def coded(photo):
    return overfit.encode(photo, 0.01, 40)


def random_sheet(where, rng, width=2.0):
    sheet = np.zeros(where.shape[0] * where.shape[1], np.int64)
    sheet[where.order] = np.round(rng.laplace(0, width, len(where.order)))
    return sheet


def far_weights(rng):
    """No photograph's weights: every number of the networks counts."""
    return np.clip(
        quantize.start() + rng.normal(0, 500, len(quantize.start())), -9999, 9999
    ).astype(np.int64)


# entropy.py


@pytest.mark.parametrize("number", [0, 5, 40, 90, entropy.WIDTHS - 1])
@pytest.mark.parametrize("count", [0, 1, 1000])
def test_the_range_coder_spends_minus_log2_p(number, count):
    b = entropy.WIDTH_MIN * np.exp(number / entropy.PER_E)
    whole = np.round(np.random.default_rng(0).laplace(0, b, count)).astype(np.int64)
    coder = entropy.Coder(16 * count + 16)
    coder.numbers(whole.copy(), number)
    data = coder.finish()
    p = laplace.cdf(whole + 0.5, scale=b) - laplace.cdf(whole - 0.5, scale=b)
    information = -np.log2(p).sum()
    assert information - 1 <= 8 * len(data) <= 1.002 * information + 16
    found, reader = np.zeros_like(whole), entropy.Coder(data)
    reader.numbers(found, number)
    assert np.array_equal(found, whole) and reader.at - len(data) <= entropy.AHEAD


def test_a_carry_runs_through_the_bytes_before():
    """Latents that always take the upper end of the range."""
    whole = np.full(3000, entropy.MOST)
    coder = entropy.Coder(10 * len(whole))
    coder.numbers(whole.copy(), entropy.WIDTHS - 1)
    found, reader = np.zeros_like(whole), entropy.Coder(coder.finish())
    reader.numbers(found, entropy.WIDTHS - 1)
    assert np.array_equal(found, whole)


def test_the_largest_latents_can_be_written_with_any_width():
    whole = np.array([entropy.MOST, -entropy.MOST, 0, entropy.MOST])
    for number in range(entropy.WIDTHS):
        coder = entropy.Coder(64)
        coder.numbers(whole.copy(), number)
        found = np.zeros_like(whole)
        entropy.Coder(coder.finish()).numbers(found, number)
        assert np.array_equal(found, whole)


def test_the_parts_of_the_range_are_the_mass_of_a_laplace_distribution():
    for number in (0, 30, 64, 100):
        b = entropy.WIDTH_MIN * np.exp(number / entropy.PER_E)
        for mean in (0, 1000, -2048, 70001):
            v = np.arange(-60, 61)
            starts = [entropy.start(int(k), mean, entropy.PER_WIDTH[number]) for k in (*v, 61)]
            counts = np.diff(starts)
            p = laplace.cdf(v + 0.5, mean / 4096, b) - laplace.cdf(v - 0.5, mean / 4096, b)
            assert counts.min() >= 1
            np.testing.assert_allclose(counts / 2**entropy.TOTAL_BITS, p, rtol=2e-3, atol=1e-6)


def test_the_tables_are_exact_fractions_rounded_down():
    assert entropy.FALLING[0] == entropy.SPREAD
    for i in (1, 255, 256, 1000, 4351):
        exact = (Decimal(-i) / entropy.FINE).exp() * entropy.SPREAD
        assert int(entropy.FALLING[i]) <= exact < int(entropy.FALLING[i]) + 1
    assert (np.diff(entropy.FALLING) <= 0).all() and (np.diff(entropy.PER_WIDTH) < 0).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 2), (49, 71)])
def test_the_walk_reads_what_it_wrote_and_spends_what_was_estimated(size):
    rng = np.random.default_rng(1)
    where, weights = entropy.canvas(*size), far_weights(rng)
    sheet = random_sheet(where, rng)
    coder = entropy.Coder(8 * len(where.order) + 16)
    coder.latents(sheet.copy(), where, quantize.named(weights))
    data, found = coder.finish(), np.zeros_like(sheet)
    entropy.Coder(data).latents(found, where, quantize.named(weights))
    assert np.array_equal(found, sheet)
    w = quantize.named(torch.from_numpy(weights).float() / transform.GRID)
    v = torch.from_numpy(sheet.reshape(where.shape)).float()
    estimate = entropy.bits(v, where, w).sum().item()
    assert 0.99 * estimate - 1 <= 8 * len(data) <= 1.01 * estimate + 16


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (49, 71), (256, 256)])
def test_every_latent_has_one_place_and_sees_only_what_is_decoded(size):
    where = entropy.canvas(*size)
    shapes = transform.sizes(*size)
    assert len(set(where.order.tolist())) == len(where.order) == sum(h * w for h, w in shapes)
    when = np.full(where.shape[0] * where.shape[1], -1)  # empty places are known from the start
    when[where.order] = np.arange(len(where.order))
    level = where.level.numpy()
    for n, p in enumerate(where.order):
        assert when[where.under[p]] < n
        for near in where.near:
            assert when[p + near] < n
            assert when[p + near] == -1 or level[p + near] == level[p]


# transform.py


def test_levels_are_blown_up_by_keys_cubic():
    """A straight line stays straight, away from the border; a constant everywhere."""
    for k, up in enumerate(transform.enlarging(256)):
        np.testing.assert_allclose(up.sum(1), 1, atol=8 / transform.GRID)
        line = up @ ((np.arange(up.shape[1]) + 0.5) * 2**k)
        middle = slice(3 * 2**k, 256 - 3 * 2**k)
        assert np.abs(line - np.arange(256) - 0.5)[middle].max(initial=0) < 0.1


def test_a_folder_of_many_sizes_does_not_fill_the_memory():
    alive = [weakref.ref(transform.enlarging(size)[1]) for size in range(300, 340)]
    gc.collect()
    assert sum(matrix() is not None for matrix in alive) <= 4


def test_the_picture_does_not_depend_on_the_order_of_sums():
    """In float64 on the grid every sum is exact: latents in another order of levels, longer sums,
    and Python's whole numbers give the same."""
    rng = np.random.default_rng(2)
    where, weights = entropy.canvas(33, 40), far_weights(rng)
    w = quantize.named(torch.from_numpy(weights).double() / transform.GRID)
    levels = pyramid(
        torch.from_numpy(random_sheet(where, rng).reshape(where.shape)).double(), where
    )

    def snapped(x):
        return snap(x, transform.GRID, 2**12)

    u = transform.planes(levels, snapped)
    straight = w["straight"].numpy() * transform.GRID
    whole = np.array(u.numpy() * transform.GRID * 64).round().astype(np.int64)
    exact = np.array([[sum(int(a) * int(b) for a, b in zip(row, column, strict=True))
                       for column in whole.T[:50]] for row in straight.astype(int)])  # fmt: skip
    for order in (np.arange(7), np.arange(7)[::-1], rng.permutation(7)):
        found = (w["straight"][:, order.copy()] @ u[order.copy()])[:, :50].numpy()
        assert np.array_equal(found * transform.GRID**2 * 64, exact)


def test_threads_and_processes_decode_the_same_pixels(coded, tmp_path):
    (tmp_path / "a.lic").write_bytes(coded)
    first = overfit.decode(coded)
    program = (
        "import sys, torch; torch.set_num_threads(2); from lic_teach import overfit;"
        "sys.stdout.buffer.write(overfit.decode(open(sys.argv[1], 'rb').read()).tobytes())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "a.lic"], capture_output=True, check=True
    )
    assert done.stdout == first.tobytes()


# quantize.py


def test_the_soft_staircase_becomes_rounding():
    v = torch.linspace(-3, 3, 601)
    away = torch.abs(v - torch.floor(v) - 0.5) > 0.1
    torch.testing.assert_close(
        quantize.soft_round(v, 0.02)[away], torch.round(v)[away], atol=1e-3, rtol=0
    )
    torch.testing.assert_close(quantize.soft_round(v, 50.0), v, atol=1e-3, rtol=0)


@pytest.mark.parametrize("exponent", [2, 5, 9])
def test_weights_come_back_within_half_a_step(exponent):
    theta = torch.from_numpy(far_weights(np.random.default_rng(3))).float() / transform.GRID
    whole = quantize.to_whole(theta, exponent)
    back = quantize.to_weights(whole, (exponent, exponent))
    assert np.abs(back - theta.numpy() * transform.GRID).max() <= 2**exponent / 2


# codec.py, container.py


def test_a_file_decodes_to_what_was_fitted(photo):
    seen = []
    data = overfit.encode(photo, 0.01, 60, lambda *each: seen.append(each))
    error = metrics.mse(photo, overfit.decode(data))
    assert [each[0] for each in seen] == list(range(60))
    assert seen[-1][2] < seen[0][2]
    assert error == pytest.approx(seen[-1][2], rel=0.1)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (2, 3), (65, 1)])
def test_small_and_narrow_pictures(size):
    image = images.sample("coffee")[: size[0], : size[1]]
    assert overfit.decode(overfit.encode(image, 0.01, 3)).shape == (*size, 3)


def test_the_same_picture_gives_the_same_file(photo, coded):
    assert overfit.encode(photo, 0.01, 40) == coded


def test_more_steps_make_less_of_rate_and_distortion(photo, coded):
    def objective(data):
        return metrics.bpp(data, photo) + 0.01 * metrics.mse(photo, overfit.decode(data))

    assert objective(overfit.encode(photo, 0.01, 120)) < objective(coded)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.zeros((4, 4), np.uint8), 0.01, 1), "must be uint8"),
        (([[1]], 0.01, 1), "must be an array"),
        ((np.zeros((4, 4, 3), np.uint8), 7, 1), "lambda must lie in"),
        ((np.zeros((4, 4, 3), np.uint8), 0.01, 0), "steps must be at least 1"),
        ((np.zeros((1, 5000, 3), np.uint8), 0.01, 1), "4096 a side"),
    ],
)
def test_what_encode_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        overfit.encode(*arguments)


def test_the_other_codec_of_lic_files_says_that_it_is_not_its_own(coded, photo):
    with pytest.raises(learned.LicError, match="version 2"):
        learned.decode(coded, learned.load("fixed"))
    theirs = learned.encode(photo, learned.load("fixed"), 0.01)
    with pytest.raises(learned.LicError, match="not an overfitted .lic file"):
        overfit.decode(theirs)


def test_files_are_read_by_content(coded):
    assert np.array_equal(files.decode(coded), overfit.decode(coded))
    lines = list(files.describe(coded))
    assert any("71 x 49" in line for line in lines) and any("0.01" in line for line in lines)


def damage(data, rng):
    data = bytearray(data)
    kind = rng.integers(4)
    if kind == 0:
        for place in rng.integers(0, len(data), rng.integers(1, 9)):
            data[place] ^= 1 << rng.integers(8)
    elif kind == 1:
        data = data[: rng.integers(0, len(data))]
    elif kind == 2:
        data[container.HEADER.size :] = rng.bytes(int(rng.integers(4, 400)))
    else:  # a header that lies
        sizes = rng.choice([1, 2, 33, 200, 4096, 65536], 2) - 1
        data[5:15] = struct.pack(
            "<HHHBBBB", *sizes, *rng.integers(0, 65536, 1), *rng.integers(0, 130, 4)
        )
    if rng.integers(4) and len(data) > 4:  # a checksum that holds
        data[-4:] = struct.pack("<I", zlib.crc32(data[:-4]))
    return bytes(data)


@pytest.mark.parametrize("seed", range(300))
def test_a_damaged_file_is_a_picture_or_a_lic_error(coded, seed):
    try:
        picture = overfit.decode(damage(coded, np.random.default_rng(seed)))
    except overfit.LicError as error:
        assert str(error)
    else:
        assert picture.dtype == np.uint8 and picture.ndim == 3


def test_a_decoder_stops_where_its_bytes_end(coded):
    """However large the picture of the header, and wide its latents: a few bytes take no time."""
    parts = codec.unpack(coded)
    weights = quantize.named(parts.weights.copy())
    weights["width"][:] = 1 << 15  # the widest latents: more than a byte each
    where = entropy.canvas(1000, 4096)
    sheet, coder = np.zeros(where.shape[0] * where.shape[1], np.int64), entropy.Coder(coded)
    coder.latents(sheet, where, weights)
    assert len(coded) + entropy.AHEAD < coder.at < len(coded) + 2 * entropy.AHEAD
    assert np.count_nonzero(sheet[where.order[len(coded) :]]) == 0


@pytest.mark.parametrize("number", [0, 64, entropy.WIDTHS - 1])
def test_a_latent_is_found_wherever_the_target_lies(number):
    per_width, mean = int(entropy.PER_WIDTH[number]), -123456
    edges = [entropy.start(v, mean, per_width) for v in range(-entropy.MOST + 1, entropy.MOST + 1)]
    for target in np.random.default_rng(4).integers(0, 1 << entropy.TOTAL_BITS, 300):
        expected = np.searchsorted(edges, target, side="right") - entropy.MOST
        assert entropy.search(int(target), mean, per_width) == expected


def test_a_lying_size_is_refused_before_memory_is_taken(coded):
    header = bytearray(coded)
    header[5:9] = struct.pack("<HH", 65535, 65535)
    header[-4:] = struct.pack("<I", zlib.crc32(header[:-4]))
    with pytest.raises(overfit.LicError, match="65536x65536"):
        overfit.decode(bytes(header))


def test_a_latent_of_1_paints_as_theory_says():
    assert codec.step_of(0.01) == codec.UNIT
    assert [codec.lam_of(codec.step_of(lam)) for lam in (4e-4, 0.1)] == pytest.approx(
        [4e-4, 0.1], rel=0.01
    )
