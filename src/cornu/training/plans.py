"""Looking into a model's compiled steps: their profile, and what they run as text."""

from __future__ import annotations

import os
from typing import Any

from cornu import settings
from cornu.errors import ArgumentError, NotSupportedError
from cornu.training.data.make import make_source
from cornu.training.data.source import Batch
from cornu.training.model_steps import ModelSteps
from cornu.training.profile import Profile
from cornu.training.step import Prepared

__all__ = ["describe_steps", "profile_step"]

_NAMES = {"train": "one step of training", "predict": "one step of prediction"}


def profile_step(
    model: ModelSteps,
    x: Any,
    y: Any,
    batch_size: int | None,
    path: str | os.PathLike[str] | None,
) -> Profile:
    """Measure one step on the first batch; see `Trainer.profile`."""
    mode, batch, prepared = _prepare("profile", model, x, y, batch_size)
    measured = None
    if prepared.compiled is not None:
        measured = prepared.compiled.profile(prepared.leaves(batch))
    if measured is None:
        raise _unseen("profile", prepared)
    rows = prepared.signature[0][0][:1]
    size = f" on {rows[0]} samples" if rows else ""
    title = f"{model.name}, {_NAMES[mode]}{size}"  # type: ignore[attr-defined]
    profile = Profile(title, measured)
    if path is not None:
        profile.save_trace(path)
    return profile


def describe_steps(model: ModelSteps, x: Any, y: Any, batch_size: int | None) -> str:
    """Return what the steps run, as text; see `Trainer.describe_plan`."""
    if x is not None:
        mode, _, prepared = _prepare("describe_plan", model, x, y, batch_size)
        found = [(mode, prepared)]
    else:
        found = [(m, p) for m, step in model._cornu_steps.items() for p in step.all_prepared()]
        if not found:
            raise ArgumentError(
                "describe_plan",
                "no step of this model is compiled yet",
                fix="Give it data, `model.describe_plan(x, y)`, or train the model before.",
            )
    texts = []
    for mode, prepared in found:
        text = None if prepared.compiled is None else prepared.compiled.describe()
        if text is None:
            raise _unseen("describe_plan", prepared)
        shapes = ", ".join(f"{dtype}{list(shape)}" for shape, dtype in prepared.signature)
        texts.append(f"{model.name}, {mode} step on {shapes}: {text}")  # type: ignore[attr-defined]
    return "\n\n".join(texts)


def _prepare(
    where: str, model: ModelSteps, x: Any, y: Any, batch_size: int | None
) -> tuple[str, Batch, Prepared]:
    mode = "predict" if y is None else "train"
    if mode == "train":
        model._assert_compiled(where)
    batch = next(iter(make_source(x, y, batch_size=batch_size).epoch(0)), None)
    if batch is None:
        raise ArgumentError(where, "the data is empty: there was no batch")
    return mode, batch, model._steps(mode).prepare(batch)


def _unseen(where: str, prepared: Prepared) -> NotSupportedError:
    if prepared.compiled is None:
        return NotSupportedError(
            where,
            "this model runs op by op, so there is no compiled step to look into",
            fix="Compile it with `run_eagerly=False`.",
        )
    name = settings.chosen_backend().name
    if name == "native":
        return NotSupportedError(
            where,
            "this step has dtypes that the compiled core doesn't know, so NumPy runs it",
        )
    return NotSupportedError(
        where,
        f"the {name} backend can't look into a compiled step; the native backend can",
        fix="Choose it before the program starts: CORNU_BACKEND=native",
    )
