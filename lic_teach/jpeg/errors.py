"""What every refused JPEG file raises; its twin is LicError, in learned/container.py."""

from collections.abc import Iterator
from contextlib import contextmanager


class JpegError(ValueError):
    """A file that is no JPEG, is damaged, or is of a kind that this codec does not read.

    The message says what was found, what was expected, and at which byte of the file.
    """

    def __init__(self, message: str, offset: int | None = None):
        super().__init__(message if offset is None else f"at byte {offset}: {message}")
        self.offset = offset


class JpegWarning(UserWarning):
    """What was wrong with a file that was decoded as far as possible (strict=False), or what
    other programs will not do with a file that is written."""


@contextmanager
def errors_at(offset: int) -> Iterator[None]:
    """Adds the place in the file to a JpegError that does not know it."""
    try:
        yield
    except JpegError as error:
        raise error if error.offset is not None else JpegError(str(error), offset) from None
