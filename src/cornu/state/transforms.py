"""`grad`, `value_and_grad` and `jit`: transforms of functions that may read and write state."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from cornu import tree
from cornu.backends import current
from cornu.errors import ArgumentError, GradientError
from cornu.graph import effects
from cornu.graph.backend import Compiled
from cornu.graph.dtypes import is_float
from cornu.graph.primitive import HANDLERS
from cornu.graph.spec import Spec, shape_of, spec_of
from cornu.graph.trace import current_trace
from cornu.ops.op import as_tensor, dtype_of
from cornu.state.frozen_draws import warn_of_frozen_draws, watching_draws
from cornu.state.leaks import noting_calls, raise_for_leaks
from cornu.state.masks import get_mask, set_mask
from cornu.state.variable import Variable, autocast_dtype

__all__ = ["grad", "jit", "value_and_grad"]


def value_and_grad(
    f: Callable[..., Any], wrt: Any = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value of `f` and its gradient.

    `f` may read and write Variables, draw random numbers, update metrics and call layers; what it
    writes is in effect afterwards. Gradients of gradients work, here and inside `jit` and `fit`.

    Args:
        f: A function to a scalar, or to `(scalar, aux)` with `has_aux`.
        wrt: What to differentiate with respect to: the index of an argument (an array or a nested
            structure of arrays), a Variable, or a list or tuple of Variables.
        has_aux: Whether `f` returns something besides the scalar.

    Returns:
        A function of the same arguments to `(value, gradient)`, or `((value, aux), gradient)`. The
        gradient has the structure of `wrt`; None for a Variable that the value doesn't depend on.

    Raises:
        ValueError: If `f` doesn't return a scalar.

    Example:
        >>> import cornu
        >>> value, slope = cornu.value_and_grad(lambda x: x**2 + 1.0)(3.0)
        >>> float(value), float(slope)
        (10.0, 6.0)
    """
    if isinstance(wrt, bool) or not isinstance(wrt, (int, Variable, list, tuple)):
        raise ArgumentError(
            "value_and_grad",
            "`wrt` must be the index of an argument, a Variable or a list of Variables",
            wrt=wrt,
        )

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return _differentiate(f, wrt, has_aux, args, kwargs)

    return call


def grad(f: Callable[..., Any], wrt: Any = 0) -> Callable[..., Any]:
    """Return a function that gives the gradient of the scalar function `f`.

    Args:
        f: A function to a scalar.
        wrt: What to differentiate with respect to, as for `value_and_grad`.

    Returns:
        A function of the same arguments to the gradient, in the structure of `wrt`.

    Example:
        >>> import cornu
        >>> second = cornu.grad(cornu.grad(lambda x: x**3))
        >>> float(second(2.0))
        12.0
    """
    both = value_and_grad(f, wrt)

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return call


def _differentiate(
    f: Callable[..., Any], wrt: Any, has_aux: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Any]:
    backend = current("grad")
    variables: list[Variable] = []
    index = -1
    if isinstance(wrt, int):
        index = wrt if wrt >= 0 else len(args) + wrt
        if not 0 <= index < len(args):
            raise ArgumentError("grad", f"there is no argument {wrt} among {len(args)}")
        leaves = [as_tensor(x) for x in tree.flatten(args[index])]
        for leaf in leaves:
            if not is_float(dtype_of(leaf)):
                raise ArgumentError("grad", "only floating values have a gradient", argument=leaf)
    else:
        variables = [wrt] if isinstance(wrt, Variable) else list(wrt)
        for v in variables:
            if not isinstance(v, Variable):
                raise ArgumentError("grad", "`wrt` must hold Variables only", found=v)
        leaves = [effects.read(v) for v in variables]
    structure: dict[str, Any] = {}

    def pure(values: list[Any]) -> tuple[Any, list[Any]]:
        with effects.scope() as scope:
            actual = args
            if index < 0:
                scope.bound.update(zip(variables, values, strict=True))
            else:
                given = tree.pack_sequence_as(args[index], [backend.wrap(v) for v in values])
                actual = (*args[:index], given, *args[index + 1 :])
            out = f(*actual, **kwargs)
            loss, aux = out if has_aux else (out, None)
        tensors: list[Any] = []
        structure["aux"] = extract_tensors(aux, tensors, masks=True)
        structure["cells"] = list(scope.written)
        structure["reached"] = {v for v in variables if v in scope.reads or v in scope.written}
        value = as_tensor(loss)
        if shape_of(value):
            raise GradientError(
                "grad",
                "the function must return a scalar",
                returned=spec_of(value),
                fix="Take `ops.mean` of it.",
            )
        return value, [*tensors, *scope.written.values()]

    loss, extra, grads = backend.value_and_grad(pure, leaves)
    cells = structure["cells"]
    split = len(extra) - len(cells)
    for cell, value in zip(cells, extra[split:], strict=True):
        effects.write(cell, value)
    aux = insert_tensors(structure["aux"], [backend.wrap(x) for x in extra[:split]])
    wrapped = [None if g is None else backend.wrap(g) for g in grads]
    if index < 0:
        found = [
            g if v in structure["reached"] else None
            for g, v in zip(wrapped, variables, strict=True)
        ]
        gradient: Any = found[0] if isinstance(wrt, Variable) else found
    else:
        zeros = [
            backend.wrap(as_tensor(leaf) * 0) if g is None else g
            for g, leaf in zip(wrapped, leaves, strict=True)
        ]
        gradient = tree.pack_sequence_as(args[index], zeros)
    value = backend.wrap(loss)
    return ((value, aux) if has_aux else value), gradient


