"""Our files in a browser: Chromium shows the same pixels that Pillow decodes.

Both read JPEG with libjpeg-turbo; the profile is forced to sRGB so that colours stay as they are.
"""

import base64
import io
import shutil

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import sync_playwright
from skimage import data as photographs

from lic_teach import jpeg

PHOTO = photographs.astronaut()[100:220, 150:321]
IMAGES = {"colour": PHOTO, "grey": PHOTO[..., 1], "odd size": PHOTO[:9, :33]}
KINDS = {
    "baseline": {},
    "progressive": dict(progressive=True),
    "restart": dict(restart_interval=5),
    "progressive, restart": dict(progressive=True, restart_interval=3),
    "4:4:4, standard tables": dict(subsampling="4:4:4", optimize=False),
    "4:2:2, progressive": dict(subsampling="4:2:2", progressive=True, comment=b"hello"),
}
READ_PIXELS = """async source => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return [canvas.height, canvas.width, Array.from(data)];
}"""


@pytest.fixture(scope="module")
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"),
                *("--no-first-run", "--disable-background-networking", "--disable-sync"),
                *("--disable-component-update", "--force-color-profile=srgb"),
            ],
        )
        yield browser.new_page()
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", IMAGES)
def test_chromium_decodes_what_pillow_decodes(page, name, kind):
    data = jpeg.encode(IMAGES[name], 80, **KINDS[kind])
    source = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    height, width, values = page.evaluate(READ_PIXELS, source)
    shown = np.array(values, np.uint8).reshape(height, width, 4)
    np.testing.assert_array_equal(shown[..., 3], 255)
    want = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
    np.testing.assert_array_equal(shown[..., :3], want)
