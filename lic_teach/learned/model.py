"""The learned codec as one network: what training changes and a weights file holds.

    x --g_a--> y --/step--> + noise or rounding --*step--> g_s --> x_hat
                                |
                                prior --> bits

Unlike jpeg, where tables are numbers in a standard, every stage here is an nn.Module with the
same loss L = R + lam * D. Lesson learned_codec. Balle et al. 2017.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from lic_teach.images import write_atomic
from lic_teach.paths import DATA

from . import entropy, quantize
from .container import identity
from .exact import exact
from .hyperprior import Hyper
from .prior import Factorized, Fixed, Mixture, Visit
from .transform import CHANNELS, Analysis, Synthesis

DEFAULT = "hours"  # the prior "context", trained for many hours
EYE = "ms_ssim"  # the same, trained further for MS-SSIM
LINEAR = "linear"  # the ladder's "context" without the networks' blocks: tools/linear.py
PRIORS = {  # the ladder: each step adds one idea to the one before; all trained equally long
    "fixed": lambda: Fixed(CHANNELS),
    "factorized": lambda: Factorized(CHANNELS),
    "mixture": lambda: Mixture(CHANNELS),
    "hyper": lambda: Hyper(CHANNELS, context=False),
    "context": lambda: Hyper(CHANNELS, context=True),
}


class Exact(NamedTuple):
    """What encoder and decoder must have alike to the last bit, made of a model's weights."""

    prior: nn.Module  # in fixed point: exact.py
    tables: list[entropy.Table]  # the range coder's
    name: bytes  # the model's in its files: container.identity
    weights: dict[str, Tensor]  # a copy of what it was made of


class Model(nn.Module):
    """g_a, g_s, a step for each channel and lambda, and a prior.

    prior: a key of PRIORS. `lam_min`, `lam_max`: the range of lambda, in bpp per unit of squared
    error.
    """

    lam_min, lam_max = quantize.LAM_MIN, quantize.LAM_MAX

    def __init__(self, prior: str = "factorized"):
        super().__init__()
        self.kind = prior
        self.g_a = Analysis()
        self.log_step = nn.Parameter(quantize.high_rate_steps(CHANNELS))
        self.prior = PRIORS[prior]()
        self.g_s = Synthesis()
        self.register_buffer("tables", torch.from_numpy(entropy.make_tables()))
        self.register_buffer("shift", torch.zeros(quantize.OCTAVES + 1, dtype=torch.float64))
        self._exact = None  # see exact

    @torch.inference_mode(False)
    @torch.no_grad()
    def exact(self) -> Exact:
        """What files are coded with, of the weights as they are now.

        Made once, and again as soon as a weight is another, whoever changed it: every call compares
        them with a copy, in a millisecond. ValueError if they are not float32 on the CPU.
        """
        check_ready(self)
        weights = self.state_dict()
        if self._exact is None or not same(weights, self._exact.weights):
            prior, tables = exact(self.prior), entropy.read_tables(self.tables.numpy())
            copies = {key: value.clone() for key, value in weights.items()}
            self._exact = Exact(prior, tables, identity(weights), copies)
        return self._exact

    def __getstate__(self):
        """For copies and other processes, which make what is exact themselves."""
        return self.__dict__ | {"_exact": None}

    def step(self, t: Tensor) -> Tensor:
        """Size of a quantization step for each channel. t: (N,) -> (N, 128, 1, 1)."""
        return torch.exp(quantize.interpolate(self.log_step, t))

    def position(self, code: int) -> Tensor:
        """Where in its tables the model works for a file's lambda code: float64 (1,), exact.

        Trained with noise, a model spends a little more or less than the slope -lam asks for.
        `shift`, in octaves, is measured after training (calibrate.py) and puts that right.
        """
        t = torch.tensor([code / quantize.FINE], dtype=torch.float64)
        t = t + quantize.interpolate(self.shift[:, None], t).flatten()
        return t.clamp(0, quantize.OCTAVES)

    def walk(
        self,
        visit: Visit,
        y: np.ndarray | None,
        shape: tuple[int, int, int],
        code: int,
        first: np.ndarray | None = None,
        exact: Exact | None = None,
    ) -> np.ndarray:
        """Let the exact prior visit all latents once: to write, read or count them.

        visit: see prior.py; y: float32 (128, h, w), or None to read; shape: of y; code: of
        lambda; first: what h_a sees instead of y; exact: self.exact(), where the caller has it.
        Returns y_hat in steps, float32 (128, h, w).
        """
        prior, tables, *_ = exact or self.exact()
        t = self.position(code)
        y, first = (
            x if x is None else torch.from_numpy(x)[None] / self.step(t.float()) for x in (y, first)
        )
        return prior.code(visit, y, (1, *shape), t, tables, first)[0].numpy()

    def forward(self, x: Tensor, lam: Tensor) -> tuple[Tensor, Tensor]:
        """Training. x: float (N, 3, H, W), 0..255; lam: (N,). Returns x_hat, bits (N,).

        The bits are those of noisy latents; the reconstruction is that of rounded ones.
        """
        t = quantize.position(lam)
        step = self.step(t)
        rate, y_hat = self.prior(self.g_a(x) / step, t)
        return self.g_s(y_hat, step), rate


