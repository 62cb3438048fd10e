"""Image compression from JPEG to learned codecs, file for file.

Reading order. Each stage of `jpeg` has its twin in `learned`:

    images.py               pictures in and out
    metrics.py              what is measured: mse, psnr, ms_ssim, bpp, bd_rate
    jpeg/color.py                                   RGB <-> YCbCr, chroma at half size
    jpeg/transform.py       learned/transform.py    pixels <-> coefficients, latents
    jpeg/quantize.py        learned/quantize.py     where the loss happens
    jpeg/symbols.py         learned/prior.py        what is likely
    jpeg/huffman.py         learned/entropy.py      numbers <-> bits
    jpeg/bitstream.py                               one bit after the other
    jpeg/progressive.py                             the same coefficients, coarse before fine
    jpeg/container.py       learned/container.py    bits <-> a file
    jpeg/codec.py           learned/codec.py        the whole machine
                            learned/rate.py         where the bits will go, without a file
    jpeg/trace.py           learned/anatomy.py      where the bits of a picture went
    jpeg/learn.py           learned/train.py        L = R + lam * D chooses the tables, the networks
    jpeg/optimize.py                                ... and the coefficients of one picture
    jpeg/targets.py                                 what they should be
    jpeg/trellis.py         learned/refine.py       which are worth it, on this one picture
    files.py                files of both codecs, by name and by content
    study/                  rate-distortion curves over folders of pictures
    report/                 one picture by all codecs, as a page
    explorers/              the interactive figures of the lessons
    exercises/              the checks behind the exercises
    site/                   the course as pages whose sliders move without Python
    bench/                  how long the codec and the figures take
"""
