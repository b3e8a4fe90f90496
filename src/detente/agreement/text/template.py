"""The sentences of ``sentences.grammar``: rules, their alternatives, and what each of them says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

PIECE = re.compile(r"\{(?P<path>[^{}:>]*)(?P<mark>[:>])(?P<what>[A-Za-z_]+)(?P<star>\*?)\}")
CONSTANTS: dict[str, Any] = {"true": True, "false": False}
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What stands there as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A value of some type at a path below the block."""

    path: Path
    type: str


@dataclass(frozen=True, slots=True)
class Sub:
    """A rule on the block at a path; ``star``: all of its alternatives that fit, also none."""

    path: Path
    rule: str
    star: bool


Piece = Words | Slot | Sub


@dataclass(frozen=True, slots=True)
class Alternative:
    """One sentence or part of one.

    Attributes:
        id: its number, for the grammar.
        each: path of the list that it tells an entry of, or None.
        pieces: what it is made of.
        says: paths with the values that the words themselves say.
    """

    id: int
    each: Path | None
    pieces: tuple[Piece, ...]
    says: tuple[tuple[Path, Any], ...]


Rules = dict[str, tuple[Alternative, ...]]


@cache
def rules() -> Rules:
    """All rules by their names, read once."""
    text = files(__package__).joinpath("sentences.grammar").read_text("utf-8")
    found: dict[str, list[Alternative]] = {}
    name = ""
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if re.fullmatch(r"[a-z_]+:", line):
            name = line[:-1]
            found[name] = []
        else:
            number = sum(len(alternatives) for alternatives in found.values())
            found[name].append(_alternative(number, line))
    return {rule: tuple(alternatives) for rule, alternatives in found.items()}


def _path(text: str) -> Path:
    return tuple(text.split(".")) if text else ()


def _alternative(number: int, line: str) -> Alternative:
    line, _, said = line.partition(" => ")
    each = re.match(r"@([a-z_]+): ", line)
    if each:
        line = line[each.end() :]
    pieces: list[Piece] = []
    at = 0
    for match in PIECE.finditer(line):
        if words := line[at : match.start()].strip():
            pieces.append(Words(words))
        path, what = _path(match["path"]), match["what"]
        pieces.append(Slot(path, what) if match["mark"] == ":" else Sub(path, what, bool(match["star"])))
        at = match.end()
    if words := line[at:].strip():
        pieces.append(Words(words))
    says = tuple(_constant(part) for part in said.split(", ")) if said else ()
    return Alternative(number, _path(each[1]) if each else None, tuple(pieces), says)


def _constant(text: str) -> tuple[Path, Any]:
    path, _, value = text.partition("=")
    if value in ("[]", "{}"):
        return _path(path), [] if value == "[]" else {}
    if value.startswith('"'):
        return _path(path), value[1:-1]
    return _path(path), CONSTANTS.get(value, value)
