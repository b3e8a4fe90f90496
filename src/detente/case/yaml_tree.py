"""YAML text to a tree that knows its positions: an event pass that bounds and refuses before anything is built.

YAML 1.2 core: every scalar stays the text that was written (only an unquoted ``null``, ``~`` or nothing is None), so
``no``, ``on`` and dates are strings; the field that receives a text decides what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from detente.base.errors import COLLECTED, CaseError, Problem, shown

MAX_DEPTH = 64
MAX_NODES = 1_000_000
MAX_BYTES = 64 * 2**20
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

Where = tuple[int, int]


class Text(str):
    """A written scalar with its line and column (from 1); ``shift`` is 1 where a quote precedes the text."""

    __slots__ = ("at", "shift")
    at: Where
    shift: int


class Mapping(dict[str, Any]):
    """A written mapping with its position."""

    __slots__ = ("_keys", "at")
    at: Where
    _keys: dict[str, str]

    def written_key(self, key: str) -> str:
        """The key as it stands in the file, with its position."""
        keys: dict[str, str] = getattr(self, "_keys", {})
        if key not in keys:
            self._keys = keys = {k: k for k in self}
        return keys[key]


class Sequence(list[Any]):
    """A written list with its position."""

    __slots__ = ("at",)
    at: Where


def read_tree(data: bytes | str, file: str | None) -> Any:
    """Parse YAML into Mapping, Sequence, Text and None.

    Args:
        data: the file's bytes (UTF-8) or text.
        file: name for messages.

    Returns:
        The tree.

    Raises:
        CaseError: undecodable bytes, syntax, duplicate keys, tags, aliases, merge keys, too deep, too large; all
            that were found before the text became unreadable.
    """
    text = decode(data, file)
    builder = _Builder(file)
    if len(text) > 2 * MAX_NODES:  # only then can it hold too many values: count before building
        _refuse_too_many(text, file)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CLoader", yaml.Loader)):
            builder.take(event)
    except _Stop:
        pass
    except yaml.YAMLError as error:
        builder.problems.append(_syntax(error, text, file))
    if builder.problems:
        raise CaseError(builder.problems)
    return builder.root


def written_at(tree: Any, path: tuple[str | int, ...], *, key: bool = False) -> Any:
    """The deepest written thing on a path: a Text, Mapping or Sequence, or None for a tree built in code.

    Args:
        tree: what ``read_tree`` gave.
        path: keys and list positions.
        key: whether the last key itself is meant and not its value.
    """
    found = node = tree
    for n, step in enumerate(path):
        name: Any = None
        if isinstance(node, dict) and step in node:
            name = node.written_key(str(step)) if isinstance(node, Mapping) else step
            node = node[name]
        elif isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node):
            node = node[step]
        else:
            break
        found = name if node is None or (key and name is not None and n == len(path) - 1) else node
    return found if hasattr(found, "at") else None


def kind_of(value: object) -> str:
    """What a value is, for a message."""
    if value is None:
        return "nothing"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list | tuple) else shown(value)


class _Stop(Exception):  # noqa: N818 - a signal, not an error
    """The tree is hostile: nothing further is read."""


class _Builder:
    """Builds the tree from parser events with an explicit stack; collects problems."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.root: Any = None
        self.stack: list[Mapping | Sequence] = []
        self.keys: list[Text | None] = []
        self.nodes = 0
        self.documents = 0

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._count(event)
            self._refuse_decoration(event)
            self._put(self._scalar(event), event)
        elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
            self._count(event)
            self._refuse_decoration(event)
            self._open(event, Mapping() if kind is yaml.MappingStartEvent else Sequence())
        elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            self.stack.pop()
            self.keys.pop()
        elif kind is yaml.AliasEvent:
            self._problem(event, f"the alias {shown('*' + event.anchor)}", "the value itself", "Write the value out.")
            self._put(None, event)
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self._problem(
                    event, "a second document", "one document per file", "Remove the line '---' and what follows."
                )
                raise _Stop

    def _count(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._problem(event, f"more than {MAX_NODES:,} values", f"at most {MAX_NODES:,}", "Split the file.")
            raise _Stop

    def _refuse_decoration(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            self._problem(event, f"the tag {shown(event.tag)}", "plain values only", "Remove the tag.")
        if event.anchor is not None:
            self._problem(event, f"the anchor {shown('&' + event.anchor)}", "plain values only", "Remove the anchor.")

    def _scalar(self, event: Any) -> Text | None:
        if not event.style and event.value in ("", "null", "Null", "NULL", "~"):
            return None
        if event.style == '"':
            for pattern, what in ((CONTROL, "control"), (DIRECTION, "invisible")):
                if hidden := pattern.search(event.value):
                    found = f"the {what} character U+{ord(hidden.group()):04X} written with a backslash"
                    self._problem(event, found, "visible text", "Leave it out.")
        text = Text(event.value)
        text.at = _at(event)
        text.shift = 1 if event.style in ("'", '"') else 0
        return text

    def _open(self, event: Any, node: Mapping | Sequence) -> None:
        node.at = _at(event)
        self._put(node, event)
        if len(self.stack) >= MAX_DEPTH:
            self._problem(event, f"more than {MAX_DEPTH} levels of nesting", f"at most {MAX_DEPTH}", "Flatten it.")
            raise _Stop
        self.stack.append(node)
        self.keys.append(None)

    def _put(self, value: Any, event: Any) -> None:
        if not self.stack:
            self.root = value
            return
        parent = self.stack[-1]
        if isinstance(parent, list):
            parent.append(value)
        elif self.keys[-1] is None:
            self.keys[-1] = self._key(value, event, parent)
        else:
            key, self.keys[-1] = self.keys[-1], None
            parent.setdefault(key, value)

    def _key(self, value: Any, event: Any, parent: Mapping) -> Text:
        if not isinstance(value, Text):
            fix = "Quote the key." if value is None else "A condition inside {...} needs quotes."
            self._problem(event, "a key that is not text", "a name or a quoted condition", fix)
            raise _Stop  # the keys and values after it would be mistaken for each other
        if value == "<<" and not value.shift:
            self._problem(event, "the merge key '<<'", "the keys themselves", "Write the keys out.")
        elif value in parent:
            first = parent.written_key(value)
            fix = f"The first is on line {first.at[0]}; keep one of them." if isinstance(first, Text) else ""
            self._problem(event, f"the key {shown(value)} a second time", "each key once", fix)
        return value

    def _problem(self, event: Any, found: str, expected: str, fix: str) -> None:
        line, column = _at(event)
        self.problems.append(Problem(found, expected, fix, "", self.file, line, column))
        if len(self.problems) >= COLLECTED:
            raise _Stop


def _refuse_too_many(text: str, file: str | None) -> None:
    opening = (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)
    count = depth = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CLoader", yaml.Loader)):
            kind = type(event)
            count += kind in opening
            depth += (kind in opening[1:]) - (kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent))
            if depth > MAX_DEPTH:
                return
            if count > MAX_NODES:
                line, column = _at(event)
                found, expected = f"more than {MAX_NODES:,} values", f"at most {MAX_NODES:,}"
                raise CaseError([Problem(found, expected, "Split the file.", "", file, line, column)])
    except yaml.YAMLError:
        return  # told by the pass that builds


def _at(event: Any) -> Where:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


def decode(data: bytes | str, file: str | None) -> str:
    """The text of a file, without a byte order mark.

    Raises:
        CaseError: too large, no UTF-8, control characters or invisible ones.
    """
    if len(data) > MAX_BYTES:
        raise CaseError([Problem(f"{len(data):,} bytes", f"at most {MAX_BYTES:,}", "Split the file.", "", file)])
    if isinstance(data, bytes):
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start].decode("utf-8", "replace")
            raise CaseError([_at_offset(before, f"the byte 0x{data[error.start]:02x}", "UTF-8 text", file)]) from None
    else:
        text = data.removeprefix("\ufeff")
    problems = [
        _at_offset(text[: match.start()], f"the {what} character U+{ord(match.group()):04X}", "visible text", file)
        for pattern, what in ((CONTROL, "control"), (DIRECTION, "invisible"))
        for match in _first(pattern, text)
    ]
    if problems:
        raise CaseError(problems)
    return text


