"""An agreement as a text in controlled English: every field of its file in sentences that can be read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detente.agreement.model import Agreement
from detente.agreement.text.canonical import canonical
from detente.agreement.text.document import Document, Line
from detente.agreement.text.names import NUMBERED, Named, labelled, plain_name
from detente.agreement.text.quoting import quoted
from detente.agreement.text.saying import Sayer, capital

HEAD = "Agreement: "
PARTS = {
    "terms": "Parties and terms", "time": "How time is counted", "commitments": "Commitments", "powers": "Powers",
    "amendments": "Amendments", "whole": "The agreement as a whole", "readings": "Different readings",
    "notes": "Annex: notes, which are no part of the agreement",
    "names": "Annex: names used in this text",
}  # fmt: skip
EXPLAINED = (
    "The first column is how a thing is called above, the third its name in the file, and the last its name there in "
    "full: as here, none, or another in quotes."
)
COLUMNS = ("Name in this text", "What it is", "Short name", "Exact name")
SAME, NONE = "as here", "none"
NUMBERS = {"commitment": "", "power": "P", "amendment": "M"}
WHOLE_KEYS = ("entry_into_force", "sunset", "reviews", "exit", "dispute", "notice", "detection", "gaps")
TIME_KEYS = ("zone", "calendar")
TERM_KEYS = ("parties", "bodies", "options", "quantities", "events", "groups", "sources")
ABOUT = {
    "parties": "actor", "bodies": "actor", "options": "option", "quantities": "quantity",
    "commitments": "commitment", "powers": "power", "amendments": "amendment",
}  # fmt: skip
KIND_OF = {
    "parties": "party", "bodies": "body", "options": "option", "quantities": "quantity", "events": "event",
    "groups": "group", "commitments": "commitment", "powers": "power", "amendments": "amendment",
}  # fmt: skip


def write_text(agreement: Agreement) -> Document:
    """An agreement as a text.

    Args:
        agreement: as read.

    Returns:
        Its lines; ``markdown``, ``html_page`` and ``word_document`` make files of them, ``read_text`` reads those.
    """
    return _Writer(agreement).document()


class _Writer:
    def __init__(self, agreement: Agreement) -> None:
        self.tree, self.notes = _noted(canonical(agreement.file))
        self.named = labelled(_things(self.tree, agreement))
        self.sayer = Sayer(self.named)
        self.lines: list[Line] = []
        self.letter = 0

    def document(self) -> Document:
        tree = self.tree
        self.lines.append(Line("heading", HEAD + plain_name(tree.get("title"), tree["name"]), 1))
        self.numbered("", self.sayer.sentences("opening", {k: tree[k] for k in OPENING if k in tree}))
        self.part("terms", _terms(tree))
        self.part("time", _time(tree))
        self.items("commitment", "commitments", tree["commitments"])
        self.items("power", "powers", tree.get("powers", {}))
        self.items("amendment", "amendments", tree.get("amendments", {}))
        self.part("whole", _whole(tree))
        self.readings(tree.get("readings", {}))
        if self.notes:
            self.part("notes", {"_notes": self.notes})
        self.annex()
        return Document(tuple(self.lines))

    def heading(self, text: str, level: int = 2) -> None:
        self.lines.append(Line("heading", text, level))

    def numbered(self, prefix: str, sentences: Iterator[str]) -> None:
        for n, text in enumerate(sentences, 1):
            self.lines.append(Line("sentence", text, number=f"{prefix}.{n}" if prefix else ""))

    def part(self, rule: str, block: Mapping[str, Any]) -> None:
        """A heading and its sentences, numbered with a letter."""
        self.heading(PARTS[rule])
        self.letter += 1
        self.numbered("?ABCDEFG"[self.letter], self.sayer.sentences(rule, block))

    def items(self, kind: str, part: str, blocks: Mapping[str, Any]) -> None:
        """Commitments, powers or amendments, each under its own heading."""
        if not blocks:
            return
        self.heading(PARTS[part])
        labels = {n.id: n.label for n in self.named if n.kind == kind}
        for number, (name, block) in enumerate(blocks.items(), 1):
            head, _, title = labels[name].partition(" (")
            self.heading(f"{head}. {title[:-1]}", 3)
            self.numbered(f"{NUMBERS[kind]}{number}", self.sayer.sentences(kind, FILL[kind](block)))

    def readings(self, readings: Mapping[str, Any]) -> None:
        """What each party reads otherwise."""
        if not readings:
            return
        self.heading(PARTS["readings"])
        number = 0
        for party, override in readings.items():
            for rule, head, block in _overrides(override):
                number += 1
                self.heading(capital(self.sayer.part("heading", {"party": party, **head})), 3)
                self.numbered(f"R{number}", self.sayer.sentences(rule, _without(block)))

    def annex(self) -> None:
        """What the names stand for."""
        self.heading(PARTS["names"])
        self.lines.append(Line("sentence", EXPLAINED))
        self.lines.append(Line("row", cells=COLUMNS))
        for n in self.named:
            label, own = n.label, plain_name(n.written, n.id)
            if n.kind in NUMBERED:
                label = label.partition(" (")[0]
            exact = NONE if n.written is None else SAME if n.written == own and _shows(n, own) else quoted(n.written)
            self.lines.append(Line("row", cells=(label, n.kind, n.id, exact)))


def _shows(named: Named, own: str) -> bool:
    """Whether the label is the name itself."""
    return named.kind in NUMBERED or named.kind == "agreement" or named.label in (own, quoted(own, "‘’"))


OPENING = ("detente-agreement", "marking", "version", "as_of", "case")


def _things(tree: Mapping[str, Any], agreement: Agreement) -> Iterator[tuple[str, str, str | None]]:
    yield "agreement", tree["name"], tree.get("title")
    for part in ("parties", "bodies", "options"):
        for name, block in tree.get(part, {}).items():
            yield KIND_OF[part], name, block.get("name")
    if agreement.case is not None:
        written = agreement.case.file.options
        for name in _options_used(tree):
            yield "option of the case", name, written[name].name if name in written else None
    for name, block in tree.get("quantities", {}).items():
        yield "quantity", name, block.get("name")
    for name, text in tree.get("events", {}).items():
        yield "event", name, text
    for name in tree.get("groups", {}):
        yield "group", name, None
    for part in ("commitments", "powers", "amendments"):
        for name, block in tree.get(part, {}).items():
            yield KIND_OF[part], name, block.get("title")


def _noted(tree: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The tree without its notes, and the notes: they explain, and nobody signs them."""
    left, notes = dict(tree), list[dict[str, Any]]()
    if "note" in left:
        notes.append({"whole": left.pop("note")})
    for part, about in ABOUT.items():
        if part not in left:
            continue
        left[part] = {}
        for name, block in tree[part].items():
            left[part][name] = own = {key: value for key, value in block.items() if key != "note"}
            if "note" in block:
                notes.append({about: name, "note": block["note"]})
            if part == "commitments" and "on_breach" in block:
                own["on_breach"] = [{k: v for k, v in entry.items() if k != "note"} for entry in block["on_breach"]]
                notes += [
                    {about: name, "entry": n, "note": entry["note"]}
                    for n, entry in enumerate(block["on_breach"], 1)
                    if "note" in entry
                ]
    for part in ("exit", "dispute"):
        if "note" in left.get(part, {}):
            notes.append({part: left[part]["note"]})
            left[part] = {key: value for key, value in left[part].items() if key != "note"}
    return left, notes


