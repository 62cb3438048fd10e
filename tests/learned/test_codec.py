"""The learned codec against SciPy, -log2 p, its own exact arithmetic, and damaged files."""

import copy
import json
import math
import os
import subprocess
import sys

import constriction
import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.fft import dctn
from scipy.stats import norm

from lic_teach import images, learned, metrics
from lic_teach.learned import anatomy, checkpoint, container, entropy, live, quantize, record
from lic_teach.learned.batches import draw_batch, draw_lambdas
from lic_teach.learned.calibrate import calibrate
from lic_teach.learned.exact import ACTIVATION_GRID, FixedConv, exact
from lic_teach.learned.model import PRIORS, Model, load, prepare, save
from lic_teach.learned.train import objective, train
from lic_teach.learned.transform import (
    CHANNELS,
    Analysis,
    Synthesis,
    from_taps,
    jpeg_basis,
    to_taps,
)
from lic_teach.paths import LESSONS

torch.set_num_threads(1)


def random_model(kind):
    """Untrained, but with every weight away from zero: the networks really compute."""
    torch.manual_seed(1)
    model = Model(kind)
    with torch.no_grad():
        for parameter in model.prior.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        for name, parameter in model.named_parameters():
            if "expand" in name:
                parameter.add_(0.02 * torch.randn_like(parameter))
    return prepare(model)


@pytest.fixture(scope="module", params=sorted(PRIORS))
def model(request):
    return random_model(request.param)


@pytest.fixture(scope="module")
def shipped():
    return load()


@pytest.fixture(scope="module")
def astronaut():
    return images.sample("astronaut")


# transform.py


def test_untrained_analysis_is_the_dct_of_ycbcr():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (24, 16, 3)).astype(np.float32)
    with torch.no_grad():
        y = Analysis()(torch.from_numpy(image).permute(2, 0, 1)[None])[0].numpy()
    luma = (image - 128.0) @ [0.299, 0.587, 0.114]
    block = dctn(luma[8:16, 8:16], norm="ortho")
    order = np.argsort([u + v for u in range(8) for v in range(8)], kind="stable")
    np.testing.assert_allclose(y[:64, 1, 1], block.ravel()[order] * math.sqrt(3), atol=2e-3)


def test_basis_pairs_are_inverse_and_paint_with_norm_one():
    forward, backward = jpeg_basis()
    np.testing.assert_allclose(forward @ backward.T, np.eye(128), atol=1e-8)
    np.testing.assert_allclose(np.linalg.norm(backward, axis=1), 1, atol=1e-8)


def test_taps_round_trip():
    rows = jpeg_basis()[0]
    pictures = from_taps(to_taps(rows)).numpy()
    np.testing.assert_allclose(pictures[:, :, 4:12, 4:12].reshape(128, 192), rows, atol=1e-6)
    assert np.all(pictures[:, :, :4] == 0) and np.all(pictures[:, :, 12:] == 0)


def test_untrained_pair_loses_only_high_chroma(astronaut):
    """A gray picture has no chroma, so nothing is lost."""
    gray = np.repeat(astronaut[:64, :64, :1], 3, axis=2)
    x = torch.from_numpy(gray).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        x_hat = Synthesis()(Analysis()(x), torch.ones(1, 128, 1, 1))
    np.testing.assert_allclose(x_hat.numpy(), x.numpy(), atol=1e-2)


# quantize.py


def test_lambda_codes_round_trip():
    for code in (0, 1, 4096, 20000, 32768):
        assert quantize.to_code(quantize.from_code(code)) == code
    with pytest.raises(ValueError, match="lambda must lie"):
        quantize.to_code(1.0)


def test_interpolate_is_numpys():
    table = torch.rand(quantize.OCTAVES + 1, 3)
    t = torch.tensor([0.0, 0.25, 3.5, 7.999, 8.0])
    mine = quantize.interpolate(table, t)[:, :, 0, 0]
    for c in range(3):
        np.testing.assert_allclose(mine[:, c], np.interp(t, np.arange(9), table[:, c]), rtol=1e-5)


