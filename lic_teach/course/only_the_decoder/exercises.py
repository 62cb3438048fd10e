"""Checks: a convolution, the numbers of a layer, a coefficient kept in its bin."""

import numpy as np
from scipy.signal import convolve2d, correlate2d

from lic_teach.kit.checks import Wrong, checks, hint, knows, one_number

# --- 1 -----------------------------------------------------------------------------------

PLANE = np.random.default_rng(1).integers(0, 256, (6, 9)).astype(float)
KERNEL = np.array([[0.0, 1, 2], [-1, 0, 3], [-4, 0.5, 1]])


@knows(
    {
        "The kernel is turned round by half a turn. That is convolution in mathematics; networks "
        "lay the kernel on as it is.": lambda x, w: convolve2d(x, w, "valid"),
        "The kernel is transposed: its rows lie on the rows of x.": (
            lambda x, w: correlate2d(x, w.T, "valid")
        ),
        "That has a rim of zeros around it. Only where the kernel lies wholly on x.": (
            lambda x, w: correlate2d(x, w, "same")
        ),
        "There the kernel hangs over the rim, too. Only where it lies wholly on x.": [
            lambda x, w: correlate2d(x, w, "full"),
            lambda x, w: convolve2d(x, w, "full"),
        ],
        "That is a mean. A convolution is a sum.": (
            lambda x, w: correlate2d(x, w, "valid") / w.size
        ),
        "The sum of the samples under the kernel: where are the weights?": (
            lambda x, w: correlate2d(x, np.ones_like(w), "valid")
        ),
        "@ is a product of matrices. Here each sample meets the one weight that lies on it.": (
            lambda x, w: correlate2d(x, np.tile(w.sum(1), (len(w), 1)), "valid")
        ),
        "The kernel moves on by one sample, not by its own width.": (
            lambda x, w: correlate2d(x, w, "valid")[:: len(w), :: len(w)]
        ),
        "One row or column is missing: an array of n has n − k + 1 places for k.": [
            lambda x, w: correlate2d(x, w, "valid")[:-1, :-1],
            lambda x, w: correlate2d(x, w, "valid")[:-1],
            lambda x, w: correlate2d(x, w, "valid")[:, :-1],
        ],
    },
    otherwise="At each place: the samples under the kernel, times the kernel, added up.",
)
def convolve(answer):
    """answer: a function of x (H, W), w (k, k) -> (H - k + 1, W - k + 1)."""
    found, right = np.asarray(answer(PLANE, KERNEL)), correlate2d(PLANE, KERNEL, "valid")
    if found.shape != right.shape or not np.allclose(found, right):
        raise Wrong(_shape_or(hint(convolve, found, PLANE, KERNEL), convolve, found, right))
    other = PLANE[:5, :5], np.arange(25.0).reshape(5, 5)
    if not np.allclose(answer(*other), correlate2d(*other, "valid")):
        raise Wrong("Right for a kernel of 3 x 3, wrong for one of 5 x 5.")
    return "SciPy's correlate2d gives the same."


# --- 2 -----------------------------------------------------------------------------------

LAYERS = (12, 32, 3), (32, 32, 3), (32, 12, 5)


@knows(
    {
        "That is one kernel plane for each output. Each output looks at all inputs.": (
            lambda i, o, k: o * k * k + o
        ),
        "That is without the biases: one number more for each output.": (
            lambda i, o, k: i * o * k * k
        ),
        "One bias for each output, not for each input.": lambda i, o, k: i * o * k * k + i,
        "That is one bias in all. Each output has its own.": lambda i, o, k: i * o * k * k + 1,
        "One bias for each output, not for each pair of input and output.": (
            lambda i, o, k: i * o * (k * k + 1)
        ),
        "A kernel has k rows and k columns.": lambda i, o, k: i * o * k + o,
        "Where do the kernels' places come in?": lambda i, o, k: i * o + o,
    },
    otherwise="A kernel of k x k for each pair of input and output, and a bias for each output.",
)
def numbers(answer):
    """answer: a function of inputs, outputs, k -> how many numbers."""
    for layer in LAYERS:
        found = one_number(answer(*layer))
        if found != (layer[0] * layer[2] ** 2 + 1) * layer[1]:
            raise Wrong(f"numbers{layer} = {found:g}? " + hint(numbers, found, *layer))
    return "The picture's size does not come into it."


# --- 3 -----------------------------------------------------------------------------------

K, STEP = np.array([0, 0, 3, -2, 1.0]), 10.0
GUESS = np.array([-14.0, 2, 36, -22, 4])


@knows(
    {
        "The bin is one step wide: half a step to each side.": (
            lambda c, k, step: np.clip(c, (k - 1) * step, (k + 1) * step)
        ),
        "k is the nearest whole number: the bin reaches half a step below k · step, too.": (
            lambda c, k, step: np.clip(c, k * step, (k + 1) * step)
        ),
        "What lies outside goes to the nearer end of its bin, not to the middle.": (
            lambda c, k, step: np.where(np.abs(c - k * step) <= step / 2, c, k * step)
        ),
        "That is the middle of the bin, for all of them. What lies inside may stay.": (
            lambda c, k, step: k * step
        ),
        "That lets everything out: nothing has changed.": lambda c, k, step: c,
        "k counts steps: the middle of the bin is k · step.": (
            lambda c, k, step: np.clip(c, k - step / 2, k + step / 2)
        ),
        "Half a step is step / 2, not 1/2.": (
            lambda c, k, step: np.clip(c, k * step - 0.5, k * step + 0.5)
        ),
    },
    otherwise="Where c is below (k − ½) · step or above (k + ½) · step, take that bound.",
)
def into_bin(answer):
    """answer: a function of c, k, step -> c, no further from k * step than half a step."""
    found = np.asarray(answer(GUESS.copy(), K.copy(), STEP), float)
    right = np.clip(GUESS, (K - 0.5) * STEP, (K + 0.5) * STEP)
    if found.shape != right.shape or not np.allclose(found, right):
        raise Wrong(_shape_or(hint(into_bin, found, GUESS, K, STEP), into_bin, found, right))
    return "Quantized again, all five give the numbers of the file."


def _shape_or(said, exercise, found, right):
    """The hint, or, of a mistake that is not known and has another shape, the two shapes."""
    if said != exercise.otherwise or found.shape == right.shape:
        return said
    return f"Yours has the shape {found.shape}, {right.shape} is asked for. {said}"


check = checks(convolve, numbers, into_bin)
