"""Image compression from JPEG to learned codecs, file for file.

Reading order. Each stage of `jpeg` has its twin in `learned`, under the same file name:

    images.py             pictures in and out
    metrics.py            what is measured: mse, psnr, ms_ssim, bpp, bd_rate
    bits.py               one bit after the other
    jpeg/color.py
    jpeg/transform.py     learned/transform.py     pixels <-> coefficients, latents
    jpeg/quantize.py      learned/quantize.py      where the loss happens
    jpeg/entropy.py       learned/entropy.py       numbers <-> bits
    jpeg/container.py     learned/container.py     bits <-> a file
    jpeg/optimize.py      learned/train.py         L = R + lam * D chooses the numbers
    jpeg/codec.py         learned/codec.py         the whole machine
    study/                rate-distortion curves over folders of pictures
    explorers/            the interactive figures of the lessons
    exercises/            the checks behind the exercises
"""
