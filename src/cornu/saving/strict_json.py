"""Reading and writing JSON without the parts in which two readers could see two things."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from cornu.errors import ArgumentError, FileFormatError

__all__ = ["DEEPEST", "dump_json", "load_json"]

DEEPEST = 200  # levels of nesting; a model inside a model takes about seven
_MOST_DIGITS = 40  # of an integer; a seed of 128 bits has 39


def load_json(text: str | bytes, where: str) -> Any:
    """Read JSON and refuse what is ambiguous or out of proportion.

    Args:
        text: The document; bytes are UTF-8.
        where: What is being read, for the message, such as `"config.json"`.

    Returns:
        Dictionaries, lists, strings, numbers, booleans, None.

    Raises:
        FileFormatError: It is no JSON, an object has a key twice, a number is NaN, infinite or
            has more than 40 digits, or values are nested more than 200 levels deep.

    Example:
        >>> load_json('{"units": 3}', "config.json")
        {'units': 3}
        >>> load_json('{"units": 3, "units": 4}', "config.json")
        Traceback (most recent call last):
        cornu.errors.FileFormatError: config.json: the key 'units' appears twice in one object.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in pairs:
            if key in result:
                raise FileFormatError(where, f"the key {key!r} appears twice in one object")
            result[key] = value
        return result

    def constant(name: str) -> NoReturn:
        raise FileFormatError(where, f"{name} is no JSON")

    def integer(digits: str) -> int:
        if len(digits) > _MOST_DIGITS:
            raise FileFormatError(where, f"an integer has {len(digits)} digits")
        return int(digits)

    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=unique, parse_constant=constant, parse_int=integer
        )
    except RecursionError:
        raise FileFormatError(where, "values are nested too deep") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FileFormatError(where, f"this is no JSON: {error}") from None
    check_depth(value, where)
    return value


def check_depth(value: Any, where: str) -> None:
    """Refuse a tree of dictionaries and lists that is nested too deep, itself included.

    Args:
        value: The tree. Walked without recursion, so that no input can exhaust the stack.
        where: What it is, for the message.

    Raises:
        FileFormatError: There are more than 200 levels.
    """
    level = [value]
    for _ in range(DEEPEST):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list, tuple))
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise FileFormatError(where, f"values are nested more than {DEEPEST} levels deep")


def dump_json(value: Any, where: str) -> bytes:
    """Write JSON, the keys in the order they have.

    Args:
        value: Dictionaries, lists, tuples, strings, numbers, booleans, None.
        where: What is being written, for the message.

    Returns:
        ASCII, equal bytes for equal values.

    Raises:
        ArgumentError: A value has no form in JSON, such as NaN or an array.
    """
    try:
        return json.dumps(value, allow_nan=False).encode("ascii")
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            where,
            f"a value of the config can't be written: {error}",
            fix="JSON knows no NaN and no infinity; other objects need a `get_config()` method.",
        ) from None
