"""Checks: a plan."""

from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows

RIGHT = {
    "pictures": "c",
    "chosen on": "b",
    "rate": "c",
    "quality": "b",
    "anchor": "c",
    "noise": "b",
}


@knows(
    {
        "The cat is one picture. What would another one say?": RIGHT | {"pictures": "a"},
        "Who chose the three? Nobody else can repeat that.": RIGHT | {"pictures": "b"},
        "What you tuned on the test pictures is fitted to them.": RIGHT | {"chosen on": "a"},
        "Pictures that the network learned by heart flatter it.": RIGHT | {"chosen on": "c"},
        "That is the rate of noisy latents. Nobody can store it (Noise for rounding).": RIGHT
        | {"rate": "a"},
        "Nearly right, and easy to get wrong. What can a sceptic measure?": RIGHT | {"rate": "b"},
        "One measure can be bought at the expense of another (The showdown).": RIGHT
        | {"quality": "a"},
        "Your eye knows what it wants to see. What can a reader compute again?": RIGHT
        | {"quality": "c"},
        "The same JPEG needs fewer bits with better settings. Which ones did you use?": RIGHT
        | {"anchor": "a"},
        "Another paper has other pictures, another colour space, another window.": RIGHT
        | {"anchor": "b"},
        "How do you know that it was not the seed?": RIGHT | {"noise": "a"},
        "The best of ten is a figure about luck.": RIGHT | {"noise": "c"},
    }
)
def plan(answer):
    """answer: a dict of letters."""
    if not isinstance(answer, dict) or set(answer) != set(RIGHT):
        raise Wrong("A dict with the keys " + ", ".join(RIGHT) + ".")
    letters = {key: str(value).strip().lower() for key, value in answer.items()}
    if not any(letters.values()):
        raise NotDone
    for key, letter in letters.items():
        if letter not in ("a", "b", "c"):
            raise Wrong(f"{key}: a, b or c, not {answer[key]!r}.")
    wrong = [key for key in RIGHT if letters[key] != RIGHT[key]]
    if wrong:
        rest = f" ({len(wrong)} of 6 need another thought.)" if len(wrong) > 1 else ""
        raise Wrong(f"{wrong[0]}: {hint(plan, RIGHT | {wrong[0]: letters[wrong[0]]})}{rest}")
    return "Such a figure can be believed, and repeated."


check = checks(plan)
