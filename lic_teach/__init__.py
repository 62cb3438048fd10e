"""Image compression from JPEG to learned codecs, file for file.

Reading order. Each stage of `jpeg` has its twin in `learned`:

    paths.py                where the data and the lessons lie
    images.py               pictures in and out
    profiles.py             what the numbers in a picture's file mean
    metrics.py              what is measured: mse, psnr, ms_ssim, bpp, bd_rate
    bits.py                 bits, one after the other, in slow motion
    jpeg/codec.py           learned/codec.py        the whole machine: start here, come back
    jpeg/color.py                                   RGB <-> YCbCr, chroma at half size
    jpeg/transform.py       learned/transform.py    pixels <-> coefficients, latents
    jpeg/sparse.py                                  which of them are not zero
    jpeg/quantize.py        learned/quantize.py     where the loss happens
    jpeg/frame.py                                   which blocks there are, in which order
    jpeg/symbols.py         learned/prior.py        what is likely
                            learned/hyperprior.py   ... at this place, beside these neighbours
                            learned/exact.py        the same numbers on every machine
    jpeg/huffman.py         learned/entropy.py      numbers <-> bits
    compiled.py             which loops numba compiles, and keeps
    fingerprint.py          ... until what they were made from changes
    jpeg/bitstream.py                               one bit after the other
    jpeg/progressive.py                             the same coefficients, coarse before fine
    jpeg/arithmetic.py                              the other coder: yes or no, for less than a bit
    jpeg/decisions.py                               what it is asked
    jpeg/corrections.py                             ... coarse before fine
    jpeg/adaptive.py                                ... for one scan
    jpeg/scan.py                                    all of that, for one scan
    jpeg/markers.py                                 the bytes that say what comes
    jpeg/segments.py                                what stands behind each of them
    jpeg/restarts.py                                which bytes belong to which blocks
    jpeg/container.py       learned/container.py    bits <-> a file
    jpeg/lossy.py                                   the half that loses: image <-> coefficients
    jpeg/lossless.py                                the half that does not: coefficients <-> file
    jpeg/smooth.py                                  what an unfinished file has not said yet
    jpeg/errors.py                                  what a refused file raises
    jpeg/arguments.py                               ... and a wrong argument
                            learned/model.py        the stages as one network, and its weights
                            learned/rate.py         where the bits will go, without a file
    jpeg/describe.py                                what each byte of a file says
    jpeg/trace.py           learned/anatomy.py      where the bits of a picture went
    jpeg/learn.py           learned/train.py        L = R + lam * D chooses the tables, the networks
                            learned/batches.py      ... from these pieces of photographs
                            learned/checkpoint.py   ... and goes on when interrupted
                            learned/command.py      ... by hand, and nobody's hours are lost
                            learned/calibrate.py    which lambda a trained table stands for
                            learned/live.py         a training to watch
                            learned/record.py       ... written down
    jpeg/optimize.py                                tables and coefficients of one picture
    jpeg/targets.py                                 what the coefficients should be
    jpeg/apart.py                                   the scans of its file
    jpeg/eye.py                                     what an error counts where it is seen
    jpeg/trellis.py         learned/refine.py       which are worth it, on this one picture
    jpeg/wagers.py                                  ... where the arithmetic coder reckons
    overfit/codec.py        the third and smallest: a decoder for one picture, sent along with it
    overfit/transform.py    latents of seven sizes -> pixels
    overfit/quantize.py     ... and weights, whole
    overfit/entropy.py      what the neighbours say, the range coder in slow motion
    overfit/container.py    ... in a file
    overfit/fit.py          the search that stands for an analysis
    half.py                 bfloat16 for networks, where a processor multiplies it
    files.py                files of all codecs, by name and by content
    study/                  rate-distortion curves over folders of pictures
    kit/                    what every lesson's room stands on: Explorer, controls, checks
    course/                 one room a lesson: its figures, its exercises, what it builds
    report/                 one picture by all codecs, as a page
    site/                   the course as pages whose sliders move without Python
    contents.py             the list of lessons, made from their folder
    notebooks.py            lessons as text, executed
    students.py             lessons without their solutions
    cli.py                  the command line
"""
