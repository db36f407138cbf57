"""`StackedRNNCells`: several cells that act as one, each on the outputs of the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cornu import ops, saving, tree
from cornu.errors import ArgumentError
from cornu.layers.call_spec import signature_of
from cornu.layers.layer import Layer

__all__ = ["StackedRNNCells", "check_cell", "output_size_of"]


def check_cell(where: str, cell: Any) -> None:
    """Raise unless `cell` can be one.

    Raises:
        ArgumentError: If it lacks `call` or a `state_size` of the right kind.
    """
    if not callable(getattr(cell, "call", None)):
        raise ArgumentError(where, "a cell must have a method `call(inputs, states)`", cell=cell)
    if not isinstance(getattr(cell, "state_size", None), (int, list, tuple)):
        raise ArgumentError(
            where,
            "a cell must have `state_size`: an int, or a list or tuple with one for each state",
            cell=cell,
            fix="Set `self.state_size = units` in the cell's `__init__`.",
        )


def output_size_of(cell: Any) -> Any:
    """Return the size of a cell's outputs: its `output_size`, else that of its first state."""
    size = getattr(cell, "output_size", None)
    if size is not None:
        return size
    state = cell.state_size
    return state[0] if isinstance(state, (list, tuple)) else state


class StackedRNNCells(Layer):
    """A cell made of cells: each takes the outputs of the one before.

    Args:
        cells: The cells, from the one that sees the inputs to the one whose outputs are returned.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d), states: one entry for each cell -> (n, units of the last), new states

    Raises:
        ValueError: If a cell lacks `call` or `state_size`.

    Example:
        >>> cells = [cornu.layers.GRUCell(4), cornu.layers.LSTMCell(2)]
        >>> layer = cornu.layers.RNN(cornu.layers.StackedRNNCells(cells))
        >>> layer(np.zeros((3, 5, 8))).shape
        (3, 2)
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            check_cell("StackedRNNCells", cell)
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """The state sizes of the cells, one entry for each."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """The size of the last cell's outputs."""
        return output_size_of(self.cells[-1])

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Return the states that a sequence begins with, one entry for each cell."""
        return [self._initial_state(cell, batch_size) for cell in self.cells]

    def _initial_state(self, cell: Any, batch_size: Any) -> Any:
        own = getattr(cell, "get_initial_state", None)
        if own is not None:
            return own(batch_size=batch_size)
        return tree.map_structure(
            lambda size: ops.zeros((batch_size, size), dtype=self.compute_dtype), cell.state_size
        )

    def build(self, input_shape: Any) -> None:
        """Build the cells, each for the outputs of the one before."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
                cell.built = True
            input_shape = (tree.flatten(input_shape)[0], output_size_of(cell))

    def call(self, inputs: Any, states: Any, training: bool = False, **kwargs: Any) -> Any:
        """Compute one step of each cell.

        Args:
            inputs: The inputs of this step.
            states: One entry for each cell: its state, or a list of them.
            training: Handed to the cells.
            **kwargs: Handed to the cells.

        Returns:
            The outputs of the last cell, and the new states.
        """
        found = []
        for cell, held in zip(self.cells, states, strict=True):
            options = dict(kwargs)
            if isinstance(cell, Layer) and "training" in signature_of(cell.call).names:
                options["training"] = training
            is_list = tree.is_nested(held)
            run = cell if callable(cell) else cell.call
            inputs, new = run(inputs, list(held) if is_list else [held], **options)
            new = list(new) if tree.is_nested(new) else [new]
            found.append(new if is_list else new[0])
        return inputs, found

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the stack of a config, its cells included."""
        found = dict(config)
        cells = [
            saving.deserialize_keras_object(cell, custom_objects=custom_objects)
            for cell in found.pop("cells")
        ]
        return cls(cells, **found)
