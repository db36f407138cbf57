"""Fast paths: whole ops that PyTorch does in one kernel, with the ops' signatures.

Each answers NotImplemented where its kernel doesn't mean the same (integers, mixed dtypes, several
axes); the op's own body then runs, which stays the definition. The gain behind an entry stands
beside it: time of the body divided by that of the entry, 64x256 float32 on one CPU thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cornu import settings
from cornu.backends.torch.tensors import DTYPES
from cornu.graph.dtypes import standard_name

__all__ = ["FAST"]


def _tensor(x: Any) -> Any:
    """Return the tensor that `x` is or holds (a Variable), else None."""
    if isinstance(x, Tensor):
        return x
    read = getattr(x, "_cornu_read", None)
    value = read() if read is not None else None
    return value if isinstance(value, Tensor) else None


def _floating(x: Any) -> Any:
    x = _tensor(x)
    return x if x is not None and x.is_floating_point() else None


def _alike(*xs: Any) -> list[Tensor] | None:
    """Return the tensors of floating values of one dtype, else None."""
    tensors = [_floating(x) for x in xs]
    if any(t is None or t.dtype is not tensors[0].dtype for t in tensors):
        return None
    return tensors


def _unary(function: Callable[..., Tensor]) -> Callable[..., Any]:
    def run(x: Any) -> Any:
        tensor = _floating(x)
        return NotImplemented if tensor is None else function(tensor)

    return run


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """See `ops.leaky_relu`."""
    x = _floating(x)
    # F.leaky_relu has the other slope at zero.
    return NotImplemented if x is None else torch.where(x < 0, x * negative_slope, x)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """See `ops.elu`."""
    x = _floating(x)
    return NotImplemented if x is None else F.elu(x, alpha)


def gelu(x: Any, approximate: bool = True) -> Any:
    """See `ops.gelu`."""
    x = _floating(x)
    return NotImplemented if x is None else F.gelu(x, approximate="tanh" if approximate else "none")


def softmax(x: Any, axis: Any = -1) -> Any:
    """See `ops.softmax`."""
    x = _floating(x)
    if x is None or not isinstance(axis, int) or not -x.dim() <= axis < x.dim():
        return NotImplemented
    return torch.softmax(x, axis)


def log_softmax(x: Any, axis: Any = -1) -> Any:
    """See `ops.log_softmax`."""
    x = _floating(x)
    if x is None or not isinstance(axis, int) or not -x.dim() <= axis < x.dim():
        return NotImplemented
    return torch.log_softmax(x, axis)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """See `ops.mean`."""
    x = _floating(x)
    if x is None or not (axis is None or isinstance(axis, int)) or not x.numel():
        return NotImplemented
    if axis is not None and not -x.dim() <= axis < x.dim():
        return NotImplemented
    return torch.mean(x, axis, keepdims)


def layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Any:
    """See `ops.layer_normalization`."""
    x = _floating(x)
    if x is None or kwargs or axis not in (-1, x.dim() - 1, (-1,), [-1]):
        return NotImplemented
    size = x.shape[-1:]
    weights: list[Any] = []
    for w in (gamma, beta):
        weights.append(None if w is None else _floating(w))
        if w is not None and (_alike(x, w) is None or weights[-1].shape != size):
            return NotImplemented
    epsilon = settings.epsilon() if epsilon is None else epsilon
    return F.layer_norm(x, size, weights[0], weights[1], epsilon)


def one_hot(
    x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False
) -> Any:
    """See `ops.one_hot`."""
    x = _tensor(x)
    if x is None or x.dtype not in (torch.int32, torch.int64) or axis != -1 or sparse:
        return NotImplemented
    classes = torch.arange(num_classes, dtype=x.dtype, device=x.device)
    name = settings.floatx() if dtype is None else standard_name(dtype)
    return (x.unsqueeze(-1) == classes).to(DTYPES[name])


def dot_product_attention(
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
    """See `ops.dot_product_attention`."""
    found = _alike(query, key, value)
    unusual = flash_attention or attn_logits_soft_cap is not None
    if found is None or unusual or not _attends(*found):
        return NotImplemented
    q, k, v = (x.transpose(1, 2) for x in found)  # heads before time
    if is_causal and (bias is not None or mask is not None):
        return NotImplemented
    added = q.new_zeros(()) if bias is None else _floating(bias)
    if added is None or added.dtype is not q.dtype:
        return NotImplemented
    if mask is not None:
        mask = _tensor(mask)
        if mask is None or mask.dtype is not torch.bool:
            return NotImplemented
        # A query without any place to look at weighs all alike, and none of them by what it says.
        # Its scores are zero: the kernel's gradient is wrong where all are large and negative.
        sees = mask.any(-1, keepdim=True)
        q = torch.where(sees, q, 0.0)
        added = torch.where(mask, added, sees * q.new_tensor(-0.7 * torch.finfo(q.dtype).max))
    added = None if bias is None and mask is None else added
    y = F.scaled_dot_product_attention(q, k, v, added, is_causal=is_causal, scale=scale)
    return y.transpose(1, 2)


def _attends(query: Tensor, key: Tensor, value: Tensor) -> bool:
    """Say whether the shapes go together without groups of heads."""
    if not query.dim() == key.dim() == value.dim() == 4:
        return False
    if query.shape[0] != key.shape[0] or query.shape[2:] != key.shape[2:]:
        return False
    return bool(key.shape[:3] == value.shape[:3])


FAST: dict[str, Callable[..., Any]] = {
    "relu": _unary(torch.relu),  # 13
    "relu6": _unary(F.relu6),  # 24
    "silu": _unary(F.silu),  # 1.6
    "selu": _unary(F.selu),  # 4
    "log_sigmoid": _unary(F.logsigmoid),  # 2
    # Linear where the rest is below the rounding of float64.
    "softplus": _unary(lambda x: F.softplus(x, threshold=40.0)),  # 2
    "leaky_relu": leaky_relu,  # 3
    "elu": elu,  # 4
    "gelu": gelu,  # 3
    "softmax": softmax,  # 5
    "log_softmax": log_softmax,  # 6
    "mean": mean,  # 5
    "layer_normalization": layer_normalization,  # 11
    "one_hot": one_hot,  # 2
    "dot_product_attention": dot_product_attention,  # 1.3 to 5, the shorter the more
}
