"""For nbval, as a plugin of pytest: a kernel that dies before its first word is started again.

jupyter_client looks for free ports, lets go of them, and tells the kernel which they are. What else
takes one in between, such as another run of the tests, ends that kernel. JupyterLab then starts one
on other ports; nbval by itself gives the lesson up.
"""

import functools

from nbval import kernel

TIMES = 3


def again(start):
    """A function that starts a kernel -> the same, called up to TIMES times where it raises."""

    @functools.wraps(start)
    def patiently(*arguments, **options):
        for _ in range(TIMES - 1):
            try:
                return start(*arguments, **options)
            except RuntimeError:
                continue
        return start(*arguments, **options)

    return patiently


kernel.start_new_kernel = again(kernel.start_new_kernel)