def _terms(tree: Mapping[str, Any]) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for key in TERM_KEYS:
        entries = tree.get(key, {})
        if key == "events":
            block[key] = [{"_": name} for name in entries]
        elif key == "groups":
            block[key] = [{"_": name, "members": members} for name, members in entries.items()]
        elif key == "sources":
            block[key] = [{"_": name, "text": text} for name, text in entries.items()]
        else:
            block[key] = [{"_": name, **_filled(key, entry)} for name, entry in entries.items()]
    return {key: entries for key, entries in block.items() if entries}


def _filled(key: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with its defaults, without its name."""
    defaults: dict[str, dict[str, Any]] = {
        "bodies": {"role": "verifier"},
        "options": {"levels": ["no", "yes"]},
    }
    return {**defaults.get(key, {}), **{k: v for k, v in entry.items() if k != "name"}}


def _time(tree: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {"overflow": "error", "roll": "none", "weekend": ["saturday", "sunday"]}
    return {"zone": tree["zone"], "calendar": {**defaults, **tree.get("calendar", {})}}


def _whole(tree: Mapping[str, Any]) -> dict[str, Any]:
    block = {key: tree[key] for key in WHOLE_KEYS if key in tree}
    if "entry_into_force" not in block:
        block["_entry"] = "default"
    if "dispute" in block:
        block["dispute"] = {"default": "previous", "stay": True, **block["dispute"]}
    return block


def _commitment(block: Mapping[str, Any]) -> dict[str, Any]:
    filled = {"modality": "achieve", **block, "_whole": True}
    filled.pop("title", None)
    if "trigger" not in filled:
        filled["_trigger"] = "default"
    dated = isinstance(filled.get("deadline"), str) or "within" in filled.get("deadline", {})
    if dated and filled["modality"] in ("maintain", "refrain"):
        filled["_keeps"] = True
    return filled | _objections(filled)


def _objections(block: Mapping[str, Any]) -> dict[str, Any]:
    """Consequences whose objections say what their defaults mean."""
    if not block.get("on_breach"):
        return {}
    told = []
    for entry in block["on_breach"]:
        filled = dict(entry)
        if "objection" in filled:
            filled["objection"] = {"rule": "any", "if_silent": "apply", **filled["objection"]}
        told.append(filled)
    return {"on_breach": told}


def _power(block: Mapping[str, Any]) -> dict[str, Any]:
    filled = {**block, "_whole": True}
    filled.pop("title", None)
    return filled


def _amendment(block: Mapping[str, Any]) -> dict[str, Any]:
    filled = {key: value for key, value in block.items() if key not in ("title", "replaces")}
    if block.get("replaces"):
        filled["replaces"] = [{"old": old, "new": new} for old, new in block["replaces"].items()]
    return filled


FILL = {"commitment": _commitment, "power": _power, "amendment": _amendment}


def _overrides(override: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], Mapping[str, Any]]]:
    """Rule, heading and block of each part that a party reads otherwise."""
    for name, block in override.get("commitments", {}).items():
        yield "commitment", {"commitment": name}, {**block, **_objections(block)}
    for name, block in override.get("powers", {}).items():
        yield "power", {"power": name}, block
    for name, members in override.get("groups", {}).items():
        yield "reading_group", {"group": name}, {"members": members}
    whole = {key: value for key, value in override.items() if key not in ("commitments", "powers", "groups")}
    if whole:
        yield "whole", {"whole": True}, whole


def _without(block: Mapping[str, Any]) -> dict[str, Any]:
    """What a reading takes away, told as such."""
    told = {key: value for key, value in block.items() if value is not None}
    if gone := [{"_": key} for key, value in block.items() if value is None]:
        told["_without"] = gone
    return told


def _options_used(tree: Mapping[str, Any]) -> list[str]:
    """Options that commitments, consequences and readings name, in their order."""
    found: dict[str, None] = {}

    def look(node: Any) -> None:
        if isinstance(node, Mapping):
            if isinstance(option := node.get("option"), str):
                found[option] = None
            for value in node.values():
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look([tree["commitments"], tree.get("readings", {})])
    return list(found)
