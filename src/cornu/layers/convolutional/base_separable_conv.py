"""`BaseSeparableConv`: a convolution of each channel, then one across the channels."""

from __future__ import annotations

from typing import Any

from cornu import constraints, initializers, ops, regularizers
from cornu.layers.arguments import positive_int
from cornu.layers.convolutional.convolution_layer import ConvolutionLayer, Sizes

__all__ = ["BaseSeparableConv"]


class BaseSeparableConv(ConvolutionLayer):
    """The convolution of `SeparableConv1D` and `SeparableConv2D`.

    Args:
        rank: Number of spatial axes.
        depth_multiplier: Number of filters for each channel, in the first step.
        filters: Number of outputs at each place.
        kernel_size: Size of the window.
        depthwise_initializer: First values of the kernel of the first step.
        pointwise_initializer: First values of the kernel of the second step.
        depthwise_regularizer: Penalty on the first kernel.
        pointwise_regularizer: Penalty on the second kernel.
        depthwise_constraint: Applied to the first kernel after each update.
        pointwise_constraint: Applied to the second kernel after each update.
        **kwargs: Arguments of `ConvolutionLayer` and `Layer`.
    """

    def __init__(
        self,
        rank: int,
        depth_multiplier: int,
        filters: int,
        kernel_size: Sizes,
        *,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rank=rank, kernel_size=kernel_size, **kwargs)
        name = type(self).__name__
        self.filters = positive_int(name, "filters", filters)
        self.depth_multiplier = positive_int(name, "depth_multiplier", depth_multiplier)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.pointwise_constraint = constraints.get(pointwise_constraint)

    def build(self, input_shape: Any) -> None:
        """Make both kernels and the bias."""
        channels = self._channels(input_shape)
        inner = channels * self.depth_multiplier
        self.depthwise_kernel = self._add_kernel(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier), "depthwise"
        )
        self.pointwise_kernel = self._add_kernel(
            "pointwise_kernel", (*[1] * self.rank, inner, self.filters), "pointwise"
        )
        self.bias = self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        """Convolve each channel, then across the channels."""
        y = ops.separable_conv(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self._finished(y)