@torch.no_grad()
def save(model: Model, path: str | Path) -> None:
    """Write weights (safetensors) with the kind of prior as text.

    g_a, which no decoder runs, is rounded to float16, in the file and in the model itself.
    """
    for parameter in model.g_a.parameters():
        parameter.copy_(parameter.half())
    state = {k: v.half() if k.startswith("g_a.") else v for k, v in model.state_dict().items()}
    state = {k: v.contiguous() for k, v in state.items()}
    write_atomic(path, safetensors.torch.save(state, {"prior": model.kind}))


def shipped() -> list[str]:
    """Names of the models that come with the course: best, twin for the eye, ladder, no blocks."""
    names = DEFAULT, EYE, *reversed(PRIORS), LINEAR
    return [name for name in names if (DATA / "weights" / f"{name}.safetensors").exists()]


@torch.inference_mode(False)  # also for who decodes first and asks for gradients later
def load(name: str | Path | None = None) -> Model:
    """Read a shipped model by name, or any weights file by path; without a name the best shipped.

    Returns a Model in eval mode, ready for codec.encode and codec.decode.
    Raises ValueError if there is no such file, or one that holds no model of this codec.
    """
    path = DATA / "weights" / f"{name or DEFAULT}.safetensors"
    path = path if path.exists() else Path(str(name))
    if not path.is_file():
        raise ValueError(f"no weights {name!r}: shipped are {', '.join(shipped())}")
    try:
        with safe_open(path, "pt") as file:
            model = Model(file.metadata()["prior"])
            weights = {key: file.get_tensor(key) for key in file.keys()}
        model.load_state_dict(weights)
    except (SafetensorError, TypeError, KeyError, RuntimeError) as error:
        words = " ".join(str(error).split())
        raise ValueError(f"{path}: no weights of this codec, or damaged ones ({words})") from error
    check_numbers(weights, path)
    return prepare(model)


def check_numbers(weights: dict[str, Tensor], path: str | Path) -> None:
    """ValueError where a weight of a file is infinite or no number."""
    if not all(value.isfinite().all() for value in weights.values()):
        raise ValueError(f"{path}: weights that are no numbers: the training went astray")


def read_tensors(path: str | Path) -> dict[str, torch.Tensor]:
    """A safetensors file, whatever is in it; OSError, or ValueError where it is none."""
    try:
        return safetensors.torch.load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path}: no safetensors file, or a damaged one ({error})") from error


def prepare(model: Model) -> Model:
    """Ready a model for files, in place: float32 on the CPU, eval mode, what is exact made.

    A model that is trained further, or changed, is ready as long as it stays float32 on the CPU.
    """
    shift = model.shift.double()  # the one float64: its sums are exact
    model = model.float().cpu().eval().requires_grad_(False)
    model.shift = shift.cpu()
    model.g_s.to(memory_format=torch.channels_last)  # faster
    model.exact()
    return model


def check_ready(model: Model) -> None:
    """ValueError where a parameter is not float32 on the CPU, which files are made with."""
    for name, p in model.named_parameters():
        if p.dtype != torch.float32 or p.device.type != "cpu":
            kind = f"{str(p.dtype).removeprefix('torch.')} on {p.device}"
            raise ValueError(f"the model's {name} is {kind}: model.prepare makes it float32 on cpu")


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    """Whether two sets of weights are the same bits: float32 -0.0 is not 0.0, NaN is NaN."""
    whole = {2: torch.int16, 4: torch.int32, 8: torch.int64}
    return one.keys() == other.keys() and all(
        a.dtype == b.dtype and torch.equal(*(x.view(whole[x.element_size()]) for x in (a, b)))
        for a, b in ((value, other[key]) for key, value in one.items())
    )
