"""Puts together what the sentences of a text say: blocks with their places, each thing said once."""

from __future__ import annotations

from typing import Any

from detente.agreement.text.template import Path
from detente.case.yaml_tree import Mapping, Sequence, Text


class TwiceError(ValueError):
    """Something said a second time."""


def block_at(row: int, column: int) -> Mapping:
    """An empty block that stands at a place."""
    block = Mapping()
    block.at = (row, column)
    return block


def put(block: dict[str, Any], path: Path, value: Any, place: tuple[int, int]) -> None:
    """Set a value below a block.

    Raises:
        TwiceError: there is one already.
    """
    for key in path[:-1]:
        inner = block.get(key)
        if inner is None:
            inner = block[placed(key, place)] = block_at(*place)
        if not isinstance(inner, dict):
            raise TwiceError(key)
        block = inner
    if path[-1] in block:
        raise TwiceError(path[-1])
    block[placed(path[-1], place)] = placed(value, place)


def append(block: dict[str, Any], key: str, entry: Any, place: tuple[int, int]) -> None:
    """Add an entry to a list of a block.

    Raises:
        TwiceError: the list is told to be empty.
    """
    entries = block.get(key)
    if entries is None:
        entries = block[placed(key, place)] = placed([], place)
    elif not entries:
        raise TwiceError(key)
    entries.append(entry)


def placed(value: Any, place: tuple[int, int]) -> Any:
    """A value with its place, for messages about it."""
    if isinstance(value, str):
        text = Text(value)
        text.at, text.shift = place, 0
        return text
    if isinstance(value, list):
        entries = Sequence(placed(v, place) for v in value)
        entries.at = place
        return entries
    if isinstance(value, dict):
        block = block_at(*place)
        block.update({placed(k, place): placed(v, place) for k, v in value.items()})
        return block
    return value