def test_straight_through_rounds_forward_and_passes_gradients():
    y = torch.tensor([0.2, 1.7, -2.6], requires_grad=True)
    mean = torch.tensor(0.25)
    out = quantize.straight_through(y, mean)
    np.testing.assert_allclose(out.detach(), [0.25, 1.25, -2.75])
    out.sum().backward()
    np.testing.assert_array_equal(y.grad, [1, 1, 1])


# entropy.py


@given(st.floats(-60, 60), st.floats(-5, 5), st.floats(0.11, 200))
def test_likelihood_is_scipys(y, mean, sigma):
    got = float(
        entropy.likelihood(*(torch.tensor(v, dtype=torch.float64) for v in (y, mean, sigma)))
    )
    distance = -abs(y - mean)
    expected = norm.cdf((distance + 0.5) / sigma) - norm.cdf((distance - 0.5) / sigma)
    assert got == pytest.approx(max(expected, entropy.FLOOR), rel=1e-9)


def test_likelihood_gradient():
    rng = np.random.default_rng(0)
    y = torch.tensor(rng.normal(0, 2, 20), requires_grad=True)
    sigma = torch.tensor(rng.uniform(0.5, 3, 20), requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda y, s: entropy.likelihood(y, torch.zeros(()), s), (y, sigma)
    )


def test_tables_are_complete_and_gaussian():
    tables, reach = entropy.make_tables(), entropy.table_reach()
    assert tables.min() >= 1
    ends = np.cumsum(2 * reach + 2)
    for k, part in enumerate(np.split(tables, ends[:-1])):
        assert part.sum() == entropy.TOTAL
        sigma = entropy.SIGMA_MIN * math.exp(k / entropy.PER_E)
        n = np.arange(-reach[k], reach[k] + 1)
        mass = norm.cdf((n + 0.5) / sigma) - norm.cdf((n - 0.5) / sigma)
        assert abs(part[:-1] / entropy.TOTAL - mass).max() < 0.005


def test_information_is_minus_log2_of_the_mass():
    rng = np.random.default_rng(0)
    numbers = rng.integers(8, 50, 3000)
    sigma = entropy.SIGMA_MIN * np.exp(numbers / entropy.PER_E)
    symbols = np.round(rng.normal(0, sigma)).astype(np.int64)
    mass = norm.cdf((0.5 - abs(symbols)) / sigma) - norm.cdf((-0.5 - abs(symbols)) / sigma)
    got = entropy.information(symbols, numbers, entropy.read_tables(entropy.make_tables()))
    np.testing.assert_allclose(got.sum(), -np.log2(mass).sum(), rtol=2e-3)


def test_mixed_table_is_the_mixture_of_gaussians():
    tables = entropy.read_tables(entropy.make_tables())
    mixed = entropy.mix_tables(tables, [10, 30], [768, 256])
    n = np.arange(-mixed.reach, mixed.reach + 1)
    expected = 0
    for k, weight in ((10, 0.75), (30, 0.25)):
        sigma = entropy.SIGMA_MIN * np.exp(k / entropy.PER_E)
        expected = expected + weight * (norm.cdf((n + 0.5) / sigma) - norm.cdf((n - 0.5) / sigma))
    np.testing.assert_allclose(mixed.counts[:-1] / entropy.TOTAL, expected, atol=0.005)
    assert mixed.counts.sum() == entropy.TOTAL and mixed.counts.min() >= 1


