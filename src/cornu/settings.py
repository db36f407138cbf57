"""Settings of the process: plain values, read and set by functions (`keras.config`).

They hold for all threads. First values come from the environment and `~/.cornu/config.json` (or
`$CORNU_HOME`), when the first of them is asked for; nothing is ever written. Under `cornu run`,
which sets `CORNU_RUN`, `keras.json` is read too, for what programs and people keep there. The dtype
policy isn't here: it belongs to `state`. Start at `chosen_backend`.
"""

from __future__ import annotations

import os
from typing import Any

__all__ = [
    "BackendChoice",
    "available_backends",
    "backend",
    "chosen_backend",
    "disable_flash_attention",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "enable_flash_attention",
    "enable_interactive_logging",
    "enable_portable_random",
    "enable_traceback_filtering",
    "epsilon",
    "floatx",
    "freeze_backend",
    "has_compiled_core",
    "image_data_format",
    "is_flash_attention_enabled",
    "is_interactive_logging_enabled",
    "is_nnx_enabled",
    "is_portable_random_enabled",
    "is_traceback_filtering_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "set_backend",
    "set_backend_alias",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_max_epochs",
    "set_max_steps_per_epoch",
    "standardize_data_format",
]

DEFAULT_BACKEND = "native"  # where the compiled core is; `numpy` elsewhere
_SUCCESSORS = {"theano": "pytensor", "cntk": "onnxruntime"}  # engines whose time is over
_FLOATS = ("bfloat16", "float16", "float32", "float64")
_FORMATS = ("channels_last", "channels_first")
_HERE = os.path.dirname(__file__)


class BackendChoice:
    """Which backend is chosen, and why.

    Attributes:
        name: Its name, a folder of `cornu/backends`.
        reason: What chose it, such as `"CORNU_BACKEND"`.
        frozen_by: The first use, after which it can't change; `None` before.
    """

    __slots__ = ("frozen_by", "name", "reason")

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        self.frozen_by: str | None = None


class _Values:
    """The values themselves. One instance; a class, so that each has its type in one place."""

    def __init__(self) -> None:
        stored = {**_keras_json(), **_read_json(_home("CORNU_HOME", ".cornu", "config.json"))}
        self.stored_backend = stored.get("backend")
        self.floatx = _one_of("floatx", stored.get("floatx", "float32"), _FLOATS)
        self.epsilon = float(stored.get("epsilon", 1e-7))
        self.image_data_format = _one_of(
            "image_data_format", stored.get("image_data_format", "channels_last"), _FORMATS
        )
        self.backend: BackendChoice | None = None  # found out when first asked for
        self.backend_alias = os.environ.get("CORNU_REPORT_BACKEND") or None
        self.max_epochs = _positive_or_none("KERAS_MAX_EPOCHS")
        self.max_steps_per_epoch = _positive_or_none("KERAS_MAX_STEPS_PER_EPOCH")
        self.flash_attention: bool | None = None
        self.interactive_logging = True
        self.traceback_filtering = True
        self.portable_random = False


_values: _Values | None = None


def _get() -> _Values:
    global _values
    if _values is None:
        _values = _Values()
    return _values


# The backend ---------------------------------------------------------------------------------


def backend() -> str:
    """Name the backend, or what `set_backend_alias` says instead.

    Returns:
        A name such as `"numpy"`.
    """
    return _get().backend_alias or chosen_backend().name


def chosen_backend() -> BackendChoice:
    """Tell which backend is chosen, by what, and whether a first use has frozen it.

    Returns:
        The choice, in this order: `set_backend`, `CORNU_BACKEND`, `KERAS_BACKEND`, `backend` in
        `config.json`, the default.
    """
    values = _get()
    if values.backend is None:
        values.backend = _first_choice(values.stored_backend)
    return values.backend


def available_backends() -> list[str]:
    """List the backends of this installation: the folders of `cornu/backends`.

    Returns:
        Names in alphabetical order, whether or not the library behind each is installed.
    """
    folder = os.path.join(_HERE, "backends")
    if not os.path.isdir(folder):
        return [DEFAULT_BACKEND]
    return sorted(
        name
        for name in os.listdir(folder)
        if os.path.exists(os.path.join(folder, name, "__init__.py"))
    )


def has_compiled_core() -> bool:
    """Tell whether the compiled core lies beside this file. It isn't loaded.

    Returns:
        True if there is a module of it, for whatever instruction set.
    """
    try:
        files = os.listdir(os.path.join(_HERE, "_native"))
    except OSError:
        return False
    return any(f.startswith("core_") and f.endswith((".so", ".pyd")) for f in files)