def _first(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for count, match in enumerate(pattern.finditer(text)):
        if count == 20:
            return
        yield match


def _at_offset(before: str, found: str, expected: str, file: str | None) -> Problem:
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Problem(found, expected, "Save the file as UTF-8 and remove it.", "", file, line, column)


def _syntax(error: yaml.YAMLError, text: str, file: str | None) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = str(getattr(error, "problem", None) or error).split("\n")[0].removeprefix("found ")
    if mark is None:
        return Problem(f"unreadable YAML ({shown(what, 120)})", "YAML", "", "", file, 1, 1)
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    return Problem(_plain(what), "well-formed YAML", _hint(what, line), "", file, mark.line + 1, mark.column + 1)


def _plain(what: str) -> str:
    for technical, plain in (
        ("cannot start any token", "a character that cannot start a value"),
        ("mapping values are not allowed", "a colon where no key can stand"),
        ("did not find expected key", "something that is not a key, or is indented otherwise than its neighbours"),
        ("did not find expected ',' or '}'", "an entry of {...} without ',' before it or '}' after it"),
        ("did not find expected ',' or ']'", "an entry of [...] without ',' before it or ']' after it"),
        ("could not find expected ':'", "a key without a colon"),
        ("did not find expected '-' indicator", "an entry of a list without its '-'"),
        ("unexpected end of stream", "the end of the file inside a quoted text"),
        ("unknown escape character", "an unknown escape in double quotes"),
        ("did not find expected node content", "nothing where a value should stand"),
    ):
        if technical in what:
            return plain
    return what


def _hint(what: str, line: str) -> str:
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "Indent with spaces, not tabs."
    if "{" in line and ("==" in line or ">=" in line or "<=" in line):
        return "A condition inside {...} needs quotes."
    if "mapping values" in what:
        return "Put the text after the first colon in quotes, or check the indentation."
    if "token" in what and any(c in line for c in "%@`"):
        return "Put the text in quotes."
    return "Check the indentation, quotes and brackets here and on the line before."
