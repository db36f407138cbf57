"""`FixedCellRNN`: the base of recurrent layers that come with a cell of their own."""

from __future__ import annotations

from typing import Any

from cornu import regularizers
from cornu.errors import ArgumentError
from cornu.layers.ordered_config import entries_of, with_entries
from cornu.layers.rnn.recurrent_layer import FLAGS, RNN

__all__ = ["FixedCellRNN", "cell_options", "of_cell"]


def of_cell(name: str) -> Any:
    """Return a property that is the cell's attribute of this name."""

    def get(self: Any) -> Any:
        return getattr(self.cell, name)

    return property(get, doc=f"The cell's `{name}`.")


def cell_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return those of a layer's further arguments that are its cell's too."""
    cell = {"dtype": options.get("dtype"), "trainable": options.get("trainable", True)}
    options.pop("implementation", None)
    return cell


class FixedCellRNN(RNN):
    """A layer whose constructor makes the cell; it shows the cell's arguments as its own."""

    _cornu_entries: tuple[str, ...] = ()

    use_bias = of_cell("use_bias")
    activation = of_cell("activation")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")
    seed = of_cell("seed")

    def _keep_use_cudnn(self, value: Any) -> None:
        """Keep the choice of a fused kernel of the GPU.

        Raises:
            ArgumentError: If it is none of "auto", True, False.
        """
        if value not in ("auto", True, False):
            raise ArgumentError(
                type(self).__name__, '`use_cudnn` must be "auto", True or False', use_cudnn=value
            )
        self.use_cudnn = value

    def inner_loop(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Any, Any, Any]:
        """Run the cell over time, from states given; see `RNN.inner_loop`.

        Raises:
            ArgumentError: If a cuDNN kernel must be used: there is none.
        """
        if getattr(self, "use_cudnn", "auto") is True:
            raise ArgumentError(
                self.name,
                "`use_cudnn=True` demands a cuDNN kernel, which no backend has here",
                fix='Leave `use_cudnn="auto"`: the fastest way there is is taken.',
            )
        return super().inner_loop(sequences, initial_state, mask, training=training)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        own = entries_of(self, self._cornu_entries)
        if "activity_regularizer" in own:
            own["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return with_entries(config, {**{k: config[k] for k in FLAGS}, **own})
