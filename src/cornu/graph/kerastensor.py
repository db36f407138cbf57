"""`KerasTensor` and `Node`: the symbolic graph of the Functional API, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from cornu.errors import ArgumentError, NotSupportedError, TracedValueError
from cornu.graph.dim import Dim, DimLike, public_shape
from cornu.graph.dtypes import standard_name
from cornu.graph.operators import OPERATORS, Operators
from cornu.graph.spec import Spec
from cornu.graph.trace import numpy_call

__all__ = ["KerasHistory", "KerasTensor", "SymbolicNode"]


class KerasHistory(NamedTuple):
    """Which call of which operation made a KerasTensor, and which of its outputs it is."""

    operation: Any
    node_index: int
    tensor_index: int


class SymbolicNode:
    """One call of a layer or op on KerasTensors, with the arguments that the user wrote.

    Args:
        operation: The layer, or the record of an op; has `name` and `_inbound_nodes`.
        args: Positional arguments of the call, KerasTensors anywhere inside.
        kwargs: Keyword arguments.
        outputs: The KerasTensors that it returned, flat.
    """

    __slots__ = ("args", "inputs", "kwargs", "operation", "outputs")

    def __init__(
        self,
        operation: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: Sequence[KerasTensor],
        outputs: Sequence[KerasTensor],
    ) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        index = len(operation._inbound_nodes)
        operation._inbound_nodes.append(self)
        for i, tensor in enumerate(self.outputs):
            tensor._keras_history = KerasHistory(operation, index, i)

    @property
    def is_input(self) -> bool:
        """Whether the node is where a graph begins."""
        return not self.inputs

    def __repr__(self) -> str:
        return f"<node of {self.operation.name}>"


class KerasTensor(Operators):
    """A symbolic tensor: shape, dtype and how it came about, no values.

    Args:
        shape: Sizes, None for one that is not known yet.
        dtype: Name of the dtype.
        sparse: Whether its values will be sparse.
        ragged: Whether its values will be ragged.
        record_history: Unused; kept for the API.
        name: A name, by default `keras_tensor` with a number.
        ragged_rank: Number of ragged axes.

    Example:
        >>> KerasTensor((None, 3), "float32").shape
        (None, 3)
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_cornu_spec",
        "_keras_history",
        "_keras_mask",
        "name",
        "ragged",
        "ragged_rank",
        "sparse",
    )

    _keras_history: KerasHistory
    _count = 0

    def __init__(
        self,
        shape: Sequence[int | Dim | None],
        dtype: str = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        ragged_rank: int | None = None,
    ) -> None:
        if sparse and ragged:
            raise ArgumentError("KerasTensor", "a tensor can't be sparse and ragged at once")
        sizes: tuple[DimLike, ...] = tuple(Dim.fresh() if d is None else d for d in shape)
        self._cornu_spec = Spec(sizes, standard_name(dtype))
        self.sparse = bool(sparse)
        self.ragged = bool(ragged)
        self.ragged_rank = ragged_rank
        if name is None:
            name = f"keras_tensor_{KerasTensor._count}" if KerasTensor._count else "keras_tensor"
            KerasTensor._count += 1
        self.name = name

    # `==` is identity, as in Keras: KerasTensors are looked up in lists and sets.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape; None where the size is not known."""
        return public_shape(self._cornu_spec.shape)

    @property
    def dtype(self) -> str:
        """The name of the dtype."""
        return self._cornu_spec.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._cornu_spec.shape)

    @property
    def T(self) -> Any:
        """The transpose."""
        return OPERATORS["transpose"](self)

    def reshape(self, *newshape: Any) -> Any:
        """Return the tensor in another shape."""
        return OPERATORS["reshape"](self, newshape[0] if len(newshape) == 1 else newshape)

    def squeeze(self, axis: int | Sequence[int] | None = None) -> Any:
        """Return the tensor without axes of size one."""
        return OPERATORS["squeeze"](self, axis)

    def astype(self, dtype: Any) -> Any:
        """Return the tensor in another dtype."""
        return OPERATORS["cast"](self, dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise self._no_value()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return numpy_call(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return numpy_call(func, "__call__", args, kwargs)

    def __tf_tensor__(self, dtype: Any = None, name: Any = None) -> Any:
        raise self._no_value()

    def __jax_array__(self) -> Any:
        value = OPERATORS["positive"](self)  # in a run of its model: the value
        if isinstance(value, KerasTensor):
            raise self._no_value()
        return value

    def __bool__(self) -> bool:
        raise TracedValueError(
            "`if`, `while`, `and`, `or` or `not`",
            "a KerasTensor has no value that could decide",
            fix=_BRANCHES,
            value=self._cornu_spec,
        )

    def _no_value(self) -> ArgumentError:
        return ArgumentError(
            "KerasTensor",
            "it stands for a value in a model that is being described, and has none yet",
            fix="Use ops of cornu.ops on it, or put the NumPy code into the `call` of a layer.",
            value=self._cornu_spec,
        )

    def __int__(self) -> int:
        raise self._no_value()

    def __float__(self) -> float:
        raise self._no_value()

    def __index__(self) -> int:
        raise self._no_value()

    def __iter__(self) -> Any:
        raise NotSupportedError(
            "KerasTensor",
            "it can't be iterated: it has no values yet",
            fix="Use `ops.unstack(x, axis=0)`.",
            value=self._cornu_spec,
        )

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TracedValueError(
            "A KerasTensor can't be written in place.",
            fix="  wrong:  x[i] = v        right:  x = ops.slice_update(x, (i,), v)",
        )

    def __repr__(self) -> str:
        flags = "".join(
            f", {flag}={value}"
            for flag, value in (("sparse", self.sparse), ("ragged", self.ragged))
            if value
        )
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}{flags}, name={self.name}>"


_BRANCHES = """\
  wrong:  if ops.sum(x) > 0:      right:  x = ops.where(ops.sum(x) > 0, x, -x)
              x = x               or:     x = ops.cond(ops.sum(x) > 0, lambda: x, lambda: -x)
          else: x = -x"""
