"""The table of the torch backend, and `run`, which calls its entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from cornu.backends.torch import (
    convolution,
    elementwise,
    indexing,
    linear,
    pooling,
    reduce,
    shape,
)
from cornu.backends.torch.control import control_table
from cornu.backends.torch.recording import call_noted
from cornu.backends.torch.tensors import DTYPES, operands, shared, to_native, to_numpy
from cornu.errors import CornuError
from cornu.graph.primitive import PRIMITIVES, Primitive, infer
from cornu.graph.spec import spec_of

__all__ = ["TABLE", "run"]

_TENSORS = frozenset((Tensor, torch.nn.Parameter))

# Operands after these many may stay Python numbers: read on the host, without waiting for a device.
_CONVERTED = {"pad": 1, "dynamic_slice": 1, "dynamic_update_slice": 2}

# PyTorch stores these dtypes but hardly calculates with them: int64 does, and is masked.
_WIDENED = {torch.uint16: 0xFFFF, torch.uint32: 0xFFFFFFFF}
_STORED = frozenset((*_WIDENED, torch.uint64))
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
    stored = {a.dtype for a in mixed if isinstance(a, Tensor)} & _STORED
    if not stored or name in _KEEP:
        return TABLE[name](*mixed, **attrs)
    if primitive.dynamic or torch.uint64 in stored:
        # No wider integer there is. Nothing of this has a gradient, so the reference may do it.
        result = primitive.reference(*map(to_numpy, mixed), **attrs)
        return tuple(map(to_native, result)) if primitive.multiple else to_native(result)
    specs = infer(primitive, mixed, attrs)
    wide = [a.long() if isinstance(a, Tensor) and a.dtype in _WIDENED else a for a in mixed]
    result = TABLE[name](*wide, **attrs)
    if primitive.multiple:
        return tuple(_narrowed(r, s.dtype) for r, s in zip(result, specs, strict=True))
    return _narrowed(result, specs.dtype)


def _narrowed(x: Tensor, dtype: str) -> Tensor:
    narrow = DTYPES[dtype]
    if narrow not in _WIDENED or x.dtype is not torch.int64:
        return x
    return (x & _WIDENED[narrow]).to(narrow)


def _random_words(key: Tensor, size: int) -> Tensor:
    # Those of the reference, whose memory the tensor takes over.
    return shared(PRIMITIVES["random_bits"].reference(to_numpy(key), size=size)).to(key.device)


TABLE: dict[str, Callable[..., Any]] = {
    **elementwise.TABLE,
    **reduce.TABLE,
    **shape.TABLE,
    **indexing.TABLE,
    **linear.TABLE,
    **convolution.TABLE,
    **pooling.TABLE,
    **control_table(run),
    "random_bits": lambda key, *, size: call_noted(_random_words, key, size),
}
