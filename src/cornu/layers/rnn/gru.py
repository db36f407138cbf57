"""`GRU`: a gate between the old state and a new one."""

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

__all__ = ["GRU", "GRUCell"]


class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit.

    z, r = s(x @ kernel + h @ recurrent_kernel + biases), the first two thirds of the columns
    n = activation(x @ kernel + bias + r * (h @ recurrent_kernel + bias)), the last third
    h = z * h + (1 - z) * n

    With `reset_after=False`, n = activation(x @ kernel + bias + (r * h) @ recurrent_kernel).

    Args:
        units: Number of outputs.
        activation: Function of new values, or its name; None leaves it as it is.
        recurrent_activation: Function of the gates, or its name.
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
        reset_after: Whether the reset gate acts after the recurrent product, with a bias of its own
            there, or before it.
        seed: An int for the same noise in every run; None draws a seed.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d), states: [(n, units)] -> (n, units), [(n, units)]

    References:
        Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder for
        Statistical Machine Translation", arXiv:1406.1078.

    Example:
        >>> cornu.layers.RNN(cornu.layers.GRUCell(4))(np.zeros((32, 10, 8))).shape
        (32, 4)
    """

    _cornu_gates = 3
    _cornu_entries = (
        *("units", "activation", "recurrent_activation", "use_bias"),
        *(*REGULARIZED, *CONSTRAINTS, *DROPOUT, "reset_after", "seed"),
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
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
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
        self.units = positive_int("GRUCell", "units", units)
        self.activation = activations.get(activation)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.use_bias = use_bias
        self.reset_after = reset_after
        self.state_size = self.output_size = self.units

    def build(self, input_shape: Any) -> None:
        """Make the kernels and the bias: two rows, for inputs and state, with `reset_after`."""
        columns = 3 * self.units
        bias = (2, columns) if self.reset_after else (columns,)
        self.add_weights(
            {
                "kernel": (known_size("GRUCell", input_shape), columns),
                "recurrent_kernel": (self.units, columns),
                "bias": bias if self.use_bias else (),
            },
            self.bias_initializer,
        )

    def project(self, inputs: Any, noise: Noise) -> Any:
        """Return `inputs @ kernel + bias`: columns of the gates, columns of the new values."""
        y = masked_product(inputs, self.kernel, noise.inputs)
        if self.bias is not None:
            y = ops.add(y, self.bias[0] if self.reset_after else self.bias)
        return tuple(ops.split(y, [2 * self.units], axis=-1))

    def advance(self, projected: Any, states: Any, noise: Noise) -> tuple[Any, list[Any]]:
        """Mix the old state with the new values."""
        x_gates, x_new = projected
        (h,) = states
        if self.reset_after:
            y = masked_product(h, self.recurrent_kernel, noise.states)
            if self.bias is not None:
                y = ops.add(y, self.bias[1])
            h_gates, h_new = ops.split(y, [2 * self.units], axis=-1)
            z, r = self._gates(ops.add(x_gates, h_gates))
            new = ops.add(x_new, ops.multiply(r, h_new))
        else:
            gates, last = ops.split(self.recurrent_kernel, [2 * self.units], axis=-1)
            z, r = self._gates(ops.add(x_gates, masked_product(h, gates, noise.states[:2])))
            reset = ops.multiply(r, h)
            new = ops.add(x_new, masked_product(reset, last, noise.states[2:]))
        new = self.activation(new)
        h = ops.add(new, ops.multiply(z, ops.subtract(h, new)))  # z * h + (1 - z) * new
        return h, [h]

    def _gates(self, sums: Any) -> tuple[Any, Any]:
        z, r = ops.split(sums, 2, axis=-1)
        return self.recurrent_activation(z), self.recurrent_activation(r)


class GRU(FixedCellRNN):
    """A gated recurrent unit, run over time.

    z, r = s(x[t] @ kernel + h @ recurrent_kernel + biases), the first two thirds of the columns
    n = activation(x[t] @ kernel + bias + r * (h @ recurrent_kernel + bias)), the last third
    h = z * h + (1 - z) * n

    Args:
        units: Number of outputs.
        activation: Function of new values, or its name; None leaves it as it is.
        recurrent_activation: Function of the gates, or its name.
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
        seed: An int for the same noise in every run; None draws a seed.
        return_sequences: Whether to return the outputs of all times instead of the last one.
        return_state: Whether to return the last state after the output.
        go_backwards: Whether to begin at the last time; outputs come in the order of the steps.
        stateful: Whether a batch begins with the state that the one before ended with.
        unroll: Whether to repeat the cell in the graph instead of looping.
        reset_after: Whether the reset gate acts after the recurrent product, with a bias of its own
            there, or before it.
        use_cudnn: Kept for the signature: "auto" or False; there is no cuDNN kernel to demand.
        **kwargs: Arguments of `RNN` and `Layer`.

    Shapes:
        sequences: (n, t, d) -> (n, units), or (n, t, units) with return_sequences

    References:
        Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder for
        Statistical Machine Translation", arXiv:1406.1078.

    Example:
        >>> layer = cornu.layers.GRU(4, return_sequences=True, return_state=True)
        >>> [x.shape for x in layer(np.zeros((32, 10, 8)))]
        [(32, 10, 4), (32, 4)]
    """

    _cornu_not_in_config = ("use_cudnn",)
    _cornu_entries = (
        *("units", "activation", "recurrent_activation", "use_bias"),
        *(*REGULARIZED, "activity_regularizer", *CONSTRAINTS, *DROPOUT, "reset_after", "seed"),
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
        reset_after: bool = True,
        use_cudnn: bool | str = "auto",
        **kwargs: Any,
    ) -> None:
        cell = GRUCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
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
            reset_after=reset_after,
            seed=seed,
            name="gru_cell",
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
    reset_after = of_cell("reset_after")
