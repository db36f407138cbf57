"""`LSTM`: a memory that gates write, keep and read."""

from __future__ import annotations

from typing import Any

from cornu import activations, ops
from cornu.layers.arguments import known_size, positive_int
from cornu.layers.input_spec import InputSpec
from cornu.layers.rnn.fixed_cell_layer import FixedCellRNN, cell_options, of_cell
from cornu.layers.rnn.forget_bias import with_open_forget_gate
from cornu.layers.rnn.recurrent_cell import (
    CONSTRAINTS,
    DROPOUT,
    INITIALIZERS,
    REGULARIZED,
    REGULARIZERS,
    Noise,
    RecurrentCell,
    masked_product,
)

__all__ = ["LSTM", "LSTMCell"]


class LSTMCell(RecurrentCell):
    """One step of a long short-term memory.

    i, f, g, o = x @ kernel + h @ recurrent_kernel + bias, cut in four
    c = s(f) * c + s(i) * activation(g), where s is the recurrent activation
    h = s(o) * activation(c)

    Args:
        units: Number of outputs.
        activation: Function of new values and of the memory, or its name; None leaves it as it is.
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
        inputs: (n, d), states: [h: (n, units), c: (n, units)] -> (n, units), [h, c]

    References:
        Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", Neural Computation 9.
        Jozefowicz et al. 2015, "An Empirical Exploration of Recurrent Network Architectures".

    Example:
        >>> cornu.layers.RNN(cornu.layers.LSTMCell(4))(np.zeros((32, 10, 8))).shape
        (32, 4)
    """

    _cornu_gates = 4
    _cornu_entries = (
        *("units", "activation", "recurrent_activation", "use_bias", "unit_forget_bias"),
        *(*REGULARIZED, *CONSTRAINTS, *DROPOUT, "seed"),
    )

    def __init__(
        self,
        units: int,
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
        self.units = positive_int("LSTMCell", "units", units)
        self.activation = activations.get(activation)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.use_bias = use_bias
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]
        self.output_size = self.units

    def build(self, input_shape: Any) -> None:
        """Make the kernels and the bias."""
        self.add_weights(
            {
                "kernel": (known_size("LSTMCell", input_shape), 4 * self.units),
                "recurrent_kernel": (self.units, 4 * self.units),
                "bias": (4 * self.units,) if self.use_bias else (),
            },
            with_open_forget_gate(self.bias_initializer)
            if self.unit_forget_bias
            else self.bias_initializer,
        )

    def project(self, inputs: Any, noise: Noise) -> Any:
        """Return `inputs @ kernel + bias`."""
        y = masked_product(inputs, self.kernel, noise.inputs)
        return y if self.bias is None else ops.add(y, self.bias)

    def advance(self, projected: Any, states: Any, noise: Noise) -> tuple[Any, list[Any]]:
        """Add the recurrent part, and move the memory on through the gates."""
        h, c = states
        z = ops.add(projected, masked_product(h, self.recurrent_kernel, noise.states))
        i, f, g, o = ops.split(z, 4, axis=-1)
        gate = self.recurrent_activation
        c = ops.add(ops.multiply(gate(f), c), ops.multiply(gate(i), self.activation(g)))
        h = ops.multiply(gate(o), self.activation(c))
        return h, [h, c]


class LSTM(FixedCellRNN):
    """A long short-term memory, run over time.

    i, f, g, o = x[t] @ kernel + h @ recurrent_kernel + bias, cut in four
    c = s(f) * c + s(i) * activation(g), where s is the recurrent activation
    h = s(o) * activation(c)

    Args:
        units: Number of outputs.
        activation: Function of new values and of the memory, or its name; None leaves it as it is.
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
        unroll: Whether to repeat the cell in the graph instead of looping.
        use_cudnn: Kept for the signature: "auto" or False; there is no cuDNN kernel to demand.
        **kwargs: Arguments of `RNN` and `Layer`.

    Shapes:
        sequences: (n, t, d) -> (n, units), or (n, t, units) with return_sequences

    References:
        Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", Neural Computation 9.

    Example:
        >>> layer = cornu.layers.LSTM(4, return_sequences=True, return_state=True)
        >>> [x.shape for x in layer(np.zeros((32, 10, 8)))]
        [(32, 10, 4), (32, 4), (32, 4)]
    """

    _cornu_not_in_config = ("use_cudnn",)
    _cornu_entries = (
        *("units", "activation", "recurrent_activation", "use_bias"),
        *(*INITIALIZERS, "unit_forget_bias", *REGULARIZERS, "activity_regularizer"),
        *(*CONSTRAINTS, *DROPOUT, "seed"),
    )

    def __init__(
        self,
        units: int,
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
        unroll: bool = False,
        use_cudnn: bool | str = "auto",
        **kwargs: Any,
    ) -> None:
        cell = LSTMCell(
            units,
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
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            name="lstm_cell",
            **cell_options(kwargs),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self._keep_use_cudnn(use_cudnn)
        self.input_spec = InputSpec(ndim=3)

    units = of_cell("units")
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")
