"""Files that are damaged, unsafe, or of another model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cornu
from cornu import layers, models
from cornu.errors import ArgumentError, ConfigError, FileFormatError, StateError, UnsafeFileError
from tests.messages.case import message, small_model


def saved(folder: Path) -> Path:
    path = folder / "model.keras"
    small_model().save(path)
    return path


def saved_weights(folder: Path) -> Path:
    path = folder / "model.weights.h5"
    small_model().save_weights(path)
    return path


@message(ArgumentError, ValueError)
def file_that_is_not_there(folder: Path) -> None:
    """
    load_model: there is no such file.
      filepath  '{folder}/model.keras'
    """
    models.load_model(folder / "model.keras")


@message(None, FileNotFoundError)
def folder_that_is_not_there(folder: Path) -> None:
    """
    [Errno 2] The folder to save into doesn't exist: '{folder}/runs'
    """
    small_model().save(folder / "runs" / "model.keras")


@message(ArgumentError, ValueError)
def ending_that_is_not_known(folder: Path) -> None:
    """
    save_weights: the file name must end in `.weights.h5`.
      filepath  '{folder}/weights.bin'
    """
    small_model().save_weights(folder / "weights.bin")


@message(FileFormatError, ValueError)
def model_file_with_one_changed_bit(folder: Path) -> None:
    """
    opening an archive: the member 'model.weights.h5' is damaged: Bad CRC-32 for file 'model.weights.h5'.
      file  '{folder}/model.keras'
    Take the file from where it came from once more: it was cut or changed on the way.
    """  # noqa: E501
    path = saved(folder)
    data = bytearray(path.read_bytes())
    data[data.index(b"\x89HDF") + 3000] ^= 1
    path.write_bytes(data)
    models.load_model(path)


@message(FileFormatError, ValueError)
def half_a_model_file(folder: Path) -> None:
    """
    opening an archive: this is no zip archive, or only a part of one: File is not a zip file.
      file  '{folder}/model.keras'
    Take the file from where it came from once more: it was cut or changed on the way.
    """
    path = saved(folder)
    path.write_bytes(path.read_bytes()[:1000])
    models.load_model(path)


@message(FileFormatError, ValueError)
def text_instead_of_weights(folder: Path) -> None:
    """
    opening an HDF5 file: the file can't be read: Unable to synchronously open file (file signature not found).
      file  '{folder}/model.weights.h5'
    Take it from where it came from once more: it was cut or changed on the way.
    """  # noqa: E501
    path = folder / "model.weights.h5"
    path.write_text("404: not found")
    small_model().load_weights(path)


@message(FileFormatError, ValueError)
def weights_of_another_width(folder: Path) -> None:
    """
    loading weights: the file doesn't fit 1 of the model's objects:
      - layers/dense (Dense) expects float32[4, 5] under '0', and the file has float32[4, 3].
      file  '{folder}/model.weights.h5'
    No variable was changed. `load_weights(..., skip_mismatch=True)` loads what fits.
    """
    small_model(5).load_weights(saved_weights(folder))


@message(FileFormatError, ValueError)
def weights_of_fewer_layers(folder: Path) -> None:
    """
    loading weights: the file doesn't fit 1 of the model's objects:
      - layers/dense_1 (Dense) expects 2 arrays, and the file has 0.
      file  '{folder}/model.weights.h5'
    No variable was changed. `load_weights(..., skip_mismatch=True)` loads what fits.
    """
    deeper = cornu.Sequential([cornu.Input((4,)), layers.Dense(3), layers.Dense(3)])
    deeper.load_weights(saved_weights(folder))


@message(StateError, RuntimeError)
def weights_into_a_model_that_is_not_built(folder: Path) -> None:
    """
    load_weights: the model isn't built, so it has no variables to load.
    Build it first by calling it on some data, or with `build()`.
    """
    cornu.Sequential([layers.Dense(3)]).load_weights(saved_weights(folder))


@message(ConfigError, TypeError)
def class_that_nobody_registered(folder: Path) -> None:
    """
    loading an object: the file names the class `project.blocks.Gate`, which isn't known here.
      file  '{folder}/model.keras'
    Decorate it and import its module before loading, or pass `custom_objects={'Gate': ...}`:
      @keras.saving.register_keras_serializable()
      class Gate(...):
    """

    class Gate(layers.Layer):
        def call(self, x: Any) -> Any:
            return x

    Gate.__module__ = "project.blocks"
    path = folder / "model.keras"
    cornu.Sequential([cornu.Input((4,)), Gate()]).save(path)
    models.load_model(path)


@message(UnsafeFileError, ValueError)
def lambda_in_a_file(folder: Path) -> None:
    """
    loading a lambda: the file has bytecode of a Python lambda, which could do anything to this machine.
      file  '{folder}/model.keras'
    If you trust where the file comes from, pass safe_mode=False to the call that loads it. Named functions with @keras.saving.register_keras_serializable() load safely.
    """  # noqa: E501
    path = folder / "model.keras"
    cornu.Sequential([cornu.Input((4,)), layers.Lambda(lambda x: x * 2)]).save(path)
    models.load_model(path)


@message(FileFormatError, ValueError)
def text_that_is_no_json() -> None:
    """
    the JSON string: this is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1).
    """  # noqa: E501
    models.model_from_json("{'class_name': 'Sequential'}")
