"""A model is what its weights are: changed, copied, sent away, trained further."""

import copy
import hashlib
import io
import pickle
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest
import torch
from torch.nn.utils import parametrizations, prune

from lic_teach import images, learned
from lic_teach.learned import quantize
from lic_teach.learned.model import Model, load, prepare, save
from lic_teach.learned.refine import search
from lic_teach.learned.train import QUICK, train

LAM = 0.02
PHOTO = images.sample("rocket")[180:245, 300:390]
SMALL = QUICK._replace(crop=16, batch=1)
torch.set_num_threads(1)


def name_in(data):
    """The four bytes of a .lic file that name its model."""
    return data[5:9]


def name_of(model):
    """As container.py describes it, by hashlib alone."""
    weights = sorted(model.state_dict().items())
    parts = (name.encode() + value.detach().numpy().tobytes() for name, value in weights)
    return hashlib.sha256(b"".join(parts)).digest()[:4]


def by_data(model):
    model.prior.first[0].weight.data.mul_(1.1)  # .data: no version counter of torch's notices


def by_numpy(model):
    model.log_step.detach().numpy()[3] += 0.1


def by_loading(model):
    model.load_state_dict(Model("hyper").state_dict())


def by_assigning(model):
    torch.manual_seed(3)
    model.load_state_dict(Model("hyper").state_dict(), assign=True)


def by_one_step(model):
    model.requires_grad_(True)
    optimizer = torch.optim.SGD(model.g_s.parameters(), 1e-3)
    model(torch.full((1, 3, 16, 16), 90.0), torch.tensor([LAM]))[0].sum().backward()
    optimizer.step()


def by_half(model):
    prepare(model.half())


def by_bfloat16(model):
    prepare(model.to(torch.bfloat16))


def by_one_bit_of_g_a(model):
    model.g_a.taps.data.view(torch.int32)[0, 0, 0, 0] ^= 1


def by_its_shift(model):
    model.shift[2] += 1 / 1024


def by_its_tables(model):
    model.tables[:2] += torch.tensor([1, -1], dtype=torch.int32)


def by_a_part(model):
    model.prior.z = copy.deepcopy(model.prior.z)
    model.prior.z.scale.data += 0.1


def by_pruning(model):
    prune.l1_unstructured(model.prior.synthesis[0], "weight", amount=0.3)


def by_pruning_for_good(model):
    by_pruning(model)
    prune.remove(model.prior.synthesis[0], "weight")


def by_norm(model):
    parametrizations.weight_norm(model.g_s.blocks[0].mix)


CHANGES = {name: value for name, value in globals().items() if name.startswith("by_")}