def test_range_coder_spends_the_information_and_returns_every_symbol():
    rng = np.random.default_rng(0)
    tables = entropy.read_tables(entropy.make_tables())
    numbers = rng.integers(0, 50, 40000)
    sigma = entropy.SIGMA_MIN * np.exp(numbers / entropy.PER_E)
    symbols = np.where(numbers > 0, np.round(rng.normal(0, sigma)), 0).astype(np.int64)
    symbols[[7, 8]], numbers[[7, 8]] = (9000, -quantize.SYMBOL_MAX), (3, 7)  # escapes
    coder = constriction.stream.queue.RangeEncoder()
    entropy.encode(coder, symbols, numbers, tables)
    words = coder.get_compressed()
    mass = norm.cdf((0.5 - abs(symbols)) / sigma) - norm.cdf((-0.5 - abs(symbols)) / sigma)
    information = -np.log2(np.maximum(mass, 1e-7))[numbers > 0].sum()
    assert len(words) * 32 == pytest.approx(information, rel=0.002)
    back = entropy.decode(constriction.stream.queue.RangeDecoder(words), numbers, tables)
    np.testing.assert_array_equal(back, symbols)


# exact.py, prior.py, hyperprior.py


def test_fixed_point_is_exact_in_any_order(model):
    """Permuting the channels permutes the sums; on the grid the result is the same, bit for bit."""
    torch.manual_seed(0)
    for conv in exact(model.prior).modules():
        if isinstance(conv, FixedConv):
            x = (
                torch.round(torch.randn(1, conv.in_channels, 9, 9).double() * 5000)
                / ACTIVATION_GRID
            )
            order = torch.randperm(conv.in_channels)
            plain = conv(x)
            conv.weight.data = conv.weight[:, order].contiguous()
            assert torch.equal(conv(x[:, order]), plain)
            assert torch.equal(plain * ACTIVATION_GRID, torch.round(plain * ACTIVATION_GRID))


def test_latents_do_not_depend_on_threads(model, astronaut):
    y = learned.analyse(astronaut[:96, :80], model)
    data = learned.encode_latents(y, (96, 80), model, 0.02)
    one, _ = learned.decode_latents(data, model)
    torch.set_num_threads(2)
    try:
        torch.set_float32_matmul_precision("medium")
        two, _ = learned.decode_latents(data, model)
    finally:
        torch.set_num_threads(1)
        torch.set_float32_matmul_precision("highest")
    np.testing.assert_array_equal(one, two)


def test_fixed_point_follows_the_trained_network(model, astronaut):
    """The float32 network that was trained and the one that codes: nearly the same Gaussians."""
    y = torch.from_numpy(learned.analyse(astronaut[64:128, 64:128], model))[None]
    y = y / model.step(torch.tensor([5.0]))

    def gaussians(prior, dtype):
        seen = []

        def visit(values, mean, numbers, _):
            seen.append(torch.cat((mean.flatten(), numbers.flatten() / entropy.PER_E)).float())
            return torch.round(values - mean) + mean

        t = torch.tensor([5.0], dtype=dtype)
        prior.code(visit, y, y.shape, t, model.exact().tables)
        return torch.cat(seen)

    floating = gaussians(model.prior, torch.float32)
    difference = (gaussians(model.exact().prior, torch.float64) - floating).abs()
    assert difference.median() < 0.01 and difference.quantile(0.99) < 0.2


def test_a_training_counts_the_bits_that_a_file_has(model):
    """One distribution in a prior's forward and in its code: for wide latents, of which noise
    costs what rounding does."""
    wide = copy.deepcopy(model)
    for head in (getattr(wide.prior, name, None) for name in ("first", "second")):
        if head is not None:
            head[-1].bias.data[CHANNELS:] += 2.2  # a sigma of 1, as the others have
    torch.manual_seed(2)
    y, t = 2 * torch.randn(1, CHANNELS, 16, 16), torch.tensor([5.0])
    with torch.no_grad():
        counted, _ = wide.prior(y, t)
        y = (y * wide.step(t))[0].numpy()
    data = learned.encode_latents(y, (128, 128), wide, quantize.from_code(5 * quantize.FINE))
    assert 8 * len(data) == pytest.approx(counted.item(), rel=0.03)


# codec.py and container.py


