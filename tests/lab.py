"""A JupyterLab of the tests' own, and a browser on it: lic_teach.bench.lab says how."""

from lic_teach.bench.lab import chromium, jupyterlab, open_notebook, run_all

__all__ = ["chromium", "jupyterlab", "open_notebook", "run_all", "set_theme"]


def set_theme(page, name):
    """ "JupyterLab Light" or "JupyterLab Dark"."""
    page.evaluate(
        f"window.jupyterapp.commands.execute('apputils:change-theme', {{theme: '{name}'}})"
    )
    page.wait_for_timeout(1500)
