"""`ConvLSTM`: what convolutional LSTMs share, whatever the number of spatial axes."""

from __future__ import annotations

from typing import Any

from cornu.layers.input_spec import InputSpec
from cornu.layers.rnn.conv_lstm_cell import ConvLSTMCell
from cornu.layers.rnn.fixed_cell_layer import FixedCellRNN, cell_options, of_cell
from cornu.layers.rnn.recurrent_cell import CONSTRAINTS, DROPOUT, INITIALIZERS, REGULARIZERS

__all__ = ["ConvLSTM"]


class ConvLSTM(FixedCellRNN):
    """A convolutional LSTM run over time.

    Args:
        rank: Number of spatial axes.
        activity_regularizer: Penalty on the outputs.
        **options: Arguments of the cell, of `RNN` and of `Layer`.
    """

    _cornu_entries = (
        *("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate"),
        *("activation", "recurrent_activation", "use_bias", *INITIALIZERS, "unit_forget_bias"),
        *(*REGULARIZERS, "activity_regularizer", *CONSTRAINTS, *DROPOUT, "seed"),
    )

    def __init__(self, rank: int, *, activity_regularizer: Any = None, **options: Any) -> None:
        names = [n for n in self._cornu_entries if n != "activity_regularizer"]
        of_the_cell = {n: options.pop(n) for n in names}
        cell = ConvLSTMCell(rank, **of_the_cell, name="conv_lstm_cell", **cell_options(options))
        super().__init__(cell, activity_regularizer=activity_regularizer, **options)
        self.input_spec = InputSpec(ndim=rank + 3)

    filters = of_cell("filters")
    kernel_size = of_cell("kernel_size")
    strides = of_cell("strides")
    padding = of_cell("padding")
    data_format = of_cell("data_format")
    dilation_rate = of_cell("dilation_rate")
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")
