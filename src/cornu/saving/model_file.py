"""Whole models in files (`keras.saving.save_model`, `load_model`): `.keras` archives and folders.

metadata.json      versions of Keras' API and of cornu
config.json        the model as plain data, see `serialization`
model.weights.h5   its variables, see `weights`
assets/            files of layers that have some, such as vocabularies
cornu_state.npz    reserved: counters of random generators, position of a run; Keras ignores it
"""

from __future__ import annotations

import io
import math
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from cornu.errors import ArgumentError, FileFormatError, named_in_errors
from cornu.graph.dtypes import bits
from cornu.keras_names import KERAS_VERSION, __version__
from cornu.saving.archive import open_archive, write_archive
from cornu.saving.assets import ASSETS, Assets, collect_assets, load_assets
from cornu.saving.atomic import atomic_write_bytes
from cornu.saving.config_reader import deserialize_keras_object
from cornu.saving.config_writer import serialize_keras_object
from cornu.saving.hdf5 import WeightsFile, open_weights
from cornu.saving.loading_plan import make_plan, refuse
from cornu.saving.overwrite import may_write
from cornu.saving.sealed import check_seal
from cornu.saving.sharing import forget_lonely, sharing_scope
from cornu.saving.strict_json import dump_json, load_json
from cornu.saving.weights import WEIGHTS, apply_plan, tell, weights_bytes
from cornu.state.variable import creation_guard

__all__ = ["STATE", "load_model", "model_members", "save_model"]

METADATA, CONFIG = "metadata.json", "config.json"
STATE = "cornu_state.npz"


def save_model(
    model: Any,
    filepath: str | os.PathLike[str] | BinaryIO,
    overwrite: bool = True,
    zipped: bool | None = None,
    **kwargs: Any,
) -> None:
    """Save a model: its config, weights, optimizer, and how it was compiled.

    Args:
        model: The model.
        filepath: Where to: a name that ends in `.keras`, a folder with `zipped=False`, or a
            binary file.
        overwrite: Whether an existing file is replaced without asking.
        zipped: Whether to write one archive, which is the default, or a folder.
        **kwargs: `include_optimizer` and `save_format` of earlier versions are accepted where
            they change nothing.

    Raises:
        ArgumentError: The name has another ending, or the config can't be written.
        OSError: The file can't be written; an existing one is as it was.
    """
    kwargs.pop("save_format", None)
    if kwargs.pop("include_optimizer", True) is not True or kwargs:
        raise ArgumentError(
            "save_model", "`.keras` files take no further arguments", arguments=list(kwargs)
        )
    if not getattr(model, "built", True):
        warnings.warn(
            "The model that is being saved isn't built, so it may have no weights yet. Call it on "
            "some data first.",
            stacklevel=2,
        )
    if hasattr(filepath, "write"):
        cast("BinaryIO", filepath).write(write_archive(model_members(model)))
        return
    path = filepath
    name = str(path)
    if name.endswith(".keras") == (zipped is False):
        raise ArgumentError(
            "save_model",
            "the name of an archive ends in `.keras`, that of a folder (`zipped=False`) doesn't",
            filepath=name,
            zipped=zipped,
        )
    if may_write(path, overwrite):
        members = model_members(model)
        if zipped is False:
            _write_folder(Path(path), members)
        else:
            atomic_write_bytes(path, write_archive(members))


