"""The learned codec as one network: what training changes and a weights file holds.

    x --g_a--> y --/step--> + noise or rounding --*step--> g_s --> x_hat
                                |
                                prior --> bits

Unlike jpeg, where tables are numbers in a standard, every stage here is an nn.Module with the
same loss L = R + lam * D. Lesson learned_codec. Balle et al. 2017.
"""

from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from lic_teach.images import write_atomic
from lic_teach.learned import entropy, quantize
from lic_teach.learned.exact import exact
from lic_teach.learned.hyperprior import Hyper
from lic_teach.learned.prior import Factorized, Fixed, Mixture, Visit
from lic_teach.learned.transform import CHANNELS, Analysis, Synthesis
from lic_teach.paths import DATA

DEFAULT = "context"
PRIORS = {  # the ladder: each step adds one idea to the one before
    "fixed": lambda: Fixed(CHANNELS),
    "factorized": lambda: Factorized(CHANNELS),
    "mixture": lambda: Mixture(CHANNELS),
    "hyper": lambda: Hyper(CHANNELS, context=False),
    "context": lambda: Hyper(CHANNELS, context=True),
}


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
    ) -> np.ndarray:
        """Let the exact prior visit all latents once: to write, read or count them.

        visit: see prior.py; y: float32 (128, h, w), or None to read; shape: of y; code: of
        lambda; first: what h_a sees instead of y. Returns y_hat in steps, float32 (128, h, w).
        """
        t = self.position(code)
        y, first = (
            x if x is None else torch.from_numpy(x)[None] / self.step(t.float()) for x in (y, first)
        )
        tables = self.coder_tables
        return self.exact_prior[0].code(visit, y, (1, *shape), t, tables, first)[0].numpy()

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
    model.__dict__.pop("name", None)  # as codec.py calls it: now it is another
    state = {k: v.half() if k.startswith("g_a.") else v for k, v in model.state_dict().items()}
    state = {k: v.contiguous() for k, v in state.items()}
    write_atomic(path, safetensors.torch.save(state, {"prior": model.kind}))


def shipped() -> list[str]:
    """Names of the models that come with the course, the best first: the ladder from its top."""
    return [
        name for name in reversed(PRIORS) if (DATA / "weights" / f"{name}.safetensors").exists()
    ]


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
    if not all(value.isfinite().all() for value in weights.values()):
        raise ValueError(f"{path}: weights that are no numbers: the training went astray")
    return prepare(model)


def read_tensors(path: str | Path) -> dict[str, torch.Tensor]:
    """A safetensors file, whatever is in it; OSError, or ValueError where it is none."""
    try:
        return safetensors.torch.load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path}: no safetensors file, or a damaged one ({error})") from error


def prepare(model: Model) -> Model:
    """Ready a trained model for files: eval mode, the exact prior and the range coder's tables."""
    model = model.eval().requires_grad_(False)
    model.g_s.to(memory_format=torch.channels_last)  # faster
    model.exact_prior = [exact(model.prior)]  # in a list: not a part of the network's own weights
    model.coder_tables = entropy.read_tables(model.tables.numpy())
    return model
