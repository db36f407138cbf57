"""Abstract calls: first with unknown dimensions as symbols, else with two sets of sizes.

A layer of a user may need a size (`range(x.shape[1])`) where the input says None. Then it is
evaluated for two concrete sizes, and what agrees is known, what differs is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cornu import tree
from cornu.errors import UnknownDimension
from cornu.graph.dim import Dim, evaluate
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.spec import Spec
from cornu.graph.trace import Trace, Tracer, open_trace
from cornu.ops.op import as_tensor, symbolic
from cornu.state.masks import get_mask, set_mask

__all__ = ["with_known_sizes"]

_PROBES = (83, 89)  # primes, so that a size which depends on one shows itself

Call = Callable[[tuple[Any, ...], dict[str, Any]], Any]


def with_known_sizes(call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run `call` on abstract values for the KerasTensors; return KerasTensors of its results."""
    try:
        return _run(call, args, kwargs, None)
    except UnknownDimension:
        symbols = _symbols((args, kwargs))
        if not symbols:
            raise
        first, second = (
            _run(call, args, kwargs, {s: size + i for i, s in enumerate(symbols)})
            for size in _PROBES
        )
        return tree.map_structure(_merge, first, second)


def _symbols(structure: Any) -> list[Dim]:
    found: dict[Dim, None] = {}
    for x in tree.flatten(structure):
        if isinstance(x, KerasTensor):
            for d in x._cornu_spec.shape:
                if isinstance(d, Dim):
                    for atoms in d.terms:
                        for atom in atoms:
                            if atom.quotient is None:
                                found[Dim({(atom,): 1})] = None
    return list(found)


def _run(
    call: Call, args: tuple[Any, ...], kwargs: dict[str, Any], sizes: dict[Dim, int] | None
) -> Any:
    with open_trace(Trace()) as trace:
        entered: dict[int, Tracer] = {}

        def enter(x: Any) -> Any:
            if not isinstance(x, KerasTensor):
                return x
            known = entered.get(id(x))
            if known is None:
                spec = x._cornu_spec
                if sizes is not None:
                    spec = Spec(tuple(evaluate(d, sizes) for d in spec.shape), spec.dtype)
                known = entered[id(x)] = trace.input(spec)
                mask = get_mask(x)
                if mask is not None:
                    set_mask(known, enter(mask))
            return known

        def leave(x: Any) -> Any:
            if x is None or isinstance(x, (str, KerasTensor)):
                return x
            traced = x if isinstance(x, Tracer) else trace.lift(as_tensor(x))
            result = symbolic(traced._cornu_spec)
            mask = get_mask(x)
            if mask is not None:
                set_mask(result, leave(mask))
            return result

        entered_args, entered_kwargs = tree.map_structure(enter, (args, kwargs))
        return tree.map_structure(leave, call(entered_args, entered_kwargs))


def _merge(a: Any, b: Any) -> Any:
    if not isinstance(a, KerasTensor):
        return a
    shape = tuple(
        x if x == y else None for x, y in zip(a._cornu_spec.shape, b._cornu_spec.shape, strict=True)
    )
    return KerasTensor(shape, a.dtype)
