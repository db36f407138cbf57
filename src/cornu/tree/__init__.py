"""Nested structures: lists, tuples, dicts and the like with leaves in them (`keras.tree`).

Keys of dicts are visited in sorted order whatever the order of insertion; an `OrderedDict` keeps
its own. `None` is a leaf. Only exact container types, namedtuples and registered classes are
structure; other subclasses are leaves, as in Keras. Start at `walk.py`; `containers.py` knows the
types.
"""

from cornu.tree.containers import MAP_TO_NONE as MAP_TO_NONE
from cornu.tree.containers import is_nested as is_nested
from cornu.tree.containers import register as register
from cornu.tree.paths import assert_same_paths as assert_same_paths
from cornu.tree.paths import flatten_with_path as flatten_with_path
from cornu.tree.walk import assert_same_structure as assert_same_structure
from cornu.tree.walk import flatten as flatten
from cornu.tree.walk import lists_to_tuples as lists_to_tuples
from cornu.tree.walk import map_shape_structure as map_shape_structure
from cornu.tree.walk import map_structure as map_structure
from cornu.tree.walk import map_structure_up_to as map_structure_up_to
from cornu.tree.walk import pack_sequence_as as pack_sequence_as
from cornu.tree.walk import traverse as traverse

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "register",
    "traverse",
]
