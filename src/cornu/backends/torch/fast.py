"""Fast paths: whole ops that PyTorch does in one kernel, with the ops' signatures.

Each answers NotImplemented where its kernel doesn't mean the same (integers, mixed dtypes, several
axes); the op's own body then runs, which stays the definition. The gain behind an entry stands
beside it: time of the body divided by that of the entry, 64x256 float32 on one CPU thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cornu import settings

__all__ = ["FAST"]


def _tensor(x: Any) -> Any:
    """Return the tensor that `x` is or holds (a Variable), else None."""
    if isinstance(x, Tensor):
        return x
    read = getattr(x, "_cornu_read", None)
    value = read() if read is not None else None
    return value if isinstance(value, Tensor) else None


def _floating(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let an entry have a floating tensor as its first argument."""

    @wraps(function)
    def run(x: Any, *args: Any, **kwargs: Any) -> Any:
        x = _tensor(x)
        if x is None or not x.is_floating_point():
            return NotImplemented
        return function(x, *args, **kwargs)

    return run


def _is_axis(x: Tensor, axis: Any) -> bool:
    return isinstance(axis, int) and -x.dim() <= axis < x.dim()


def _along(function: Callable[[Tensor, int], Tensor]) -> Callable[..., Any]:
    """Let an entry have a floating tensor and one axis of it."""

    def run(x: Any, axis: Any = -1) -> Any:
        if isinstance(axis, (list, tuple)) and len(axis) == 1:
            axis = axis[0]
        return function(x, axis) if _is_axis(x, axis) else NotImplemented

    return _floating(run)


def _alike(x: Tensor, *others: Any) -> list[Any] | None:
    """Return `x` and the others, which may be None, if they are tensors of its dtype."""
    found = [x, *(o if o is None else _tensor(o) for o in others)]
    given = [f for f, o in zip(found, (x, *others), strict=True) if o is not None]
    return found if all(f is not None and f.dtype is x.dtype for f in given) else None


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if not x.numel() or not (axis is None or _is_axis(x, axis)):
        return NotImplemented
    return torch.mean(x, axis, keepdims)


def _layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Any:
    found, size = _alike(x, gamma, beta), x.shape[-1:]
    if found is None or kwargs or axis not in (-1, x.dim() - 1, (-1,), [-1]):
        return NotImplemented
    if any(w is not None and w.shape != size for w in found[1:]):
        return NotImplemented
    epsilon = settings.epsilon() if epsilon is None else epsilon
    return F.layer_norm(x, size, found[1], found[2], epsilon)


def _dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    found = _alike(query, key, value, bias)
    unusual = flash_attention or attn_logits_soft_cap is not None
    masked = bias is not None or mask is not None
    if found is None or unusual or not _attends(*found[:3]) or (is_causal and masked):
        return NotImplemented
    q, k, v = (x.transpose(1, 2) for x in found[:3])  # heads before time
    added = found[3]
    if mask is not None:
        mask = _tensor(mask)
        if mask is None or mask.dtype is not torch.bool:
            return NotImplemented
        # A query without any place to look at weighs all alike, and none of them by what it says.
        # Its scores are zero: the kernel's gradient is wrong where all are large and negative.
        sees = mask.any(-1, keepdim=True)
        q = torch.where(sees, q, 0.0)
        least = sees * q.new_tensor(-0.7 * torch.finfo(q.dtype).max)
        added = torch.where(mask, q.new_zeros(()) if added is None else added, least)
    y = F.scaled_dot_product_attention(q, k, v, added, is_causal=is_causal, scale=scale)
    return y.transpose(1, 2)


def _attends(query: Tensor, key: Tensor, value: Tensor) -> bool:
    """Say whether the shapes go together without groups of heads."""
    if not query.dim() == key.dim() == value.dim() == 4:
        return False
    if query.shape[0] != key.shape[0] or query.shape[2:] != key.shape[2:]:
        return False
    return bool(key.shape[:3] == value.shape[:3])


_GELU = {True: "tanh", False: "none"}

FAST: dict[str, Callable[..., Any]] = {
    "relu": _floating(lambda x: torch.relu(x)),  # 13
    "relu6": _floating(lambda x: F.relu6(x)),  # 24
    "silu": _floating(lambda x: F.silu(x)),  # 1.6
    "selu": _floating(lambda x: F.selu(x)),  # 4
    "log_sigmoid": _floating(lambda x: F.logsigmoid(x)),  # 2
    # Linear where the rest is below the rounding of float64.
    "softplus": _floating(lambda x: F.softplus(x, threshold=40.0)),  # 2
    # F.leaky_relu has the other slope at zero.
    "leaky_relu": _floating(
        lambda x, negative_slope=0.2: torch.where(x < 0, x * negative_slope, x)
    ),  # 3
    "elu": _floating(lambda x, alpha=1.0: F.elu(x, alpha)),  # 4
    "gelu": _floating(lambda x, approximate=True: F.gelu(x, approximate=_GELU[approximate])),  # 3
    "softmax": _along(torch.softmax),  # 5
    "log_softmax": _along(torch.log_softmax),  # 6
    "mean": _floating(_mean),  # 5
    "layer_normalization": _floating(_layer_normalization),  # 11
    "dot_product_attention": _floating(_dot_product_attention),  # 1.3 to 5, the shorter the more
}
