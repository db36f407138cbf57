"""`BaseConvTranspose`: convolutions run backwards, from few places to many."""

from __future__ import annotations

from typing import Any

from cornu import constraints, initializers, ops, regularizers
from cornu.layers.arguments import positive_int, sizes
from cornu.layers.convolutional.convolution_layer import ConvolutionLayer, Sizes

__all__ = ["BaseConvTranspose"]


class BaseConvTranspose(ConvolutionLayer):
    """The convolution of `Conv1DTranspose`, `Conv2DTranspose` and `Conv3DTranspose`.

    Args:
        rank: Number of spatial axes.
        filters: Number of outputs at each place.
        kernel_size: Size of the window.
        output_padding: More places at the end of each axis.
        kernel_initializer: First values of the kernel.
        kernel_regularizer: Penalty on the kernel.
        kernel_constraint: Applied to the kernel after each update.
        **kwargs: Arguments of `ConvolutionLayer` and `Layer`.
    """

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Sizes,
        *,
        output_padding: Sizes | None = None,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        kernel_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rank=rank, kernel_size=kernel_size, **kwargs)
        name = type(self).__name__
        self.filters = positive_int(name, "filters", filters)
        self.output_padding = (
            None
            if output_padding is None
            else sizes(name, "output_padding", output_padding, rank, least=0)
        )
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        shape = (*self.kernel_size, self.filters, self._channels(input_shape))
        self.kernel = self._add_kernel("kernel", shape, "kernel")
        self.bias = self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        """Spread each input over its window, and sum."""
        y = ops.conv_transpose(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self._finished(y)
