"""Models of real layers in files."""

from __future__ import annotations

from pathlib import Path

import pytest

import cornu
from cornu import layers
from cornu.errors import ConfigError


def test_a_model_that_is_loaded_again_and_again_gives_equal_bytes(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    policy = cornu.DTypePolicy("float32")  # one for two layers, of which each gets its own
    x = cornu.Input((5, 4))
    y = layers.MultiHeadAttention(2, 4, dropout=0.1, dtype=policy)(x, x)
    y = layers.GroupQueryAttention(4, 2, 1, dtype=policy)(y, y)
    y = layers.Bidirectional(layers.LSTM(3))(y)
    cornu.Model(x, y).save(path)
    first = path.read_bytes()
    for _ in range(2):
        cornu.saving.load_model(path).save(path)
        same = path.read_bytes() == first
        assert same  # not shown byte by byte


def test_a_value_that_a_class_refuses_is_one_typed_error() -> None:
    config = layers.Dense(3).get_config()
    stored = {"module": "keras.layers", "class_name": "Dense", "registered_name": None}
    for wrong in ({"units": -1}, {"unitz": 3}):
        with pytest.raises(ConfigError, match=r"Dense\.from_config: the class doesn't accept"):
            cornu.saving.deserialize_keras_object({**stored, "config": {**config, **wrong}})
