"""`cornu doctor`: what is installed, which backend is chosen and why, and what it runs on.

`doctor_core` has the lines about the compiled core, `doctor_kernels` those about its kernels,
`doctor_gpus` those about devices of frameworks; `doctor_backends` reads what backends need.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import cornu
from cornu import lazy, settings
from cornu.cli.doctor_backends import told
from cornu.cli.doctor_core import core_lines, core_or_none, missing_in_short
from cornu.cli.doctor_gpus import gpu_lines
from cornu.keras_names import KERAS_VERSION

__all__ = ["doctor"]

_LIBRARIES = ("numpy", "h5py", "ml_dtypes", "rich", "matplotlib")


def doctor(kernels: bool = False, gpus: bool = False) -> int:
    """Print versions, the compiled core, backends, and which one is chosen and why.

    Args:
        kernels: Print how the native backend runs each primitive instead.
        gpus: Also ask the installed frameworks for their devices, which takes seconds.

    Returns:
        Exit status: 0, or 1 if the chosen backend can't work, or there are no kernels to show.
    """
    if kernels:
        return _kernels()
    print(f"cornu {cornu.__version__}, Keras API {KERAS_VERSION}")
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    print(f"  {sys.executable}")
    print(f"  {Path(cornu.__file__).parent}")
    print("\nlibraries")
    for name in _LIBRARIES:
        print(f"  {name:<12}  {_version(name) or 'not installed'}")
    _section("compiled core", core_lines())
    print("\nbackends")
    states = {name: _state(name) for name in settings.available_backends()}
    for name, state in states.items():
        print(f"  {name:<12}  {state}")
    ready = [name for name, state in states.items() if state.startswith("ready")]
    programs = {name: told(name)["DEVICES"] for name in ready if told(name)["DEVICES"]}
    if gpus:
        _section("GPUs", gpu_lines(programs) if programs else ["no framework is installed"])
    elif programs:
        print("\nGPUs: `cornu doctor --gpus` asks the frameworks, which takes seconds")
    try:
        choice = settings.chosen_backend()
    except ValueError as error:
        print(f"\n{error}")
        return 1
    print(f"\nchosen: {choice.name} (by: {choice.reason})")
    return 0 if choice.name in ready else 1


def _kernels() -> int:
    core = core_or_none()
    if core is None:
        print(f"There are no kernels to show. The compiled core is missing: {missing_in_short()}.")
        return 1
    for line in lazy.module("cornu.cli.doctor_kernels").kernel_lines(core):
        print(line)
    return 0


def _section(title: str, lines: Iterable[str]) -> None:
    print(f"\n{title}")
    for line in lines:
        print(f"  {line}")


def _state(backend: str) -> str:
    """Say whether a backend can work, and else how to install what it lacks."""
    if backend == "native":
        core = core_or_none()
        return "not installed: see above" if core is None else f"ready, {core.isa}"
    requires = told(backend)["REQUIRES"]
    version = _version(requires) if requires else None
    if requires and version is None:
        return f"not installed: {told(backend)['INSTALL']}"
    return f"ready, {requires} {version}" if version else "ready"


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