@pytest.mark.parametrize("ready", [True, False], ids=["prepared", "not prepared"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_model_that_was_changed_has_another_name_and_other_tables(tmp_path, change, ready):
    """What it writes is what its weights, saved and loaded, write: nothing of before is left."""
    model = load("hyper")
    before = learned.encode(PHOTO, model, LAM)
    CHANGES[change](model)
    model = prepare(model) if ready else model
    data = learned.encode(PHOTO, model, LAM)
    assert name_in(data) == name_of(model) != name_in(before)
    y = learned.analyse(PHOTO, model)
    picture = learned.reconstruct(y, PHOTO.shape[:2], model, LAM)
    np.testing.assert_array_equal(learned.decode(data, model), picture)
    with pytest.raises(learned.LicError, match="load the model that wrote the file"):
        learned.decode(data, load("hyper"))
    with pytest.raises(learned.LicError, match="load the model that wrote the file"):
        learned.decode(before, model)
    if "norm" in change or change == "by_pruning":  # weights of other names: load knows them not
        return
    save(model, tmp_path / "changed.safetensors")
    again = load(tmp_path / "changed.safetensors")
    assert name_in(learned.encode(PHOTO, again, LAM)) == name_of(model)  # save rounds g_a in it too
    body = learned.encode_latents(y, PHOTO.shape[:2], again, LAM)[9:-4]
    assert body == data[9:-4]
    assert learned.estimate(y, again, LAM) == learned.estimate(y, model, LAM)


def test_estimates_and_the_search_know_a_change_too():
    model = load()
    y = learned.analyse(PHOTO, model)
    before = learned.estimate(y, model, LAM), learned.encode(PHOTO, model, LAM, refine=2)
    model.prior.first[0].bias.data += 0.3
    other = learned.estimate(y, model, LAM), learned.encode(PHOTO, model, LAM, refine=2)
    assert other[0] > before[0] and len(other[1]) > len(before[1])
    model.prior.first[0].bias.data -= 0.3
    fresh = Model("context")
    fresh.load_state_dict(model.state_dict())
    assert learned.encode(PHOTO, fresh, LAM, refine=2) == learned.encode(
        PHOTO, model, LAM, refine=2
    )


def test_a_change_taken_back_is_none():
    model = load("mixture")
    before = learned.encode(PHOTO, model, LAM)
    kept = model.prior.weight.clone()
    model.prior.weight.data.fill_(1)
    assert name_in(learned.encode(PHOTO, model, LAM)) != name_in(before)
    model.prior.weight.data.copy_(kept)
    assert learned.encode(PHOTO, model, LAM) == before
    assert learned.encode(PHOTO, prepare(model.double()), LAM) == before  # no digit is lost


def test_what_is_exact_is_made_once():
    """The figures stand on this: nothing is made again while nothing changes."""
    model = load("factorized")
    first = model.exact()
    learned.decode(learned.encode(PHOTO, model, LAM), model)
    prepare(model)
    assert model.exact() is first


def by_torch(model):
    file = io.BytesIO()
    torch.save(model, file)
    return torch.load(io.BytesIO(file.getvalue()), weights_only=False)


COPIES = {
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "torch.save": by_torch,
    "a worker": lambda model: pickle.loads(ForkingPickler.dumps(model)),
}


@pytest.mark.parametrize("way", COPIES)
def test_a_model_can_be_copied_and_sent(way):
    model = load()
    data = learned.encode(PHOTO, model, LAM)
    other = COPIES[way](model)
    assert learned.encode(PHOTO, other, LAM) == data
    np.testing.assert_array_equal(learned.decode(data, other), learned.decode(data, model))
    if way in ("deepcopy", "pickle", "torch.save"):  # the others share their weights
        other.log_step.data += 0.2
        assert learned.encode(PHOTO, model, LAM) == data != learned.encode(PHOTO, other, LAM)


@pytest.mark.parametrize("kind", ["fixed", "hyper"])
def test_a_loaded_model_can_be_trained_further(kind):
    model, before = load(kind), load(kind)
    data = learned.encode(PHOTO, model, LAM)
    for step, *_ in train(model, [PHOTO], 3, SMALL):
        while_training = learned.encode(PHOTO, model, LAM)  # to watch it does not stop it
        assert model.training and model.g_s.taps.requires_grad, step
    moved = {
        name for name, p in model.named_parameters() if not p.equal(before.get_parameter(name))
    }
    assert {"g_a.taps", "g_s.taps", "log_step"} <= moved
    assert any(name.startswith("prior") for name in moved) == (kind != "fixed")
    assert name_in(while_training) == name_of(model) != name_in(data)


def test_a_model_read_where_nothing_is_learned_can_learn_all_the_same():
    """Figures share one model, and some read it within torch.inference_mode()."""
    with torch.inference_mode():
        model = load()
    (_, before), (_, after) = search(PHOTO, learned.analyse(PHOTO, model), model, LAM, 1)
    assert after < before
    list(train(model, [PHOTO], 1, SMALL))
    assert not model.g_s.taps.equal(load().g_s.taps)


def test_what_was_frozen_by_hand_stays_frozen():
    model = load("factorized")
    model.g_s.requires_grad_(True)
    list(train(model, [PHOTO], 2, SMALL))
    assert not model.g_s.taps.equal(load("factorized").g_s.taps)
    assert model.g_a.taps.equal(load("factorized").g_a.taps)


@pytest.mark.parametrize("change", ["half", "bfloat16", "double", "a part", "meta"])
def test_a_model_that_is_not_float32_on_the_cpu_is_refused_in_words(change):
    model = load("factorized")
    data = learned.encode(PHOTO, model, LAM)
    y = learned.analyse(PHOTO, model)
    if change == "a part":
        model.g_s.smooth.half()
    elif change == "meta":
        model.to("meta")
    else:
        getattr(model, change)()
    works = (
        lambda: learned.encode(PHOTO, model, LAM),
        lambda: learned.decode(data, model),
        lambda: learned.analyse(PHOTO, model),
        lambda: learned.reconstruct(y, PHOTO.shape[:2], model, LAM),
        lambda: learned.estimate(y, model, LAM),
    )
    for work in works:
        with pytest.raises(ValueError, match="the model's .* is .* on .*: model.prepare makes it"):
            work()


def test_names_of_the_shipped_models_are_those_of_their_files():
    """Files of yesterday are read today."""
    for name in learned.shipped():
        model = load(name)
        assert model.exact().name == name_of(model)
        assert model.position(quantize.to_code(LAM)).dtype == torch.float64
