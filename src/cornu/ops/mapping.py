"""`vectorize`: a function of single elements made into one of arrays."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Shape, size
from cornu.graph.spec import Spec, shape_of, spec_of
from cornu.ops.loops import vectorized_map
from cornu.ops.op import Tensor, as_tensor
from cornu.primitives.rules import broadcast_shape
from cornu.primitives.shape import broadcast_to, reshape

__all__ = ["vectorize"]

_ONE = r"\(\s*(?:\w+\s*(?:,\s*\w+\s*)*)?\)"
_SIGNATURE = re.compile(rf"\s*{_ONE}\s*(?:,\s*{_ONE}\s*)*->\s*{_ONE}\s*(?:,\s*{_ONE}\s*)*")


def vectorize(
    pyfunc: Callable[..., Any],
    *,
    excluded: Sequence[int | str] | set[int | str] | None = None,
    signature: str | None = None,
) -> Callable[..., Any]:
    """Make a function of arrays of one that takes single elements, or small arrays.

    Args:
        pyfunc: The function.
        excluded: Numbers of positional arguments, and names of others, that are passed as a whole.
        signature: The axes that the function takes and returns, as "(n),(n)->()". None means that
            it takes and returns single elements.

    Returns:
        A function whose arguments broadcast, except for the axes in the signature. Arguments by
        name are always passed as a whole.

    Raises:
        ArgumentError: If the signature isn't one.

    Example:
        >>> vectorize(lambda a, b: a * b + 1)([1, 2], 3)
        Array([4, 7], dtype=int32)
    """
    whole = set(excluded or ())
    inputs = None if signature is None else _core_ranks(signature)

    @functools.wraps(pyfunc)
    def vectorized(*args: Any, **kwargs: Any) -> Any:
        taken = [i for i in range(len(args)) if i not in whole]
        ranks = [0] * len(taken) if inputs is None else inputs
        if len(ranks) != len(taken):
            raise ArgumentError(
                "vectorize", f"the signature has {len(ranks)} arguments, {len(taken)} are given"
            )
        arrays = [as_tensor(args[i]) for i in taken]
        loop, cores = _split_shapes(arrays, ranks)
        rows = [
            reshape(broadcast_to(x, shape=(*loop, *core)), shape=(size(loop), *core))
            for x, core in zip(arrays, cores, strict=True)
        ]

        def one(elements: Sequence[Tensor]) -> Any:
            mixed = list(args)
            for i, element in zip(taken, elements, strict=True):
                mixed[i] = element
            return pyfunc(*mixed, **kwargs)

        if not loop:
            return one([reshape(x, shape=core) for x, core in zip(arrays, cores, strict=True)])
        return _restored(vectorized_map(one, rows), loop)

    return vectorized


def _core_ranks(signature: str) -> list[int]:
    if not _SIGNATURE.fullmatch(signature):
        raise ArgumentError(
            "vectorize", 'a signature looks like "(m,n),(n)->(m)"', signature=signature
        )
    return [len(re.findall(r"\w+", one)) for one in re.findall(_ONE, signature.partition("->")[0])]


def _split_shapes(arrays: Sequence[Tensor], ranks: Sequence[int]) -> tuple[Shape, list[Shape]]:
    outer, cores = [], []
    for x, rank in zip(arrays, ranks, strict=True):
        dims = shape_of(x)
        if len(dims) < rank:
            raise ShapeError("vectorize", f"an argument needs {rank} axes", x=spec_of(x))
        outer.append(Spec(dims[: len(dims) - rank], "bool"))
        cores.append(dims[len(dims) - rank :])
    return (broadcast_shape("vectorize", *outer) if outer else ()), cores


def _restored(results: Any, loop: Shape) -> Any:
    if isinstance(results, (list, tuple)):
        return type(results)(_restored(r, loop) for r in results)
    return reshape(results, shape=(*loop, *shape_of(results)[1:]))
