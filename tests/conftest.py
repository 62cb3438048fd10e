"""What every test starts from: one thread, no screen, no deadlines, a browser or a clear word."""

import os

# Before numpy and torch are imported: threads that wait for each other on a busy machine
# cost many times what they save.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest
from hypothesis import settings

settings.register_profile("course", deadline=None)  # no test is timed
settings.load_profile("course")


def pytest_addoption(parser):
    parser.addoption("--weekly", action="store_true", help="with the tests that take a minute each")


def pytest_runtest_setup(item):
    """Weekly tests wait for --weekly. Browser tests are skipped where there is no browser, except
    in CI, which must have one."""
    if item.get_closest_marker("weekly") and not item.config.getoption("--weekly"):
        pytest.skip("runs with --weekly")
    if item.get_closest_marker("browser") and not os.environ.get("CI"):
        from tests.lab import no_browser

        if why := no_browser():
            pytest.skip(why)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A red test whose page is a fixture tells what it showed: a fixture does not hear of it."""
    report = yield
    if call.when == "call" and report.failed and item.get_closest_marker("browser"):
        from tests import lab

        if words := lab.told():
            report.sections.append(("browser", words))
    return report
