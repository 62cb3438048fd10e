"""bfloat16 for a network's products, on machines that multiply it themselves.

A bfloat16 is the upper half of a float32: its range, and 8 of its 24 binary digits. Processors with
the instructions avx512_bf16 train with it nearly twice as fast. Many laptops have none, and there
PyTorch takes a detour that is slower than float32: a step of `lic-teach train` five times, one of
lesson only_the_decoder ten times (2.13, one thread of a processor with AVX2; pytorch/pytorch issue
118499). They compute in float32.
"""

import torch


def autocast(device: str = "cpu", wanted: bool = True) -> torch.autocast:
    """A `with` inside which convolutions are bfloat16's: if that is wanted, and fast there.

    wanted: else all stays float32. Other devices than processors are taken to be fast.
    """
    kind = torch.device(device).type
    return torch.autocast(kind, torch.bfloat16, enabled=wanted and (kind != "cpu" or processor()))


def processor() -> bool:
    """Whether this computer's processor multiplies bfloat16 itself. An older PyTorch cannot say."""
    has = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(has.get("avx512_bf16", False))
