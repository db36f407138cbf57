"""The table of the jax backend, and `run`, which calls its entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cornu.backends.jax import (
    convolution,
    elementwise,
    indexing,
    linear,
    pooling,
    random,
    reduce,
    shape,
)
from cornu.backends.jax.control import control_table
from cornu.backends.jax.tensors import operands
from cornu.errors import CornuError
from cornu.graph.primitive import Primitive
from cornu.graph.spec import spec_of

__all__ = ["TABLE", "run"]


def run(primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """Run a primitive on JAX arrays, NumPy arrays and scalars, of which any may be mixed.

    Where JAX refuses, the primitive's rule is asked first: it says what is wrong in our words.
    """
    try:
        result = TABLE[primitive.name](*operands(args), **attrs)
    except CornuError:
        raise
    except Exception:
        primitive.rule(*[spec_of(a) for a in args], **attrs)
        raise
    if any(0 in y.shape for y in (result if primitive.multiple else (result,))):
        # JAX answers with nothing to a window that is larger than its image, which isn't allowed.
        primitive.rule(*[spec_of(a) for a in args], **attrs)
    return result


TABLE: dict[str, Callable[..., Any]] = {
    **elementwise.TABLE,
    **reduce.TABLE,
    **shape.TABLE,
    **indexing.TABLE,
    **linear.TABLE,
    **convolution.TABLE,
    **pooling.TABLE,
    **random.TABLE,
    **control_table(run),
}
