"""`Array`: what ops return on graph backends, a read-only ndarray whose operators are ops.

A plain ndarray would make two languages of one `call`: NumPy's operators promote to float64 where a
trace follows Keras' lattice. Here `f32 * np.sqrt(2.)` is float32 both ways, a mask can be attached,
and an in-place write fails at once instead of changing somebody else's data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.errors import TracedValueError
from cornu.graph.operators import OPERATORS, Operators
from cornu.graph.primitive import HANDLERS, Primitive, register_handler, run_reference

__all__ = ["Array", "as_array", "raw"]

_WRONG_RIGHT = """\
  wrong:  x[i] = v        right:  x = ops.slice_update(x, (i,), v)
          x[mask] = 0             x = ops.where(mask, 0, x)"""

# NumPy's ufuncs whose op has another name.
_UFUNC_OPS = {
    "arccos": "arccos",
    "bitwise_and": "bitwise_and",
    "conjugate": "conjugate",
    "divide": "true_divide",
    "invert": "bitwise_not",
    "remainder": "mod",
}


class Array(Operators, np.ndarray):  # type: ignore[misc]  # our operators win on purpose
    """A read-only array; `numpy()` gives a writable copy.

    Example:
        >>> import numpy as np
        >>> x = as_array(np.ones(3, "float32"))
        >>> x.numpy()[0]
        np.float32(1.0)
    """

    _keras_mask: Any

    # `==` is element-wise, so an Array can't be hashed, like any ndarray.
    __hash__ = None

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            name = _UFUNC_OPS.get(ufunc.__name__, ufunc.__name__)
            op = OPERATORS.get(name)
            if op is not None:
                return op(*inputs)
        out = kwargs.get("out")
        if out is not None:
            kwargs["out"] = tuple(raw(o) for o in out)
        result = getattr(ufunc, method)(*[raw(x) for x in inputs], **kwargs)
        if out is not None:  # honoured: the caller's own array stays what it was
            return out[0] if len(out) == 1 else out
        if isinstance(result, tuple):
            return tuple(as_array(r) for r in result)
        return as_array(result)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return func(*_raw_tree(args), **{k: _raw_tree(v) for k, v in kwargs.items()})

    def __getitem__(self, key: Any) -> Any:
        if _has_traced(key):
            return OPERATORS["get_item"](self, key)
        return as_array(self.view(np.ndarray)[_raw_tree(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TracedValueError(
            "The values that ops and layers return can't be written in place.", fix=_WRONG_RIGHT
        )

    def __iadd__(self, other: Any) -> Any:
        return OPERATORS["add"](self, other)

    def __isub__(self, other: Any) -> Any:
        return OPERATORS["subtract"](self, other)

    def __imul__(self, other: Any) -> Any:
        return OPERATORS["multiply"](self, other)

    def __itruediv__(self, other: Any) -> Any:
        return OPERATORS["true_divide"](self, other)

    # In place means a new value for these too.
    __ifloordiv__, __imod__ = Operators.__floordiv__, Operators.__mod__
    __ipow__ = Operators.__pow__
    __imatmul__ = Operators.__matmul__
    __iand__ = Operators.__and__
    __ior__: Any = Operators.__or__  # mypy takes `|` for that of types
    __ixor__ = Operators.__xor__
    __ilshift__, __irshift__ = Operators.__lshift__, Operators.__rshift__

    # NumPy's own divide the sum in place, which a read-only one doesn't allow.

    def mean(self, *args: Any, **kwargs: Any) -> Any:
        """Return the mean, as NumPy does."""
        return as_array(raw(self).mean(*args, **kwargs))

    def std(self, *args: Any, **kwargs: Any) -> Any:
        """Return the standard deviation, as NumPy does."""
        return as_array(raw(self).std(*args, **kwargs))

    def var(self, *args: Any, **kwargs: Any) -> Any:
        """Return the variance, as NumPy does."""
        return as_array(raw(self).var(*args, **kwargs))

    def __repr__(self) -> str:
        # NumPy's printer takes single elements, which are 0-d Arrays here, with float64's digits.
        return repr(self.view(np.ndarray)).replace("array(", "Array(", 1)

    def __str__(self) -> str:
        return str(self.view(np.ndarray))

    def __reduce__(self) -> Any:
        return np.asarray(raw(self)).__reduce__()

    def __iter__(self) -> Any:
        return (as_array(row) for row in self.view(np.ndarray))

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return a writable copy as a plain ndarray."""
        return np.array(raw(self))

    def copy(self, order: Any = "C") -> np.ndarray[Any, Any]:  # type: ignore[override]
        """Return a writable copy as a plain ndarray."""
        return np.array(raw(self), order=order)

    def astype(self, dtype: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """Return the values in another dtype."""
        return as_array(raw(self).astype(dtype, **kwargs))

    def __deepcopy__(self, memo: Any) -> Any:
        return as_array(np.array(raw(self)))


def as_array(x: Any) -> Array:
    """Return a new read-only view; the ndarray itself is neither marked nor changed."""
    view: Array = np.asarray(x).view(Array)
    view.setflags(write=False)
    return view


def raw(x: Any) -> Any:
    """Return the plain ndarray below an Array; anything else as it is."""
    return x.view(np.ndarray) if x.__class__ is Array else x


def _raw_tree(x: Any) -> Any:
    if x.__class__ is Array:
        return x.view(np.ndarray)
    if x.__class__ in (list, tuple):
        return x.__class__([_raw_tree(e) for e in x])
    return x


def _has_traced(key: Any) -> bool:
    if key.__class__ is tuple:
        return any(_has_traced(k) for k in key)
    handler = HANDLERS[key.__class__]
    return handler is not None and handler.rank > 0


def _run(primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """Eagerly: references get plain arrays, and what they return is an Array again."""
    with np.errstate(all="ignore"):
        result = run_reference(primitive, [raw(a) for a in args], attrs)
    return tuple(map(as_array, result)) if primitive.multiple else as_array(result)


register_handler(Array, 0, _run)
