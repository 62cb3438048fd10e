"""Half precision: where the processor has it, and nowhere else. Oracle: torch's own dtypes."""

import numpy as np
import pytest
import torch

from lic_teach import half, images
from lic_teach.course.only_the_decoder import repair, training
from lic_teach.learned import train as learned
from lic_teach.learned.model import Model
from lic_teach.learned.train import QUICK, train

PHOTO = images.sample("chelsea")[:128, :128]
PROCESSORS = (
    ({"avx2": True, "avx512_bf16": True}, torch.bfloat16),
    ({"avx2": True, "avx512_f": True, "avx512_bf16": False}, torch.float32),
    ({"neon": True, "bf16": True}, torch.float32),  # not measured: the safe side
)


@pytest.fixture(params=PROCESSORS, ids=["with bfloat16", "without", "ARM"])
def expected(request, monkeypatch):
    """The type of a convolution's outputs on a processor like this."""
    capabilities, dtype = request.param
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    return dtype


def outputs_of(module):
    """A list that grows by the type of the module's outputs, whenever it is called."""
    seen = []
    module.register_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    return seen


def test_the_products_are_of_the_type_that_is_fast_here(expected):
    kernel, x = torch.ones(1, 1, 3, 3), torch.ones(1, 1, 4, 4)
    with half.autocast():
        assert torch.conv2d(x, kernel).dtype == expected
    with half.autocast("cpu", wanted=False):
        assert torch.conv2d(x, kernel).dtype == torch.float32


def test_what_is_no_processor_is_fast(monkeypatch):
    monkeypatch.setattr(half, "processor", lambda: False)
    monkeypatch.setattr(torch, "autocast", lambda kind, dtype, enabled: (kind, dtype, enabled))
    assert half.autocast("cuda:1") == ("cuda", torch.bfloat16, True)
    assert half.autocast("cuda:1", wanted=False) == ("cuda", torch.bfloat16, False)


def test_an_older_torch_that_cannot_say_computes_in_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not half.processor()


def test_the_network_of_lesson_11_trains_with_it_and_repairs_in_float32(expected):
    net = repair.Repair()
    seen = outputs_of(net.first)
    picture, coarse = repair.painted(training.jpg(PHOTO, 30))
    repair.apply(net, picture, coarse)
    assert seen == [torch.float32]
    known = training.pairs([PHOTO], [30])
    training.loss(net, *training.batch(known, np.random.default_rng(0), 1, 32)).backward()
    assert seen == [torch.float32, expected]


def test_the_codec_trains_with_it_and_ends_in_float32(expected, monkeypatch):
    monkeypatch.setattr(learned, "FULL_PRECISION", 0.5)
    model = Model()
    seen = outputs_of(next(m for m in model.g_s.modules() if isinstance(m, torch.nn.Conv2d)))
    list(train(model, [PHOTO], 2, QUICK._replace(half=True)))
    assert seen == [expected, torch.float32]
    list(train(model, [PHOTO], 1, QUICK))
    assert seen[2:] == [torch.float32]