@pytest.mark.parametrize("size", [(1, 1), (13, 7), (8, 33), (64, 48)])
@pytest.mark.parametrize("lam", [4e-4, 0.01, 0.1])
def test_round_trip(model, astronaut, size, lam):
    image = astronaut[100 : 100 + size[0], 200 : 200 + size[1]]
    data = learned.encode(image, model, lam)
    decoded = learned.decode(data, model)
    y = learned.analyse(image, model)
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, learned.reconstruct(y, size, model, lam))
    both = learned.encode_and_reconstruct(y, size, model, lam)
    assert both[0] == data and np.array_equal(both[1], decoded)


def test_shipped_model_is_close_and_larger_lambda_is_closer(shipped, astronaut):
    sizes, errors = [], []
    for lam in (0.001, 0.01, 0.1):
        data = learned.encode(astronaut, shipped, lam)
        sizes.append(len(data))
        errors.append(((learned.decode(data, shipped) - astronaut.astype(float)) ** 2).mean())
        estimated = learned.estimate(learned.analyse(astronaut, shipped), shipped, lam) / 8
        assert abs(len(data) - estimated) <= 0.02 * estimated + 64
    assert sizes == sorted(sizes) and errors == sorted(errors, reverse=True)
    assert errors[1] < 60 and 8 * sizes[1] / astronaut[..., 0].size < 1.0


@pytest.fixture(scope="module")
def lic_file(shipped, astronaut):
    return learned.encode(astronaut[:40, :56], shipped, 0.01)


def test_a_dithered_picture_comes_back(shipped):
    """No photograph looks like this: without its limit g_a returned 4 dB; flat grey is 6."""
    cat = Image.fromarray(images.sample("chelsea")[:256, :256])
    x = np.asarray(cat.convert("1").convert("RGB"))  # Pillow's Floyd-Steinberg
    x_hat = learned.decode(learned.encode(x, shipped, lam=0.01), shipped)
    grey = np.full_like(x, round(x.mean()))
    assert metrics.psnr(x, x_hat) > metrics.psnr(x, grey) + 3


def test_damage_is_reported_in_words(shipped, lic_file):
    cases = {
        "ends after 3 bytes": lic_file[:3],
        "not a .lic file": b"\xff\xd8\xff" + lic_file,
        "version 9": lic_file[:4] + b"\x09" + lic_file[5:],
        "checksum": lic_file[:-9] + b"\x00" + lic_file[-8:],
        "damaged or cut short": lic_file[:-4],
    }
    for words, data in cases.items():
        with pytest.raises(learned.LicError, match=words):
            learned.decode(data, shipped)