def load_model(
    filepath: str | os.PathLike[str] | BinaryIO,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Load a model that `save_model` or real Keras wrote.

    Nothing that the file names is imported, and no code in it runs.

    Args:
        filepath: A `.keras` archive, a folder with its members, or a binary file.
        custom_objects: Name -> class or function, for what is neither built in nor registered.
        compile: Whether to compile the model as it was when it was saved.
        safe_mode: False lets lambdas in the file run their bytecode. Only for files whose
            source you trust.

    Returns:
        The model.

    Raises:
        FileFormatError: The file is damaged, unsafe, or contradicts itself.
        ArgumentError: It is no file of a kind that is known.
    """
    if hasattr(filepath, "read"):
        return _load_archive(cast("BinaryIO", filepath), custom_objects, compile, safe_mode)
    path = Path(filepath)
    if path.is_dir() and (path / CONFIG).is_file():
        return _load(_read_folder(path), custom_objects, compile, safe_mode)
    if not path.is_file():
        raise ArgumentError("load_model", "there is no such file", filepath=path)
    if path.suffix != ".keras":
        raise ArgumentError("load_model", "the file name must end in `.keras`", filepath=path)
    with named_in_errors(path), path.open("rb") as file:
        return _load_archive(file, custom_objects, compile, safe_mode)


def model_members(model: Any, state: bytes | None = None) -> dict[str, bytes]:
    """Write the parts of a model's archive.

    Args:
        model: The model.
        state: What goes to the member `cornu_state.npz`, if anything.

    Returns:
        Name -> content. Equal models give equal bytes.
    """
    with sharing_scope():
        config = forget_lonely(serialize_keras_object(model))
    metadata = {"keras_version": KERAS_VERSION, "cornu_version": __version__}
    members = {
        METADATA: dump_json(metadata, METADATA),
        CONFIG: dump_json(config, CONFIG),
        WEIGHTS: weights_bytes(model),
        **collect_assets(model),
    }
    if state is not None:
        members[STATE] = state
    return members


def _load_archive(
    file: BinaryIO, custom_objects: Mapping[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    with open_archive(file) as archive:
        members = {name: archive.read(name) for name in archive.names}
    return _load(members, custom_objects, compile, safe_mode)


def _load(
    members: Mapping[str, bytes],
    custom_objects: Mapping[str, Any] | None,
    compile: bool,
    safe_mode: bool,
) -> Any:
    for name in (CONFIG, WEIGHTS):
        if name not in members:
            raise FileFormatError("load_model", f"it has no member {name!r}", members=list(members))
    config = load_json(members[CONFIG], CONFIG)
    if not isinstance(config, dict) or "class_name" not in config:
        raise FileFormatError("load_model", f"{CONFIG} describes no model")
    if not compile:
        config["compile_config"] = None
    weights = io.BytesIO(members[WEIGHTS])
    check_seal(weights, WEIGHTS)
    # The weights are checked before a class sees its config: a damaged file costs no allocation.
    with open_weights(weights) as file:
        with sharing_scope(), _memory_for(file):
            model = deserialize_keras_object(config, custom_objects, safe_mode=safe_mode)
        assets = Assets(
            {name: data for name, data in members.items() if name.startswith(f"{ASSETS}/")}
        )
        plan = make_plan(model, file, has_assets=assets.has)
        refuse(plan)
        apply_plan(plan)
        load_assets(plan.visited, assets)
    tell(plan)
    return model


_SPARE = 64 << 20  # bytes that variables of a model may take beyond what its file holds


@contextmanager
def _memory_for(file: WeightsFile) -> Iterator[None]:
    """Refuse variables that take much more memory than the weights in the file.

    Those of an optimizer may be missing in it, which are up to five for each weight (three moments,
    a moving average, a sum of gradients): hence eight times.
    """
    held = sum(_size(array.shape, array.dtype) for array in file.arrays.values())
    left = 8 * held + _SPARE

    def guard(shape: tuple[int, ...], dtype: str) -> None:
        nonlocal left
        left -= _size(shape, dtype)
        if left < 0:
            raise FileFormatError(
                "load_model",
                "the config describes variables that need much more memory than the "
                f"{held:,} bytes of weights in the file",
                variable=f"{dtype}{list(shape)}",
            )

    token = creation_guard.set(guard)
    try:
        yield
    finally:
        creation_guard.reset(token)


def _size(shape: tuple[int, ...], dtype: str) -> int:
    return math.prod(shape) * bits(dtype) // 8


def _write_folder(folder: Path, members: Mapping[str, bytes]) -> None:
    for name, data in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write_bytes(path, data)


def _read_folder(folder: Path) -> dict[str, bytes]:
    """The members of a folder; links in it aren't followed."""
    members = {}
    for place, _, files in os.walk(folder):
        for file in files:
            path = Path(place) / file
            name = path.relative_to(folder).as_posix()
            if name in (CONFIG, METADATA, WEIGHTS, STATE) or name.startswith(f"{ASSETS}/"):
                if path.is_symlink() or not path.is_file():
                    raise FileFormatError("load_model", f"the member {name!r} is no regular file")
                members[name] = path.read_bytes()
    return members
