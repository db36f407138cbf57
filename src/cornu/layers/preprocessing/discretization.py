"""`Discretization`: numbers as the bins that they fall into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu import ops, settings
from cornu.errors import ArgumentError, NotSupportedError, StateError
from cornu.layers.arguments import one_of
from cornu.layers.layer import Layer
from cornu.layers.preprocessing.encoding import MODES, encoded

__all__ = ["Discretization"]

_Summary = np.ndarray[Any, Any]  # two rows: values in order, and how many numbers each stands for


class Discretization(Layer):
    """The number of the bin between boundaries that a value falls into.

    Args:
        bin_boundaries: The boundaries, in order; n of them make n + 1 bins. Bin i holds
            boundaries[i - 1] <= x < boundaries[i].
        num_bins: The number of bins, whose boundaries `adapt` chooses so that each gets as much.
        epsilon: How far the quantiles that `adapt` finds may be off; smaller takes more memory.
        output_mode: "int": the numbers; "one_hot", "multi_hot", "count": as `CategoryEncoding`.
        sparse: Only False is possible on most backends.
        dtype: A dtype or policy.
        name: Its name.

    Shapes:
        inputs: any -> the same, for "int"

    Example:
        >>> cornu.layers.Discretization([0.0, 1.0])(np.array([-1.0, 0.0, 0.5, 7.0]))
        Array([0, 1, 1, 2], dtype=int32)
    """

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if sparse:
            raise NotSupportedError("Discretization", "this backend has no sparse tensors")
        if (num_bins is None) == (bin_boundaries is None):
            raise ArgumentError(
                "Discretization",
                "give either `bin_boundaries` or `num_bins`",
                bin_boundaries=bin_boundaries,
                num_bins=num_bins,
            )
        if num_bins is not None and num_bins < 0:
            raise ArgumentError(
                "Discretization", "`num_bins` must not be negative", num_bins=num_bins
            )
        self.bin_boundaries = None if bin_boundaries is None else list(bin_boundaries)
        self.num_bins = num_bins
        self.epsilon = epsilon
        self.output_mode = one_of("Discretization", "output_mode", output_mode, "int", *MODES)
        self.sparse = sparse
        self.summary: _Summary = np.zeros((2, 0), "float32")

    @property
    def input_dtype(self) -> str:
        """The dtype to which inputs are cast: `floatx`, as 16 bits would blur boundaries."""
        return settings.floatx()

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Choose the boundaries so that each bin gets about as much of the data.

        Args:
            data: An array, or an iterable of batches.
            steps: How many batches to look at; None: all.

        Raises:
            ValueError: If the boundaries were given.
        """
        if self.num_bins is None:
            raise ArgumentError(f"{self.name}.adapt", "the layer was made with `bin_boundaries`")
        summary: _Summary = np.zeros((2, 0), "float32")
        for i, batch in enumerate([data] if hasattr(data, "shape") else data):
            if steps is not None and i >= steps:
                break
            values = np.asarray(ops.convert_to_numpy(batch), "float32")
            both = np.concatenate((_summary(values, self.epsilon), summary), axis=1)
            summary = _compressed(both[:, np.argsort(both[0], kind="stable")], self.epsilon)
        self.summary = summary
        self.bin_boundaries = _compressed(summary, 1.0 / self.num_bins)[0, :-1].tolist()

    def call(self, inputs: Any) -> Any:
        """Find the bins."""
        if self.bin_boundaries is None:
            raise StateError(
                self.name, "the bins aren't known yet", fix="Call `adapt(data)` before."
            )
        bins = ops.digitize(inputs, np.asarray(self.bin_boundaries, settings.floatx()))
        if self.output_mode == "int":
            return ops.cast(bins, "int32")
        depth = len(self.bin_boundaries) + 1
        return encoded(bins, self.output_mode, depth, self.compute_dtype)

    def load_own_variables(self, store: Any) -> None:
        """Take the summary that older files hold."""
        if len(store.keys()) == 1:
            self.summary = np.asarray(store["0"])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer, with the boundaries found so far."""
        config = super().get_config()
        del config["trainable"]  # which the constructor doesn't take
        return {**config, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the layer of a config."""
        found = dict(config)
        boundaries = found.pop("bin_boundaries", None)
        if found.get("num_bins") is None:
            return cls(boundaries, **found)
        layer = cls(**found)
        layer.bin_boundaries = boundaries
        return layer


def _summary(values: np.ndarray[Any, Any], epsilon: float) -> _Summary:
    """Return every k-th of the sorted values, standing for k each; all if there are few."""
    ordered = np.sort(values, axis=None)
    step = max(ordered.size * epsilon, 1.0)
    chosen = ordered[int(step - 1) :: int(step)]
    return np.stack([chosen, np.full_like(chosen, step)])


def _compressed(summary: _Summary, epsilon: float) -> _Summary:
    """Return a summary of 1 / epsilon values at evenly spaced quantiles."""
    if summary.shape[1] * epsilon < 1:
        return summary
    parts = epsilon + np.arange(0.0, 1.0, epsilon)
    total = summary[1].cumsum()
    values = np.interp(parts, total / total[-1], summary[0])
    reached = np.interp(parts, total / total[-1], total)
    return np.stack((values, np.diff(reached, prepend=0.0))).astype("float32")
