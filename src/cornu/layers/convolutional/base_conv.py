"""`BaseConv`: convolutions whose filters see all channels, or all of a group."""

from __future__ import annotations

from typing import Any

from cornu import constraints, initializers, ops, regularizers
from cornu.errors import ArgumentError, ShapeError
from cornu.layers.arguments import positive_int
from cornu.layers.convolutional.convolution_layer import ConvolutionLayer, Sizes
from cornu.layers.core.low_rank import LowRankLayer

__all__ = ["BaseConv"]


class BaseConv(LowRankLayer, ConvolutionLayer):
    """The convolution of `Conv1D`, `Conv2D` and `Conv3D`.

    Args:
        rank: Number of spatial axes.
        filters: Number of outputs at each place.
        kernel_size: Size of the window.
        groups: Into how many groups channels and filters fall.
        kernel_initializer: First values of the kernel.
        kernel_regularizer: Penalty on the kernel.
        kernel_constraint: Applied to the kernel after each update.
        **kwargs: Arguments of `ConvolutionLayer`, `LowRankLayer` and `Layer`.
    """

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Sizes,
        *,
        groups: int = 1,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        kernel_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rank=rank, kernel_size=kernel_size, **kwargs)
        name = type(self).__name__
        self.filters = positive_int(name, "filters", filters)
        self.groups = positive_int(name, "groups", groups)
        if self.filters % self.groups:
            raise ArgumentError(
                name, "`filters` must be a multiple of `groups`", filters=filters, groups=groups
            )
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ShapeError(
                type(self).__name__,
                f"the input's {channels} channels can't be divided into {self.groups} groups",
                input_shape=tuple(input_shape),
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self._kernel = self._add_kernel("kernel", shape, "kernel")
        self.bias = self._add_bias(self.filters)
        self.built = True
        if self.lora_rank:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    @property
    def kernel(self) -> Any:
        """The kernel: a Variable, or with low-rank adaptation its corrected value."""
        return self._cornu_corrected()

    def call(self, inputs: Any) -> Any:
        """Convolve."""
        padding = self.padding
        if padding == "causal":  # zeros before the first step only, so that none sees a later one
            before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
            widths = [(0, 0), (before, 0), (0, 0)]
            if self.data_format == "channels_first":
                widths = [(0, 0), (0, 0), (before, 0)]
            inputs, padding = ops.pad(inputs, widths), "valid"
        y = ops.conv(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self._finished(y)