class _Slot:
    """The place of a tensor, and perhaps of its mask, in a structure that was taken apart."""

    __slots__ = ("index", "mask")

    def __init__(self, index: int, mask: int | None = None) -> None:
        self.index = index
        self.mask = mask


def extract_tensors(x: Any, tensors: list[Any], masks: bool = False) -> Any:
    """Return the structure with a slot for each tensor; append the tensors.

    Args:
        x: The structure. Python objects, None and plain ndarrays stay in it.
        tensors: Where they go.
        masks: Whether the masks that tensors carry go along.
    """

    def one(leaf: Any) -> Any:
        if HANDLERS[leaf.__class__] is None:
            return leaf
        slot = _Slot(len(tensors))
        tensors.append(leaf)
        mask = get_mask(leaf) if masks else None
        if mask is not None:
            slot.mask = len(tensors)
            tensors.append(mask)
        return slot

    return tree.map_structure(one, x)


def insert_tensors(structure: Any, tensors: Sequence[Any]) -> Any:
    """Return the structure with the tensors in their places again."""

    def one(leaf: Any) -> Any:
        if not isinstance(leaf, _Slot):
            return leaf
        found = tensors[leaf.index]
        if leaf.mask is not None:
            set_mask(found, tensors[leaf.mask])
        return found

    return tree.map_structure(one, structure)


class Jitted:
    """A function compiled once for every signature of its arguments; see `jit`."""

    def __init__(self, f: Callable[..., Any]) -> None:
        functools.update_wrapper(self, f)
        self._function = f
        self._compiled: dict[Any, tuple[Compiled, dict[str, Any]]] = {}
        self._warned = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if current_trace() is not None:
            return self._function(*args, **kwargs)  # part of what is being compiled already
        backend = current("jit")
        tensors: list[Any] = []
        structure = _extract_arrays((args, kwargs), tensors)
        specs = [Spec(tuple(t.shape), dtype_of(t)) for t in tensors]
        key = (repr_key(structure), tuple(specs), autocast_dtype.get())
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = self._compile(structure, specs)
        compiled, results = found
        outputs = [backend.wrap(o) for o in compiled(tensors)]
        return insert_tensors(results["structure"], outputs)

    def _compile(self, structure: Any, specs: list[Spec]) -> tuple[Compiled, dict[str, Any]]:
        backend = current()
        results: dict[str, Any] = {}

        def flat(values: list[Any]) -> list[Any]:
            args, kwargs = insert_tensors(structure, [backend.wrap(v) for v in values])
            run = self._traced if traces(values) else self._function
            tensors: list[Any] = []
            results["structure"] = extract_tensors(run(*args, **kwargs), tensors)
            return tensors

        return backend.compile(flat, specs), results

    def _traced(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function while it is traced, and look at what it did to Python."""
        what = f"`{getattr(self, '__name__', 'the function')}`"
        with watching_draws() as watch, noting_calls() as called:
            found = self._function(*args, **kwargs)
        raise_for_leaks(called.values(), what)
        if watch.moved and not self._warned:
            self._warned = True
            warn_of_frozen_draws(watch.moved, what)
        return found


def traces(values: Sequence[Any]) -> bool:
    """Say whether a function that gets these is being traced, not run."""
    backend = current()
    return backend.traces or not all(map(backend.is_concrete, values))


def _extract_arrays(x: Any, tensors: list[Any]) -> Any:
    """Like `extract_tensors`, but plain ndarrays are arguments too, not constants."""

    def one(leaf: Any) -> Any:
        if not hasattr(leaf, "dtype") or isinstance(leaf, Variable):
            return leaf
        tensors.append(as_tensor(leaf))
        return _Slot(len(tensors) - 1)

    return tree.map_structure(one, x)


def repr_key(structure: Any) -> Any:
    """Return something hashable that is equal for equal static arguments."""

    def one(leaf: Any) -> Any:
        if isinstance(leaf, _Slot):
            return ("slot", leaf.index)
        try:
            hash(leaf)
        except TypeError:
            return ("id", id(leaf))
        return (type(leaf), leaf)

    return tuple((path, one(leaf)) for path, leaf in tree.flatten_with_path(structure))


def jit(f: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function for the chosen backend, once for every signature.

    Arrays among the arguments are traced; everything else is a constant of the signature. The
    function may read and write Variables: their values are read at each call, and what it wrote is
    in effect when the call returns. Python side effects happen while tracing only.

    Args:
        f: The function.

    Returns:
        A function of the same arguments.

    Example:
        >>> import cornu
        >>> import numpy as np
        >>> double = cornu.jit(lambda x: x + x)
        >>> double(np.ones(2, "float32")).tolist()
        [2.0, 2.0]
    """
    return Jitted(f)
