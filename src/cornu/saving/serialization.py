"""Objects as plain data and back (`keras.saving.serialize_keras_object` and its kin).

`config_writer` has the one direction, `config_reader` the other, `sharing` the numbers of objects
that appear more than once.
"""

from __future__ import annotations

from cornu.saving.config_reader import deserialize_keras_object
from cornu.saving.config_writer import serialize_dict, serialize_keras_object
from cornu.saving.sharing import forget_lonely, sharing_scope
from cornu.saving.values import TensorReference

__all__ = [
    "TensorReference",
    "deserialize_keras_object",
    "forget_lonely",
    "serialize_dict",
    "serialize_keras_object",
    "sharing_scope",
]
