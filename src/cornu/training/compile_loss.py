"""`CompileLoss`: the losses given to `compile`, matched with the outputs of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cornu import ops, tree
from cornu.errors import ArgumentError, add_context, source_of
from cornu.graph.spec import shape_of
from cornu.graph.trace import layer_path
from cornu.losses.loss import Loss
from cornu.metrics.metric import Metric
from cornu.metrics.reductions import Mean
from cornu.ops.op import Tensor
from cornu.training.by_shape import check_loss, find_loss

__all__ = ["CompileLoss"]

Path = tuple[Any, ...]


class _Part(NamedTuple):
    """One loss on one output."""

    path: Path  # keys and positions that lead to the output
    loss: Loss
    weight: Any
    name: str


class _Leaf:
    """A loss as the user gave it, and its weight. To `tree` it isn't structure, as a tuple is."""

    __slots__ = ("loss", "weight")

    def __init__(self, loss: Any, weight: Any) -> None:
        self.loss = loss
        self.weight = weight


class CompileLoss(Loss):
    """The sum of the losses of all outputs, each with its weight.

    Args:
        loss: A loss, a name, or a list or dict of them like the outputs; None leaves an output
            out. A single one holds for every output; a list for one output adds up.
        loss_weights: A number for each loss.
        reduction: Kept for the API.
        output_names: Names of the outputs, in their order.

    Raises:
        ArgumentError: If the weights are neither a number nor a list nor a dict.
        UnknownNameError: If there is no loss of a name.

    Example:
        >>> loss = CompileLoss(["mse", "mae"], [1.0, 10.0])
        >>> y, p = [np.zeros((1, 1))] * 2, [np.full((1, 1), 2.0), np.ones((1, 1))]
        >>> float(loss(y, p))
        14.0
    """

    def __init__(
        self,
        loss: Any,
        loss_weights: Any = None,
        reduction: str | None = "sum_over_batch_size",
        output_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__(name="compile_loss", reduction=reduction)
        if loss_weights and not isinstance(loss_weights, (list, tuple, dict, int, float)):
            raise ArgumentError(
                "compile",
                "`loss_weights` must be a number for one output, a list or a dict for several",
                loss_weights=loss_weights,
            )
        for leaf in tree.flatten(loss):
            check_loss(leaf)
        self.output_names = None if output_names is None else list(output_names)
        self.built = False
        self._loss = loss
        self._loss_weights = loss_weights
        self._parts: list[_Part] = []
        self._metrics: list[Metric] = []

    @property
    def _cornu_version(self) -> int:
        return sum(getattr(loss, "_cornu_version", 0) for loss in tree.flatten(self._loss))

    @property
    def metrics(self) -> list[Metric]:
        """With several losses, the mean of each over the epoch, named `<output>_loss`."""
        return self._metrics

    @property
    def variables(self) -> list[Any]:
        """The variables of the metrics."""
        return [v for metric in self._metrics for v in metric.variables]

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the total loss.

        Args:
            y_true: Targets, structured like the predictions; dicts by the names of outputs.
            y_pred: Predictions.
            sample_weight: Weights for all outputs, or structured like the predictions.

        Returns:
            A scalar; None if every loss is None.

        Raises:
            ValueError: If the structures don't go together.
        """
        return self.call(y_true, y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the total loss; see `__call__`."""
        y_true = self._targets(y_true, y_pred)
        if not self.built:
            self.build(y_true, y_pred)
        weights = self._weights(sample_weight, y_pred)
        total: Tensor | None = None
        for i, (path, loss, factor, _) in enumerate(self._parts):
            predicted = _at(path, y_pred)
            target = _at(path, y_true)
            token = layer_path.set(f"loss:{loss.name}")  # for errors while the step runs
            try:
                value = ops.cast(loss(target, predicted, _at(path, weights)), self.dtype)
            except Exception as error:
                given = {"y_true": target, "y_pred": predicted}
                add_context(error, loss, given, source_of(error))
                raise
            finally:
                layer_path.reset(token)
            if self._metrics:
                size = shape_of(tree.flatten(predicted)[0])[0]
                self._metrics[i].update_state(value, sample_weight=size)
            if factor is not None:
                value = ops.multiply(value, factor)
            total = value if total is None else ops.add(total, value)
        return total

    # Targets and weights, brought into the structure of the predictions

    def _targets(self, y_true: Any, y_pred: Any) -> Any:
        if not tree.is_nested(y_pred):
            leaves = tree.flatten(y_true)
            # A list of numbers is data; a list or dict of one array is the array.
            alone = tree.is_nested(y_true) and len(leaves) == 1 and hasattr(leaves[0], "shape")
            return leaves[0] if alone else y_true
        count = len(tree.flatten(y_pred))
        given = y_true
        if isinstance(y_true, dict):
            if isinstance(y_pred, dict):
                if set(y_true) <= set(y_pred):
                    given = {key: y_true.get(key) for key in y_pred}
                    if not any(map(tree.is_nested, y_pred.values())):
                        return given
            elif self.output_names and set(y_true) <= set(self.output_names):
                given = [y_true.get(name) for name in self.output_names]
        if isinstance(given, dict) == isinstance(y_pred, dict) or not isinstance(given, dict):
            leaves = tree.flatten(given)
            same_keys = not isinstance(given, dict) or set(given) == set(y_pred)
            if len(leaves) == count and same_keys:
                return tree.pack_sequence_as(y_pred, leaves)
            losses = tree.flatten(self._by_name(self._loss, y_pred))
            wanted = [i for i, loss in enumerate(losses) if loss is not None]
            if same_keys and len(losses) == count and len(leaves) == len(wanted):
                filled: list[Any] = [None] * count
                for i, leaf in zip(wanted, leaves, strict=True):
                    filled[i] = leaf
                return tree.pack_sequence_as(y_pred, filled)
        raise ArgumentError(
            "compile",
            "targets must have the structure of the predictions",
            y_true=y_true,
            y_pred=y_pred,
        )

    def _weights(self, sample_weight: Any, y_pred: Any) -> Any:
        if sample_weight is None or not tree.is_nested(y_pred):
            leaves = tree.flatten(sample_weight)
            alone = (
                tree.is_nested(sample_weight) and len(leaves) == 1 and hasattr(leaves[0], "shape")
            )
            return leaves[0] if alone else sample_weight
        if not tree.is_nested(sample_weight):
            return tree.map_structure(lambda _: sample_weight, y_pred)
        if isinstance(sample_weight, dict):
            names = list(y_pred) if isinstance(y_pred, dict) else (self.output_names or [])
            if set(sample_weight) <= set(names):
                found = [sample_weight.get(name) for name in names]
                return dict(zip(names, found, strict=True)) if isinstance(y_pred, dict) else found
        leaves = tree.flatten(sample_weight)
        if len(leaves) == len(tree.flatten(y_pred)) and not isinstance(sample_weight, dict):
            return tree.pack_sequence_as(y_pred, leaves)
        raise ArgumentError(
            "fit",
            "`sample_weight` must hold for all outputs or have the structure of the predictions",
            sample_weight=sample_weight,
            y_pred=y_pred,
        )

    # Which loss is for which output

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Match losses with outputs.

        Args:
            y_true: Targets, structured like the predictions.
            y_pred: Predictions.

        Raises:
            ValueError: If losses or weights don't match the outputs.
            KeyError: If a loss is for an output that doesn't exist.
        """
        loss = self._by_name(self._loss, y_pred)
        weights = self._by_name(self._loss_weights, y_pred)
        leaves = tree.flatten(loss)
        if weights is None:
            factors: list[Any] = [None] * len(leaves)
        elif isinstance(loss, dict) and isinstance(weights, dict) and set(loss) != set(weights):
            raise ArgumentError(
                "compile",
                "`loss_weights` must name every output that `loss` names",
                loss=loss,
                loss_weights=weights,
            )
        else:
            factors = tree.flatten(weights)
        if len(factors) != len(leaves):
            raise ArgumentError(
                "compile",
                f"there are {len(leaves)} losses, and {len(factors)} weights of losses",
                loss=loss,
                loss_weights=weights,
            )
        pairs = [
            None if one is None else _Leaf(one, factor)
            for one, factor in zip(leaves, factors, strict=True)
        ]
        loss = tree.pack_sequence_as(loss, pairs)
        if not tree.is_nested(loss):
            leaf = loss
            loss = tree.map_structure(lambda _: leaf, y_pred)
        self._parts = []
        self._match(loss, y_true, y_pred, self._names(y_pred), ())
        if len(self._parts) > 1:
            self._metrics = [Mean(name=f"{part.name}_loss") for part in self._parts]
        self.built = True

    def _by_name(self, given: Any, y_pred: Any) -> Any:
        """Return a dict by names of outputs as a list, where the outputs are one."""
        if not isinstance(given, dict) or isinstance(y_pred, dict) or not self.output_names:
            return given
        if set(given) != set(self.output_names):
            raise ArgumentError(
                "compile",
                f"a dict of losses must name each output: {self.output_names}",
                received=given,
                fix="Give None for an output without a loss.",
            )
        return [given[name] for name in self.output_names]

    def _names(self, y_pred: Any) -> Any:
        count = len(tree.flatten(y_pred))
        names: list[Any] = self.output_names or []
        return tree.pack_sequence_as(y_pred, names if len(names) == count else [None] * count)

    def _match(self, loss: Any, y_true: Any, y_pred: Any, names: Any, path: Path) -> None:
        if isinstance(loss, (list, tuple)):
            flat = not any(map(tree.is_nested, loss))
            if flat and len(loss) == len(tree.flatten(y_pred)):
                loss = tree.pack_sequence_as(y_pred, list(loss))
            elif not isinstance(y_pred, (list, tuple)):
                for one in loss:  # several losses on the same output
                    self._match(one, y_true, y_pred, names, path)
                return
        if loss is None:
            return
        if not tree.is_nested(loss):
            found = find_loss(loss.loss, y_true, y_pred)
            name = _part_name(path, names, found)
            self._parts.append(_Part(path, found, loss.weight, name))
            return
        items = loss.items() if isinstance(loss, dict) else enumerate(loss)
        for key, one in items:
            if one is None:
                continue
            if not (_has(y_true, key, loss) and _has(y_pred, key, loss)):
                raise KeyError(
                    f"There is a loss for the output {'/'.join(map(str, (*path, key)))!r}, and no "
                    "such output or target."
                )
            self._match(one, y_true[key], y_pred[key], names[key], (*path, key))

    def get_config(self) -> dict[str, Any]:
        """Raise: models save the arguments of `compile` instead."""
        raise NotImplementedError("CompileLoss has no config: save the model it belongs to.")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Raise; see `get_config`."""
        raise NotImplementedError("CompileLoss has no config: save the model it belongs to.")


def _at(path: Path, structure: Any) -> Any:
    for key in path:
        structure = structure if structure is None else structure[key]
    return structure


def _has(structure: Any, key: Any, like: Any) -> bool:
    if isinstance(like, dict):
        return isinstance(structure, dict) and key in structure
    return isinstance(structure, (list, tuple)) and key < len(structure)


def _part_name(path: Path, names: Any, loss: Loss) -> str:
    """Return the keys that lead to an output; its own name, if there are none or but a position."""
    if not tree.is_nested(names):
        own = loss.name if names is None else names
        if not path or isinstance(path[-1], int):
            path = (*path[:-1], own)
    elif not path:
        return "_".join(map(str, names if isinstance(names, dict) else tree.flatten(names)))
    return "/".join(map(str, path))
