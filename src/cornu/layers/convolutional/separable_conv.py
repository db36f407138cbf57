"""`SeparableConv1D`, `SeparableConv2D`: each channel alone, then across the channels."""

from __future__ import annotations

from typing import Any

from cornu.layers.convolutional.base_separable_conv import BaseSeparableConv
from cornu.layers.convolutional.convolution_layer import Sizes

__all__ = ["SeparableConv1D", "SeparableConv2D"]


class SeparableConv1D(BaseSeparableConv):
    """A depthwise convolution of a sequence, then a pointwise one.

    Args:
        filters: Number of outputs at each place.
        kernel_size: Size of the window: an int.
        strides: Step of the window: an int.
        padding: "valid": the window stays inside; "same": zeros around, so that a step of one keeps
            the size.
        data_format: "channels_last", (n, steps, c), or "channels_first",
            (n, c, steps). None: `config.image_data_format()`.
        dilation_rate: Distance of the window's elements: an int.
            Above one it doesn't go with strides above one.
        depth_multiplier: Number of filters for each channel, in the first step.
        activation: Function of the result, or its name.
        use_bias: Whether to add a bias to each output channel.
        depthwise_initializer: First values of the kernel of the first step.
        pointwise_initializer: First values of the kernel of the second step.
        bias_initializer: First values of the bias.
        depthwise_regularizer: Penalty on the kernel of the first step.
        pointwise_regularizer: Penalty on the kernel of the second step.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        depthwise_constraint: Applied to the kernel of the first step after each update.
        pointwise_constraint: Applied to the kernel of the second step after each update.
        bias_constraint: Applied to the bias after each update.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> (n, new steps, filters)

    Example:
        >>> cornu.layers.SeparableConv1D(8, 3)(np.zeros((2, 10, 4))).shape
        (2, 8, 8)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Sizes = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            depth_multiplier,
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            depthwise_initializer=depthwise_initializer,
            pointwise_initializer=pointwise_initializer,
            bias_initializer=bias_initializer,
            depthwise_regularizer=depthwise_regularizer,
            pointwise_regularizer=pointwise_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            depthwise_constraint=depthwise_constraint,
            pointwise_constraint=pointwise_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )


class SeparableConv2D(BaseSeparableConv):
    """A depthwise convolution of images, then a pointwise one.

    Args:
        filters: Number of outputs at each place.
        kernel_size: Size of the window: two ints, or one for both.
        strides: Step of the window: two ints, or one for both.
        padding: "valid": the window stays inside; "same": zeros around, so that a step of one keeps
            the size.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        dilation_rate: Distance of the window's elements: two ints, or one for both.
            Above one it doesn't go with strides above one.
        depth_multiplier: Number of filters for each channel, in the first step.
        activation: Function of the result, or its name.
        use_bias: Whether to add a bias to each output channel.
        depthwise_initializer: First values of the kernel of the first step.
        pointwise_initializer: First values of the kernel of the second step.
        bias_initializer: First values of the bias.
        depthwise_regularizer: Penalty on the kernel of the first step.
        pointwise_regularizer: Penalty on the kernel of the second step.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        depthwise_constraint: Applied to the kernel of the first step after each update.
        pointwise_constraint: Applied to the kernel of the second step after each update.
        bias_constraint: Applied to the bias after each update.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> (n, h', w', filters)

    References:
        Chollet 2017, "Xception: Deep Learning with Depthwise Separable Convolutions",
        arXiv:1610.02357.

    Example:
        >>> cornu.layers.SeparableConv2D(8, 3)(np.zeros((1, 8, 8, 4))).shape
        (1, 6, 6, 8)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Sizes = (1, 1),
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            2,
            depth_multiplier,
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            depthwise_initializer=depthwise_initializer,
            pointwise_initializer=pointwise_initializer,
            bias_initializer=bias_initializer,
            depthwise_regularizer=depthwise_regularizer,
            pointwise_regularizer=pointwise_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            depthwise_constraint=depthwise_constraint,
            pointwise_constraint=pointwise_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
