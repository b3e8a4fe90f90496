"""Writes blocks of an agreement as sentences, by the rules of ``sentences.grammar``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detente.agreement import formulas as f
from detente.agreement.formula_text import parse_formula
from detente.agreement.text.formulas import block_of
from detente.agreement.text.names import KINDS, Lexicon, Named, the
from detente.agreement.text.quoting import quoted
from detente.agreement.text.template import Alternative, Path, Slot, Sub, Words, rules
from detente.agreement.text.values import LISTS, NAMED, NAMED_LISTS, TYPES, WHOLE, MisfitError, several

MISSING = object()
MOST_TITLES = 3  # in one list; longer ones have numbers alone
LONG = (f.After, f.NotBy)


class Sayer:
    """Writes values, blocks and formulas.

    Args:
        named: labels for all that can be named.
    """

    def __init__(self, named: list[Named]) -> None:
        self.labels = {(KINDS[n.kind], n.id): n.label for n in named}
        self.lexicon = Lexicon(named)

    # ------------------------------------------------------------------------------------------------------- sentences

    def sentences(self, rule: str, block: Mapping[str, Any]) -> Iterator[str]:
        """All sentences of a rule that a block needs.

        Raises:
            TypeError: something in the block has no sentence.
        """
        left = set(_leaves(block))
        for alternative in rules()[rule]:
            if alternative.each is None:
                told = self._fitting(alternative, block, left)
                if told is not None:
                    yield capital(told)
                continue
            key = alternative.each[0]
            entries = block.get(key)
            if isinstance(entries, list) and entries and (key,) in left:
                left.discard((key,))
                every = [a for a in rules()[rule] if a.each == alternative.each]
                yield from (capital(self._whole(every, entry)) for entry in entries)
        if left:
            raise TypeError(f"no sentence for {sorted(left)} of {rule}")

    def _whole(self, alternatives: list[Alternative], block: Mapping[str, Any]) -> str:
        """The first alternative that tells all of an entry."""
        for alternative in alternatives:
            left = set(_leaves(block))
            told = self._fitting(alternative, block, left)
            if told is not None and not left - {("_",)}:
                return told
        raise TypeError(f"no sentence for {dict(block)}")

    def part(self, rule: str, block: Mapping[str, Any]) -> str:
        """The first alternative of a rule that fits a block.

        Raises:
            TypeError: none does.
        """
        told = self._one(rule, block, (), set(_leaves(block)))
        if told is None:
            raise TypeError(f"nothing in {rule} for {dict(block)}")
        return told

    def _fitting(
        self, alternative: Alternative, block: Mapping[str, Any], left: set[Path], under: Path = ()
    ) -> str | None:
        """The text of an alternative if all that it needs is there and still to be told; that is taken off."""
        own = set(left)
        for path, value in alternative.says:
            where = under + path
            if _at(block, where) != value or type(_at(block, where)) is not type(value):
                return None
            if not _take(own, where):
                return None
        out: list[str] = []
        for piece in alternative.pieces:
            if isinstance(piece, Words):
                out.append(piece.text)
                continue
            told = (
                self._slot(piece, block, own, under) if isinstance(piece, Slot) else self._sub(piece, block, own, under)
            )
            if told is None:
                return None
            out.append(told)
        left.intersection_update(own)
        return _joined(out)

    def _slot(self, slot: Slot, block: Mapping[str, Any], left: set[Path], under: Path) -> str | None:
        where = under + slot.path
        value = _at(block, where)
        if value is MISSING or not _take(left, where):
            return None
        try:
            return self.value(slot.type, value)
        except MisfitError:
            return None

    def _sub(self, sub: Sub, block: Mapping[str, Any], left: set[Path], under: Path) -> str | None:
        where = under + sub.path
        if not sub.star:
            return self._one(sub.rule, block, where, left)
        out: list[str] = []
        for alternative in rules()[sub.rule]:
            told = self._fitting(alternative, block, left, where)
            if told:
                out.append(told)
        return _joined(out)

    def _one(self, rule: str, block: Mapping[str, Any], where: Path, left: set[Path]) -> str | None:
        for alternative in rules()[rule]:
            told = self._fitting(alternative, block, left, where)
            if told is not None:
                return told
        return None

    # ---------------------------------------------------------------------------------------------------------- values

    def value(self, of: str, value: Any) -> str:
        """A value of a type.

        Raises:
            MisfitError: it is not of the type.
        """
        if of == "UNIT" and isinstance(value, str) and self.lexicon.marked(value)[0] != value:
            return quoted(value)  # it would be taken for a name
        if of in TYPES:
            return TYPES[of].write(value)
        if of in LISTS:
            if not isinstance(value, list) or not value:
                raise MisfitError
            return several([TYPES[LISTS[of]].write(v) for v in value])
        if of in NAMED_LISTS:
            names = [value] if isinstance(value, str) else value
            if not isinstance(names, list) or not names:
                raise MisfitError
            labels = [self.name(NAMED_LISTS[of], n) for n in names]
            if len(labels) > MOST_TITLES and all(label.startswith("Article ") for label in labels):
                return "Articles " + several([label.split(" ")[1] for label in labels])
            return several(labels)
        if of in NAMED:
            return self.name(of, value)
        return self.formula(value, operand=of == "OPERAND")

    def name(self, of: str, name: Any) -> str:
        """The label of a thing."""
        if not isinstance(name, str):
            raise MisfitError
        if of == "ARTICLE" and name == WHOLE:
            return "this agreement"
        for kind in NAMED[of]:
            if (kind, name) in self.labels:
                label = self.labels[kind, name]
                return the(label) if kind == "A" else label
        raise MisfitError

    def formula(self, written: Any, *, operand: bool = False) -> str:
        """A formula as a subordinate clause, brackets where they are needed."""
        formula = parse_formula(written).formula if isinstance(written, str) else written
        if isinstance(formula, f.And | f.Or):
            word = " and " if isinstance(formula, f.And) else " or "
            text = word.join(self.formula(p, operand=True) for p in formula.parts)
            return f"({text})" if operand else text
        long = isinstance(formula, LONG)
        text = self.part("long" if long else "simple", block_of(formula))
        return f"({text})" if long and operand else text


def _leaves(block: Mapping[str, Any], under: Path = ()) -> Iterator[Path]:
    for key, value in block.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*under, key))
        else:
            yield (*under, key)


def _at(block: Any, path: Path) -> Any:
    for key in path:
        if not isinstance(block, Mapping) or key not in block:
            return MISSING
        block = block[key]
    return block


def _take(left: set[Path], path: Path) -> bool:
    """Take a value off what is still to be told; a name of what a sentence is about can be told again."""
    if path not in left:
        return path[-1:] == ("_",)
    left.discard(path)
    return True


def _joined(pieces: list[str]) -> str:
    out = ""
    for piece in pieces:
        glued = not out or not piece or piece[0] in ",.;:]" or out[-1] in "[("
        out += piece if glued else " " + piece
    return out


def capital(text: str) -> str:
    """A sentence that starts with an article, with its capital."""
    return text[0].upper() + text[1:] if text.startswith("the ") else text
