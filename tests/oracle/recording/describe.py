"""Describe an object of Keras: its file form, its variables, the layout of its weight file."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import h5py
from keras.src.saving import saving_lib

from tests.oracle.recording.real import keras

Layout = list[tuple[str, str, list[int], str]]


def serialized(obj: Any) -> Any:
    """Return what a `.keras` file says of the object: module, class, config, build config."""
    return keras.saving.serialize_keras_object(obj)


def config_keys(obj: Any) -> list[str]:
    """Return the keys of `get_config()`, in order."""
    return list(obj.get_config())


def variables(listed: Iterable[Any]) -> list[dict[str, Any]]:
    """Describe variables in order."""
    return [
        {
            "path": v.path,
            "shape": list(v.shape),
            "dtype": keras.backend.standardize_dtype(v.dtype),
            "trainable": bool(v.trainable),
        }
        for v in listed
    ]


def positions(some: Iterable[Any], among: Iterable[Any]) -> list[int]:
    """Return where each variable of `some` stands in `among`."""
    place = {id(v): i for i, v in enumerate(among)}
    return [place[id(v)] for v in some]


def weight_file(obj: Any) -> bytes:
    """Save the state of a single object by Keras' own walk, and return the HDF5 file."""
    buffer = io.BytesIO()
    store = saving_lib.H5IOStore(buffer, mode="w")
    saving_lib._save_state(obj, store, None, "", set())
    store.close()
    return buffer.getvalue()


def layout(content: bytes) -> Layout:
    """List the datasets of a weight file: inner path, key, shape, dtype."""
    rows: Layout = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            group, _, key = name.rpartition("/")
            rows.append((group, key, list(item.shape), str(item.dtype)))

    with h5py.File(io.BytesIO(content)) as file:
        file.visititems(visit)
    return sorted(rows, key=_order)


def _order(row: tuple[str, str, list[int], str]) -> tuple[str, int, str]:
    group, key, _, _ = row
    return (group, int(key), "") if key.isdigit() else (group, 0, key)
