"""Checks: two codecs of two papers, compared through the one anchor that both used."""

import numpy as np

from lic_teach.kit.checks import Wrong, checks, hint, knows, nearly, number
from lic_teach.kit.plots import minus

# a, b: BD-rates against one anchor, in percent. Both better, one worse, equal, far apart.
CASES = (-16.0, -20.5), (25.0, -20.0), (-40.0, -70.0), (-50.0, 50.0), (-30.0, -30.0)
OTHERWISE = "If the anchor takes 100 bits, how many does each of the two take?"


def truth(a, b):
    """Bits of b over those of a, in percent of a's."""
    return 100 * ((100 + b) / (100 + a) - 1)


@knows(
    {
        "Those are points, percent of the anchor's bits. The question asks for percent of a's.": [
            lambda a, b: b - a,
            lambda a, b: a - b,
        ],
        "That is a against b: whose bits are the 100 % here?": [
            lambda a, b: 100 * ((100 + a) / (100 + b) - 1),
            lambda a, b: 100 * (100 + a) / (100 + b),
            lambda a, b: (100 + a) / (100 + b) - 1,
            lambda a, b: (100 + a) / (100 + b),
        ],
        "You divide by b's bits. What is asked for are percent of a's.": (
            lambda a, b: 100 * (b - a) / (100 + b)
        ),
        "That is a share of 1. The answer is in percent, as a and b are.": (
            lambda a, b: (100 + b) / (100 + a) - 1
        ),
        "That many percent are left. How many more or fewer is that than 100?": (
            lambda a, b: 100 * (100 + b) / (100 + a)
        ),
        "100 % are all of a's bits: take off 100, not 1.": (
            lambda a, b: 100 * (100 + b) / (100 + a) - 1
        ),
        "That is how many times a's bits b takes. How many percent more or fewer is that?": (
            lambda a, b: (100 + b) / (100 + a)
        ),
        "With -20 % of 100 bits, are 80 left, or 120?": [
            lambda a, b: 100 * ((100 - b) / (100 - a) - 1),
            lambda a, b: 100 * (b - a) / (100 - a),
        ],
        "You compared the savings with each other. What is compared are the bits.": [
            lambda a, b: 100 * (b / a - 1),
            lambda a, b: 100 * b / a,
            lambda a, b: b / a,
        ],
        "a and b are in percent: where the anchor takes 1 bit, b takes 1 + b / 100.": (
            lambda a, b: 100 * ((1 + b) / (1 + a) - 1)
        ),
        "b saves its bits on the anchor's, not on what a has left. Of the anchor's 100 bits, "
        "how many does each of the two take?": [
            lambda a, b: a + b,
            lambda a, b: 100 * ((1 + a / 100) * (1 + b / 100) - 1),
        ],
        "That lies between the two. How far is it from the one to the other?": (
            lambda a, b: (a + b) / 2
        ),
        "That is 100 times a logarithm. A percentage comes near it where changes are small.": (
            lambda a, b: 100 * np.log((100 + b) / (100 + a))
        ),
        "The size is right. Fewer bits are negative, as in a and b.": (
            lambda a, b: -100 * ((100 + b) / (100 + a) - 1)
        ),
    }
)
def between(answer):
    """answer(a, b): two BD-rates in percent -> the BD-rate of b's codec against a's, in percent."""
    for case in CASES:
        found, right = number(answer(*case)), truth(*case)
        if abs(found - right) > 0.01:
            known = hint(between, found, *case, atol=0.01) or nearly(found, right)
            where = minus(f"For a = {case[0]:g} and b = {case[1]:g} you have {found:.4g} %. ")
            raise Wrong(where + (known or OTHERWISE))
    return "Two curves, one anchor, and no third figure needed."


check = checks(between)
