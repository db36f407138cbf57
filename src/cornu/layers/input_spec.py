"""`InputSpec`: what a layer demands of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cornu import tree
from cornu.errors import DtypeError, ShapeError
from cornu.graph.dim import public_shape
from cornu.graph.dtypes import standard_name
from cornu.graph.spec import shape_of, spec_of

__all__ = ["InputSpec", "check_inputs"]


class InputSpec:
    """Dtype, rank and sizes that an input must have.

    Args:
        dtype: Name of the dtype it must have.
        shape: Sizes of all axes; None for any.
        ndim: The number of axes.
        max_ndim: The largest number of axes.
        min_ndim: The smallest number of axes.
        axes: Axis to the size that it must have.
        allow_last_axis_squeeze: Whether a last axis of size one may be missing or extra.
        name: Name of the input, for dicts.
        optional: Whether None may be given instead.

    Example:
        >>> InputSpec(min_ndim=2, axes={-1: 3})
        InputSpec(min_ndim=2, axes={-1: 3})
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else standard_name(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.name = name
        self.optional = optional
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.axes = {int(k): v for k, v in (axes or {}).items()}
        limit = self.ndim if self.ndim is not None else self.max_ndim
        if self.axes and limit is not None and max(self.axes) > limit - 1:
            raise ValueError(
                f"Axis {max(self.axes)} is greater than the largest allowed, {limit - 1}."
            )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal spec."""
        return {
            "dtype": self.dtype,
            "shape": self.shape,
            "ndim": self.ndim,
            "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim,
            "axes": self.axes,
            "optional": self.optional,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """Return the spec of a config."""
        return cls(**config)

    def __repr__(self) -> str:
        shown = [
            f"{k}={getattr(self, k)!r}"
            for k in ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
            if getattr(self, k)
        ]
        return f"InputSpec({', '.join(shown)})"


_MORE_AXES = (
    "The first axis is that of the samples: `ops.expand_dims(x, 0)` makes a batch of one,\n"
    "`ops.expand_dims(x, -1)` adds an axis of channels or features."
)
_BUILT = "The size was settled when the layer was built: its weights fit no other."


def check_inputs(spec: Any, inputs: Any, layer_name: str) -> None:
    """Raise unless the inputs are what the layer demands.

    Raises:
        ValueError: Naming the layer, the rule and the shape received.
    """
    if not spec:
        return
    specs = tree.flatten(spec)
    if isinstance(inputs, dict) and all(s.name is not None for s in specs):
        given = [inputs.get(s.name) for s in specs]
    else:
        given = tree.flatten(inputs)
    if len(given) != len(specs):
        raise ShapeError(
            layer_name, f"expects {len(specs)} inputs and received {len(given)}", inputs=inputs
        )
    for one, x in zip(specs, given, strict=True):
        if one is not None:
            _check(one, x, layer_name)


def _check(spec: InputSpec, x: Any, layer: str) -> None:
    if x is None:
        if spec.optional:
            return
        raise ShapeError(
            layer,
            "an input is None and may not be",
            fix="Does what comes before it return a value from `call`?",
        )
    if not hasattr(x, "shape"):
        raise ShapeError(layer, "inputs must be arrays", received=x)
    shape = public_shape(shape_of(x))
    rank = len(shape)

    def refuse(rule: str, fix: str | None = None) -> None:
        raise ShapeError(layer, rule, fix=fix, input=spec_of(x))

    if spec.dtype is not None and spec_of(x).dtype != spec.dtype:
        raise DtypeError(layer, f"the input must be of dtype {spec.dtype}", input=spec_of(x))
    if spec.ndim is not None and rank != spec.ndim:
        squeezed = spec.allow_last_axis_squeeze and spec.shape is not None
        if not (squeezed and _squeezes(spec.shape, shape)):
            refuse(
                f"the input must have {spec.ndim} axes, not {rank}",
                _MORE_AXES if rank < spec.ndim else None,
            )
    if spec.max_ndim is not None and rank > spec.max_ndim:
        refuse(f"the input must have at most {spec.max_ndim} axes, not {rank}")
    if spec.min_ndim is not None and rank < spec.min_ndim:
        refuse(f"the input must have at least {spec.min_ndim} axes, not {rank}", _MORE_AXES)
    for axis, size in spec.axes.items():
        if size is not None and shape[axis] not in (size, None):
            refuse(f"axis {axis} of the input must have size {size}, not {shape[axis]}", _BUILT)
    if spec.shape is not None and rank == len(spec.shape):
        for wanted, found in zip(spec.shape, shape, strict=True):
            if wanted is not None and found not in (wanted, None):
                refuse(f"the input must have the shape {spec.shape}")


def _squeezes(wanted: Any, shape: tuple[int | None, ...]) -> bool:
    return (len(wanted) == len(shape) + 1 and wanted[-1] == 1) or (
        len(shape) == len(wanted) + 1 and shape[-1] == 1
    )
