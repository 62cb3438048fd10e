"""What every test starts from: one thread, no screen, no deadlines, a browser or a clear word."""

import functools
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


@functools.cache
def browser_found():
    """Whether there is a Chromium: the system's, or the one that playwright can download."""
    if shutil.which("chromium") or shutil.which("google-chrome"):
        return True
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def pytest_runtest_setup(item):
    """Browser tests are skipped where there is no browser, except in CI, which must have one."""
    if item.get_closest_marker("browser") and not os.environ.get("CI") and not browser_found():
        pytest.skip("no Chromium: install it, or run `playwright install chromium`")
