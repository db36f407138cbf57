"""`SimpleRNN`: the output is fed back as it is."""

from __future__ import annotations

from typing import Any

from cornu import activations, ops
from cornu.layers.arguments import known_size, positive_int
from cornu.layers.input_spec import InputSpec
from cornu.layers.rnn.fixed_cell_layer import FixedCellRNN, cell_options, of_cell
from cornu.layers.rnn.recurrent_cell import (
    CONSTRAINTS,
    DROPOUT,
    REGULARIZED,
    Noise,
    RecurrentCell,
    masked_product,
)

__all__ = ["SimpleRNN", "SimpleRNNCell"]


class SimpleRNNCell(RecurrentCell):
    """h[t] = activation(x[t] @ kernel + h[t-1] @ recurrent_kernel + bias).

    Args:
        units: Number of outputs.
        activation: Function of the result, or its name; None leaves it as it is.
        use_bias: Whether to add a bias.
        kernel_initializer: First values of the kernel.
        recurrent_initializer: First values of the recurrent kernel.
        bias_initializer: First values of the bias.
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
        inputs: (n, d), states: [(n, units)] -> (n, units), [(n, units)]

    Example:
        >>> cell = cornu.layers.SimpleRNNCell(2, kernel_initializer="ones")
        >>> output, states = cell(np.zeros((1, 3)), [np.zeros((1, 2))])
        >>> output.tolist(), len(states)
        ([[0.0, 0.0]], 1)
    """

    _cornu_entries = (
        *("units", "activation", "use_bias", *REGULARIZED),
        *(*CONSTRAINTS, *DROPOUT, "seed"),
    )

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
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
        self.units = positive_int("SimpleRNNCell", "units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.state_size = self.output_size = self.units

    def build(self, input_shape: Any) -> None:
        """Make the kernels and the bias."""
        self.add_weights(
            {
                "kernel": (known_size("SimpleRNNCell", input_shape), self.units),
                "recurrent_kernel": (self.units, self.units),
                "bias": (self.units,) if self.use_bias else (),
            },
            self.bias_initializer,
        )

    def call(self, sequence: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        """Compute one step; see `RecurrentCell.call`."""
        return super().call(sequence, states, training=training)

    def project(self, inputs: Any, noise: Noise) -> Any:
        """Return `inputs @ kernel + bias`."""
        y = masked_product(inputs, self.kernel, noise.inputs)
        return y if self.bias is None else ops.add(y, self.bias)

    def advance(self, projected: Any, states: Any, noise: Noise) -> tuple[Any, list[Any]]:
        """Add the recurrent part and apply the activation."""
        y = ops.add(projected, masked_product(states[0], self.recurrent_kernel, noise.states))
        if self.activation is not None:
            y = self.activation(y)
        return y, [y]


class SimpleRNN(FixedCellRNN):
    """h[t] = activation(x[t] @ kernel + h[t-1] @ recurrent_kernel + bias), for each time t.

    Args:
        units: Number of outputs.
        activation: Function of the result, or its name; None leaves it as it is.
        use_bias: Whether to add a bias.
        kernel_initializer: First values of the kernel.
        recurrent_initializer: First values of the recurrent kernel.
        bias_initializer: First values of the bias.
        kernel_regularizer: Penalty on the kernel.
        recurrent_regularizer: Penalty on the recurrent kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the outputs.
        kernel_constraint: Applied to the kernel after each update.
        recurrent_constraint: Applied to the recurrent kernel after each update.
        bias_constraint: Applied to the bias after each update.
        dropout: Which part of the inputs is dropped in training, the same in all steps.
        recurrent_dropout: Which part of the recurrent state is dropped in training, likewise.
        return_sequences: Whether to return the outputs of all times instead of the last one.
        return_state: Whether to return the last state after the output.
        go_backwards: Whether to begin at the last time; outputs come in the order of the steps.
        stateful: Whether a batch begins with the state that the one before ended with.
        unroll: Whether to repeat the cell in the graph instead of looping.
        seed: An int for the same noise in every run; None draws a seed.
        **kwargs: Arguments of `RNN` and `Layer`.

    Shapes:
        sequences: (n, t, d) -> (n, units), or (n, t, units) with return_sequences

    References:
        Elman 1990, "Finding Structure in Time", Cognitive Science 14.

    Example:
        >>> cornu.layers.SimpleRNN(4)(np.zeros((32, 10, 8))).shape
        (32, 4)
    """

    _cornu_not_in_config = ("seed",)
    _cornu_entries = (
        *("units", "activation", "use_bias", *REGULARIZED),
        *("activity_regularizer", *CONSTRAINTS, *DROPOUT),
    )

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        cell = SimpleRNNCell(
            units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            name="simple_rnn_cell",
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
        self.input_spec = InputSpec(ndim=3)

    units = of_cell("units")
