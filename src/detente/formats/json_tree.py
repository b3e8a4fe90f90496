"""JSON text to a tree that knows its positions: bounded, and refused where hostile, before anything is built."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from detente.base.errors import COLLECTED, CaseError, Problem, shown
from detente.case.yaml_tree import (
    CONTROL,
    DIRECTION,
    MAX_DEPTH,
    MAX_NODES,
    Mapping,
    Sequence,
    Text,
    Where,
    decode,
)

TOKEN = re.compile(
    r'[ \t\n\r]*(?:(?P<mark>[{}\[\],:])|(?P<text>"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")'
    r'|(?P<word>[^\s{}\[\],:"]+)|(?P<end>\Z)|(?P<bad>.))',
    re.DOTALL,
)
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


def read_json(data: bytes | str, file: str | None) -> Any:
    """Parse JSON into Mapping, Sequence, Text and None.

    A string is a Text with ``shift`` 1; numbers, ``true`` and ``false`` are Texts with ``shift`` 0, as written.

    Args:
        data: the file's bytes (UTF-8) or text.
        file: name for messages.

    Raises:
        CaseError: undecodable bytes, syntax, duplicate keys, NaN, hidden characters, too deep, too large.
    """
    text = decode(data, file)
    if len(text) > 2 * MAX_NODES:  # only then can it hold too many values: count before building
        _refuse_too_many(text, file)
    reader = _Reader(text, file)
    with suppress(_Stop):
        reader.read()
    if reader.problems:
        raise CaseError(reader.problems)
    return reader.root


def integer(node: Any) -> int | None:
    """The value of a written whole number, or None where something else is written."""
    plain = isinstance(node, Text) and not node.shift and INTEGER.fullmatch(node)
    return int(node) if plain else None


def string(node: Any) -> Text | None:
    """A written string, or None where something else is written."""
    return node if isinstance(node, Text) and node.shift else None


def kind(node: Any) -> str:
    """What is written, for a message."""
    if node is None:
        return "null"
    if isinstance(node, dict):
        return "an object"
    if isinstance(node, list):
        return "a list"
    return f"the text {shown(node)}" if isinstance(node, Text) and node.shift else shown(node)


class _Stop(Exception):  # noqa: N818 - a signal, not an error
    """Nothing further is read."""


class _Reader:
    """Builds the tree from tokens with an explicit stack; collects problems."""

    def __init__(self, text: str, file: str | None) -> None:
        self.text = text
        self.file = file
        self.starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self.problems: list[Problem] = []
        self.root: Any = None
        self.stack: list[Mapping | Sequence] = []
        self.key: Text | None = None
        self.nodes = 0
        self.wanted = "value"

    def read(self) -> None:
        """Take tokens until the end; ``wanted`` says what may come: value, first, key, colon, next or end."""
        at = 0
        while True:
            match = TOKEN.match(self.text, at)
            if match is None or match.lastgroup is None:  # pragma: no cover - the last group matches anything
                raise _Stop
            part, start = match.group(match.lastgroup), match.start(match.lastgroup)
            self.take(match.lastgroup, part, start)
            if match.lastgroup == "end":
                return
            at = match.end()

    def take(self, form: str, part: str, at: int) -> None:
        """One part in the place where it stands."""
        if form == "bad" and part == '"':
            self.stop(at, "a text without its closing quote", "'\"' on the same line")
        inside = self.stack[-1] if self.stack else None
        if self.wanted == "colon":
            self.expect(form, part, at, ":", "value")
        elif self.wanted == "key" or (self.wanted == "first" and isinstance(inside, dict)):
            self.named(form, part, at)
        elif self.wanted in ("value", "first"):
            self.valued(form, part, at)
        elif self.wanted == "end":
            if form != "end":
                self.stop(at, shown(part, 30), "the end of the file")
        elif part == "," and form == "mark":
            self.wanted = "key" if isinstance(inside, dict) else "value"
        else:
            self.close(form, part, at, "',' or ")

    def expect(self, form: str, part: str, at: int, mark: str, then: str) -> None:
        """The one mark that may stand here."""
        if form != "mark" or part != mark:
            self.stop(at, self.told(form, part), f"'{mark}'")
        self.wanted = then

    def named(self, form: str, part: str, at: int) -> None:
        """A key, or the end of an empty object."""
        if form == "text":
            self.key = self.scalar(part, at)
            inside = self.stack[-1]
            if self.key in inside:
                first = inside.written_key(self.key) if isinstance(inside, Mapping) else None
                fix = f"The first is on line {first.at[0]}; keep one of them." if isinstance(first, Text) else ""
                self.problem(at, f"the key {shown(self.key)} a second time", "each key once", fix)
            self.wanted = "colon"
        elif self.wanted == "first":
            self.close(form, part, at, "a key in double quotes or ")
        else:
            self.stop(at, self.told(form, part), "a key in double quotes")

    def valued(self, form: str, part: str, at: int) -> None:
        """A value, or the end of an empty list."""
        if form == "text":
            self.put(self.scalar(part, at), at)
        elif form == "word":
            self.put(self.word(part, at), at)
        elif form == "mark" and part in "{[":
            node: Mapping | Sequence = Mapping() if part == "{" else Sequence()
            node.at = self.place(at)
            self.put(node, at)
            if len(self.stack) >= MAX_DEPTH:
                self.stop(at, f"more than {MAX_DEPTH} levels of nesting", f"at most {MAX_DEPTH}")
            self.stack.append(node)
            self.wanted = "first"
        elif self.wanted == "first":
            self.close(form, part, at, "a value or ")
        else:
            self.stop(at, self.told(form, part), "a value")

    def close(self, form: str, part: str, at: int, expected: str) -> None:
        """The bracket that closes the innermost list or object."""
        mark = "}" if isinstance(self.stack[-1], dict) else "]"
        if form != "mark" or part != mark:
            self.stop(at, self.told(form, part), f"{expected}'{mark}'")
        self.stack.pop()
        self.wanted = "next" if self.stack else "end"

    def put(self, value: Any, at: int) -> None:
        """Store a value where it belongs."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.stop(at, f"more than {MAX_NODES:,} values", f"at most {MAX_NODES:,}")
        self.wanted = "next" if self.stack else "end"
        if not self.stack:
            self.root = value
        elif isinstance(self.stack[-1], list):
            self.stack[-1].append(value)
        elif self.key is not None:
            self.stack[-1].setdefault(self.key, value)

    def scalar(self, part: str, at: int) -> Text:
        """A string without its quotes and escapes."""
        try:
            plain = json.loads(part) if "\\" in part else part[1:-1]
        except ValueError:
            self.problem(at, f"the text {shown(part, 40)} with an unknown escape", 'escapes such as \\n or \\"')
            plain = ""
        for pattern, what in ((CONTROL, "control"), (DIRECTION, "invisible")) if "\\" in part else ():
            if hidden := pattern.search(plain):
                found = f"the {what} character U+{ord(hidden.group()):04X} written with a backslash"
                self.problem(at, found, "visible text", "Leave it out.")
        text = Text(plain)
        text.at, text.shift = self.place(at), 1
        return text

    def word(self, part: str, at: int) -> Text | None:
        """A number, true, false or null."""
        if part == "null":
            return None
        if part not in ("true", "false") and not NUMBER.fullmatch(part):
            fix = "Put texts in double quotes." if part[:1].isalpha() else ""
            self.problem(at, shown(part, 30), "a value: a number, a text in double quotes, true, false or null", fix)
        text = Text(part)
        text.at, text.shift = self.place(at), 0
        return text

    def place(self, at: int) -> Where:
        """Line and column of an offset, from 1."""
        line = bisect_right(self.starts, at)
        return line, at - self.starts[line - 1] + 1

    def told(self, form: str, part: str) -> str:
        """What was found, for a message."""
        return "the end of the file" if form == "end" else shown(part, 30)

    def problem(self, at: int, found: str, expected: str, fix: str = "") -> None:
        """Record a problem and go on, unless there are too many."""
        line, column = self.place(at)
        self.problems.append(Problem(found, expected, fix, "", self.file, line, column))
        if len(self.problems) >= COLLECTED:
            raise _Stop

    def stop(self, at: int, found: str, expected: str) -> None:
        """Record a problem after which nothing can be read."""
        self.problem(at, found, expected)
        raise _Stop


def _refuse_too_many(text: str, file: str | None) -> None:
    count = depth = 0
    for part in _tokens(text):
        count += part not in ("}", "]", ",", ":")
        depth += (part in ("{", "[")) - (part in ("}", "]"))
        if depth > MAX_DEPTH:
            return
        if count > 2 * MAX_NODES:  # keys count here too
            found, expected = f"more than {MAX_NODES:,} values", f"at most {MAX_NODES:,}"
            raise CaseError([Problem(found, expected, "", "", file, 1, 1)])


def _tokens(text: str) -> Iterator[str]:
    for match in TOKEN.finditer(text):
        if match.lastgroup in ("mark", "text", "word"):
            yield match.group(match.lastgroup)
