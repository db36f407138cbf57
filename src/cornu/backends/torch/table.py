"""The table of the torch backend, and `run`, which calls its entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from cornu.backends.torch import arrays, indexing, windows
from cornu.backends.torch.control import control_table
from cornu.backends.torch.random import random_bits
from cornu.backends.torch.recording import call_noted
from cornu.backends.torch.tensors import DTYPES, operands, shared, to_numpy
from cornu.errors import CornuError
from cornu.graph.primitive import Primitive
from cornu.graph.spec import spec_of

__all__ = ["TABLE", "run"]

_TENSORS = frozenset((Tensor, torch.nn.Parameter))

# Operands after these many may stay Python numbers: read on the host, without waiting for a device.
_CONVERTED = {"pad": 1, "dynamic_slice": 1, "dynamic_update_slice": 2}

# PyTorch stores these dtypes but hardly calculates with them.
_STORED = frozenset((torch.uint16, torch.uint32, torch.uint64))
_KEPT = """
    reshape transpose broadcast_to slice concatenate split stop_gradient identity dim_size
    cond while_loop scan custom_gradient random_bits
"""
_KEEP = frozenset(_KEPT.split())


def run(primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """Run a primitive on tensors, arrays and scalars, of which any may be mixed.

    Where PyTorch refuses, the primitive's rule is asked first: it says what is wrong in our words.
    """
    plain = True
    for a in args:  # isinstance is slow on tensors
        if a.__class__ not in _TENSORS or a.dtype in _STORED:
            plain = False
            break
    try:
        if plain:
            return TABLE[primitive.name](*args, **attrs)
        return _run_mixed(primitive, args, attrs)
    except CornuError:
        raise
    except Exception:
        primitive.rule(*[spec_of(a) for a in args], **attrs)
        raise


def _run_mixed(primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    name = primitive.name
    count = _CONVERTED.get(name, len(args))
    mixed = [*operands(args[:count]), *args[count:]]
    tensors = [a for a in mixed if isinstance(a, Tensor)]
    if name not in _KEEP and not _STORED.isdisjoint(a.dtype for a in tensors):
        if not any(a.is_floating_point() for a in tensors):
            return call_noted(_by_reference, primitive, attrs, *mixed)
        mixed = [a.long() if getattr(a, "dtype", None) in _STORED else a for a in mixed]
    return TABLE[name](*mixed, **attrs)


def _by_reference(primitive: Primitive, attrs: dict[str, Any], *args: Any) -> Any:
    """Run the reference, whose memory the result takes over. There is no gradient."""
    found = primitive.reference(*map(to_numpy, args), **attrs)
    device = args[0].device
    if primitive.multiple:
        return tuple(shared(x).to(device) for x in found)
    return shared(found).to(device)


def _sign(x: Tensor) -> Tensor:
    # torch.sign(nan) is 0
    return torch.where(x.isnan(), x, x.sign()) if x.is_floating_point() else x.sign()


# Elementwise names on which the library agrees. It broadcasts as NumPy does.
_AGREED = """
    abs exp expm1 log log1p sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh
    asinh acosh atanh sigmoid erf erfinv lgamma digamma floor ceil round trunc logical_not
    bitwise_not add floor_divide remainder maximum minimum atan2 logical_and logical_or
    logical_xor bitwise_and bitwise_or bitwise_xor subtract multiply divide not_equal less
    less_equal greater greater_equal
"""

TABLE: dict[str, Callable[..., Any]] = {
    **{name: getattr(torch, name) for name in _AGREED.split()},
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
    "stop_gradient": Tensor.detach,
    **arrays.TABLE,
    **indexing.TABLE,
    **windows.TABLE,
    **control_table(run),
    "random_bits": random_bits,
}
