"""A text in controlled English as the tree of an agreement file: only what is visible counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from detente.agreement.text.annex import NUMBERED_HEADING, named_in, row_of, sections, titles
from detente.agreement.text.assembling import TwiceError, append, block_at, put
from detente.agreement.text.document import Line
from detente.agreement.text.names import CLOSE, OPEN, Lexicon, Named
from detente.agreement.text.parsing import NoSuchError, Parser
from detente.agreement.text.template import Path
from detente.agreement.text.values import MONTHS
from detente.agreement.text.write import EXPLAINED, HEAD, PARTS
from detente.base.errors import COLLECTED, CaseError, Problem, shown
from detente.base.wording import SMALL_NUMBERS, words

LONGEST = 200_000  # characters of a sentence
BLOCKS = {"Article": "commitments", "Power": "powers", "Amendment": "amendments"}
STARTS = {"Article": "commitment", "Power": "power", "Amendment": "amendment"}
OF_KIND = {
    "parties": ("party",), "bodies": ("body",), "options": ("option",), "quantities": ("quantity",),
    "events": ("event",), "groups": ("group",),
}  # fmt: skip
FIX = "Write the sentence as the text has others of its kind; docs/agreement-text.md lists them."
NOTED = {
    "option": "options", "quantity": "quantities", "commitment": "commitments", "power": "powers",
    "amendment": "amendments",
}  # fmt: skip
TYPED = re.compile(r'"([^"]*)"')
AMERICAN = re.compile(rf"({'|'.join(MONTHS)}) ([0-9]{{1,2}}),? ([0-9]{{4}})")
IN_WORDS = re.compile(rf"\b({'|'.join(SMALL_NUMBERS[1:])}) (years?|months?|weeks?|days?|hours?)\b", re.IGNORECASE)


class FullError(Exception):
    """So many problems that reading on would help nobody."""


def read_lines(lines: Sequence[Line], file: str | None) -> dict[str, Any]:
    """The tree that the lines of a text tell.

    Args:
        lines: all visible ones.
        file: name for messages.

    Raises:
        CaseError: every line that is no sentence of the language, with its place.
    """
    return _Reader(lines, file).tree_or_problems()


class _Reader:
    def __init__(self, lines: Sequence[Line], file: str | None) -> None:
        self.lines, self.file = lines, file
        self.problems: list[Problem] = []
        self.tree: dict[str, Any] = block_at(1, 1)
        self.ids: dict[str, Named] = {}

    def tell(self, line: Line, found: str, expected: str, fix: str = "", offset: int = 0) -> None:
        self.problems.append(
            Problem(found, expected, fix, "", self.file, line.row or None, line.column + offset if line.row else None)
        )
        if len(self.problems) >= COLLECTED:
            raise FullError

    def tree_or_problems(self) -> dict[str, Any]:
        with suppress(FullError):
            self.read()
        if self.problems:
            raise CaseError(self.problems)
        return self.tree

    def read(self) -> None:
        title = next((line for line in self.lines if line.kind == "heading"), None)
        if title is None or not title.text.startswith(HEAD):
            found = shown(title.text) if title else "no heading"
            where = title or Line("sentence", row=1)
            self.tell(where, found, f"a first heading that starts with {HEAD.strip()!r}", "This is no text of detente.")
            return
        parts = list(sections(self.lines))
        rows = [line for head, below in parts if head.text == PARTS["names"] for line in below if line.kind == "row"]
        heads = titles(self.lines, self.tell)
        named = named_in(rows, title, heads, self.tell)
        if not rows:
            self.tell(title, "no annex", f"the heading {PARTS['names']!r} with a table", "Keep the annex.")
        if self.problems:
            return  # without the names nothing can be read
        self.title, self.named, self.rows = title, named, rows
        self.lexicon = Lexicon(named)
        self.parser = Parser([n.id for n in named])
        self.name_all()
        for head, below in parts:
            self.section(head, below)
        self.finish(title)

    # -------------------------------------------------------------------------------------------------------- sections

    def name_all(self) -> None:
        """The blocks of all that the annex names."""
        for n in self.named:
            if n.kind == "agreement":
                self.tree["name"] = n.id
                if n.written is not None:
                    self.tree["title"] = n.written
            head = n.label.partition(" (")[0]
            if head.partition(" ")[0] in BLOCKS and n.kind in STARTS.values():
                self.ids[head] = n

    def section(self, head: Line, below: list[Line]) -> None:
        self.target: Callable[[Line, Path | None, list[tuple[Path, Any]]], None]
        match = NUMBERED_HEADING.fullmatch(head.text)
        if match:
            kind = match[1]
            named = self.ids[f"{kind} {match[2]}"]
            block = block_at(head.row, head.column)
            if named.written is not None:
                put(block, ("title",), named.written, (head.row, head.column))
            put(self.tree, (BLOCKS[kind], named.id), {}, (head.row, head.column))
            self.tree[BLOCKS[kind]][named.id] = block
            self.sentences(below, STARTS[kind], block)
            _finish_block(block)
            return
        if head.text == PARTS["names"]:
            for line in below:
                if line.kind != "row" and line.text != EXPLAINED:
                    self.tell(line, shown(line.text), "a row of the table", "Sentences stand above the annex.")
            return
        if head.text in PARTS.values() or head is self.title:
            self.sentences(below, "general", self.tree)
            return
        self.reading(head, below)

    def reading(self, head: Line, below: list[Line]) -> None:
        """What a party reads otherwise."""
        found = self.parse(head, "heading")
        if found is None:
            return
        told = {path[0]: value for path, value in found[1]}
        place = (head.row, head.column)
        party = told["party"]
        block = block_at(*place)
        rule = next(k for k in ("commitment", "power", "group", "whole") if k in told)
        start = {"group": "reading_group", "whole": "general"}.get(rule, rule)
        self.sentences(below, start, block)
        _finish_block(block)
        readings = self.tree.setdefault("readings", block_at(*place))
        own = readings.setdefault(party, block_at(*place))
        try:
            if rule == "whole":
                for key, value in block.items():
                    put(own, (key,), value, place)
            elif rule == "group":
                put(own, ("groups", told[rule]), block.get("members", []), place)
            else:
                put(own, ({"commitment": "commitments", "power": "powers"}[rule], told[rule]), block, place)
        except TwiceError:
            self.tell(head, "a second reading of the same", "one heading for each reading", "Join them.")

    # ------------------------------------------------------------------------------------------------------- sentences

    def sentences(self, below: list[Line], start: str, block: dict[str, Any]) -> None:
        for line in below:
            if line.kind == "row":
                self.tell(line, "a row of a table", "a sentence", "Only the annex has a table.")
                continue
            found = self.parse(line, start)
            if found is None:
                continue
            each, pairs = found
            place = (line.row, line.column)
            try:
                if each is None:
                    for path, value in pairs:
                        put(block, path, value, place)
                else:
                    entry = block_at(*place)
                    for path, value in pairs:
                        put(entry, path, value, place)
                    append(block, each[0], entry, place)
            except TwiceError as error:
                told = f"something on {words(str(error).strip('_'))} a second time"
                self.tell(line, told, "each thing said once", "Keep one of the sentences.")

    def parse(self, line: Line, start: str) -> tuple[Path | None, list[tuple[Path, Any]]] | None:
        """What a line says, or None if it is no sentence, which is told."""
        from lark import UnexpectedInput

        text = line.text
        if len(text) > LONGEST:
            self.tell(line, f"a sentence of {len(text):,} characters", f"at most {LONGEST:,}", "Split it.")
            return None
        if OPEN in text or CLOSE in text:
            self.tell(line, "a sign that cannot be seen", "visible text", "Leave it out.")
            return None
        marked, places = self.lexicon.marked(text)
        try:
            return self.parser.pairs(start, marked)
        except UnexpectedInput as error:
            if '"' in text and "“" not in text:  # typed by hand
                return self.parse(replace(line, text=TYPED.sub(r"“\1”", text).replace('"', "”")), start)
            self.tell(line, *self.unread(error, marked, places, text))
        except RecursionError:
            self.tell(line, "brackets too deep", "at most 50 levels", "Simplify it.")
        except NoSuchError as error:
            at = max(text.find(str(error)), 0)
            self.tell(line, f"{shown(str(error))}, which does not exist", "a date or value that exists", "", at)
        return None

    def unread(self, error: Any, marked: str, places: list[tuple[int, int]], text: str) -> tuple[str, str, str, int]:
        """Found, expected, fix and offset for a sentence that is none."""
        at = getattr(error, "pos_in_stream", None)
        at = len(marked) if at is None or at < 0 else at
        size, end = max((p for p in places if p[0] <= at), default=(0, 0))
        offset = min(end + at - size, len(text))
        rest = text[offset:].strip()
        expected = self.parser.expected(error, rest)
        return (shown(rest, 50) if rest else "the end of the sentence"), expected, _hint(rest), offset

    # ------------------------------------------------------------------------------------------------------------- end

    def finish(self, title: Line) -> None:
        """Definitions under their names, in the order of the annex."""
        for part, kinds in OF_KIND.items():
            entries = self.tree.pop(part, [])
            there = {n.id: n for n in self.named if n.kind in kinds}
            told: dict[str, dict[str, Any]] = {}
            for entry in entries:
                name = entry.pop("_")
                place = getattr(entry, "at", (title.row, 1))
                where = Line("sentence", row=place[0], column=place[1])
                if name in told or name not in there:
                    what = "a second time" if name in told else f"as a {kinds[0]}, which the annex calls otherwise"
                    self.tell(where, f"{shown(name)} {what}", "each once, as in the annex", "")
                told[name] = entry
            for name in there.keys() - told.keys():
                what = f"no sentence that says what {shown(there[name].label)} is"
                row = row_of(self.rows, there[name])
                self.tell(row, what, f"one under {PARTS['terms']!r}", "Use one name throughout, or take the row out.")
            if told:
                block = self.tree[part] = block_at(title.row, 1)
                for name, entry in told.items():
                    block[name] = self.defined(part, there.get(name), entry)
        if "sources" in self.tree:
            self.sources(title)
        for entry in self.tree.get("_notes", []):
            self.note(entry)
        for key in [k for k in self.tree if str(k).startswith("_")]:
            if key == "_without":
                self.tell(title, "something that does not apply", "such sentences only in a reading", "")
            del self.tree[key]
        for part in ("parties", "commitments"):
            self.tree.setdefault(part, block_at(title.row, 1))

    def note(self, entry: dict[str, Any]) -> None:
        """Put a note where it belongs."""
        place = getattr(entry, "at", (1, 1))
        kind, name = next((k, v) for k, v in entry.items() if k not in ("note", "entry"))
        block: dict[str, Any] | None = self.tree
        text = entry.get("note", name)
        if kind == "actor":
            block = self.tree["parties"] if name in self.tree.get("parties", {}) else self.tree["bodies"]
        elif kind in NOTED:
            block = self.tree.get(NOTED[kind], {})
        if kind in ("exit", "dispute"):
            block = self.tree.get(kind)
        elif kind != "whole":
            block = (block or {}).get(name)
        if "entry" in entry and block is not None:
            consequences, n = block.get("on_breach", []), entry["entry"]
            block = consequences[n - 1] if 0 < n <= len(consequences) else None
        where = Line("sentence", row=place[0], column=place[1])
        if block is None:
            self.tell(where, "a note on what is not there", "a note on something in the text", "")
        elif "note" in block:
            self.tell(where, "a second note on the same", "each thing said once", "Join them.")
        else:
            put(block, ("note",), text, place)

    def defined(self, part: str, named: Named | None, entry: dict[str, Any]) -> Any:
        if part == "events":
            return named.written or "" if named else ""
        if part == "groups":
            return entry.get("members", [])
        if named is not None and named.written is not None:
            entry["name"] = named.written
        return entry

    def sources(self, title: Line) -> None:
        told: dict[str, Any] = block_at(title.row, 1)
        for entry in self.tree["sources"]:
            if entry["_"] in told:
                self.tell(title, f"the source {shown(entry['_'])} twice", "each source once", "")
            told[entry["_"]] = entry["text"]
        self.tree["sources"] = told


def _hint(found: str) -> str:
    """What those who write by hand often mean."""
    if match := AMERICAN.search(found[:60]):
        return f"Write {match[2]} {match[1]} {match[3]}."
    if match := IN_WORDS.search(found[:60]):
        return f"Write the number in digits: {SMALL_NUMBERS.index(match[1].lower())} {match[2]}."
    if "no later than" in found[:60]:
        return "Write: It shall be done by, and the date."
    return FIX


def _finish_block(block: dict[str, Any]) -> None:
    """Take off what only the sentences need, and give lists of pairs their written form."""
    for entry in block.pop("_without", []):
        block[entry["_"]] = None
    for key in [k for k in block if str(k).startswith("_")]:
        del block[key]
    if isinstance(block.get("replaces"), list):
        block["replaces"] = {entry["old"]: entry["new"] for entry in block["replaces"]}
