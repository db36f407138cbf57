"""Nested structures, as `keras.tree` treats them. Expected values were seen on real Keras."""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict, deque, namedtuple
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornu import tree

Point = namedtuple("Point", "y x")  # fields in an order that isn't alphabetical

STRUCTURES = st.recursive(
    st.integers() | st.none() | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=4)
        | st.dictionaries(st.integers(), inner, max_size=3).map(OrderedDict)
        | st.tuples(inner, inner).map(lambda pair: Point(*pair))
    ),
    max_leaves=20,
)


def test_values_of_a_dict_come_in_the_order_of_sorted_keys() -> None:
    assert tree.flatten({"b": 1, "a": 2}) == [2, 1]
    assert tree.flatten({2: "two", "a": "letter", (1, 2): "pair", 1: "one"}) == [
        "one", "two", "letter", "pair",
    ]  # fmt: skip


def test_an_ordered_dict_keeps_its_own_order() -> None:
    assert tree.flatten(OrderedDict([("b", 1), ("a", 2)])) == [1, 2]


def test_mapping_keeps_the_order_of_insertion_and_the_kind_of_dict() -> None:
    plain = tree.map_structure(lambda x: x, {"b": 1, "a": 2})
    assert list(plain.items()) == [("b", 1), ("a", 2)]
    counted = tree.map_structure(lambda x: -x, defaultdict(int, {"b": 1, "a": 2}))
    assert counted == {"b": -1, "a": -2}
    assert counted["other"] == 0


def test_none_is_a_leaf() -> None:
    assert tree.flatten([None, (1, None)]) == [None, 1, None]
    assert not tree.is_nested(None)


@pytest.mark.parametrize(
    ("value", "nested"),
    [
        (1, False), ("a", False), (None, False), ({1, 2}, False), (range(3), False),
        ([], True), ((), True), ({}, True), (deque(), True), (Point(1, 2), True),
        (time.gmtime(0), True),
    ],
)  # fmt: skip
def test_exactly_the_container_types_are_structure(value: object, nested: bool) -> None:
    assert tree.is_nested(value) is nested


def test_subclasses_are_leaves_until_they_are_registered() -> None:
    class Shelf(list[Any]):
        pass

    shelf = Shelf([1, 2])
    assert tree.flatten([shelf]) == [shelf]
    tree.register(Shelf, list, Shelf)
    assert tree.flatten([shelf]) == [1, 2]
    assert type(tree.map_structure(lambda x: x, shelf)) is Shelf


def test_registering_like_a_leaf_type_is_refused() -> None:
    with pytest.raises(TypeError, match="container type"):
        tree.register(bool, int)


@given(STRUCTURES)
def test_packing_the_leaves_gives_the_structure_back(structure: Any) -> None:
    leaves = tree.flatten(structure)
    assert tree.pack_sequence_as(structure, leaves) == structure
    assert [leaf for _, leaf in tree.flatten_with_path(structure)] == leaves
    tree.assert_same_structure(structure, tree.map_structure(lambda _: 0, structure))
    tree.assert_same_paths(structure, tree.lists_to_tuples(structure))


@given(STRUCTURES)
def test_a_path_leads_to_its_leaf(structure: Any) -> None:
    for path, leaf in tree.flatten_with_path(structure):
        value = structure
        for key in path:
            value = value[key]
        assert value is leaf


@pytest.mark.parametrize("leaves", [[], [1], [1, 2, 3, 4]])
def test_packing_needs_the_right_number_of_leaves(leaves: list[int]) -> None:
    with pytest.raises(ValueError, match=f"needs 3 leaves.*Received {len(leaves)}"):
        tree.pack_sequence_as([1, (2, 3)], leaves)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2], (1, 2)), ([1, 2], [1]), ([1, 2], [1, [2]]), ([1, [2]], [1, 2]),
        ({"a": 1}, {"b": 1}), ({"a": 1}, [1]), ([()], [[]]), (Point(1, 2), (1, 2)),
    ],
)  # fmt: skip
def test_different_structures_are_told_apart(a: Any, b: Any) -> None:
    with pytest.raises(ValueError, match="aren't the same"):
        tree.map_structure(lambda x, y: x, a, b)
    with pytest.raises(ValueError, match="aren't the same"):
        tree.assert_same_structure(a, b)


def test_mappings_of_different_types_are_the_same_structure() -> None:
    mixed = tree.map_structure(
        lambda x, y: (x, y), {"b": 1, "a": 2}, OrderedDict([("b", 3), ("a", 4)])
    )
    assert mixed == {"b": (1, 3), "a": (2, 4)}


def test_none_can_be_left_alone() -> None:
    assert tree.map_structure(lambda x: x + 1, [None, 1], none_is_leaf=False) == [None, 2]
    for pair in (([None], [1]), ([1], [None])):
        with pytest.raises(ValueError, match="None"):
            tree.map_structure(lambda x, y: x, *pair, none_is_leaf=False)


def test_mapping_needs_a_structure() -> None:
    with pytest.raises(ValueError, match="at least one"):
        tree.map_structure(len)
    with pytest.raises(ValueError, match="at least one"):
        tree.map_structure_up_to([1], len)


def test_mapping_stops_where_the_shallow_structure_has_leaves() -> None:
    deep = {"x": [1, [2]], "y": (3,)}
    assert tree.map_structure_up_to({"y": 0, "x": 0}, tree.flatten, deep) == {"x": [1, 2], "y": [3]}
    with pytest.raises(ValueError, match="aren't the same"):
        tree.map_structure_up_to([1, [2]], lambda x: x, [3, 4])


def test_shapes_are_leaves_for_map_shape_structure() -> None:
    shapes = {"a": (1, 2), "b": [(None, 3), [4, 5]], "c": (), "d": ((), (1,))}
    seen = tree.map_shape_structure(lambda shape: ("S", shape), shapes)
    assert seen == {
        "a": ("S", (1, 2)),
        "b": [("S", (None, 3)), ("S", [4, 5])],
        "c": ("S", ()),
        "d": (("S", ()), ("S", (1,))),
    }


def test_traverse_goes_deeper_only_where_nothing_was_given() -> None:
    assert tree.traverse(lambda x: "list" if isinstance(x, list) else None, ([1, [2]], 3)) == (
        "list", 3,
    )  # fmt: skip
    assert tree.traverse(lambda x: tree.MAP_TO_NONE if x == 2 else None, [1, (2, 3)]) == [
        1, (None, 3),
    ]  # fmt: skip
    seen: list[Any] = []
    tree.traverse(seen.append, [1, (2,)], top_down=False)
    assert seen == [1, 2, (2,), [1, (2,)]]


def test_lists_become_tuples_everywhere() -> None:
    assert tree.lists_to_tuples([1, {"a": [2, [3]]}, Point([1], 2)]) == (
        1, {"a": (2, (3,))}, Point((1,), 2),
    )  # fmt: skip


def test_paths_tell_what_is_missing() -> None:
    with pytest.raises(ValueError, match=r"missing in `b`: \('a',\)\n  missing in `a`: \(0,\)"):
        tree.assert_same_paths({"a": 1}, [1])


def test_check_types_only_warns() -> None:
    with pytest.warns(DeprecationWarning, match="no effect"):
        tree.assert_same_structure([1], [2], check_types=True)


def test_a_deque_keeps_its_length_limit() -> None:
    assert tree.map_structure(lambda x: x, deque([1, 2], maxlen=3)).maxlen == 3
