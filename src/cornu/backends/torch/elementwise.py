"""Elementwise primitives on PyTorch; PyTorch broadcasts as NumPy does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from cornu.backends.torch.tensors import DTYPES

__all__ = ["TABLE"]


def _sign(x: Tensor) -> Tensor:
    # torch.sign(nan) is 0
    return torch.where(x.isnan(), x, x.sign()) if x.is_floating_point() else x.sign()


# Names on which the library agrees.
_SAME = """
    abs exp expm1 log log1p sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh
    asinh acosh atanh sigmoid erf erfinv lgamma digamma floor ceil round trunc logical_not
    bitwise_not add floor_divide remainder maximum minimum atan2 logical_and logical_or
    logical_xor bitwise_and bitwise_or bitwise_xor subtract multiply divide not_equal less
    less_equal greater greater_equal
"""

TABLE: dict[str, Callable[..., Any]] = {
    **{name: getattr(torch, name) for name in _SAME.split()},
    "negate": torch.neg,
    "sign": _sign,
    "is_finite": torch.isfinite,
    "is_nan": torch.isnan,
    "is_inf": torch.isinf,
    "power": torch.pow,
    "shift_left": torch.bitwise_left_shift,
    "shift_right": torch.bitwise_right_shift,
    "equal": torch.eq,
    "select": torch.where,
    "cast": lambda x, *, dtype: x.to(DTYPES[dtype]),
    "identity": lambda x: x,
    "stop_gradient": torch.Tensor.detach,
}
