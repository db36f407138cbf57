"""`RecurrentCell`: what the built-in cells share, and the dropout masks of a whole sequence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

from cornu import constraints, initializers, ops, random, regularizers
from cornu.graph.spec import shape_of
from cornu.layers.layer import Layer
from cornu.layers.ordered_config import entries_of, with_entries
from cornu.random.seed_generator import SeedGenerator

__all__ = [
    "CONSTRAINTS",
    "DROPOUT",
    "INITIALIZERS",
    "REGULARIZED",
    "REGULARIZERS",
    "Noise",
    "RecurrentCell",
    "keep_noise",
    "masked_product",
]

# Names in configs, in Keras' order.
INITIALIZERS = ("kernel_initializer", "recurrent_initializer", "bias_initializer")
REGULARIZERS = ("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")
REGULARIZED = (*INITIALIZERS, *REGULARIZERS)
CONSTRAINTS = ("kernel_constraint", "recurrent_constraint", "bias_constraint")
DROPOUT = ("dropout", "recurrent_dropout")


class Noise(NamedTuple):
    """Dropout masks for the inputs and for the recurrent state, one or one for each gate.

    They are factors: 0 where a value is dropped, else 1 / (1 - rate). Empty: nothing is dropped.
    """

    inputs: tuple[Any, ...] = ()
    states: tuple[Any, ...] = ()


# By id of the cell: the noise of the sequence that is running. A cell that isn't there draws anew.
_noise: ContextVar[Mapping[int, Noise]] = ContextVar("recurrent_noise", default={})  # noqa: B039


@contextlib.contextmanager
def keep_noise(noise: Mapping[int, Noise]) -> Iterator[None]:
    """Make cells use this noise, by their id, in every step while the block runs."""
    token = _noise.set({**_noise.get(), **noise})
    try:
        yield
    finally:
        _noise.reset(token)


class RecurrentCell(Layer):
    """A cell that first projects its inputs and then does the rest of a step.

    The projection doesn't depend on the states, so a layer computes it for all steps at once.
    Subclasses write `build`, `project` and `advance`, and say in `_cornu_gates` how many gates
    there are.

    Args:
        dropout: Which part of the inputs is dropped in training, from 0 to 1.
        recurrent_dropout: Which part of the recurrent state is dropped in training.
        seed: Seed of what is dropped.
        weights: The initializers, regularizers and constraints of the weights, by parameter.
        **kwargs: Arguments of `Layer`.
    """

    _cornu_gates = 1
    _cornu_entries: tuple[str, ...] = ()
    _cornu_always_per_gate = False

    def __init__(
        self,
        *,
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        weights: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        # Keras' choice between two ways to compute the same; it is the dropout that decides here.
        kwargs.pop("implementation", None)
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        for name, value in weights.items():
            kind = name.rpartition("_")[2]
            setattr(self, name, _FINDERS[kind](value))
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))

    def project(self, inputs: Any, noise: Noise) -> Any:
        """Return the part of a step that depends on the inputs alone.

        Args:
            inputs: One step's, or those of many steps with further axes in front.
            noise: What is dropped.

        Returns:
            An array or a tuple of arrays, with the axes of `inputs` in front.
        """
        raise NotImplementedError

    def advance(self, projected: Any, states: Any, noise: Noise) -> tuple[Any, list[Any]]:
        """Return the output and the new states of one step."""
        raise NotImplementedError

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        """Compute one step.

        Args:
            inputs: The inputs of this step.
            states: A list of the states, or the only one.
            training: Whether to drop what `dropout` and `recurrent_dropout` say.

        Returns:
            The output, and the new states in the structure of `states`.
        """
        is_list = isinstance(states, (list, tuple))
        held = list(states) if is_list else [states]
        noise = self.kept_noise()
        if noise is None:
            shapes = shape_of(inputs), shape_of(held[0])
            noise = self.draw_noise(*shapes) if training else Noise()
        output, new = self.advance(self.project(inputs, noise), held, noise)
        return output, new if is_list else new[0]

    def kept_noise(self) -> Noise | None:
        """Return the noise of the sequence that is running, or None outside of one."""
        return _noise.get().get(id(self))

    def draw_noise(self, inputs_shape: Any, state_shape: Any) -> Noise:
        """Return noise for one step's inputs and recurrent state of these shapes."""
        count = self._mask_count()

        def masks(shape: Any, rate: float) -> tuple[Any, ...]:
            if not 0 < rate < 1:  # at 1, Keras drops nothing
                return ()
            ones = ops.ones(shape, self.compute_dtype)
            return tuple(random.dropout(ones, rate, seed=self.seed_generator) for _ in range(count))

        return Noise(masks(inputs_shape, self.dropout), masks(state_shape, self.recurrent_dropout))

    def skip_noise(self) -> None:
        """Count the draws of `draw_noise` without drawing: Keras draws in inference too."""
        drawn = ((self.dropout > 0) + (self.recurrent_dropout > 0)) * self._mask_count()
        if drawn:
            state = self.seed_generator.state
            state.assign(ops.add(state, ops.convert_to_tensor([0, drawn], "uint32")))

    def _mask_count(self) -> int:
        """Return the number of masks for the inputs: one for all gates, or one for each."""
        separate = self.recurrent_dropout > 0 or self._cornu_always_per_gate
        return self._cornu_gates if separate else 1

    def add_weights(self, shapes: Mapping[str, tuple[int, ...]], bias_initializer: Any) -> None:
        """Make the kernel, the recurrent kernel and perhaps the bias, each as its options say.

        Args:
            shapes: Attribute -> shape. A bias of no size is left out: the attribute is None.
            bias_initializer: First values of the bias.
        """
        for name, shape in shapes.items():
            option = "recurrent" if name == "recurrent_kernel" else name
            initializer = getattr(self, f"{option}_initializer")
            weight = None
            if shape:
                weight = self.add_weight(
                    shape=shape,
                    name=name,
                    initializer=bias_initializer if name == "bias" else initializer,
                    regularizer=getattr(self, f"{option}_regularizer"),
                    constraint=getattr(self, f"{option}_constraint"),
                )
            setattr(self, name, weight)

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Return states of zeros for a batch."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in sizes]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal cell."""
        return with_entries(super().get_config(), entries_of(self, self._cornu_entries))


_FINDERS = {
    "initializer": initializers.get,
    "regularizer": regularizers.get,
    "constraint": constraints.get,
}


def masked_product(x: Any, kernel: Any, masks: tuple[Any, ...]) -> Any:
    """Return `(x * mask) @ kernel`; with a mask for each gate, each sees its own columns.

    Args:
        x: Values, with any axes in front.
        kernel: A matrix whose columns are those of one gate after the other.
        masks: None, one, or one for each gate.
    """
    if not masks:
        return ops.matmul(x, kernel)
    if len(masks) == 1:
        return ops.matmul(ops.multiply(x, masks[0]), kernel)
    parts = ops.split(kernel, len(masks), axis=-1)
    products = [
        ops.matmul(ops.multiply(x, mask), part) for mask, part in zip(masks, parts, strict=True)
    ]
    return ops.concatenate(products, axis=-1)
