"""`ConvLSTM1D`, `ConvLSTM2D`, `ConvLSTM3D`: a convolutional LSTM run over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.layers.rnn.conv_lstm_base import ConvLSTM

__all__ = ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]


class ConvLSTM1D(ConvLSTM):
    """A long short-term memory over rows that change in time; see `ConvLSTMCell`.

    Args:
        filters: Number of channels of the outputs.
        kernel_size: Size of the window, one int for each spatial axis or one for all.
        strides: Steps of the window over the inputs.
        padding: "valid" (only where the window fits) or "same" (zeros around the inputs).
        data_format: "channels_last" or "channels_first"; None: as the settings say.
        dilation_rate: Distance between neighbours in the window.
        activation: Function of new values and of the memory, or its name.
        recurrent_activation: Function of the gates, or its name.
        use_bias: Whether to add a bias.
        kernel_initializer: First values of the kernel.
        recurrent_initializer: First values of the recurrent kernel.
        bias_initializer: First values of the bias.
        unit_forget_bias: Whether the bias of the forget gate begins with ones.
        kernel_regularizer: Penalty on the kernel.
        recurrent_regularizer: Penalty on the recurrent kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        kernel_constraint: Applied to the kernel after each update.
        recurrent_constraint: Applied to the recurrent kernel after each update.
        bias_constraint: Applied to the bias after each update.
        dropout: Which part of the inputs is dropped in training, the same in all steps.
        recurrent_dropout: Which part of the recurrent state is dropped in training, likewise.
        seed: An int for the same noise in every run; None draws a seed.
        return_sequences: Whether to return the outputs of all times instead of the last one.
        return_state: Whether to return the last states after the output.
        go_backwards: Whether to begin at the last time; outputs come in the order of the steps.
        stateful: Whether a batch begins with the states that the one before ended with.
        **kwargs: Arguments of `RNN` and `Layer`.

    Shapes:
        sequences: (n, t, w, d) -> (n, w, filters), or (n, t, w, filters) with
        return_sequences

    References:
        Shi et al. 2015, "Convolutional LSTM Network: A Machine Learning Approach for Precipitation
        Nowcasting", arXiv:1506.04214.

    Example:
        >>> cornu.layers.ConvLSTM1D(4, 3)(np.zeros((2, 5, 8, 3))).shape
        (2, 6, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            **kwargs,
        )


class ConvLSTM2D(ConvLSTM):
    """A long short-term memory over images that change in time; see `ConvLSTMCell`.

    Args:
        filters: Number of channels of the outputs.
        kernel_size: Size of the window, one int for each spatial axis or one for all.
        strides: Steps of the window over the inputs.
        padding: "valid" (only where the window fits) or "same" (zeros around the inputs).
        data_format: "channels_last" or "channels_first"; None: as the settings say.
        dilation_rate: Distance between neighbours in the window.
        activation: Function of new values and of the memory, or its name.
        recurrent_activation: Function of the gates, or its name.
        use_bias: Whether to add a bias.
        kernel_initializer: First values of the kernel.
        recurrent_initializer: First values of the recurrent kernel.
        bias_initializer: First values of the bias.
        unit_forget_bias: Whether the bias of the forget gate begins with ones.
        kernel_regularizer: Penalty on the kernel.
        recurrent_regularizer: Penalty on the recurrent kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        kernel_constraint: Applied to the kernel after each update.
        recurrent_constraint: Applied to the recurrent kernel after each update.
        bias_constraint: Applied to the bias after each update.
        dropout: Which part of the inputs is dropped in training, the same in all steps.
        recurrent_dropout: Which part of the recurrent state is dropped in training, likewise.
        seed: An int for the same noise in every run; None draws a seed.
        return_sequences: Whether to return the outputs of all times instead of the last one.
        return_state: Whether to return the last states after the output.
        go_backwards: Whether to begin at the last time; outputs come in the order of the steps.
        stateful: Whether a batch begins with the states that the one before ended with.
        **kwargs: Arguments of `RNN` and `Layer`.

    Shapes:
        sequences: (n, t, h, w, d) -> (n, h, w, filters), or (n, t, h, w, filters) with
        return_sequences

    References:
        Shi et al. 2015, "Convolutional LSTM Network: A Machine Learning Approach for Precipitation
        Nowcasting", arXiv:1506.04214.

    Example:
        >>> cornu.layers.ConvLSTM2D(4, 3)(np.zeros((2, 5, 8, 8, 3))).shape
        (2, 6, 6, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            2,
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            **kwargs,
        )


class ConvLSTM3D(ConvLSTM):
    """A long short-term memory over volumes that change in time; see `ConvLSTMCell`.

    Args:
        filters: Number of channels of the outputs.
        kernel_size: Size of the window, one int for each spatial axis or one for all.
        strides: Steps of the window over the inputs.
        padding: "valid" (only where the window fits) or "same" (zeros around the inputs).
        data_format: "channels_last" or "channels_first"; None: as the settings say.
        dilation_rate: Distance between neighbours in the window.
        activation: Function of new values and of the memory, or its name.
        recurrent_activation: Function of the gates, or its name.
        use_bias: Whether to add a bias.
        kernel_initializer: First values of the kernel.
        recurrent_initializer: First values of the recurrent kernel.
        bias_initializer: First values of the bias.
        unit_forget_bias: Whether the bias of the forget gate begins with ones.
        kernel_regularizer: Penalty on the kernel.
        recurrent_regularizer: Penalty on the recurrent kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        kernel_constraint: Applied to the kernel after each update.
        recurrent_constraint: Applied to the recurrent kernel after each update.
        bias_constraint: Applied to the bias after each update.
        dropout: Which part of the inputs is dropped in training, the same in all steps.
        recurrent_dropout: Which part of the recurrent state is dropped in training, likewise.
        seed: An int for the same noise in every run; None draws a seed.
        return_sequences: Whether to return the outputs of all times instead of the last one.
        return_state: Whether to return the last states after the output.
        go_backwards: Whether to begin at the last time; outputs come in the order of the steps.
        stateful: Whether a batch begins with the states that the one before ended with.
        **kwargs: Arguments of `RNN` and `Layer`.

    Shapes:
        sequences: (n, t, d, h, w, d) -> (n, d, h, w, filters), or (n, t, d, h, w, filters) with
        return_sequences

    References:
        Shi et al. 2015, "Convolutional LSTM Network: A Machine Learning Approach for Precipitation
        Nowcasting", arXiv:1506.04214.

    Example:
        >>> cornu.layers.ConvLSTM3D(4, 3)(np.zeros((2, 5, 4, 4, 4, 3))).shape
        (2, 2, 2, 2, 4)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            3,
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            **kwargs,
        )
