"""Weights in files (`keras.saving.save_weights`, `load_weights`): all of them or none.

save    walk the model -> what each object stores -> one HDF5 file, by one atomic write
load    open and check the file -> `loading_plan` compares it with the model -> assign; if
        anything goes wrong on the way, what was assigned is put back
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cornu.errors import (
    ArgumentError,
    FileFormatError,
    NotSupportedError,
    StateError,
    named_in_errors,
)
from cornu.saving.archive import open_archive
from cornu.saving.atomic import atomic_write_bytes
from cornu.saving.hdf5 import Group, WeightsFile, open_weights, write_weights
from cornu.saving.loading_plan import Action, Plan, failure_text, make_plan, refuse
from cornu.saving.overwrite import may_write
from cornu.saving.sealed import check_seal, sealed
from cornu.saving.values import to_numpy
from cornu.saving.walk import walk

__all__ = ["WEIGHTS", "apply_plan", "load_weights", "save_weights", "weights_bytes"]

WEIGHTS = "model.weights.h5"  # the member of a `.keras` archive

_BUILD = "Build it first by calling it on some data, or with `build()`."


def save_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    max_shard_size: float | None = None,
    **kwargs: Any,
) -> None:
    """Save the weights of a model, and the state of its optimizer, as a `.weights.h5` file.

    Args:
        model: A model or layer that is built.
        filepath: Where to; the name ends in `.weights.h5`.
        overwrite: Whether an existing file is replaced without asking.
        max_shard_size: Must be None: cornu writes one file.
        **kwargs: `objects_to_skip`, a list of layers or other parts to leave out.

    Raises:
        ArgumentError: The name has another ending.
        StateError: The model isn't built.
        OSError: The file can't be written; an existing one is as it was.
    """
    skip = kwargs.pop("objects_to_skip", None) or ()
    _no_more(kwargs, "save_weights")
    if max_shard_size is not None:
        raise NotSupportedError(
            "save_weights",
            "weights are written as one file, not in shards",
            max_shard_size=max_shard_size,
            fix="Leave `max_shard_size` out.",
        )
    if not str(filepath).endswith(".weights.h5"):
        raise ArgumentError(
            "save_weights", "the file name must end in `.weights.h5`", filepath=Path(filepath)
        )
    if not getattr(model, "built", True):
        raise StateError("save_weights", "the model isn't built, so it has no weights", fix=_BUILD)
    if may_write(filepath, overwrite):
        atomic_write_bytes(filepath, sealed(weights_bytes(model, skip)))


def load_weights(
    model: Any, filepath: str | os.PathLike[str], skip_mismatch: bool = False, **kwargs: Any
) -> None:
    """Load the weights of a model from a `.weights.h5` or `.keras` file.

    Every shape is compared with the model first; unless all fit, no variable is changed.

    Args:
        model: A model or layer that is built.
        filepath: The file.
        skip_mismatch: Load what fits, and warn about the rest.
        **kwargs: `objects_to_skip`, a list of layers or other parts to leave out
            (`.weights.h5` only).

    Raises:
        FileFormatError: The file is damaged, unsafe, or doesn't fit the model.
        StateError: The model isn't built.
        ArgumentError: The name has another ending.
    """
    skip = kwargs.pop("objects_to_skip", None)
    by_name = kwargs.pop("by_name", None)
    _no_more(kwargs, "load_weights")
    name = str(filepath)
    if by_name:
        raise ArgumentError("load_weights", "`by_name` is for legacy `.h5` files", filepath=name)
    if name.endswith(".keras") and skip is not None:
        raise ArgumentError(
            "load_weights", "`objects_to_skip` is for `.weights.h5` files", filepath=name
        )
    if not name.endswith((".keras", ".weights.h5")):
        raise ArgumentError(
            "load_weights", "the file name must end in `.weights.h5` or `.keras`", filepath=name
        )
    if not getattr(model, "built", True):
        raise StateError(
            "load_weights", "the model isn't built, so it has no variables to load", fix=_BUILD
        )
    with named_in_errors(name), _weights_of(name) as file:
        plan = make_plan(model, file, skip or ())
        if not skip_mismatch:
            refuse(plan)
        apply_plan(plan, skip_mismatch)
    tell(plan)


def weights_bytes(model: Any, skip: Any = ()) -> bytes:
    """Write the variables of a model and of all below it.

    Args:
        model: The model.
        skip: Objects to leave out.

    Returns:
        An HDF5 file as real Keras reads it.
    """
    groups = []
    for step in walk(model, skip):
        if hasattr(step.obj, "save_own_variables"):
            group = Group(step.path, _noted_name(step.path, step.obj))
            step.obj.save_own_variables(group.arrays)
            groups.append(group)
    return write_weights(groups)


def _noted_name(path: str, obj: Any) -> str | None:
    """Return the name to note beside the arrays of an object, which nothing reads.

    Names that configs hold stay: those of the model and of the layers of its graph. That of a layer
    which another one made for itself may count what else the process has made (`softmax_4`): such
    an object goes by its place, so that the same model always gives the same bytes.
    """
    name = getattr(obj, "name", None)
    if not isinstance(name, str):
        return None
    parent, _, place = path.rpartition("/")
    return name if not parent or parent.rpartition("/")[2] == "layers" else place


def apply_plan(plan: Plan, skip_mismatch: bool = False) -> None:
    """Assign the arrays of a file to the objects of a plan; all of them or, on an error, none.

    Args:
        plan: The plan; its file is still open.
        skip_mismatch: An object that refuses its arrays keeps its values and is noted among
            the plan's failures.

    Raises:
        FileFormatError: An array is damaged, or an object refuses its arrays. Those that had
            been assigned have been put back.
    """
    undo: list[tuple[Action, dict[str, Any]]] = []
    for action in plan.actions:
        undo.append((action, _snapshot(action.obj)))
        try:
            action.obj.load_own_variables(action.arrays)
        except BaseException as error:  # also Ctrl-C: never half a model
            refused = isinstance(error, Exception) and not isinstance(
                error, (FileFormatError, OSError)
            )
            if refused and skip_mismatch:
                _put_back([undo.pop()])
                plan.failures[id(action.obj)] = (action.path, _reason(action, error))
                continue
            _put_back(undo)
            if refused:
                raise FileFormatError(
                    "loading weights", f"{_reason(action, error)}", fix="No variable was changed."
                ) from error
            raise


def tell(plan: Plan) -> None:
    """Warn about what a load left out.

    Args:
        plan: The plan that was applied.
    """
    for text in plan.warnings:
        warnings.warn(text, stacklevel=3)
    if plan.failures:
        warnings.warn(f"{failure_text(plan).capitalize()}\nThey keep their values.", stacklevel=3)


@contextlib.contextmanager
def _weights_of(name: str) -> Iterator[WeightsFile]:
    with Path(name).open("rb") as file:
        if name.endswith(".keras"):
            with open_archive(file) as archive:
                data: BinaryIO = io.BytesIO(archive.read(WEIGHTS))
        else:
            check_seal(file, Path(name).name)
            data = file
        with open_weights(data) as weights:
            yield weights


def _snapshot(obj: Any) -> dict[str, Any]:
    if not hasattr(obj, "save_own_variables"):
        return {}
    values: dict[str, Any] = {}
    with contextlib.suppress(Exception):  # not built: nothing to put back
        obj.save_own_variables(values)
    return {key: np.array(to_numpy(value)) for key, value in values.items()}


def _put_back(undo: list[tuple[Action, dict[str, Any]]]) -> None:
    for action, values in reversed(undo):
        if values:
            with contextlib.suppress(Exception):  # the error that led here is the one to tell
                action.obj.load_own_variables(values)


def _reason(action: Action, error: BaseException) -> str:
    who = f"{action.path or 'the outermost object'} ({type(action.obj).__name__})"
    return f"{who} refuses its arrays: {type(error).__name__}: {error}"


def _no_more(kwargs: dict[str, Any], where: str) -> None:
    if kwargs:
        raise ArgumentError(where, f"there is no argument {next(iter(kwargs))!r}")
