"""Building a layer: for the shapes of a call, in its name scope, once."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

from cornu.errors import ArgumentError
from cornu.layers.call_spec import CallSpec, signature_of
from cornu.state.names import current_path

__all__ = ["as_shape", "build_for", "input_shape_argument", "wrap_build"]


def build_for(layer: Any, spec: CallSpec) -> None:
    """Build for the shapes of a call."""
    if hasattr(type(layer).build, "_cornu_default"):  # layers in it are built by the call
        layer.__dict__["_build_shapes_dict"] = spec.shapes() or None
        if layer._path is None:
            layer.__dict__["_path"] = current_path()
        layer.built = True
        return
    shapes = spec.shapes()
    signature = signature_of(layer.build)
    if len(signature.names) == 1 or (
        signature.required and len(signature.required) == 1 and len(shapes) == 1
    ):
        layer.build(next(iter(shapes.values()), None))
    elif not signature.names:
        layer.build()
    else:
        unknown = [n for n in signature.required if n not in shapes]
        if unknown:
            raise ArgumentError(
                f"{type(layer).__name__}.build",
                "its parameters must be named after the array arguments of `call` with "
                f"'_shape', and {unknown[0]!r} is none of {list(shapes)}",
            )
        layer.build(**{n: shapes[n] for n in signature.names if n in shapes})
    layer.built = True


def wrap_build(build: Callable[..., None]) -> Callable[..., None]:
    """Return `build` so that it runs in the layer's name scope and marks it built."""

    @functools.wraps(build)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        with self._open_name_scope():
            self.__dict__["_path"] = current_path()
            build(self, *args, **kwargs)
        if not self._trainable:
            self.trainable = False  # the new variables too
        own = types.MethodType(wrapped, self)  # not `self.build`: a subclass may override it
        bound = signature_of(own).signature.bind(*args, **kwargs)
        bound.apply_defaults()
        shapes = {k: v for k, v in bound.arguments.items() if v is not None}
        self.__dict__["_build_shapes_dict"] = shapes or None
        self.built = True
        self._lock_state()

    wrapped._cornu_wrapped = True  # type: ignore[attr-defined]
    return wrapped


def input_shape_argument(kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """Take `input_shape=` or `input_dim=` out of the arguments; return the shape with its batch."""
    shape = kwargs.pop("input_shape", None)
    size = kwargs.pop("input_dim", None)
    batch = kwargs.pop("batch_size", None)
    batch_shape = kwargs.pop("batch_input_shape", None)
    if batch_shape is not None:
        return tuple(batch_shape)
    if shape is None and size is not None:
        shape = (size,)
    if shape is None:
        if batch is not None:
            kwargs["batch_size"] = batch
        return None
    return (batch, *(shape if isinstance(shape, (list, tuple)) else (shape,)))


def as_shape(x: Any) -> Any:
    """Return shapes from a config: lists of sizes become tuples, structures stay."""
    if isinstance(x, (list, tuple)):
        if all(d is None or isinstance(d, int) for d in x):
            return tuple(x)
        return type(x)(as_shape(e) for e in x)
    if isinstance(x, dict):
        return {k: as_shape(v) for k, v in x.items()}
    return x
