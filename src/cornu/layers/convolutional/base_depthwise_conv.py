"""`BaseDepthwiseConv`: convolutions that keep the channels apart."""

from __future__ import annotations

from typing import Any

from cornu import constraints, initializers, ops, regularizers
from cornu.layers.arguments import positive_int
from cornu.layers.convolutional.convolution_layer import ConvolutionLayer, Sizes

__all__ = ["BaseDepthwiseConv"]


class BaseDepthwiseConv(ConvolutionLayer):
    """The convolution of `DepthwiseConv1D` and `DepthwiseConv2D`.

    Args:
        rank: Number of spatial axes.
        depth_multiplier: Number of filters for each channel.
        kernel_size: Size of the window.
        depthwise_initializer: First values of the kernel.
        depthwise_regularizer: Penalty on the kernel.
        depthwise_constraint: Applied to the kernel after each update.
        **kwargs: Arguments of `ConvolutionLayer` and `Layer`.
    """

    def __init__(
        self,
        rank: int,
        depth_multiplier: int,
        kernel_size: Sizes,
        *,
        depthwise_initializer: Any = "glorot_uniform",
        depthwise_regularizer: Any = None,
        depthwise_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rank=rank, kernel_size=kernel_size, **kwargs)
        self.depth_multiplier = positive_int(
            type(self).__name__, "depth_multiplier", depth_multiplier
        )
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        channels = self._channels(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self._add_kernel("kernel", shape, "depthwise")
        self.bias = self._add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Any) -> Any:
        """Convolve each channel."""
        y = ops.depthwise_conv(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self._finished(y)
