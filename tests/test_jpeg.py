"""The JPEG codec against Pillow (libjpeg-turbo), SciPy, and itself."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn
from skimage import data as photographs

from lic_teach import jpeg
from lic_teach.jpeg import transform

SUBSAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


def photograph(height=120, width=171):
    return photographs.astronaut()[100 : 100 + height, 150 : 150 + width]


def pillow_decode(data):
    return np.array(Image.open(io.BytesIO(data)))


def pillow_encode(image, **options):
    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", **options)
    return out.getvalue()


def psnr(x, x_hat):
    return 10 * np.log10(255**2 / np.mean((x.astype(float) - x_hat) ** 2))


def test_the_matrix_is_scipys_dct():
    block = np.random.default_rng(0).integers(0, 256, (8, 8))
    want = dctn(block - 128.0, norm="ortho").ravel()[transform.ZIGZAG]
    np.testing.assert_allclose(transform.forward(block.astype(np.float32))[0, 0], want, atol=1e-3)


@pytest.mark.parametrize("subsampling", SUBSAMPLING)
@pytest.mark.parametrize("quality", [5, 50, 75, 95])
def test_files_agree_with_pillow(quality, subsampling):
    image = photograph()
    data = jpeg.encode(image, quality, subsampling=subsampling)
    ours, theirs = jpeg.decode(data), pillow_decode(data)
    assert np.mean(np.abs(ours.astype(int) - theirs) <= 2) >= 0.999
    options = dict(quality=quality, subsampling=SUBSAMPLING[subsampling], optimize=True)
    reference = pillow_encode(image, **options)
    assert abs(psnr(image, theirs) - psnr(image, pillow_decode(reference))) < 0.1
    assert len(data) < 1.01 * len(reference)


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (9, 7), (17, 33), (1, 40), (40, 1)])
def test_every_size_and_grayscale(shape):
    rng = np.random.default_rng(1)
    for image in (
        rng.integers(0, 256, shape, np.uint8),
        rng.integers(0, 256, (*shape, 3), np.uint8),
    ):
        data = jpeg.encode(image, 90)
        ours, theirs = jpeg.decode(data), pillow_decode(data)
        assert ours.shape == theirs.shape == image.shape
        assert np.abs(ours.astype(int) - theirs).max() <= 3
