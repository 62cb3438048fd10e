"""Recordings as files: scripts that a page loads by a plain <script>, pictures by <img>.

    Recording --write--> recordings/NAME.js, pictures/HASH.webp

Every picture is written once, as lossless WebP: the pixels are those of the live explorer.
Every other value is written once a recording, and a state is a list of their numbers. All that
is JSON, gzip and base64: a quarter of its size, and a browser unpacks it by itself.
"""

import base64
import gzip
import hashlib
import io
import json
from pathlib import Path

from PIL import Image

from lic_teach.site.record import Recording, type_of

EFFORT = {"lossless": True, "method": 4, "quality": 75}  # an eighth smaller than an explorer's


def write(recording: Recording, name: str, static: Path) -> str:
    """recordings/NAME.js, and the pictures that it needs, in the folder `static`.

    Returns the name: a lesson's second explorer of a kind gets another one.
    """
    text = json.dumps(content(recording, Values(static)), ensure_ascii=False, separators=(",", ":"))
    folder = static / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    while (folder / f"{name}.js").exists():
        name += "-more"
    packed = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    (folder / f"{name}.js").write_text(f'lic.recordings["{name}"] = "{packed}";\n')
    return name


def content(recording: Recording, values: "Values") -> dict:
    """What site.js reads: the boxes, all that is there at first, and of each state what varies."""
    moved = [recording.widgets.index(control.widget) for control in recording.controls]
    varying = [
        (i, trait)
        for i, first in enumerate(recording.start)
        for trait in first
        if i not in moved
        and any(
            state[i][trait] != first[trait]
            for state in (*recording.states, *recording.tries.values())
        )
    ]
    return {
        "tree": recording.tree,
        "kinds": [type_of(widget) for widget in recording.widgets],
        "start": [{k: values.number(v) for k, v in each.items()} for each in recording.start],
        "controls": [
            {"widget": i, "values": control.values, "step": control.step}
            for i, control in zip(moved, recording.controls, strict=True)
        ],
        "varying": varying,
        "states": [[values.number(state[i][k]) for i, k in varying] for state in recording.states],
        "tries": {
            words: {
                "controls": [state[i]["value"] for i in moved],
                "state": [values.number(state[i][k]) for i, k in varying],
            }
            for words, state in recording.tries.items()
        },
        "values": values.known,
    }


class Values:
    """Values of traits by number; pictures become files, and their addresses the values."""

    def __init__(self, static: Path):
        self.static = static
        self.known = []
        self._numbers = {}

    def number(self, value: object) -> int:
        """Where in `known` the value stands."""
        plain = self._plain(value)
        key = json.dumps(plain)
        if key not in self._numbers:
            self._numbers[key] = len(self.known)
            self.known.append(plain)
        return self._numbers[key]

    def _plain(self, value):
        if isinstance(value, bytes):
            return write_picture(value, self.static) if value else ""
        return [self._plain(each) for each in value] if isinstance(value, tuple | list) else value


def write_picture(data: bytes, static: Path) -> str:
    """A picture's bytes, WebP or PNG -> the address of a WebP file with the same pixels."""
    path = static / "pictures" / f"{hashlib.sha256(data).hexdigest()[:16]}.webp"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.open(io.BytesIO(data)).save(path, "WEBP", **EFFORT)
    return f"_static/pictures/{path.name}"
