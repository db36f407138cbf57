"""`ConvolutionLayer`: what all convolutions share, bias and activation included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import activations, constraints, initializers, ops, regularizers
from cornu.errors import ArgumentError
from cornu.layers.arguments import data_format_of, known_size, one_of, sizes
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["ConvolutionLayer", "Sizes"]

Sizes = int | Sequence[int]


class ConvolutionLayer(Layer):
    """A window that moves over spatial axes; subclasses say what happens in it.

    Args:
        rank: Number of spatial axes.
        kernel_size: Size of the window.
        strides: Step of the window.
        padding: "valid", "same", or "causal" where the subclass allows it.
        data_format: Where the channels stand.
        dilation_rate: Distance of the window's elements.
        activation: Function of the result.
        use_bias: Whether to add a bias to each channel.
        bias_initializer: First values of the bias.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        bias_constraint: Applied to the bias after each update.
        **kwargs: Arguments of `Layer`.
    """

    _cornu_paddings: tuple[str, ...] = ("valid", "same")

    def __init__(
        self,
        *,
        rank: int,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Sizes = 1,
        activation: Any = None,
        use_bias: bool = True,
        bias_initializer: Any = "zeros",
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        name = type(self).__name__
        self.rank = rank
        self.kernel_size = sizes(name, "kernel_size", kernel_size, rank)
        self.strides = sizes(name, "strides", strides, rank)
        self.dilation_rate = sizes(name, "dilation_rate", dilation_rate, rank)
        self.padding = one_of(name, "padding", padding, *self._cornu_paddings)
        self.data_format = data_format_of(data_format)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                name,
                "strides and dilation can't both be above 1",
                strides=self.strides,
                dilation_rate=self.dilation_rate,
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(bias_initializer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(ndim=rank + 2)

    def _channels(self, input_shape: Any) -> int:
        """Return the number of input channels, and demand it from now on."""
        axis = -1 if self.data_format == "channels_last" else 1
        channels = known_size(type(self).__name__, input_shape, axis)
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={axis: channels})
        return channels

    def _add_kernel(self, name: str, shape: tuple[int, ...], kind: str) -> Any:
        """Make a kernel with the initializer, regularizer and constraint called `kind_...`."""
        return self.add_weight(
            shape=shape,
            initializer=getattr(self, f"{kind}_initializer"),
            regularizer=getattr(self, f"{kind}_regularizer"),
            constraint=getattr(self, f"{kind}_constraint"),
            name=name,
        )

    def _add_bias(self, size: int) -> Any:
        if not self.use_bias:
            return None
        return self.add_weight(
            shape=(size,),
            initializer=self.bias_initializer,
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
            name="bias",
        )

    def _finished(self, y: Any) -> Any:
        """Return the result with bias and activation."""
        if self.bias is not None:
            bias = self.bias
            if self.data_format == "channels_first":
                bias = ops.reshape(bias, (1, bias.shape[0], *[1] * self.rank))
            y = ops.add(y, bias)
        return y if self.activation is None else self.activation(y)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {
            **super().get_config(),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }
