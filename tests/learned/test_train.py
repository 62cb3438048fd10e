"""Trainings know what they are of, and nobody's hours are lost: the command, in small."""

import json
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.torch
import torch

from lic_teach import images, metrics
from lic_teach.learned import calibrate, checkpoint, command, load
from lic_teach.learned.model import PRIORS, Model
from lic_teach.learned.train import (
    QUICK,
    UNLIKE,
    begin,
    objective,
    optimizers_of,
    schedule,
    train,
)

SMALL = QUICK._replace(crop=16, batch=1)
STEPS = 8
KEPT = "my.checkpoint.safetensors"


@pytest.fixture(autouse=True)
def small(tmp_path, monkeypatch):
    """A folder with photographs, and a command whose steps are small and kept every second time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "LONG", SMALL)
    monkeypatch.setattr(command, "EVERY", 2)
    cat = images.sample("chelsea")
    for folder, rows in (("photos", (0, 60)), ("others", (100, 160))):
        os.mkdir(folder)
        for name, row in zip("ab", rows, strict=True):
            images.save(f"{folder}/{name}.png", cat[row : row + 130, 150:280])
    torch.set_num_threads(1)


def learn(*words, photos="photos", out="my.safetensors"):
    """The command with a prior that needs no fitting. Later words, --name=value, win."""
    options = {"prior": "hyper", "steps": STEPS}
    for word in words:
        name, _, value = word.removeprefix("--").partition("=")
        options[name] = {"": True}.get(value, value)
        if name in ("steps", "seed", "threads", "lam"):
            options[name] = (float if name == "lam" else int)(value)
    command.run(photos, out, **options)


def stop_after(monkeypatch, steps):
    """The next training is interrupted after so many steps; those after it are not."""

    def some(*args, **options):
        monkeypatch.setattr(command, "train", train)
        for n, found in enumerate(train(*args, **options), 1):
            yield found
            if n == steps:
                raise KeyboardInterrupt

    monkeypatch.setattr(command, "train", some)


def interrupt(monkeypatch, *words, **places):
    stop_after(monkeypatch, 5)
    with pytest.raises(KeyboardInterrupt):
        learn(*words, **places)
    assert os.path.exists(KEPT) and not os.path.exists("my.safetensors")


def no_step(monkeypatch):
    """From here on a training that takes a step fails the test."""

    def never(*_, **__):
        pytest.fail("a step was taken")

    monkeypatch.setattr("lic_teach.learned.train.objective", never)


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


def log_of(name="my"):
    with open(f"{name}.json") as file:
        return json.load(file)


# what a checkpoint is of


def test_an_interrupted_training_ends_where_an_undisturbed_one_does(monkeypatch):
    minutes = iter(range(0, 1000))
    monkeypatch.setattr("lic_teach.learned.train.time.monotonic", lambda: 60 * next(minutes))
    interrupt(monkeypatch)
    learn()
    assert not os.path.exists(KEPT)
    learn(out="straight.safetensors")
    assert bytes_of("my.safetensors") == bytes_of("straight.safetensors")
    assert [row[0] for row in log_of()["step, L, R, D"]] == [2, 4, 6, 8]
    # a minute a look at this clock: one a step, of eight steps; what was interrupted is counted
    assert log_of() == log_of("straight") and log_of()["minutes"] == STEPS


def test_a_second_training_under_one_name_is_a_training(monkeypatch):
    learn("--lam=0.003")
    first = bytes_of("my.safetensors")
    assert sorted(os.listdir()) == ["my.json", "my.safetensors", "others", "photos"]
    with pytest.raises(ValueError, match="my.safetensors exists: --force"):
        learn("--seed=7", photos="others")
    learn("--seed=7", "--force", photos="others")
    learn("--seed=7", photos="others", out="fresh.safetensors")
    assert bytes_of("my.safetensors") == bytes_of("fresh.safetensors") != first
    assert log_of() == log_of("fresh")


def add():
    images.save("photos/c.png", images.sample("coffee")[:130, :130])


def one_sample():
    picture = images.load("photos/b.png")
    picture[3, 4, 2] ^= 1
    images.save("photos/b.png", picture)


OTHER = {
    "--steps 8, and this one has --steps 9": ["--steps=9"],
    "--seed 0, and this one has --seed 3": ["--seed=3"],
    "--lam none, and this one has --lam 0.02": ["--lam=0.02"],
    "--prior hyper, and this one has --prior context": ["--prior=context"],
    "--start none, and this one has --start": ["--start=start.safetensors"],
    "photographs 2 of digest .*, and this one has photographs 3": add,
    "photographs 2 of .*, and this one has photographs 2": one_sample,
    "photographs 2 of .*, and this one has photographs 1": lambda: os.remove("photos/a.png"),
    "crop 16, and this one has crop 24": SMALL._replace(crop=24),
    "processes 1, and this one has processes 2": "torchrun",
    "code of lic_teach/learned": "code",
}


@pytest.mark.parametrize("words", OTHER)
def test_a_checkpoint_of_something_else_is_refused_and_stays(monkeypatch, words):
    interrupt(monkeypatch)
    before, other = bytes_of(KEPT), OTHER[words]
    options = other if isinstance(other, list) else []
    if callable(other):
        other()
    elif other == "code":
        monkeypatch.setattr(checkpoint, "CODE", checkpoint.CODE + " live")
    elif other == "torchrun":
        two = SimpleNamespace(is_initialized=lambda: True, get_world_size=lambda: 2)
        monkeypatch.setattr(checkpoint, "distributed", two)
    elif isinstance(other, tuple):
        monkeypatch.setattr(command, "LONG", other)
    safetensors.torch.save_file(Model("hyper").state_dict(), "start.safetensors")
    no_step(monkeypatch)
    with pytest.raises(ValueError, match=f"{KEPT} is of another training: with {words}") as caught:
        learn(*options)
    assert "take it away to begin anew" in str(caught.value)
    assert bytes_of(KEPT) == before and not os.path.exists("my.safetensors")


def test_all_code_that_a_step_runs_through_makes_another_training_of_it():
    """A profiler sees which files of the folder are run."""
    seen = set()

    def see(frame, event, _):
        seen.add(frame.f_code.co_filename)

    sys.setprofile(see)
    try:
        for prior in PRIORS:
            model = Model(prior)
            begin(model, [images.load("photos/a.png")])
            list(train(model, [images.load("photos/a.png")], 1, SMALL))
    finally:
        sys.setprofile(None)
    folder = Path(checkpoint.__file__).parent
    run = {Path(name).stem for name in seen if Path(name).parent == folder}
    assert run - {"checkpoint"} == set(checkpoint.CODE.split())


def rename():
    os.rename("photos/a.png", "photos/z.png")


def another_format():
    images.save("photos/a.bmp", images.load("photos/a.png"))
    os.remove("photos/a.png")


HARMLESS = {
    "--threads": ["--threads=2"],
    "--valid": ["--valid=others"],
    "another name": rename,
    "another format": another_format,
    "a file that is no picture": lambda: open("photos/notes.txt", "w").close(),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_changes_no_step_is_no_other_training(monkeypatch, name):
    monkeypatch.setattr(command, "calibrate", lambda model, pictures: None)
    interrupt(monkeypatch)
    change = HARMLESS[name]
    if callable(change):
        change()
    learn(*(change if isinstance(change, list) else []))
    assert len(log_of()["step, L, R, D"]) == STEPS // 2
    learn(out="straight.safetensors")
    if name != "--threads":  # their number changes the order of sums
        assert bytes_of("my.safetensors") == bytes_of("straight.safetensors")


def test_by_force_it_begins_anew_and_says_where_the_other_is(monkeypatch, capsys):
    interrupt(monkeypatch)
    before = bytes_of(KEPT)
    learn("--seed=5", "--force")
    said = capsys.readouterr().out
    assert "begins anew" in said and "my.checkpoint.old" in said and "--seed 5" in said
    assert bytes_of("my.checkpoint.old") == before
    learn("--seed=5", out="fresh.safetensors")
    assert bytes_of("my.safetensors") == bytes_of("fresh.safetensors")


def test_by_force_the_same_training_goes_on_and_says_so(monkeypatch, capsys):
    interrupt(monkeypatch)
    with open("my.safetensors", "w") as file:
        file.write("old")
    learn("--force")
    assert f"{KEPT}: the training goes on" in capsys.readouterr().out
    assert len(log_of()["step, L, R, D"]) == STEPS // 2


def older(whole):
    """As checkpoints were once: the same tensors, without a word of what they are."""
    return safetensors.torch.save(safetensors.torch.load(whole))


DAMAGE = {
    "empty": lambda whole: b"",
    "cut short": lambda whole: whole[: len(whole) // 2],
    "cut in its header": lambda whole: whole[:100],
    "one bit": lambda whole: whole[:-5000] + bytes([whole[-5000] ^ 16]) + whole[-4999:],
    "something else": lambda whole: b"\x89PNG\r\n\x1a\n" * 40,
    "of an older version": older,
    "weights": lambda whole: safetensors.torch.save(
        Model("hyper").state_dict(), {"prior": "hyper"}
    ),
    "facts that are none": lambda whole: safetensors.torch.save(
        safetensors.torch.load(whole), {"facts": "["}
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_checkpoint_that_is_none_is_refused_in_words(monkeypatch, capsys, name):
    interrupt(monkeypatch)
    broken = DAMAGE[name](bytes_of(KEPT))
    with open(KEPT, "wb") as file:
        file.write(broken)
    with pytest.raises(ValueError, match=f"{KEPT}.*: take it away to begin anew"):
        learn()
    assert bytes_of(KEPT) == broken
    learn("--force")
    assert "begins anew" in capsys.readouterr().out and len(log_of()["step, L, R, D"]) == 4


def test_train_itself_refuses_a_checkpoint_of_other_pictures(monkeypatch):
    """From Python, without the command."""
    cat = images.load("photos/a.png")
    options = {"checkpoint": "run.safetensors", "every": 1}
    next(train(Model("hyper"), [cat], 3, SMALL, **options))
    assert [step for step, *_ in train(Model("hyper"), [cat], 3, SMALL, **options)] == [1, 2]
    with pytest.raises(ValueError, match="of another training: with photographs 1 of"):
        list(train(Model("hyper"), [cat[:, ::-1]], 3, SMALL, **options))


# everything needed at the end is looked at before the beginning


def fill(folder, *pictures):
    os.mkdir(folder)
    for n, picture in enumerate(pictures):
        images.save(f"{folder}/{n}.png", picture)


def wrong_places():
    """Command lines that cannot end well, and words of the refusal."""
    flat = np.full((140, 150, 3), (10, 200, 30), np.uint8)
    fill("thin", np.zeros((127, 400, 3), np.uint8))
    fill("flat", flat, flat // 2)
    fill("damaged", images.load("photos/a.png"))
    with open("damaged/0.png", "rb+") as file:
        file.truncate(2000)
    os.mkdir("empty")
    os.mkdir("folder.safetensors")
    os.mkdir("log.json")
    os.mkdir("kept.checkpoint.safetensors")
    os.mkfifo("pipe.safetensors")
    os.symlink("nowhere/my.safetensors", "link.safetensors")
    valid, out = "no photograph of at least 128x128 pixels in thin", "no file that can be written"
    return [
        (["--valid=thin"], {}, valid),
        (["--valid=flat"], {}, "flat: each picture is of one colour"),
        (["--valid=damaged"], {}, "0.png: the picture is damaged or cut short"),
        (["--valid=empty"], {}, "empty holds none of"),
        (["--valid=absent"], {}, "absent"),
        (["--valid=photos/a.png"], {}, "a.png"),
        ([], {"photos": "thin"}, valid),
        ([], {"out": "folder.safetensors"}, out),
        ([], {"out": "log.safetensors"}, f"log.json is {out}"),
        ([], {"out": "kept.safetensors"}, out),
        ([], {"out": "pipe.safetensors"}, out),
        ([], {"out": "link.safetensors"}, "nowhere is no folder"),
        ([], {"out": "absent/my.safetensors"}, "absent is no folder"),
        ([], {"out": "photos/a.png/my.safetensors"}, "a.png is no folder"),
        ([], {"out": "my.json"}, "must end in .safetensors"),
        (["--lam=7"], {}, "lambda must lie in"),
        (["--start=absent.safetensors"], {}, "absent.safetensors"),
    ]


def test_what_is_needed_at_the_end_is_looked_at_before_the_first_step(monkeypatch):
    cases = wrong_places()
    no_step(monkeypatch)
    before = sorted(os.listdir())
    for words, places, expected in cases:
        with pytest.raises((ValueError, OSError)) as caught:
            learn(*words, **places)
        assert expected in str(caught.value), (words, places)
    assert sorted(os.listdir()) == before


def test_a_place_that_cannot_be_written_is_named_before_the_first_step(monkeypatch):
    def refuse(*_, **__):
        raise OSError(30, "Read-only file system", "tmpab12cd")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    no_step(monkeypatch)
    with pytest.raises(OSError, match="Read-only file system") as caught:
        learn(out="others/my.safetensors")
    assert caught.value.filename == "others/my.safetensors"


# a failure after the work keeps the work


def test_without_a_slope_the_weights_are_written_and_calibrated_later(monkeypatch):
    """Steps too few to learn anything, and a picture with one odd sample."""
    plain = np.full((128, 128, 3), 77, np.uint8)
    plain[5, 5] = 78
    fill("plain", plain)
    with pytest.raises(ValueError, match="my.safetensors is written, but lambda is not calibrated"):
        learn("--valid=plain")
    learn(out="alone.safetensors")
    assert bytes_of("my.safetensors") == bytes_of("alone.safetensors")
    assert log_of() == log_of("alone") and log_of()["calibrated on"] == 0
    no_step(monkeypatch)
    monkeypatch.setattr(command, "calibrate", lambda model, pictures: model.shift.add_(0.25))
    learn("--valid=others", "--force")
    assert log_of()["calibrated on"] == 2 and load("my.safetensors").shift[3] == 0.25
    assert len(log_of()["step, L, R, D"]) == STEPS // 2 and not os.path.exists(KEPT)


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), KeyboardInterrupt()])
def test_whatever_ends_the_calibration_the_weights_are_there(monkeypatch, error):
    def end(*_):
        raise error

    monkeypatch.setattr(command, "calibrate", end)
    with pytest.raises(type(error)):
        learn("--valid=others")
    assert load("my.safetensors").kind == "hyper" and os.path.exists(KEPT)


def test_a_disk_that_is_full_at_the_end_costs_no_step(monkeypatch):
    replace = os.replace

    def full(source, target):
        if str(target).endswith("my.safetensors"):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="my.safetensors"):
        learn("--steps=7")  # no multiple of the steps from checkpoint to checkpoint
    monkeypatch.setattr(os, "replace", replace)
    no_step(monkeypatch)
    learn("--steps=7")
    assert [row[0] for row in log_of()["step, L, R, D"]] == [2, 4, 6, 7]
    assert load("my.safetensors").kind == "hyper" and not os.path.exists(KEPT)


def test_a_training_that_goes_astray_stops_and_spoils_no_checkpoint(monkeypatch):
    interrupt(monkeypatch)
    before = bytes_of(KEPT)
    nan = torch.full((1,), torch.nan, requires_grad=True)
    monkeypatch.setattr("lic_teach.learned.train.objective", lambda *_: (nan, nan, nan))
    with pytest.raises(ValueError, match="went astray: step 5"):
        learn()
    assert bytes_of(KEPT) == before


def test_a_slope_is_found_on_a_curve_of_known_slope_and_nowhere_else():
    """R = c log2(1 / D) has the slope -c / (D ln 2): here lambda, moved by an octave and a half."""
    lam, c = 4e-4 * 2.0**calibrate.PLACES, 3.0
    D = c / (np.log(2) * lam * 2**1.5)
    line = calibrate.line_through(c * np.log2(1 / D) + 30, D)
    assert line == pytest.approx([0, -1.5], abs=0.01)
    flat, noise = np.full(17, 2.0), np.random.default_rng(0).uniform(1, 2, 17)
    for points in ((flat, flat), (flat, D), (noise, D), (D, D), (flat * np.nan, D)):
        with pytest.raises(ValueError, match="no slope from lambda"):
            calibrate.line_through(*points)
    R = np.cumsum(0.5 ** np.arange(17))  # bits that buy the more, the larger lambda is
    with pytest.raises(ValueError, match="does not rise with lambda"):
        calibrate.line_through(R, np.arange(17, 0, -1.0))


# what was taken over, and what was left out


def test_a_start_of_which_nothing_fits_is_an_error(monkeypatch):
    interrupt(monkeypatch)
    no_step(monkeypatch)
    own = Model("hyper").state_dict()
    foreign = {name: own[name] for name in ("tables", "shift")} | {"g_a.taps": torch.zeros(3)}
    safetensors.torch.save_file(foreign, "foreign.safetensors")
    for start in (KEPT, "foreign.safetensors"):
        with pytest.raises(ValueError, match=f"{start}: nothing in it fits"):
            learn(f"--start={start}", out="new.safetensors")
    own["g_a.taps"][0] = torch.inf
    safetensors.torch.save_file(own, "astray.safetensors")
    with pytest.raises(ValueError, match="astray.safetensors: weights that are no numbers"):
        learn("--start=astray.safetensors", out="new.safetensors")


def test_what_was_taken_over_is_said_and_logged(capsys):
    own = Model("context").state_dict()
    own["g_s.taps"] = torch.zeros(2, 2)
    safetensors.torch.save_file(own, "a [1].safetensors")
    learn("--start=a [1].safetensors")
    parts = {"g_a": 0, "g_s": 0, "log_step": 0, "prior": 0}
    for name, _ in Model("hyper").named_parameters():
        parts[name.partition(".")[0]] += 1
    log, said = log_of(), capsys.readouterr().out
    for part, whole in parts.items():
        words = f"{part} {whole - (part == 'g_s')} of {whole}"
        assert words in log["taken over"] and words in said
    assert log["start"] == "a [1].safetensors"


def test_what_a_training_leaves_out_is_said_and_what_it_uses_is_logged(capsys):
    images.save("photos/thin.png", images.sample("coffee")[:127])
    for name in ("IMG_1.HEIC", "c.dng", ".hidden"):
        open(f"photos/{name}", "w").close()
    os.mkdir("photos/more")
    learn()
    said = capsys.readouterr().out
    assert "photos: photographs of at least 128x128 pixels: 2" in said
    assert "photos: left out: 4: IMG_1.HEIC, c.dng, more, thin.png" in said
    assert log_of()["photographs"] == 2


# what a training can be for


@pytest.mark.parametrize("prior", ["factorized", "context"])
def test_a_training_by_soap_goes_on_to_the_last_bit_too(monkeypatch, prior):
    monkeypatch.setattr(command, "LONG", SMALL._replace(soap=6e-3, steady=0.5))
    interrupt(monkeypatch, f"--prior={prior}", "--steps=16")
    learn(f"--prior={prior}", "--steps=16")
    learn(f"--prior={prior}", "--steps=16", out="straight.safetensors")
    assert bytes_of("my.safetensors") == bytes_of("straight.safetensors")


def test_without_soap_a_long_training_is_refused_in_words(monkeypatch):
    monkeypatch.setitem(sys.modules, "pytorch_optimizer", None)
    monkeypatch.setattr(command, "LONG", SMALL._replace(soap=6e-3))
    no_step(monkeypatch)
    with pytest.raises(ValueError, match="pip install 'pytorch-optimizer>=4,<5'"):
        learn()


def test_all_kernels_but_the_taps_are_soaps_and_adam_has_the_rest():
    model = Model("context")
    adam, soap = optimizers_of(model, SMALL._replace(soap=6e-3))
    kernels = [p for group in soap.param_groups for p in group["params"]]
    others = [p for group in adam.param_groups for p in group["params"]]
    assert len(kernels) + len(others) == len(list(model.parameters()))
    assert {p.ndim for p in kernels} == {4}
    assert [p.shape for p in others if p.ndim == 4] == [model.g_a.taps.shape] * 2
    assert len(optimizers_of(model, SMALL)) == 1


def test_the_rates_are_steady_then_fall_to_nothing():
    recipe = SMALL._replace(steady=0.5, warm_up=10)
    rates = [schedule(step, 1000, recipe) for step in range(1000)]
    assert rates[:10] == pytest.approx(np.arange(1, 11) / 10) and set(rates[10:501]) == {1.0}
    assert rates[750] == pytest.approx(0.5) and 0 < rates[999] < 1e-4
    assert np.all(np.diff(rates[500:]) < 0)


def test_the_distortion_of_the_eye_is_what_the_metric_says():
    """metrics.ms_ssim computes on whole samples, so the decoder's are rounded first."""
    photo = images.sample("chelsea")[:176, :192]
    x = torch.from_numpy(photo.copy()).permute(2, 0, 1)[None].float()
    x_hat = (x + 9 * torch.sin(torch.arange(192.0) / 3)).clamp(0, 255).round()
    lam, model = torch.tensor([0.01]), lambda x, lam: (x_hat, torch.tensor([1000.0]))
    with torch.autocast("cpu", torch.bfloat16):
        L, R, D = objective(model, x, lam, "ms-ssim")
    rounded = x_hat[0].permute(1, 2, 0).numpy().astype(np.uint8)
    expected = UNLIKE * (1 - metrics.ms_ssim(photo, rounded))
    assert D.item() == pytest.approx(expected, rel=1e-4)
    assert R.item() == pytest.approx(1000 / (176 * 192))
    assert L.item() == pytest.approx(R.item() + 0.01 * D.item())


