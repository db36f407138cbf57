"""`RNN`: any cell, run over the time axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import ops, saving, tree
from cornu.errors import ShapeError
from cornu.graph.spec import shape_of
from cornu.layers.call_spec import signature_of
from cornu.layers.layer import Layer
from cornu.layers.ordered_config import entries_of, with_entries
from cornu.layers.rnn.recurrent_cell import Noise, RecurrentCell, keep_noise
from cornu.layers.rnn.stacked_cells import StackedRNNCells, check_cell, output_size_of
from cornu.layers.rnn.time_loop import run_over_time, swap_time_and_batch
from cornu.state.names import name_scope
from cornu.state.variable import Variable
from cornu.symbolic.operation import is_builtin

__all__ = ["FLAGS", "RNN"]

FLAGS = (
    "return_sequences",
    "return_state",
    "go_backwards",
    "stateful",
    "unroll",
    "zero_output_for_mask",
)


class RNN(Layer):
    """output[t], states = cell(inputs[t], states), for each time t.

    Args:
        cell: The cell, or a list of cells, each of which takes the outputs of the one before. A
            cell has `call(inputs, states)`, which returns the output and the new states, and
            `state_size`: an int or a list of ints. It may have `output_size`, and
            `get_initial_state(batch_size)`, else the first states are zeros.
        return_sequences: Whether to return the outputs of all times instead of the last one.
        return_state: Whether to return the last states after the output.
        go_backwards: Whether to begin at the last time; outputs come in the order of the steps.
        stateful: Whether a batch begins with the states that the one before ended with. The batch
            size must be known and stay the same. `reset_state()` begins anew.
        unroll: Whether to repeat the cell in the graph instead of looping: faster for few steps.
        zero_output_for_mask: Whether outputs of masked times are zeros; by default they repeat the
            one before.
        **kwargs: Arguments of `Layer`.

    Shapes:
        sequences: (n, t, ...), mask: (n, t) -> (n, units), or (n, t, units) with return_sequences;
        with return_state also (n, state_size) for each state

    Raises:
        ValueError: If the cell lacks `call` or `state_size`.

    Example:
        >>> class Sum(cornu.layers.Layer):
        ...     state_size = 3
        ...     def call(self, inputs, states):
        ...         total = inputs + states[0]
        ...         return total, [total]
        >>> cornu.layers.RNN(Sum())(np.ones((1, 5, 3)))
        Array([[5., 5., 5.]], dtype=float32)
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        check_cell(type(self).__name__, cell)
        super().__init__(**kwargs)
        self.zero_output_for_mask = zero_output_for_mask
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.supports_masking = True
        self.__dict__["states"] = None  # Variables, but none of the layer's weights
        size = cell.state_size
        self.single_state = isinstance(size, int)
        self.state_size = [size] if isinstance(size, int) else list(size)

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell, and the states of a stateful layer."""
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
            self.cell.built = True
        if not self.stateful:
            return
        if self.states is not None:
            self.reset_state()
            return
        batch = sequences_shape[0]
        if batch is None:
            raise ShapeError(
                self.name,
                "a stateful layer needs a known batch size",
                fix="Give `batch_size=` to `Input`, and the same one to `fit` and `predict`.",
                sequences=tuple(sequences_shape),
            )
        with name_scope(self.name, caller=self):
            self.__dict__["states"] = tree.map_structure(
                lambda value: Variable(
                    value, trainable=False, dtype=self.variable_dtype, name="rnn_state"
                ),
                self.get_initial_state(batch),
            )

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """Return the states that a sequence begins with, as a list."""
        own = getattr(self.cell, "get_initial_state", None)
        if own is not None:
            states = own(batch_size=batch_size)
            return list(states) if tree.is_nested(states) else [states]
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        return [ops.zeros((batch_size, size), dtype=dtype) for size in self.state_size]

    def reset_state(self) -> None:
        """Set the states of a stateful layer to zeros."""
        if self.states is not None:
            for v in tree.flatten(self.states):
                v.assign(ops.zeros(v.shape, v.dtype))

    def reset_states(self) -> None:
        """Set the states of a stateful layer to zeros; the older name of `reset_state`."""
        self.reset_state()

    def call(
        self,
        sequences: Any,
        initial_state: Any = None,
        mask: Any = None,
        training: bool = False,
    ) -> Any:
        """Run the cell over time.

        Args:
            sequences: The inputs.
            initial_state: The states to begin with, a list of arrays.
            mask: Which times count, for each sample.
            training: Handed to the cell.
        """
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        states = self._states_before(sequences, initial_state)
        states = tree.map_structure(lambda s: ops.convert_to_tensor(s, dtype), states)
        batch, _, *rest = shape_of(sequences)
        noise = _noise_of(self.cell, (batch, *rest), states, bool(training))
        with keep_noise(noise):
            last, outputs, states = self.inner_loop(sequences, states, mask, training=training)
        output = ops.cast(outputs if self.return_sequences else last, self.compute_dtype)
        states = tree.map_structure(lambda s: ops.cast(s, self.compute_dtype), states)
        if self.stateful:
            for variable, value in zip(
                tree.flatten(self.states), tree.flatten(states), strict=True
            ):
                variable.assign(value)
        return (output, *states) if self.return_state else output

    def _states_before(self, sequences: Any, given: Any) -> list[Any]:
        """Return the states to begin with: those given, those left, or first ones."""
        batch = shape_of(sequences)[0]
        if self.stateful:
            expected = tree.flatten(self.states)[0].shape[0]
            if isinstance(batch, int) and batch != expected:
                raise ShapeError(
                    self.name,
                    f"the layer keeps states for batches of {expected} samples, being stateful, so "
                    f"it can't take a batch of {batch}",
                    fix="Let the batch size divide the number of samples, or cut the rest off.",
                    sequences=sequences,
                )
        if given is None:
            given = self.states if self.stateful else self.get_initial_state(batch_size=batch)
        return list(given) if tree.is_nested(given) else [given]

    def inner_loop(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Any, Any, Any]:
        """Run the cell over time, from states given.

        Args:
            sequences: The inputs.
            initial_state: The states to begin with, in a list.
            mask: Which times count, or None.
            training: Handed to the cell.

        Returns:
            The last output, all outputs (None unless `return_sequences`), and the last states.
        """
        cell = self.cell
        states = initial_state if tree.is_nested(initial_state) else [initial_state]
        xs = tree.map_structure(swap_time_and_batch, sequences)
        projects = self._projects_at_once()
        if projects:
            noise = cell.kept_noise() or Noise()
            # One product for all steps; the loop does the recurrent part only.
            xs = cell.project(xs, noise)

            def step(x: Any, held: Any) -> tuple[Any, Any]:
                return cell.advance(x, held, noise)  # type: ignore[no-any-return]

        else:
            takes = isinstance(cell, Layer) and "training" in signature_of(cell.call).names
            options = {"training": training} if takes else {}

            def step(x: Any, held: Any) -> tuple[Any, Any]:
                return cell(x, held, **options)  # type: ignore[no-any-return]

        last, outputs, states = run_over_time(
            step,
            xs,
            states,
            mask=self._time_mask(mask, sequences),
            go_backwards=self.go_backwards,
            unroll=self.unroll,
            zero_output_for_mask=self.zero_output_for_mask,
            return_sequences=self.return_sequences,
            output_is_state=projects,
        )
        return last, None if outputs is None else swap_time_and_batch(outputs), states

    def _projects_at_once(self) -> bool:
        """Say whether the cell is built in, and so known to project its inputs by themselves."""
        cell = self.cell
        return (
            isinstance(cell, RecurrentCell)
            and is_builtin(type(cell))
            and cell.compute_dtype == self.compute_dtype
        )

    def _time_mask(self, mask: Any, sequences: Any) -> Any:
        """Return the mask time-major, as booleans of two axes."""
        found = [m for m in tree.flatten(mask) if m is not None]
        if not found:
            return None
        mask = ops.cast(found[0], "bool")
        have = shape_of(mask)
        if len(have) < 2:
            raise ShapeError(
                self.name,
                "the mask must say for each sample and time whether it counts",
                mask=mask,
                sequences=sequences,
            )
        if len(have) > 2:
            mask = ops.any(mask, tuple(range(2, len(have))))
        return swap_time_and_batch(mask)

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        """Return the mask of the sequence for an output that is one; states have none."""
        found = tree.flatten(mask)
        output = found[0] if self.return_sequences and found else None
        return [output, *[None] * len(self.state_size)] if self.return_state else output

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return with_entries(super().get_config(), entries_of(self, FLAGS))

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the layer of a config, its cell included."""
        found = dict(config)
        if "cell" not in found:
            return cls(**found)
        cell = saving.deserialize_keras_object(found.pop("cell"), custom_objects=custom_objects)
        return cls(cell, **found)


def _noise_of(cell: Any, shape: Any, states: Any, training: bool) -> dict[int, Noise]:
    """Return the noise of a whole sequence, by id of the cell, drawn for each built-in one.

    Args:
        cell: The cell or the stack of cells.
        shape: That of one step's inputs.
        states: Those of the cell.
        training: Whether it is wanted; else the draws are counted only.
    """
    if isinstance(cell, StackedRNNCells):
        found: dict[int, Noise] = {}
        for one, held in zip(cell.cells, states, strict=True):
            found.update(_noise_of(one, shape, held, training))
            shape = (shape[0], output_size_of(one))
        return found
    if not isinstance(cell, RecurrentCell):
        return {}
    if not training:
        cell.skip_noise()
        return {id(cell): Noise()}
    return {id(cell): cell.draw_noise(shape, shape_of(tree.flatten(states)[0]))}
