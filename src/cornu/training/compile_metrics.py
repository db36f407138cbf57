"""`CompileMetrics`: the metrics given to `compile`, matched with the outputs of a model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from cornu import tree
from cornu.errors import ArgumentError, add_context, describe, source_of
from cornu.graph.trace import layer_path
from cornu.metrics.metric import Metric
from cornu.training.by_shape import check_metric, find_metric

__all__ = ["CompileMetrics"]


class _OfOutput:
    """The metrics of one output."""

    __slots__ = ("metrics", "output")

    def __init__(self, metrics: list[Metric], output: str | None) -> None:
        self.metrics = metrics
        self.output = output


class CompileMetrics(Metric):
    """All metrics of a model as one, whose result is a dict.

    Args:
        metrics: Metrics or names, as a list; for several outputs a list or dict of lists.
        weighted_metrics: The same, for metrics that sample weights apply to.
        name: Kept for the API; the name is always "compile_metrics".
        output_names: Names of the outputs, in their order.

    Raises:
        ArgumentError: If the metrics are neither a list nor a dict.
        UnknownNameError: If there is no metric of a name.

    Example:
        >>> m = CompileMetrics(["mae"], None)
        >>> m.update_state(np.zeros((2, 1)), np.ones((2, 1)))
        >>> float(m.result()["mae"])
        1.0
    """

    built: bool
    output_names: list[str] | None
    _given: dict[str, Any]
    _plain: list[_OfOutput | None]
    _weighted: list[_OfOutput | None]
    _order: Sequence[str] | None

    def __init__(
        self,
        metrics: Any,
        weighted_metrics: Any,
        name: str = "compile_metric",
        output_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__(name="compile_metrics")
        for argument, given in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            if given and not isinstance(given, (list, tuple, dict)):
                raise ArgumentError(
                    "compile",
                    f"`{argument}` must be a list, tuple or dict",
                    fix=f"{argument}=[{describe(given)}]" if isinstance(given, str) else None,
                    received=given,
                )
            for leaf in tree.flatten(given):
                check_metric(leaf)
        # Into `__dict__`, as tracking would count the user's metrics a second time.
        self.__dict__.update(
            built=False,
            output_names=None if output_names is None else list(output_names),
            _given={"metrics": metrics, "weighted_metrics": weighted_metrics},
            _plain=[],
            _weighted=[],
            _order=None,
        )

    @property
    def metrics(self) -> list[Metric]:
        """The metrics of all outputs."""
        outputs = (*self._plain, *self._weighted)
        return [metric for of in outputs if of is not None for metric in of.metrics]

    @property
    def variables(self) -> list[Any]:
        """The variables of all metrics."""
        return [v for metric in self.metrics for v in metric.variables]

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Match metrics with outputs.

        Args:
            y_true: Targets.
            y_pred: Predictions.

        Raises:
            ArgumentError: If the structures don't go together.
        """
        count = len(tree.flatten(y_pred))
        is_flat = tree.is_nested(y_pred) and len(y_pred) == count
        names = self.output_names
        if is_flat and isinstance(y_pred, dict) and set(names or ()) != set(y_pred):
            names = list(y_pred) if isinstance(y_pred, OrderedDict) else sorted(y_pred)
        order = names if count > 1 and is_flat else None
        self.__dict__.update(_order=order)
        listed: list[Any] = list(names) if names else [None] * count
        args = (y_true, y_pred, listed, is_flat)
        self.__dict__.update(
            _plain=self._match("metrics", *args),
            _weighted=self._match("weighted_metrics", *args),
            built=True,
        )

    def _match(
        self, argument: str, y_true: Any, y_pred: Any, names: Sequence[Any], is_flat: bool
    ) -> list[_OfOutput | None]:
        given = self._given[argument]
        outputs = self._leaves(y_pred)
        targets = self._leaves(y_true)
        if not given:
            return [None] * len(outputs)
        if len(outputs) == 1:
            return [_find(tree.flatten(given), targets[0], outputs[0], None)]
        lists = None
        if is_flat and isinstance(given, (list, tuple)) and len(given) == len(outputs):
            lists = list(given)
        elif is_flat and isinstance(given, dict) and set(given) <= set(names):
            lists = [given.get(name) for name in names]
        if lists is not None:
            return [_find(*parts) for parts in zip(lists, targets, outputs, names, strict=False)]
        shape = tree.lists_to_tuples(y_pred)
        try:
            found = tree.map_structure_up_to(
                shape,
                _find,
                tree.lists_to_tuples(given),
                tree.lists_to_tuples(y_true),
                shape,
                tree.pack_sequence_as(shape, names),
            )
        except (TypeError, ValueError) as error:
            known = (
                f"the names of the outputs, {self.output_names}, or " if self.output_names else ""
            )
            raise ArgumentError(
                "compile",
                f"`{argument}` must match {known}the structure of the outputs",
                received=given,
                outputs=y_pred,
                fix="For several outputs give a list of lists, or a dict of lists.",
            ) from error
        flat: list[_OfOutput | None] = tree.flatten(found)
        return flat

    def _leaves(self, y: Any) -> list[Any]:
        if isinstance(y, dict) and self._order is not None:
            return [y.get(name) for name in self._order]
        return tree.flatten(y)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch in.

        Args:
            y_true: Targets.
            y_pred: Predictions.
            sample_weight: Weights for all outputs, or structured like the predictions; they apply
                to `weighted_metrics` only.
        """
        if not self.built:
            self.build(y_true, y_pred)
        targets, outputs = self._leaves(y_true), self._leaves(y_pred)
        weights = self._leaves(sample_weight)
        if len(weights) < len(targets):
            weights = [weights[0]] * len(targets)
        for of, target, output in zip(self._plain, targets, outputs, strict=False):
            for metric in of.metrics if of is not None else ():
                _update(metric, target, output)
        for of, target, output, weight in zip(
            self._weighted, targets, outputs, weights, strict=False
        ):
            for metric in of.metrics if of is not None else ():
                _update(metric, target, output, sample_weight=weight)

    def reset_state(self) -> None:
        """Let all metrics begin again."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """Return the values so far by name; with several outputs `<output>_<metric>`."""
        return {name: metric.result() for name, metric in self._named()}

    def _named(self) -> Iterator[tuple[str, Metric]]:
        """Give each metric a name of its own: "mae", "mae_1", and "weighted_mae" for weighted."""
        seen: dict[str, int] = {}
        for prefix, outputs in (("", self._plain), ("weighted_", self._weighted)):
            for of in filter(None, outputs):
                for metric in of.metrics:
                    start = f"{of.output}_" if of.output else ""
                    name = f"{start}{metric.name}"
                    if name in seen and prefix:
                        name = f"{start}{prefix}{metric.name}"
                    count = seen.get(name, 0)
                    seen[name] = count + 1
                    yield (f"{name}_{count}" if count else name), metric

    def get_config(self) -> dict[str, Any]:
        """Raise: models save the arguments of `compile` instead."""
        raise NotImplementedError("CompileMetrics has no config: save the model it belongs to.")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Raise; see `get_config`."""
        raise NotImplementedError("CompileMetrics has no config: save the model it belongs to.")


def _find(given: Any, y_true: Any, y_pred: Any, output: str | None) -> _OfOutput | None:
    if given is None:
        return None
    listed = given if isinstance(given, (list, tuple)) else [given]
    return _OfOutput([find_metric(one, y_true, y_pred) for one in listed], output)


def _update(metric: Metric, *arguments: Any, **weight: Any) -> None:
    """Update a metric; an error says in which one it was."""
    token = layer_path.set(f"metric:{metric.name}")  # for errors while the step runs
    try:
        metric.update_state(*arguments, **weight)
    except Exception as error:
        given = dict(zip(("y_true", "y_pred"), arguments, strict=True))
        add_context(error, metric, given, source_of(error))
        raise
    finally:
        layer_path.reset(token)
