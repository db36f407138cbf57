"""`Conv1DTranspose`, `Conv2DTranspose`, `Conv3DTranspose`: convolutions run backwards."""

from __future__ import annotations

from typing import Any

from cornu.layers.convolutional.base_conv_transpose import BaseConvTranspose
from cornu.layers.convolutional.convolution_layer import Sizes

__all__ = ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"]


class Conv1DTranspose(BaseConvTranspose):
    """The way back of a `Conv1D`: each input is spread over a window.

    Args:
        filters: Number of outputs at each place.
        kernel_size: Size of the window: an int.
        strides: Step of the window: an int.
        padding: "valid": the window stays inside; "same": zeros around, so that a step of one keeps
            the size.
        output_padding: More places at the end of each axis, less than the strides.
            None: as many as the padding says.
        data_format: "channels_last", (n, steps, c), or "channels_first",
            (n, c, steps). None: `config.image_data_format()`.
        dilation_rate: Distance of the window's elements: an int.
            Above one it doesn't go with strides above one.
        activation: Function of the result, or its name.
        use_bias: Whether to add a bias to each output channel.
        kernel_initializer: First values of the kernel.
        bias_initializer: First values of the bias.
        kernel_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        kernel_constraint: Applied to the kernel after each update.
        bias_constraint: Applied to the bias after each update.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> (n, new steps, filters); kernel: (*kernel_size, filters, c)

    Example:
        >>> cornu.layers.Conv1DTranspose(8, 3, strides=2, padding="same")(np.zeros((2, 5, 4))).shape
        (2, 10, 8)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        output_padding: Sizes | None = None,
        data_format: str | None = None,
        dilation_rate: Sizes = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            output_padding=output_padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )


class Conv2DTranspose(BaseConvTranspose):
    """The way back of a `Conv2D`: each input is spread over a window.

    Args:
        filters: Number of outputs at each place.
        kernel_size: Size of the window: two ints, or one for both.
        strides: Step of the window: two ints, or one for both.
        padding: "valid": the window stays inside; "same": zeros around, so that a step of one keeps
            the size.
        output_padding: More places at the end of each axis, less than the strides.
            None: as many as the padding says.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        dilation_rate: Distance of the window's elements: two ints, or one for both.
            Above one it doesn't go with strides above one.
        activation: Function of the result, or its name.
        use_bias: Whether to add a bias to each output channel.
        kernel_initializer: First values of the kernel.
        bias_initializer: First values of the bias.
        kernel_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        kernel_constraint: Applied to the kernel after each update.
        bias_constraint: Applied to the bias after each update.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> (n, h', w', filters); kernel: (*kernel_size, filters, c)

    References:
        Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning",
        arXiv:1603.07285.

    Example:
        >>> cornu.layers.Conv2DTranspose(8, 2, strides=2)(np.zeros((1, 7, 7, 4))).shape
        (1, 14, 14, 8)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = (1, 1),
        padding: str = "valid",
        output_padding: Sizes | None = None,
        data_format: str | None = None,
        dilation_rate: Sizes = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            2,
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            output_padding=output_padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )


class Conv3DTranspose(BaseConvTranspose):
    """The way back of a `Conv3D`: each input is spread over a window.

    Args:
        filters: Number of outputs at each place.
        kernel_size: Size of the window: three ints, or one for all.
        strides: Step of the window: three ints, or one for all.
        padding: "valid": the window stays inside; "same": zeros around, so that a step of one keeps
            the size.
        data_format: "channels_last", (n, depth, rows, columns, c), or "channels_first",
            (n, c, depth, rows, columns). None: `config.image_data_format()`.
        output_padding: More places at the end of each axis, less than the strides.
            None: as many as the padding says.
        dilation_rate: Distance of the window's elements: three ints, or one for all.
            Above one it doesn't go with strides above one.
        activation: Function of the result, or its name.
        use_bias: Whether to add a bias to each output channel.
        kernel_initializer: First values of the kernel.
        bias_initializer: First values of the bias.
        kernel_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        kernel_constraint: Applied to the kernel after each update.
        bias_constraint: Applied to the bias after each update.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d, h, w, c) -> (n, d', h', w', filters)

    Example:
        >>> cornu.layers.Conv3DTranspose(4, 2)(np.zeros((1, 2, 3, 4, 1))).shape
        (1, 3, 4, 5, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Sizes | None = None,
        dilation_rate: Sizes = (1, 1, 1),
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            3,
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            output_padding=output_padding,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
