"""The codec without bends: what is frozen stays nothing, and the rest learns."""

import numpy as np
import pytest
import torch

from lic_teach import images, learned
from lic_teach.learned import model as models
from lic_teach.learned.train import QUICK, train
from tools import linear


@pytest.fixture(scope="module")
def trained():
    """After a few steps: a Model ready for files."""
    model = linear.linear()
    list(train(model, [images.sample("chelsea")], 3, QUICK._replace(batch=1)))
    return models.prepare(model)


@torch.no_grad()
def test_analysis_and_synthesis_are_linear_and_have_learned(trained):
    """The middle of two inputs gives the middle of the two outputs."""
    fresh, step = linear.linear(), torch.ones(1, 128, 1, 1)
    for network, a, b in (
        (trained.g_a, *(255 * torch.rand(2, 1, 3, 64, 80))),
        (lambda y: trained.g_s(y, step), *(40 * torch.randn(2, 1, 128, 8, 9))),
    ):
        middle = (network(a) + network(b)) / 2
        torch.testing.assert_close(network((a + b) / 2), middle, rtol=1e-4, atol=1e-2)
    assert not torch.equal(trained.g_a.taps, fresh.g_a.taps)
    assert not torch.equal(trained.g_s.taps, fresh.g_s.taps)


def test_its_weights_are_read_and_its_files_hold_its_picture(trained, tmp_path):
    photo = images.sample("coffee")[:64, :96]
    models.save(trained, tmp_path / "linear.safetensors")
    again = learned.load(tmp_path / "linear.safetensors")
    y = learned.analyse(photo, again)
    data, x_hat = learned.encode_and_reconstruct(y, photo.shape[:2], again, 0.01)
    np.testing.assert_array_equal(learned.decode(data, again), x_hat)
