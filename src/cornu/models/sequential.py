"""`Sequential`: a stack of layers, each with one input and one output."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from cornu import saving, tree
from cornu.errors import ArgumentError, ArgumentTypeError, StateError
from cornu.graph.kerastensor import KerasTensor
from cornu.layers.input_layer import InputLayer
from cornu.layers.layer import Layer
from cornu.models.functional import Functional
from cornu.models.model import Model
from cornu.ops.op import dtype_of
from cornu.state.masks import get_mask
from cornu.symbolic.function import Function

__all__ = ["Sequential"]


class Sequential(Model):
    """A model that is a stack of layers.

    Args:
        layers: The layers, first one first.
        trainable: Whether the layers are to be trained.
        name: Its name.

    Example:
        >>> import cornu
        >>> model = Sequential([cornu.Input((3,)), cornu.layers.Dense(2)])
        >>> model.output_shape
        (None, 2)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make a Sequential whatever the arguments are."""
        return object.__new__(cls)

    def __init__(
        self,
        layers: Iterable[Layer | KerasTensor] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(trainable=trainable, name=name)
        self.__dict__["_cornu_stack"] = []
        if layers:
            if isinstance(layers, Layer):
                raise ArgumentTypeError(
                    "Sequential", "it takes a list of layers", fix="Write `Sequential([layer])`."
                )
            for layer in layers:
                self.add(layer, rebuild=False)
            self._maybe_rebuild()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer on top.

        Args:
            layer: A layer, or what `Input` returns as the first one.
            rebuild: Whether to make the graph anew.

        Raises:
            ValueError: If it is no layer, or one of its name is there already.
        """
        stack: list[Layer] = self._cornu_stack
        if not stack and hasattr(layer, "_input_shape_arg") and not isinstance(layer, InputLayer):
            self.add(InputLayer(batch_shape=layer._input_shape_arg), rebuild=False)
        if isinstance(layer, KerasTensor) and hasattr(layer, "_keras_history"):
            origin = layer._keras_history.operation
            if isinstance(origin, InputLayer):
                layer = origin
        if not isinstance(layer, Layer):
            if callable(layer):
                raise ArgumentError(
                    "Sequential.add",
                    "only layers can be added",
                    received=layer,
                    fix="Wrap a function: layers.Lambda(f).",
                )
            raise ArgumentError("Sequential.add", "only layers can be added", received=layer)
        if any(known.name == layer.name for known in stack):
            raise ArgumentError(
                "Sequential.add",
                f"there is already a layer named {layer.name!r}",
                fix="Give it another `name=`.",
            )
        if isinstance(layer, InputLayer) and stack and isinstance(stack[0], InputLayer):
            raise ArgumentError(
                "Sequential.add", "there is an Input already", first=stack[0].name, added=layer.name
            )
        if isinstance(layer, InputLayer) and stack:
            stack.insert(0, layer)
        else:
            stack.append(layer)
        tracker = self._cornu_tracking()
        tracker.unlock()
        tracker.track(layer)
        self.__dict__["_layers"][:] = stack
        self.__dict__["_cornu_version"] += 1
        if rebuild:
            self._maybe_rebuild()
        else:
            self.__dict__.update(built=False, _cornu_function=None)

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the top layer off and return it."""
        stack: list[Layer] = self._cornu_stack
        if not stack:
            raise StateError("Sequential.pop", "there is no layer")
        layer = stack.pop()
        tracker = self._cornu_tracking()
        tracker.unlock()
        tracker.untrack(layer)
        self.__dict__["_cornu_version"] += 1
        self.__dict__.update(built=False, _cornu_function=None)
        if rebuild:
            self._maybe_rebuild()
        return layer

    def _maybe_rebuild(self) -> None:
        self.__dict__.update(built=False, _cornu_function=None)
        stack: list[Layer] = self._cornu_stack
        if len(stack) > 1 and isinstance(stack[0], InputLayer):
            self.build(stack[0].batch_shape)

    def build(self, input_shape: Any = None) -> None:
        """Make the graph and the weights for inputs of this shape.

        Args:
            input_shape: Shape with the batch axis.
        """
        self._build_stack(input_shape, None)

    def _build_stack(self, input_shape: Any, dtype: str | None) -> None:
        stack: list[Layer] = self._cornu_stack
        if not stack:
            raise StateError(
                f"Sequential {self.name!r}",
                "it has no layers, so it can't be built",
                fix="Add layers before.",
            )
        if isinstance(stack[0], InputLayer):
            begin = stack[0]
            if input_shape is not None and tuple(input_shape)[1:] != begin.batch_shape[1:]:
                raise ArgumentError(
                    f"Sequential {self.name!r}",
                    "it was built for inputs of another shape",
                    built=begin.batch_shape,
                    given=tuple(input_shape),
                )
        else:
            if input_shape is None:
                raise ArgumentError("Sequential.build", "`input_shape` is needed")
            if not all(d is None or isinstance(d, int) for d in input_shape):
                return  # several inputs: called layer by layer
            begin = InputLayer(batch_shape=tuple(input_shape), dtype=dtype or self.compute_dtype)
            stack.insert(0, begin)
            self._cornu_tracking().track(begin)
            self.__dict__["_layers"][:] = stack
        x = inputs = begin.output
        for layer in stack[1:]:
            try:
                x = layer(x)
            except NotImplementedError:
                return  # a layer that can't be called symbolically: called one by one
        self.__dict__["_cornu_function"] = Function(inputs, x, name=self.name)
        self.__dict__["_path"] = self.name
        self.__dict__["built"] = True

    def call(
        self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any
    ) -> Any:
        """Compute the outputs."""
        if self._cornu_function is not None:
            return super().call(inputs, training=training, mask=mask, **kwargs)
        x = inputs
        for layer in self.layers:
            extra = {}
            parameters = inspect.signature(layer.call).parameters
            if "mask" in parameters and mask is not None:
                extra["mask"] = mask
            if "training" in parameters and training is not None:
                extra["training"] = training
            x = layer(x, **extra)
            masks = tree.map_structure(get_mask, x)
            mask = masks if any(m is not None for m in tree.flatten(masks)) else None
        return x

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Build for the shape of the inputs if needed, then compute the outputs."""
        if not self.built and hasattr(inputs, "shape"):
            shape = tuple(inputs.shape)
            # The size of the first batch says nothing of the next one's.
            dtype = inputs.dtype if isinstance(inputs, KerasTensor) else dtype_of(inputs)
            self._build_stack((None, *shape[1:]) if shape else shape, _input_dtype(self, dtype))
        return super().__call__(inputs, *args, **kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output, without making weights.

        Args:
            input_shape: Shape of the input, with the batch axis.
        """
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the Input."""
        stack: list[Layer] = self.__dict__.get("_cornu_stack", [])
        if stack and isinstance(stack[0], InputLayer):
            return stack[1:]
        return list(stack)

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("`Sequential.layers` can't be set; use `add` and `pop`.")

    @property
    def input_shape(self) -> Any:
        """The shape of the input."""
        if self._cornu_function is None:
            raise AttributeError(
                f"The Sequential {self.name!r} isn't built, so it has no input shape."
            )
        return super().input_shape

    @property
    def output_shape(self) -> Any:
        """The shape of the output."""
        if self._cornu_function is None:
            raise AttributeError(
                f"The Sequential {self.name!r} isn't built, so it has no output shape."
            )
        return super().output_shape

    @property
    def input_dtype(self) -> str:
        """The dtype of the input."""
        stack: list[Layer] = self.__dict__.get("_cornu_stack", [])
        if stack and isinstance(stack[0], InputLayer):
            return stack[0].dtype
        return Layer.input_dtype.fget(self)  # type: ignore[attr-defined,no-any-return]

    def _obj_type(self) -> str:
        return "Sequential"

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shape of the input, once it is known."""
        if self._cornu_function is None:
            return Layer.get_build_config(self)
        return {"input_shape": self._cornu_function.inputs[0].shape}

    def get_config(self) -> dict[str, Any]:
        """Return the layers' configs."""
        stack: list[Layer] = self._cornu_stack
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": saving.serialize_keras_object(self.dtype_policy),
            "layers": [saving.serialize_keras_object(layer) for layer in stack],
        }
        if self._cornu_function is not None and stack:
            config["build_input_shape"] = tuple(self._cornu_function.inputs[0].shape)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the model of a config."""
        if "layers" not in config:
            return cls(**config)
        model = cls(name=config.get("name"))
        for layer in config["layers"]:
            if "module" in layer:
                made = saving.deserialize_keras_object(layer, custom_objects=custom_objects)
            else:
                made = saving.deserialize_keras_object(
                    {"module": "keras.layers", "registered_name": None, **layer},
                    custom_objects=custom_objects,
                )
            model.add(made, rebuild=False)
        model._maybe_rebuild()
        shape = config.get("build_input_shape")
        if not model._cornu_function and shape and isinstance(shape, (tuple, list)):
            model.build(tuple(shape))
        if config.get("trainable") is False:
            model.trainable = False
        return model


def _input_dtype(model: Sequential, dtype: str) -> str:
    return dtype if "float" not in dtype else model.compute_dtype


_ = Functional  # models made from tensors must be known to `Model`
