"""Record the trainings of lesson learned_codec: `python -m tools.record [OUT [PARTS [PHOTOS]]]`.

    own_codec.train --follow--> OUT: two trainings to scrub through, from DCT and random
                    --with a part frozen, for each--> PARTS: rate and MSE on the cat and on PHOTOS

About a minute each on a quiet core, ten minutes in all. OUT is data/training.safetensors and PARTS
data/frozen_parts.json where they are not named. PHOTOS is a folder of photographs that no training
sees; without one PARTS holds the cat alone. It is written again after each run.
"""

import json
import sys

import torch

from lic_teach import images
from lic_teach.course.learned_codec import anchors, own_codec, parts
from lic_teach.kit.measured import by_lam, measured
from lic_teach.learned import record
from lic_teach.learned.batches import look_through


def follow(seen, unseen):
    """Both trainings to scrub through: {start: History}."""
    histories = {}
    for start in record.STARTS:
        training = own_codec.train(seen, start=start)
        for history in record.follow(training, unseen, own_codec.LAM, write=own_codec.code):
            print(start, history.moments[-1], *history.points[-1].round(3), flush=True)
        histories[start] = history
    return histories


def trainings(seen):
    """What is called what, and a training that is still to run."""
    for frozen in own_codec.FROZEN:
        yield frozen, own_codec.train(seen, frozen=frozen)
    yield parts.AGAIN, own_codec.train(seen, seed=parts.SEED)


def ends(seen, photos):
    """After each training, what is known so far: files of all photographs, by name of the run."""
    found = {parts.BY_LAM: [by_lam(photo, own_codec.LAM) for photo in photos]}
    for name, training in trainings(seen):
        *_, last = training
        files = [own_codec.code(last.model, photo) for photo in photos]
        found[name] = [
            measured(photo, own_codec.LAM, *file) for photo, file in zip(photos, files, strict=True)
        ]
        print(name, *found[name][0][2:5], flush=True)
        yield found


def saved(curves, coded):
    """Of each photograph the bits saved over a JPEG's at equal PSNR; None outside of its curve."""
    pairs = zip(curves, coded, strict=True)
    return [anchors.saved_bits(curve, one.bpp, one.psnr) for curve, one in pairs]


if __name__ == "__main__":
    out, where, folder = (sys.argv[1:] + [record.FILE, parts.FILE, None][len(sys.argv) - 1 :])[:3]
    images.try_place(out)  # before the work, not after it
    images.try_place(where)
    torch.set_num_threads(1)
    seen, unseen = record.photographs(), images.sample(record.UNSEEN)
    record.save(follow(seen, unseen), out)
    photos = {record.UNSEEN: unseen} | (look_through(folder)[0] if folder else {})
    curves = [
        [points(photo) for photo in photos.values()]
        for points in (anchors.jpeg_points, anchors.lam_points)
    ]
    about = {"steps": own_codec.STEPS, "lam": own_codec.LAM, "photographs": list(photos)}
    for found in ends(seen, photos.values()):
        whole = [saved(curve, found["nothing"]) for curve in curves]
        about["saved at equal PSNR"] = dict(zip(anchors.NAMES, whole, strict=True))
        about["bpp, mse"] = {name: [(c.bpp, c.mse) for c in its] for name, its in found.items()}
        images.write_atomic(where, json.dumps(about, indent=1).encode())
