"""The words that set the figures: every button of every explorer, pressed; and their stills."""

import io
import re
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image

from lic_teach import course, images
from lic_teach.course.bend_or_look.cells import Cells
from lic_teach.course.dct.dct_builder import WITH_THE_KLT, DctBuilder
from lic_teach.course.why_the_prior_fits import small_codec
from lic_teach.course.why_the_prior_fits.small_codec import Prior
from tests.lessons import todays_codecs

KINDS = {kind.__name__: kind for kind in course.classes()}
# What an explorer sets by itself: the byte that a sabotage changed, its block, all of the scans.
FOLLOWS = {"ByteMicroscope": {"byte", "at", "scans"}}
PRESSES = [(name, words) for name, kind in KINDS.items() for words in kind.tries]


@pytest.fixture(scope="module")
def explorers():
    """name -> an explorer of that class, made when it is first asked for."""
    made = {}

    def explorer(name):
        if name not in made:
            more = [histories()] if name == "Fitting" else []
            made[name] = KINDS[name](*more)
        return made[name]

    return explorer


def histories():
    """As the lesson trains them."""
    return {
        "fixed N(0, 1)": small_codec.train(Prior()),
        "learned σ": small_codec.train(Prior(learned=True)),
    }


def press(ex, words):
    """As the button does, and what must be so after any press."""
    wanted = dict(ex.tries[words][0])
    ex._tries.pressed = words
    assert ex._tries.pressed == ""  # it can be pressed again
    image = wanted.pop("image", None)
    if image:
        assert ex._chooser.value == image
        assert ex.image.shape == images.sample(image).shape
    assert {key: ex.state[key] for key in wanted} == wanted
    rest = ex.state.keys() - wanted.keys() - FOLLOWS.get(type(ex).__name__, set())
    assert {key: ex.state[key] for key in rest} == {key: ex._first[key] for key in rest}
    assert "lic-error" not in ex.readout.value and ex.readout.summary
    assert not re.search(r"\b(nan|None)\b", ex.readout.value)


def test_every_explorer_has_tries():
    assert [name for name, kind in KINDS.items() if not kind.tries] == []


@pytest.mark.parametrize("name, words", PRESSES)
def test_a_press_sets_what_the_try_says_and_all_else_as_at_first(explorers, name, words):
    press(explorers(name), words)


@pytest.mark.parametrize(
    "ex",
    [
        lambda: DctBuilder(
            "coffee", at=(256, 360), basis="KLT of this picture", tries=WITH_THE_KLT
        ),
        lambda: Cells(transform=(lambda x: x, lambda y: y), name="none"),
    ],
)
def test_an_explorer_can_have_tries_of_its_own(ex):
    ex = ex()
    assert ex.tries and not set(ex.tries) & set(type(ex).tries)
    for words in ex.tries:
        assert words in ex._tries.value
        press(ex, words)