def test_a_file_finds_the_shipped_model_that_wrote_it(lic_file, astronaut):
    assert learned.decode(lic_file, learned.model_of(lic_file)).shape == (40, 56, 3)
    simple = load("factorized")
    data = learned.encode(astronaut[:24, :16], simple, 0.01)
    assert learned.model_of(data).kind == "factorized"
    header, payload = container.read(lic_file)
    with pytest.raises(learned.LicError, match="does not come with the course"):
        learned.model_of(container.write(header._replace(model=b"abcd"), payload))


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (np.zeros((9, 0, 3), np.uint8), r"uint8 \(9, 0, 3\)"),
        (np.zeros((9, 9), np.uint8), r"uint8 \(9, 9\)"),
        (np.zeros((9, 9, 3)), "float64"),
        ([[[1, 2, 3]]], "got list"),
        (torch.zeros((9, 9, 3), dtype=torch.uint8), "got Tensor"),
        (None, "got NoneType"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(shipped, image, found):
    for work in (learned.encode, lambda *given: learned.analyse(*given[:2])):
        with pytest.raises(ValueError, match=f"image must be .*{found}"):
            work(image, shipped, 0.01)


def test_foreign_model_and_huge_sizes_are_refused(shipped, lic_file):
    header, payload = container.read(lic_file)
    with pytest.raises(learned.LicError, match="load the model that wrote the file"):
        learned.decode(container.write(header._replace(model=b"abcd"), payload), shipped)
    with pytest.raises(learned.LicError, match="slider's end"):
        learned.decode(container.write(header._replace(lam_code=65535), payload), shipped)
    with pytest.raises(learned.LicError, match="more than the limit"):
        container.write(header._replace(width=60000, height=60000), payload)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_payload_under_a_valid_checksum_is_a_picture_or_an_error(shipped, lic_file, noise):
    header, _ = container.read(lic_file)
    data = container.write(header, noise)
    try:
        assert learned.decode(data, shipped).shape == (40, 56, 3)
    except learned.LicError as error:
        assert "offset" in str(error)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_flipped_bits_are_found(shipped, lic_file, data):
    at = data.draw(st.integers(0, len(lic_file) - 1))
    bit = data.draw(st.integers(0, 7))
    broken = lic_file[:at] + bytes([lic_file[at] ^ 1 << bit]) + lic_file[at + 1 :]
    with pytest.raises(learned.LicError):
        learned.decode(broken, shipped)


# model.py and train.py


def test_damaged_files_by_the_hundred():
    """tools/fuzz_lic.py; LIC_FUZZ=20000 is the long run."""
    command = [sys.executable, "-m", "tools.fuzz_lic", os.environ.get("LIC_FUZZ", "100")]
    done = subprocess.run(command, cwd=LESSONS.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["megabytes_peak"] - result["megabytes_before"] < 2048
    assert {"decode read", "decode refused", "describe read"} <= set(result["outcomes"])


def test_weights_file_round_trip(tmp_path, model, astronaut):
    path = tmp_path / "model.safetensors"
    save(model, path)
    again = load(str(path))
    image = astronaut[:24, :24]
    assert learned.encode(image, again, 0.01) == learned.encode(image, model, 0.01)
    with pytest.raises(ValueError, match="no weights"):
        load("nobody")


def hostile_weights():
    """Names and bytes of files that hold no model."""
    state = Model("factorized").state_dict()
    whole = safetensors.torch.save(state, {"prior": "factorized"})
    few = {key: value for key, value in state.items() if key != "shift"}
    short = state | {"tables": state["tables"][:5].clone()}
    nowhere = state | {"shift": torch.full_like(state["shift"], torch.nan)}
    return {
        "empty": b"",
        "cut": whole[:-100],
        "endless header": (1 << 62).to_bytes(8, "little") + whole[8:],
        "large header": (1 << 30).to_bytes(8, "little") + whole[8:],
        "damaged header": whole[:20] + b"\xff" + whole[21:],
        "no prior": safetensors.torch.save(state),
        "another prior": safetensors.torch.save(state, {"prior": "mixture"}),
        "unknown prior": safetensors.torch.save(state, {"prior": "nobody"}),
        "no shift": safetensors.torch.save(few, {"prior": "factorized"}),
        "short tables": safetensors.torch.save(short, {"prior": "factorized"}),
        "not a number": safetensors.torch.save(nowhere, {"prior": "factorized"}),
    }


@pytest.mark.parametrize("name", hostile_weights())
def test_weights_that_are_none_are_said_in_one_line(tmp_path, name):
    path = tmp_path / "my.safetensors"
    path.write_bytes(hostile_weights()[name])
    with pytest.raises(ValueError, match="my.safetensors: (no )?weights") as caught:
        load(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("write", ["save", "keep", "record"])
def test_weights_are_written_whole_or_not_at_all(tmp_path, monkeypatch, write):
    path = tmp_path / "my.safetensors"
    path.write_bytes(b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    model = Model("fixed")
    works = {
        "save": lambda: save(model, path),
        "keep": lambda: checkpoint.keep(model, [torch.optim.Adam(model.parameters())], 1, path),
        "record": lambda: record.save({}, path),
    }
    with pytest.raises(OSError, match="my.safetensors"):
        works[write]()
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["my.safetensors"]


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    path, model, other = tmp_path / "my.safetensors", Model("fixed"), Model("mixture")
    checkpoint.keep(model, [torch.optim.Adam(model.parameters())], 1, path)
    with pytest.raises(ValueError, match="my.safetensors is of another training"):
        checkpoint.restore(other, [torch.optim.Adam(other.parameters())], path)
    path.write_bytes(b"damaged")
    with pytest.raises(ValueError, match="my.safetensors: no safetensors file"):
        checkpoint.restore(model, [torch.optim.Adam(model.parameters())], path)


def test_objective_is_bits_per_pixel_plus_lambda_mse():
    model = Model()
    x = torch.full((2, 3, 16, 16), 90.0)
    x[1, :, :, 8:] = 200.0
    lam = torch.tensor([0.01, 0.02])
    L, R, D = objective(model, x, lam)
    torch.testing.assert_close(L, R + lam * D)
    torch.manual_seed(3)
    x_hat, bits = model(x, lam)
    torch.testing.assert_close(D, ((x_hat - x) ** 2).reshape(2, -1).mean(1))


def test_training_lowers_the_loss_and_resumes_exactly(tmp_path, astronaut):
    path = str(tmp_path / "run.checkpoint.safetensors")
    x, lam = draw_batch([astronaut], np.random.default_rng(1)), torch.full((8,), 0.01)

    def loss(model):
        torch.manual_seed(1)
        with torch.no_grad():
            return objective(model, x, lam)[0].mean().item()

    torch.manual_seed(0)
    straight = Model()
    before = loss(straight)
    assert len(list(train(straight, [astronaut], 6))) == 6
    assert loss(straight) < before
    torch.manual_seed(0)
    stopped = Model()
    for step, *_ in train(stopped, [astronaut], 6, checkpoint=path, every=3):
        if step == 4:
            break
    resumed = Model()
    steps = [step for step, *_ in train(resumed, [astronaut], 6, checkpoint=path)]
    assert steps == [3, 4, 5]
    for name, weights in straight.state_dict().items():
        assert torch.equal(weights, resumed.state_dict()[name]), name


def test_batches_are_crops_of_the_pictures(astronaut):
    rng = np.random.default_rng(0)
    x = draw_batch([astronaut], rng, 3)
    assert x.shape == (3, 3, 128, 128) and set(np.unique(x)) <= set(range(256))
    lam = draw_lambdas(rng, 1000)
    assert lam.min() >= quantize.LAM_MIN and lam.max() <= quantize.LAM_MAX
    assert np.median(lam) == pytest.approx(math.sqrt(quantize.LAM_MIN * quantize.LAM_MAX), rel=0.2)


def test_two_processes_train_as_one_and_agree(tmp_path, astronaut):
    """torchrun with gloo: both ranks run, one writes, the weights are whole."""
    images.save(tmp_path / "a.png", astronaut)
    (tmp_path / "photos").mkdir()
    (tmp_path / "a.png").rename(tmp_path / "photos" / "a.png")
    out = tmp_path / "model.safetensors"
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m"]
    command += ["lic_teach.cli", "train", str(tmp_path / "photos"), str(out), "--steps", "3"]
    subprocess.run(command, check=True, capture_output=True)
    log = json.loads(out.with_suffix(".json").read_text())
    assert log["steps"] == 3 and log["prior"] == "factorized"
    assert learned.decode(
        learned.encode(astronaut[:16, :16], load(str(out)), 0.01), load(str(out))
    ).any()


# calibrate.py


def test_after_calibration_lambda_is_the_slope_between_two_files(astronaut):
    """Tables an octave off, as if trained for another lambda: the slope shows it."""
    model, picture = load("factorized"), astronaut[64:320, 100:356]
    y, size = learned.analyse(picture, model), picture.shape[:2]

    def slope(lam):
        rates, errors = [], []
        for near in (lam / math.sqrt(2), lam * math.sqrt(2)):
            rates.append(learned.estimate(y, model, near) / (size[0] * size[1]))
            errors.append(metrics.mse(picture, learned.reconstruct(y, size, model, near)))
        return (rates[1] - rates[0]) / (errors[0] - errors[1])

    wider = math.log(2) / 2  # steps go like 1 / sqrt(lambda)
    model.log_step += wider
    model.prior.scale -= wider
    model.prior.mean *= math.exp(-wider)
    prepare(model)
    lams = (0.001, 0.002, 0.01, 0.04)
    assert max(slope(lam) / lam for lam in lams) < 0.65
    calibrate(model, [picture])
    assert [slope(lam) / lam for lam in lams] == pytest.approx([1] * 4, rel=0.2)
    assert torch.equal(model.shift * 1024, torch.round(model.shift * 1024))  # sums are exact


# live.py


def test_live_training_leaves_grey_for_the_picture_and_repeats_itself(astronaut):
    last = [list(live.train_live([astronaut], 0.01, 60, prior="hyper"))[-1] for _ in range(2)]
    assert last[0].step == 59 and last[0].L == pytest.approx(last[0].R + 0.01 * last[0].D, rel=0.02)
    assert last[0].L == last[1].L
    untrained = Model("hyper")
    picture = astronaut[:64, :64]
    rate, quality = live.point(last[0].model, picture, 0.01)
    assert quality > live.point(untrained, picture, 0.01)[1] + 3
    ready = prepare(copy.deepcopy(last[0].model))
    data = learned.encode(picture, ready, 0.01)
    assert rate == 8 * len(data) / 64**2
    assert quality == metrics.psnr(picture, learned.decode(data, ready))
    assert last[0].model.training and next(last[0].model.parameters()).requires_grad


def test_random_start_knows_no_dct(astronaut):
    progress = next(live.train_live([astronaut], start="random"))
    taps = progress.model.g_a.taps.detach().reshape(CHANNELS, -1)
    dct = Model().g_a.taps.detach().reshape(CHANNELS, -1)
    similarity = torch.nn.functional.cosine_similarity(taps, dct).abs()
    assert similarity.max() < 0.3
    assert taps.std().item() == pytest.approx(dct.std().item(), rel=0.1)


# strips and anatomy


def test_strips_leave_no_trace(model, astronaut, monkeypatch):
    from lic_teach.learned import transform

    tall = np.concatenate([astronaut[:, 200:264], astronaut[::-1, 200:264]])
    whole = learned.encode(tall, model, 0.01), learned.analyse(tall, model)
    picture = learned.decode(whole[0], model)
    monkeypatch.setattr(transform, "STRIP", 64)
    np.testing.assert_allclose(learned.analyse(tall, model), whole[1], atol=2e-3)
    data = learned.encode_latents(whole[1], tall.shape[:2], model, 0.01)
    assert data == whole[0]  # exact arithmetic: the same file, bit for bit
    difference = np.abs(learned.decode(data, model).astype(int) - picture)
    assert difference.max() <= 1


def test_bit_map_adds_up_and_anatomy_counts(model, astronaut):
    y = learned.analyse(astronaut[:64, :80], model)
    spent, side = learned.bit_map(y, model, 0.02)
    assert spent.shape == y.shape and spent.min() >= 0
    assert spent.sum() + side == pytest.approx(learned.estimate(y, model, 0.02))
    assert anatomy.bits_by_channel(y, model, 0.02)[:, 1].sum() == pytest.approx(spent.sum())
    assert anatomy.parameters(model)["all"] == sum(p.numel() for p in model.parameters())
    work = anatomy.kmac_per_pixel(model)
    taps = 192 * 4 * 128 / 64 / 1000  # one 2x2 convolution a block of 64 pixels
    assert work["decode"] > taps and work["encode"] > taps


def test_shift_moves_lambda_by_octaves():
    model = random_model("factorized")
    assert model.position(quantize.to_code(0.0128)) == pytest.approx(5, abs=1e-3)
    model.shift[:] = -1
    assert model.position(quantize.to_code(0.0128)) == pytest.approx(4, abs=1e-3)
    assert model.position(0) == 0
