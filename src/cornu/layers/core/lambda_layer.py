"""`Lambda`: any function on arrays, as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from cornu import lazy, saving, tree
from cornu.errors import ArgumentTypeError
from cornu.layers.layer import Layer
from cornu.saving.lambda_code import dump_function

__all__ = ["Lambda"]


class Lambda(Layer):
    """function(inputs, **arguments).

    Good for a line of ops without weights. In files a named function of the API or a registered one
    is kept by name; a Python lambda is kept as bytecode, which loads with `safe_mode=False` only.

    Args:
        function: A function on arrays. It may have the parameters `mask` and `training`.
        output_shape: Shape of the outputs without the batch axis, or a function from input shape
            to output shape. Found by running the function where it isn't given.
        mask: The mask of the outputs, or a function `(inputs, mask) -> mask`.
        arguments: Further arguments of the function, by name.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> cornu.layers.Lambda(cornu.ops.square)(np.array([2.0, 3.0]))
        Array([4., 9.], dtype=float32)
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ArgumentTypeError("Lambda", "`function` must be callable", function=function)
        self.arguments = dict(arguments or {})
        self.function = function
        self.mask = mask
        self.supports_masking = mask is not None
        self._output_shape = output_shape
        parameters = inspect.signature(function).parameters
        self._passes = tuple(name for name in ("mask", "training") if name in parameters)

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Call the function."""
        context = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{k: context[k] for k in self._passes})

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs: what was given, else found by running the function."""
        shape = self._output_shape
        if shape is None:
            return super().compute_output_shape(input_shape)
        if callable(shape):
            return shape(input_shape)
        batch = tree.flatten(input_shape)[0]
        return tree.map_shape_structure(lambda s: (batch, *s), shape)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the outputs."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        for key, value in (("output_shape", self._output_shape), ("mask", self.mask)):
            config.pop(key, None)
            if value is not None:
                config[key] = _stored(value)
        config["function"] = _stored(self.function)
        config["arguments"] = saving.serialize_keras_object(self.arguments)
        return config

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: Mapping[str, Any] | None = None,
        safe_mode: bool | None = None,
    ) -> Any:
        """Return the layer of a config.

        Args:
            config: What `get_config` returned.
            custom_objects: Name -> function.
            safe_mode: False allows bytecode of a lambda; by default what the enclosing load says.

        Raises:
            ValueError: If it holds bytecode that isn't allowed.
        """
        found = dict(config)
        for key in ("function", "output_shape", "mask", "arguments"):
            if found.get(key) is not None:
                op = _named_op(found[key], custom_objects)
                found[key] = op or saving.deserialize_keras_object(
                    found[key],
                    custom_objects=custom_objects,
                    **({} if safe_mode is None else {"safe_mode": safe_mode}),
                )
        if isinstance(found.get("output_shape"), list):
            found["output_shape"] = tuple(found["output_shape"])
        return cls(**found)


def _stored(value: Any) -> Any:
    """Return a function or a plain value as a config holds it."""
    if inspect.isfunction(value) and value.__name__ == "<lambda>":
        code, defaults, closure = dump_function(value)
        config = {"code": code, "defaults": defaults, "closure": closure}
        return {"class_name": "__lambda__", "config": config}
    return saving.serialize_keras_object(value) if callable(value) else value


def _named_op(config: Any, custom_objects: Mapping[str, Any] | None) -> Any:
    """Return the op that a config names like a function of the user's, unless there is such one."""
    if not isinstance(config, dict) or config.get("class_name") != "function":
        return None
    name = config.get("config")
    if not isinstance(name, str) or saving.get_registered_object(name, custom_objects) is not None:
        return None
    try:
        return lazy.public("cornu.ops", name)
    except LookupError:
        return None
