"""`ConvLSTMCell`: an LSTM whose products are convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import activations, ops
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.spec import shape_of
from cornu.layers.arguments import data_format_of, known_size, one_of, positive_int, sizes
from cornu.layers.rnn.forget_bias import with_open_forget_gate
from cornu.layers.rnn.recurrent_cell import (
    CONSTRAINTS,
    DROPOUT,
    INITIALIZERS,
    REGULARIZERS,
    Noise,
    RecurrentCell,
)

__all__ = ["ConvLSTMCell"]


class ConvLSTMCell(RecurrentCell):
    """One step of a long short-term memory over images.

    i, f, g, o = conv(x, kernel) + conv(h, recurrent_kernel) + bias, cut in four
    c = s(f) * c + s(i) * activation(g), where s is the recurrent activation
    h = s(o) * activation(c)

    Args:
        rank: Number of spatial axes.
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
        kernel_constraint: Applied to the kernel after each update.
        recurrent_constraint: Applied to the recurrent kernel after each update.
        bias_constraint: Applied to the bias after each update.
        dropout: Which part of the inputs is dropped in training, from 0 to 1.
        recurrent_dropout: Which part of the recurrent state is dropped in training.
        seed: An int for the same noise in every run; None draws a seed.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, *spatial, d), states: [h, c] -> (n, *spatial, filters), [h, c]
    """

    _cornu_gates = 4
    _cornu_always_per_gate = True
    _cornu_not_in_config = ("rank",)
    _cornu_entries = (
        *("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate"),
        *("activation", "recurrent_activation", "use_bias", *INITIALIZERS, "unit_forget_bias"),
        *(*REGULARIZERS, *CONSTRAINTS, *DROPOUT, "seed"),
    )

    def __init__(
        self,
        rank: int,
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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            weights={
                "kernel_initializer": kernel_initializer,
                "recurrent_initializer": recurrent_initializer,
                "bias_initializer": bias_initializer,
                "kernel_regularizer": kernel_regularizer,
                "recurrent_regularizer": recurrent_regularizer,
                "bias_regularizer": bias_regularizer,
                "kernel_constraint": kernel_constraint,
                "recurrent_constraint": recurrent_constraint,
                "bias_constraint": bias_constraint,
            },
            **kwargs,
        )
        where = "ConvLSTM"
        self.rank = rank
        self.filters = positive_int(where, "filters", filters)
        self.kernel_size = sizes(where, "kernel_size", kernel_size, rank)
        self.strides = sizes(where, "strides", strides, rank)
        self.padding = one_of(where, "padding", padding, "valid", "same")
        self.data_format = data_format_of(data_format)
        self.dilation_rate = sizes(where, "dilation_rate", dilation_rate, rank)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                where,
                "`strides` and `dilation_rate` can't both be above 1",
                strides=strides,
                dilation_rate=dilation_rate,
            )
        self.activation = activations.get(activation)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.use_bias = use_bias
        self.unit_forget_bias = unit_forget_bias
        # The states are images; `get_initial_state` knows their shape once the inputs' is known.
        self.state_size = [filters, filters]
        self.output_size = filters
        # From the end, so that it is the same with an axis of steps in front.
        self.channel_axis = -1 if self.data_format == "channels_last" else -1 - rank

    def build(self, inputs_shape: Any, states_shape: Any = None) -> None:
        """Make the kernels and the bias."""
        channels = known_size("ConvLSTM", inputs_shape, self.channel_axis)
        step = list(inputs_shape[1:])
        if None in step:
            raise ShapeError(
                "ConvLSTM",
                "the spatial sizes of the inputs must be known, as the states have them too",
                input_shape=tuple(inputs_shape),
            )
        self._step_shape = tuple(step)
        self.add_weights(
            {
                "kernel": (*self.kernel_size, channels, 4 * self.filters),
                "recurrent_kernel": (*self.kernel_size, self.filters, 4 * self.filters),
                "bias": (4 * self.filters,) if self.use_bias else (),
            },
            with_open_forget_gate(self.bias_initializer)
            if self.unit_forget_bias
            else self.bias_initializer,
        )

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Return states of zeros, of the outputs' shape."""
        x = ops.zeros((batch_size, *self._step_shape), dtype=self.compute_dtype)
        shape = list(shape_of(self._conv(x, self.kernel)))
        shape[self.channel_axis] = self.filters
        return [ops.zeros(shape, dtype=self.compute_dtype) for _ in range(2)]

    def _conv(self, x: Any, kernel: Any) -> Any:
        return ops.conv(
            x,
            kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )

    def _recurrent_conv(self, h: Any, kernel: Any) -> Any:
        return ops.conv(h, kernel, strides=1, padding="same", data_format=self.data_format)

    def project(self, inputs: Any, noise: Noise) -> Any:
        """Return `conv(inputs, kernel) + bias`, for one step or for many with their axis first."""

        def conv(x: Any, kernel: Any) -> Any:
            shape = shape_of(x)
            if len(shape) == self.rank + 2:
                return self._conv(x, kernel)
            t, n, *rest = shape
            y = self._conv(ops.reshape(x, (t * n, *rest)), kernel)
            return ops.reshape(y, (t, n, *shape_of(y)[1:]))

        y = self._for_gates(conv, inputs, self.kernel, noise.inputs)
        if self.bias is None:
            return y
        return ops.add(y, ops.reshape(self.bias, (-1, *[1] * (-1 - self.channel_axis))))

    def _for_gates(self, conv: Any, x: Any, kernel: Any, masks: tuple[Any, ...]) -> Any:
        """Return `conv(x * mask, kernel)`; with masks, each gate's channels with its own."""
        if not masks:
            return conv(x, kernel)
        parts = ops.split(kernel, len(masks), axis=-1)
        found = [conv(ops.multiply(x, m), k) for m, k in zip(masks, parts, strict=True)]
        return ops.concatenate(found, axis=self.channel_axis)

    def advance(self, projected: Any, states: Any, noise: Noise) -> tuple[Any, list[Any]]:
        """Add the recurrent part, and move the memory on through the gates."""
        h, c = states

        def conv(x: Any, kernel: Any) -> Any:
            return ops.conv(x, kernel, strides=1, padding="same", data_format=self.data_format)

        z = ops.add(projected, self._for_gates(conv, h, self.recurrent_kernel, noise.states))
        i, f, g, o = ops.split(z, 4, axis=self.channel_axis)
        gate = self.recurrent_activation
        c = ops.add(ops.multiply(gate(f), c), ops.multiply(gate(i), self.activation(g)))
        h = ops.multiply(gate(o), self.activation(c))
        return h, [h, c]