def set_backend(backend: str) -> None:
    """Choose the backend. Possible until the first use of a class or op.

    Args:
        backend: One of `available_backends()`.

    Raises:
        ValueError: There is no such backend.
        RuntimeError: A first use has frozen another choice.
    """
    values, choice = _get(), _get().backend
    name = _backend_name(backend, "set_backend")
    if choice is not None and choice.frozen_by is not None and name != choice.name:
        raise RuntimeError(
            f"set_backend: the backend can't change to {name!r} any more. It is {choice.name!r} "
            f"since its first use, {choice.frozen_by}. Call cornu.config.set_backend before that, "
            f"or set the environment variable CORNU_BACKEND={name}."
        )
    if choice is None:  # no need to look at the environment, which may name one that isn't there
        values.backend = BackendChoice(name, "cornu.config.set_backend")
    elif choice.frozen_by is None:
        choice.name, choice.reason = name, "cornu.config.set_backend"


def freeze_backend(first_use: str) -> str:
    """Keep the choice from now on.

    Args:
        first_use: What uses it, for the message of a later `set_backend`, such as `"ops.add"`.

    Returns:
        The backend's name.
    """
    choice = chosen_backend()
    if choice.frozen_by is None:
        choice.frozen_by = first_use
    return choice.name


def set_backend_alias(name: str | None) -> None:
    """Have `backend()` give another name, for programs that know three backends only.

    Args:
        name: Such as `"jax"`; `None` takes it back. The environment variable
            `CORNU_REPORT_BACKEND` does the same. The backend itself stays what it is.
    """
    _get().backend_alias = name


# Numbers and layout --------------------------------------------------------------------------


def floatx() -> str:
    """Give the default float dtype.

    Returns:
        `"bfloat16"`, `"float16"`, `"float32"` or `"float64"`.
    """
    return _get().floatx


def set_floatx(value: str) -> None:
    """Set the default float dtype.

    Args:
        value: `"bfloat16"`, `"float16"`, `"float32"` or `"float64"`.

    Raises:
        ValueError: It is something else.
    """
    _get().floatx = _one_of("set_floatx", value, _FLOATS)


def epsilon() -> float:
    """Give the small number that keeps divisions and logarithms finite; 1e-7 unless set.

    Returns:
        A float.
    """
    return _get().epsilon


def set_epsilon(value: float) -> None:
    """Set the small number that keeps divisions and logarithms finite.

    Args:
        value: Any number.
    """
    _get().epsilon = float(value)


def image_data_format() -> str:
    """Give the default place of the channels axis of images.

    Returns:
        `"channels_last"` or `"channels_first"`.
    """
    return _get().image_data_format


