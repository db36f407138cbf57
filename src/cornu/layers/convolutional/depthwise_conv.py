"""`DepthwiseConv1D`, `DepthwiseConv2D`: convolutions that keep the channels apart."""

from __future__ import annotations

from typing import Any

from cornu.layers.convolutional.base_depthwise_conv import BaseDepthwiseConv
from cornu.layers.convolutional.convolution_layer import Sizes

__all__ = ["DepthwiseConv1D", "DepthwiseConv2D"]


class DepthwiseConv1D(BaseDepthwiseConv):
    """Filters that move along a sequence, each on one channel.

    Args:
        kernel_size: Size of the window: an int.
        strides: Step of the window: an int.
        padding: "valid": the window stays inside; "same": zeros around, so that a step of one keeps
            the size.
        depth_multiplier: Number of filters for each channel.
        data_format: "channels_last", (n, steps, c), or "channels_first",
            (n, c, steps). None: `config.image_data_format()`.
        dilation_rate: Distance of the window's elements: an int.
            Above one it doesn't go with strides above one.
        activation: Function of the result, or its name.
        use_bias: Whether to add a bias to each output channel.
        depthwise_initializer: First values of the kernel.
        bias_initializer: First values of the bias.
        depthwise_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        depthwise_constraint: Applied to the kernel after each update.
        bias_constraint: Applied to the bias after each update.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> (n, new steps, c * depth_multiplier)

    Example:
        >>> cornu.layers.DepthwiseConv1D(3, depth_multiplier=2)(np.zeros((2, 10, 4))).shape
        (2, 8, 8)
    """

    def __init__(
        self,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Sizes = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            depth_multiplier,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            depthwise_initializer=depthwise_initializer,
            bias_initializer=bias_initializer,
            depthwise_regularizer=depthwise_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            depthwise_constraint=depthwise_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )


class DepthwiseConv2D(BaseDepthwiseConv):
    """Filters that move over images, each on one channel.

    Args:
        kernel_size: Size of the window: two ints, or one for both.
        strides: Step of the window: two ints, or one for both.
        padding: "valid": the window stays inside; "same": zeros around, so that a step of one keeps
            the size.
        depth_multiplier: Number of filters for each channel.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        dilation_rate: Distance of the window's elements: two ints, or one for both.
            Above one it doesn't go with strides above one.
        activation: Function of the result, or its name.
        use_bias: Whether to add a bias to each output channel.
        depthwise_initializer: First values of the kernel.
        bias_initializer: First values of the bias.
        depthwise_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        depthwise_constraint: Applied to the kernel after each update.
        bias_constraint: Applied to the bias after each update.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> (n, h', w', c * depth_multiplier)

    References:
        Howard et al. 2017, "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
        Applications", arXiv:1704.04861.

    Example:
        >>> cornu.layers.DepthwiseConv2D(3)(np.zeros((1, 8, 8, 4))).shape
        (1, 6, 6, 4)
    """

    def __init__(
        self,
        kernel_size: Sizes,
        strides: Sizes = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Sizes = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            2,
            depth_multiplier,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            depthwise_initializer=depthwise_initializer,
            bias_initializer=bias_initializer,
            depthwise_regularizer=depthwise_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            depthwise_constraint=depthwise_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
