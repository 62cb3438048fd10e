"""Record the two trainings to scrub through: `python -m tools.record [OUT]`.

About a minute each on a quiet core; OUT is data/training.safetensors where it is not named.
"""

import sys

import torch

from lic_teach import images
from lic_teach.learned import live, record

if __name__ == "__main__":
    out = (sys.argv[1:2] or [record.FILE])[0]
    images.try_place(out)  # before the work, not after it
    torch.set_num_threads(1)
    photos, unseen = record.photographs(), images.sample(record.UNSEEN)
    histories = {}
    for start in record.STARTS:
        training = live.train_live(photos, record.LAM, start=start)
        for history in record.follow(training, unseen, record.LAM):
            print(start, history.moments[-1], *history.points[-1].round(3), flush=True)
        histories[start] = history
    record.save(histories, out)
