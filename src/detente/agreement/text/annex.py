"""The annex of a text: what its names stand for, checked against the headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from detente.agreement.text.document import Line
from detente.agreement.text.names import KINDS, NUMBERED, Named, plain_name
from detente.agreement.text.quoting import TEXT, unquoted
from detente.agreement.text.write import COLUMNS, HEAD, NONE, SAME
from detente.base.errors import did_you_mean, one_of, shown

NUMBERED_HEADING = re.compile(r"(Article|Power|Amendment) ([1-9][0-9]{0,5})\. (.*)", re.DOTALL)
Told = Callable[[Line, str, str, str], None]


def titles(lines: Sequence[Line], told: Told) -> dict[str, str]:
    """``Article 3`` and its like -> the title in its heading."""
    found: dict[str, str] = {}
    for line in lines:
        match = NUMBERED_HEADING.fullmatch(line.text) if line.kind == "heading" else None
        if match is None:
            continue
        head = f"{match[1]} {match[2]}"
        if head in found:
            told(line, f"a second {head}", "each number once", "Number them anew, also where they are named.")
        found.setdefault(head, match[3])
    return found


def named_in(rows: Sequence[Line], title: Line, heads: dict[str, str], told: Told) -> list[Named]:
    """What the rows of the annex name."""
    named: list[Named] = []
    seen: set[tuple[str, str]] = set()
    labels: set[str] = set()
    for line in rows:
        if line.cells == COLUMNS:
            continue
        if len(line.cells) != len(COLUMNS):
            told(line, f"{len(line.cells)} cells", f"{len(COLUMNS)}: {', '.join(COLUMNS)}", "")
            continue
        one = _row(line, title, heads, told)
        if one is None:
            continue
        if (one.kind, one.id) in seen or one.label in labels:
            told(line, f"{shown(one.label)} a second time", "each name once", "")
            continue
        seen.add((one.kind, one.id))
        labels.add(one.label)
        named.append(one)
    for line_text in set(heads) - {n.label.partition(" (")[0] for n in named}:
        told(
            title, f"{line_text}, which is not in the annex", "a row for it", "Add it to the annex, with a short name."
        )
    return named


def row_of(rows: Sequence[Line], one: Named) -> Line:
    """Where a thing stands in the annex."""
    return next(line for line in rows if line.cells[1:3] == (one.kind, one.id))


def _row(line: Line, title: Line, heads: dict[str, str], told: Told) -> Named | None:
    label, kind, name, exact = line.cells
    if kind not in KINDS:
        told(line, f"the kind {shown(kind)}", one_of(list(KINDS)), did_you_mean(kind, list(KINDS)))
        return None
    visible = _visible(label, kind, title, heads)
    if visible is None:
        expected = f"{NUMBERED[kind]} and its number, with a heading" if kind in NUMBERED else "a name"
        told(line, shown(label), expected, "")
        return None
    written = _written(exact, visible, name, kind)
    if written is False:
        told(
            line,
            f"{shown(visible)} in the text and {shown(exact)} as its exact name",
            f"the same name, {SAME}, {NONE}, or a text in quotes",
            f"Write {SAME} in the last column to take the name that the text shows.",
        )
        return None
    if kind in NUMBERED:
        label = f"{label} ({visible})"
    return Named(kind, name, None if written is None else str(written), label)


def _visible(label: str, kind: str, title: Line, heads: dict[str, str]) -> str | None:
    """The name that a reader sees."""
    if kind in NUMBERED:
        return heads.get(label) if label.startswith(NUMBERED[kind]) else None
    if kind == "agreement":
        return title.text.removeprefix(HEAD)
    if label.startswith("‘"):
        return unquoted(label) if re.fullmatch(r"‘(?:[^‘’\\]|\\.)*’", label) else None
    return label or None


def _written(exact: str, visible: str, name: str, kind: str) -> str | bool | None:
    """The exact name; None: none; False: it does not fit what is visible."""
    if exact == SAME:
        return visible
    if exact == NONE:
        return None if _fits(visible, plain_name(None, name)) or kind == "group" else visible
    if not re.fullmatch(TEXT, exact, re.DOTALL):
        return False
    text = unquoted(exact)
    return text if _fits(visible, plain_name(text, name)) else False


def _fits(visible: str, name: str) -> bool:
    return visible == name or re.fullmatch(re.escape(name) + r" \([0-9]+\)", visible) is not None


def sections(lines: Sequence[Line]) -> Iterator[tuple[Line, list[Line]]]:
    """Each heading with the lines below it."""
    head: Line | None = None
    below: list[Line] = []
    for line in lines:
        if line.kind == "heading":
            if head is not None:
                yield head, below
            head, below = line, []
        else:
            below.append(line)
    if head is not None:
        yield head, below
