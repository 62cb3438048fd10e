"""What every test starts from: one thread, no screen, no deadlines; paths that may be absent."""

import os
import shutil
from pathlib import Path

# Before numpy and torch are imported: threads that wait for each other on a busy machine
# cost many times what they save.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest
from hypothesis import settings

settings.register_profile("course", deadline=None)  # no test is timed
settings.load_profile("course")


@pytest.fixture(scope="session")
def shared():
    """The folder of pictures and files too large to commit; tests that want it skip without.

    ../shared beside the checkout, or where LIC_TEACH_SHARED points.
    """
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("LIC_TEACH_SHARED", beside))
    if not folder.is_dir():
        pytest.skip("no folder ../shared with test pictures")
    return folder


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium browser. Without one a test skips here and fails in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    found = found or shutil.which("google-chrome")
    if not found and os.environ.get("CI"):
        pytest.fail("CI must have a Chromium browser: see .ci/run")
    if not found:
        pytest.skip("no Chromium browser on this machine")
    return found