# What the folded words say, where the figure says it too: explorer, button, a pattern of its words.
CLAIMS = [
    ("Arrows", "λ = 0.01", r"balance best at λ = 0\.0(0[89]|1[01]?\b)"),
    ("Arrows", "the angles", r"g_a [\d. ;]+ ; (9|10|11|12)\d° .*steps [\d. ;]+ ; 1[5-7]\d°"),
    ("Arrows", "R alone", r"g_s has no gradient"),
    ("Arrows", "D alone", r"The prior has no gradient"),
    ("Arrows", "the way to the prior is cut", r"prior R 0\.\d+, .*g_s R none"),
    ("Arrows", "the way to the decoder is cut", r"steps R 0\.\d+, lambda D 0\.0"),
    ("Arrows", "an untrained codec", r"balance best at λ = 0\.03"),
    ("BeforeAfter", "quality 10", r"network 29\.4\d ; \+1\.0"),
    ("BeforeAfter", "quality 95", r"plain 41\.2\d .*network 41\.6\d ; \+0\.3"),
    ("BeforeAfter", "a file by λ", r"Laplace 31\.99 ; −0\.09 .*network 32\.5\d ; \+0\.4"),
    ("BeforeAfter", "the astronaut", r"network 31\.7\d ; \+1\.2"),
    pytest.param(
        *("BlindTest", "the astronaut", r"0 of 12 rounds .*two files of 8,0\d\d bytes"),
        marks=todays_codecs,
    ),
    ("BlindTest", "a learner who does not look", r"1 of 2 ; 1 of 2 ; 9 to 91 % ; 100 % .*No pair"),
    ("BlockBits", "the longest word", r"\(14, 1\), code word 1{10}00,"),
    ("BlockBits", "in the background", r"; 1[1-6] bits so far"),
    ("BlockBits", "quality 95", r"code words so far, bits 147 .*extra bits so far 103 "),
    ("Bottleneck", "4 latents", r"4 of 64 latents, step 16: .*25\.\d dB"),
    ("Bottleneck", "8 latents, step 8", r"27\.1 dB"),
    ("Bottleneck", "64 latents, step 53", r"11,7\d\d bytes, .*29\.7 dB"),
    ("Bottleneck", "8 latents, non-linear", r"12,[78]\d\d bytes, .*27\.6 dB"),
    ("BreakDecoder", "an error of 1e-7", r"in row [0-3] of 32"),
    ("BreakDecoder", "float, but tables", r"every latent is right"),
    ("BreakDecoder", "whole numbers", r"every latent is right"),
    ("ByteMicroscope", "the width, one bit", r"width: 195 pixels"),
    ("ByteMicroscope", "an extra bit", r"other than in the whole file 71\.0 %"),
    ("ByteMicroscope", "one bit", r"other than in the whole file 6\d\.\d %"),
    ("ByteMicroscope", "a restart marker is gone", r"restart marker RST2 where RST1 belongs"),
    ("ByteMicroscope", "other Huffman tables", r"bits that are no Huffman code"),
    ("ByteMicroscope", "one scan", r"13,224 bytes.* 1,773 "),
    ("Cells", "turned, not bent", r"y₁ and y₂ share 0\.6 ; 0\.6 "),
    ("Cells", "turned, and the coder looks", r"y₂ given y₁: these cells 14\.\d dB, KLT 14\.\d dB"),
    ("Cells", "2 bits, the coder looks", r"1\.[45] dB better"),
    ("Cells", "6 bits, the coder looks", r"0\.[56] dB worse"),
    ("Cells", "bent the wrong way", r"3\.\d dB worse"),
    ("Cells", "the coffee cup", r"3\.5 dB better"),
    ("Cells", "the astronaut", r"3\.[0-4] dB better"),
    ("Chroma", "chroma 8", r"30\.4 dB in RGB.* 75,0\d\d "),
    ("Chroma", "luma 0.75", r"30\.4 dB in RGB.* 75,8\d\d "),
    ("Chroma", "no Y", r"65 % smaller"),
    ("CodeLength", "σ = 1.58", r"2\.80 bits per latent, entropy 2\.42"),
    ("CodeLength", "channel 64, σ = 1", r"wastes, KL 1\.2"),
    ("CodeLength", "channel 1, σ = 1", r"28\d\.\d\d bits per latent"),
    ("CodeLength", "σ = 0.79", r"4\.0\d bits per latent"),
    ("CodecView", "λ = 0.0005", r"1\d\d of 128 channels silent"),
    ("DctBuilder", "20 of 64", r"20 of 64 kept"),
    ("Descent", "rate 0.01, 200 steps", r"along the valley 0\.073 ; 0\.999 "),
    ("Descent", "rate 0.376", r"−1\.081"),
    ("Descent", "rate 0.178", r"; 0\.015 .*; 0\.987 "),
    ("Duel", "λ = 0.0005", r"L is 4\d % lower"),
    ("Duel", "λ = 0.1", r"L is 3\d % lower"),
    ("Duel", "equal bits, λ = 0.01", r"(2\.9|3\.0)\d dB above"),
    ("Duel", "equal bits, the rocket", r"2\.3\d dB above"),
    ("Effort", "one pass", r"one pass: 3,\d\d\d bytes, .* 6,060 to decode"),
    ("Effort", "20 steps", r"JPEG by λ: \+\d\d\.\d %, JPEG: \+\d\d\.\d %"),
    ("Effort", "1,000 steps", r"2,670,000 multiplications .*one pass: \+1\d\.\d %"),
    ("Fitting", "before the training", r"3\.\d+ entropy \+ 6\.\d+ KL"),
    ("Fitting", "learned σ, before", r"step 0, coefficient 3: latents 3\.\d+ wide, prior 1\.00"),
    ("Fitting", "coefficient 1", r"latents [12]\.\d+ wide, prior 1\.00, .* 1\.\d+ KL"),
    ("Fitting", "λ = 0.1", r"latents 2\.\d+ wide, .* 1\.\d+ KL"),
    ("Fitting", "coefficient 50", r"0\.\d\d wide"),
    ("Fitting", "λ = 0.0000001", r"R = H \+ KL \(estimate\) 1\.385 ; 1\.385 "),
    ("Graph", "all the way back", r"−0\.7 \+ 0\.3 = −0\.4 ; −0\.4 "),
    ("Graph", "a₁ dark", r"; 0 \+ 0\.3 = 0\.3 ; 0\.3 "),
    ("Graph", "w below 0", r"gradients of the weights: w 0, v 0 "),
    ("Graph", "v = 0", r"gradients of the weights: w 0, v −2\.4 "),
    ("Graph", "h rounds", r"gradients of the weights: w 0, v −0\.5 "),
    ("HuffmanTree", "each half of the one before", r"1\.938 bits a symbol, entropy 1\.938"),
    ("HuffmanTree", "one takes nearly all", r"cost 6\d\d\.\d % more"),
    ("IntervalZoom", "one letter", r"narrows the interval by 0\.42 bits"),
    ("IntervalZoom", "all letters, P(B) = 95 %", r"Huffman: B 1 bit, A and C 2 30 "),
    ("IntervalZoom", "all B", r"certain bits none"),
    ("IntervalZoom", "all B, and C at the end", r"12 new bits are certain"),
    ("Lag", "lag 15", r"Prediction costs 0\.00 bits"),
    ("Lag", "shuffled", r"7\.02 bits.* 7\.54 after"),
    ("Lag", "the rocket", r"saves 3\.0\d bits"),
    ("Lag", "the real file", r"7\.02 ; 4\.80 .*6\.14 ; 4\.98 "),
    ("Overfitting", "step 1", r"15\.2 dB.* 0 of 87,376 latents are not 0"),
    ("Overfitting", "step 20", r"7,965 bytes, 189 of them networks, 28\.2 dB"),
    ("Overfitting", "the end", r"4,276 bytes, .*the finest level: 64 %"),
    ("Overfitting", "beside JPEG", r"4,276 bytes, .* 31\.0 dB"),
    ("Quantization", "quality 30, in the background", r"; [1-3] of 64"),
    ("Quantization", "quality 30, in the fur", r"; 13 of 64"),
    ("Quantization", "quality 10, at an edge", r"; 5 of 64"),
    ("Quantization", "half the steps", r"quality 75: "),
    ("Quantization", "quality 100", r"5\d % of all samples are exactly right"),
    ("Rounding", "σ = 0.5", r"Training pays for 0\.013 bits"),
    ("Rounding", "a mean of 0.5", r"1\.000 bits rounded.* 0\.1304 rounded"),
    ("Rounding", "σ = 1", r"2\.105 bits rounded, 2\.105 with noise"),
    ("Showdown", "learned beside a JPEG of its size", r"file, bytes (2,\d\d\d|1,9\d\d) ; 2,099 "),
    ("Showdown", "the smallest JPEG by λ", r"file, bytes 1,660 "),
    ("Showdown", "MS-SSIM", r"MS-SSIM 0\.97\d"),
    pytest.param(
        *("Showdown", "the rocket, without heads", r"1,893 .*before the first coded byte 275 "),
        marks=todays_codecs,
    ),
    ("Tables", "λ = 0.1", r"luma steps 9 to 15,.* 27\.\d % fewer"),
    ("Tables", "the rocket", r"2[56]\.\d % fewer"),
    ("Texture", "half", r"PSNR \(RGB\), dB 28\.55 ; 28\.06 "),
    ("Texture", "all of it, beside the original", r"detail, of the original's 8 % ; 88 % "),
    ("Texture", "the rocket", r"D, MSE 11\d\.\d ; 16\d\.\d .*distance of detail 0\.42 ; 0\.95 "),
    ("Tangent", "λ = 0.003", r"chroma 4:2:0 ; 4:2:0 ; 4:2:0 "),
    ("Tangent", "λ = 0.01", r"chroma 4:2:0 ; 4:2:0 ; 4:4:4 "),
    ("Tangent", "λ = 0.03", r"chroma 4:4:4 ; 4:2:0 ; 4:4:4 "),
    ("TrellisPath", "λ = 0.1", r"78 bits rounded, 78 bits chosen.* 0 of 13 fell"),
    ("TrellisPath", "λ = 0.012", r"78 bits rounded, 38 bits chosen.* 8 of 13 fell"),
    ("TrellisPath", "λ = 0.005", r"35 bits chosen.* 8 of 13 fell to zero, 1 became smaller"),
    ("TrellisPath", "a busy block", r"9 of 33 fell"),
    ("Thinking", "no thinking", r"0 steps of thinking: .* L 0\.0 % lower"),
    ("Thinking", "the map", r"\d latents are rounded the other way"),
    ("Thinking", "before and after", r"−\d\.\d % .*\+0\.\d\d"),
    ("Thinking", "λ = 0.05", r"L \d\.\d % lower"),
    ("Training", "the first step", r"14 % more bits than JPEG takes.* 33\.2 "),
    ("Training", "step 400", r"400 steps.* 6 % fewer bits than JPEG by λ"),
    ("Training", "from random numbers", r"30\.8 dB\. 6 % more bits than JPEG takes"),
    ("Traversal", "latent 1", r"latent 1 of 8 moved by \+3\.0"),
    ("Traversal", "latent 2", r"latent 2 of 8 moved by \+3\.0"),
    ("Traversal", "latent 3", r"latent 3 of 8 moved by \+3\.0"),
    ("Traversal", "latent 8, linear", r"everywhere to 100 %"),
    ("Traversal", "latent 8, non-linear", r"everywhere to (7|8)\d %"),
]


@pytest.mark.parametrize("name, words, pattern", CLAIMS)
def test_what_there_is_to_see_is_to_be_seen(explorers, name, words, pattern):
    ex = explorers(name)
    ex.press(words)
    said = re.sub("<[^>]+>", " ", ex.readout.value.replace("</td>", " ; "))
    assert re.search(pattern, f"{ex.readout.summary} | {' '.join(said.split())}")


@pytest.mark.parametrize("name", KINDS)
def test_a_still_is_small_and_legible_and_the_same_on_two_runs(explorers, name):
    explorer = explorers(name)
    files = [b64decode(explorer._repr_mimebundle_()["image/png"]) for _ in range(2)]
    assert files[0] == files[1] and len(files[0]) <= 200_000
    picture = Image.open(io.BytesIO(files[0]))
    image = np.array(picture.convert("RGB"))
    assert picture.format == "PNG" and 850 < image.shape[1] < 960 and image.shape[0] > 300
    assert (image[[0, -1]] == 255).all() and (image[:, [0, -1]] == 255).all()  # nothing is cut off