def set_image_data_format(data_format: str) -> None:
    """Set the default place of the channels axis of images.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; case doesn't matter.

    Raises:
        ValueError: It is something else.
    """
    _get().image_data_format = standardize_data_format(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """Check a layer's or op's `data_format`; `None` means the default.

    Args:
        data_format: `"channels_last"`, `"channels_first"` or `None`; case doesn't matter.

    Returns:
        `"channels_last"` or `"channels_first"`.

    Raises:
        ValueError: It is something else.
    """
    if data_format is None:
        return _get().image_data_format
    return _one_of("data_format", str(data_format).lower(), _FORMATS)


# Limits for trials ---------------------------------------------------------------------------


def max_epochs() -> int | None:
    """Give the most epochs that any `fit` may run.

    Returns:
        A number, or `None` for no limit. `KERAS_MAX_EPOCHS` gives the first value.
    """
    return _get().max_epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Limit the epochs of every `fit`, for quick trials of long programs.

    Args:
        max_epochs: A number; `None` or one below 1 for no limit.
    """
    _get().max_epochs = max_epochs if max_epochs is not None and max_epochs > 0 else None


def max_steps_per_epoch() -> int | None:
    """Give the most steps that any epoch may run.

    Returns:
        A number, or `None` for no limit. `KERAS_MAX_STEPS_PER_EPOCH` gives the first value.
    """
    return _get().max_steps_per_epoch


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limit the steps of every epoch, for quick trials of long programs.

    Args:
        max_steps_per_epoch: A number; `None` or one below 1 for no limit.
    """
    steps = max_steps_per_epoch
    _get().max_steps_per_epoch = steps if steps is not None and steps > 0 else None


# Switches ------------------------------------------------------------------------------------


def enable_flash_attention() -> None:
    """Let attention use the backend's fused kernel wherever it can."""
    _get().flash_attention = True


def disable_flash_attention() -> None:
    """Keep attention from using the backend's fused kernel."""
    _get().flash_attention = False


def is_flash_attention_enabled() -> bool | None:
    """Tell whether attention may use the backend's fused kernel.

    Returns:
        True or False if it was set, `None` if the backend may decide.
    """
    return _get().flash_attention


def enable_interactive_logging() -> None:
    """Show progress with a bar that is redrawn in place."""
    _get().interactive_logging = True


def disable_interactive_logging() -> None:
    """Show progress as plain lines, for logs."""
    _get().interactive_logging = False


def is_interactive_logging_enabled() -> bool:
    """Tell whether progress is shown with a bar that is redrawn in place.

    Returns:
        True unless `disable_interactive_logging` was called.
    """
    return _get().interactive_logging


def enable_traceback_filtering() -> None:
    """Leave frames inside cornu out of tracebacks."""
    _get().traceback_filtering = True


def disable_traceback_filtering() -> None:
    """Show frames inside cornu in tracebacks."""
    _get().traceback_filtering = False


def is_traceback_filtering_enabled() -> bool:
    """Tell whether frames inside cornu are left out of tracebacks.

    Returns:
        True unless `disable_traceback_filtering` was called.
    """
    return _get().traceback_filtering


def enable_portable_random(enabled: bool = True) -> None:
    """Draw noise inside steps from cornu's own generator on every backend, at some cost in speed.

    Args:
        enabled: False goes back to the backend's generator where that is faster.
    """
    _get().portable_random = enabled


def is_portable_random_enabled() -> bool:
    """Tell whether noise inside steps comes from cornu's own generator on every backend.

    Returns:
        False unless `enable_portable_random` was called.
    """
    return _get().portable_random


def is_nnx_enabled() -> bool:
    """Tell whether variables are those of Flax NNX, which cornu doesn't offer.

    Returns:
        False.
    """
    return False


# Where first values come from ----------------------------------------------------------------


def _home(variable: str, folder: str, file: str) -> str:
    """A file of settings; a process without a home directory has none, which is no error."""
    named = os.environ.get(variable)
    return os.path.join(named or os.path.join(os.path.expanduser("~"), folder), file)


def _read_json(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return {}
    import json  # only few have such a file

    try:
        stored = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} isn't valid JSON: {error}. Mend it or remove it.") from None
    if not isinstance(stored, dict):
        raise ValueError(f"{path} must hold a JSON object. Received: {type(stored).__name__}.")
    return stored


def _keras_json() -> dict[str, Any]:
    """What `cornu run` takes from `keras.json`: no backend, as Keras itself writes one there.

    Except for names which today's Keras never writes: those a person chose.
    """
    if not os.environ.get("CORNU_RUN"):
        return {}
    try:
        stored = _read_json(_home("KERAS_HOME", ".keras", "keras.json"))
    except ValueError:  # not our file: a damaged one is as good as none
        return {}
    wanted: dict[str, Any] = {
        key: stored[key] for key in ("floatx", "epsilon", "image_data_format") if key in stored
    }
    if stored.get("backend") in _SUCCESSORS:
        wanted["backend"] = stored["backend"]
    return wanted


def _first_choice(stored: object) -> BackendChoice:
    for variable in ("CORNU_BACKEND", "KERAS_BACKEND"):
        name = os.environ.get(variable)
        if name:
            return BackendChoice(_backend_name(name, variable), f"environment variable {variable}")
    if stored is not None:
        return BackendChoice(_backend_name(stored, "backend in config.json"), "config.json")
    if DEFAULT_BACKEND == "native" and not has_compiled_core():
        return BackendChoice("numpy", "default where there is no compiled core")
    return BackendChoice(DEFAULT_BACKEND, "default")


def _backend_name(name: object, source: str) -> str:
    known = available_backends()
    name = _SUCCESSORS.get(str(name), name)
    if name not in known:
        raise ValueError(
            f"{source}: there is no backend {name!r}. This version of cornu has {', '.join(known)}."
        )
    return str(name)


def _one_of(where: str, value: object, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        choices = ", ".join(map(repr, allowed))
        raise ValueError(f"{where}: the value must be one of {choices}. Received: {value!r}.")
    return str(value)


def _positive_or_none(variable: str) -> int | None:
    text = os.environ.get(variable)
    if not text:
        return None
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"{variable} must be a whole number. Received: {text!r}.") from None
    return number if number > 0 else None