def test_the_command_trains_for_the_eye_on_large_enough_pictures(monkeypatch):
    with pytest.raises(ValueError, match="no photograph of at least 192x192 pixels in photos"):
        learn("--distortion=ms-ssim")
    with pytest.raises(ValueError, match="calibrated by squared error"):
        learn("--distortion=ms-ssim", "--valid=others")
    fill("large", images.sample("chelsea")[:200, :200])
    monkeypatch.setattr(command, "EYE", QUICK._replace(crop=168, batch=1, distortion="ms-ssim"))
    learn("--distortion=ms-ssim", "--steps=1", photos="large")
    learn("--steps=1", photos="large", out="mse.safetensors")
    assert log_of()["distortion"] == "ms-ssim" and log_of("mse")["distortion"] == "mse"
    assert bytes_of("my.safetensors") != bytes_of("mse.safetensors")
    assert log_of()["step, L, R, D"][0][3] != log_of("mse")["step, L, R, D"][0][3]


def test_a_batch_without_a_slope_teaches_nothing_and_spoils_nothing(monkeypatch):
    """Of 0 ** 0.3, as in MS-SSIM, the slope is infinite."""

    def steep(model, x, lam, _):
        L = objective(model, x, lam)[0]
        return L + (0 * L) ** 0.3, L, L

    model = Model("factorized")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    monkeypatch.setattr("lic_teach.learned.train.objective", steep)
    assert len(list(train(model, [images.load("photos/a.png")], 2, SMALL))) == 2
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
