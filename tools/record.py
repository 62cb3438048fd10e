"""Record the trainings of lesson learned_codec: `python -m tools.record [OUT [PARTS [PHOTOS]]]`.

    own_codec.train --follow--> OUT: two trainings to scrub through, from DCT and random
                    --with a part frozen, for each--> PARTS: where it ends on the cat and on PHOTOS

About a minute each on a quiet core, nine minutes in all. OUT is data/training.safetensors and PARTS
data/frozen_parts.json where they are not named. PHOTOS is a folder of photographs that no training
sees; without one PARTS holds the cat alone. It is written again after each run.
"""

import json
import sys

import torch

from lic_teach import images
from lic_teach.course.learned_codec import anchors, own_codec, parts
from lic_teach.learned import record
from lic_teach.learned.batches import look_through


def ends(codec, photos, curves):
    """Where a codec stands -> for each photograph its rate over that of both JPEGs, less 1."""
    found = []
    for name, photo in photos.items():
        bits, x_hat = own_codec.estimate(codec, photo)
        found.append(parts.against(curves[name], photo, bits, x_hat))
    return found


if __name__ == "__main__":
    out, where, folder = (sys.argv[1:] + [record.FILE, parts.FILE, None][len(sys.argv) - 1 :])[:3]
    images.try_place(out)  # before the work, not after it
    images.try_place(where)
    torch.set_num_threads(1)
    seen, unseen = record.photographs(), images.sample(record.UNSEEN)
    photos = {record.UNSEEN: unseen} | (look_through(folder)[0] if folder else {})
    curves = {n: [anchors.jpeg_points(p), anchors.lam_points(p)] for n, p in photos.items()}
    histories, runs = {}, {}
    for start in record.STARTS:
        training = own_codec.train(seen, start=start)
        for history in record.follow(training, unseen, own_codec.LAM, write=own_codec.code):
            print(start, history.moments[-1], *history.points[-1].round(3), flush=True)
        histories[start] = history
    record.save(histories, out)
    for frozen in own_codec.FROZEN:
        *_, last = own_codec.train(seen, frozen=frozen)
        data, x_hat = own_codec.code(last.model, unseen)
        cat = parts.stands(unseen, data, x_hat)
        runs[frozen] = {"cat": cat, "photographs": ends(last.model, photos, curves)}
        print(frozen, cat, flush=True)
        about = {"steps": own_codec.STEPS, "lam": own_codec.LAM, "photographs": list(photos)}
        images.write_atomic(where, json.dumps(about | {"runs": runs}, indent=1).encode())
