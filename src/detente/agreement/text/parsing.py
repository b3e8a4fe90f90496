"""The reader's grammar, made from the sentences, and the blocks that it finds; lark parses (LALR, contextual lexer)."""

from __future__ import annotations

import json
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING, Any

from detente.agreement import formulas as f
from detente.agreement.formula_text import formula_text
from detente.agreement.text.formulas import formula_of
from detente.agreement.text.names import CLOSE, OPEN
from detente.agreement.text.template import Alternative, Path, Rules, Slot, Sub, Words, rules
from detente.agreement.text.values import LISTS, NAMED, NAMED_LISTS, TYPES, WHOLE

if TYPE_CHECKING:
    from lark import Lark

STARTS = ("general", "commitment", "power", "amendment", "reading_group", "heading")
GENERAL = ("opening", "terms", "time", "whole", "notes")
KIND_WORDS = {
    "NAME_A": "a party or body", "NAME_C": "an article", "NAME_O": "an option", "NAME_Q": "a quantity",
    "NAME_E": "an event", "NAME_G": "a group", "NAME_P": "a power", "NAME_M": "an amendment",
}  # fmt: skip
Pairs = list[tuple[Path, Any]]


class NoSuchError(ValueError):
    """A value of the right form that does not exist, such as 31 February."""


class Parser:
    """Parses sentences in which names are tokens.

    Args:
        ids: the id of each named thing, by the number in its token.
    """

    def __init__(self, ids: list[str]) -> None:
        self.lark, self.meanings, self.literals = _lark()
        self.ids = ids

    def pairs(self, start: str, text: str) -> tuple[Path | None, Pairs]:
        """What a sentence says: the list that it tells an entry of, and its paths with their values.

        Raises:
            lark.UnexpectedInput: it is no sentence of this rule.
            ValueError: a value in it does not exist, such as 31 February.
        """
        tree = self.lark.parse(text, start=start)
        return self._sentence(tree)

    def _sentence(self, tree: Any) -> tuple[Path | None, Pairs]:
        while tree.data in STARTS or tree.data in GENERAL:
            tree = tree.children[0]
        alternative = self.meanings[str(tree.data)]
        return alternative.each, self._block(tree, alternative)

    def _block(self, tree: Any, alternative: Alternative) -> Pairs:
        pairs: Pairs = []
        slots = [p for p in alternative.pieces if not isinstance(p, Words)]
        for piece, child in zip(slots, tree.children, strict=True):
            if isinstance(piece, Slot):
                pairs.append((piece.path, self._value(child)))
            elif piece.star:
                for part in child.children:
                    pairs += [(piece.path + path, value) for path, value in self._part(part)]
            else:
                pairs += [(piece.path + path, value) for path, value in self._part(child)]
        return pairs + list(alternative.says)

    def _part(self, tree: Any) -> Pairs:
        while str(tree.data) not in self.meanings:
            tree = tree.children[0]
        return self._block(tree, self.meanings[str(tree.data)])

    def expected(self, error: Any, found: str, most: int = 4) -> str:
        """What could have stood where a sentence went wrong, the likest first."""
        names = (
            getattr(error, "accepts", None) or getattr(error, "expected", None) or getattr(error, "allowed", None) or ()
        )
        told = {
            self.literals.get(n) or (TYPES[n].expected if n in TYPES else "") or KIND_WORDS.get(n, "") for n in names
        }
        words = sorted((t for t in told if t), key=lambda t: (-_likeness(t, found), t))
        if not words:
            return "the end of the sentence"
        return ", or ".join(words[:most]) + (", or others" if len(words) > most else "")

    # ---------------------------------------------------------------------------------------------------------- values

    def _value(self, tree: Any) -> Any:
        kind = str(tree.data)
        if kind.startswith("v_"):
            token = tree.children[0]
            try:
                return TYPES[kind[2:].upper()].read(str(token))
            except ValueError:
                raise NoSuchError(str(token)) from None
        if kind.startswith("n_"):
            return self.ids[int(str(tree.children[0])[2:-1])] if tree.children else WHOLE
        if kind.startswith("l_"):
            return [self._value(child) for child in tree.children]
        if kind.startswith("m_"):
            names = [self._value(child) for child in tree.children]
            return names[0] if len(names) == 1 else names
        formula = self._formula(tree)
        return formula_text(formula) if kind == "formula_slot" else formula

    def _formula(self, tree: Any) -> f.Formula:
        kind = str(tree.data)
        if kind in ("formula_slot", "operand", "formula"):
            return self._formula(tree.children[0])
        if kind in ("both", "either"):
            parts = tuple(self._formula(child) for child in tree.children)
            return f.And(parts) if kind == "both" else f.Or(parts)
        block = {path[0]: value for path, value in self._part(tree)}
        return formula_of(block)


def _likeness(words: str, found: str) -> float:
    """How much some words of the grammar are like what was found: shared words, then shared letters."""
    known, given = set(words.lower().split()), set(found.lower().split()[: 2 * len(words.split()) + 2])
    return len(known & given) / len(known) + SequenceMatcher(None, words, found[: len(words)]).ratio()


@cache
def _lark() -> tuple[Lark, dict[str, Alternative], dict[str, str]]:
    """The parser, the meaning of each rule, and the words of each terminal."""
    from lark import Lark

    text, meanings, literals = grammar(rules())
    lark = Lark(text, parser="lalr", lexer="contextual", start=list(STARTS), maybe_placeholders=False)
    return lark, meanings, literals


def grammar(all_rules: Rules) -> tuple[str, dict[str, Alternative], dict[str, str]]:
    """The grammar in lark's form."""
    out, meanings = ['%ignore " "'], dict[str, Alternative]()
    terminals: dict[str, str] = {}

    def word(text: str) -> str:
        return terminals.setdefault(text, f"_W{len(terminals)}")

    starred = {p.rule for alts in all_rules.values() for a in alts for p in a.pieces if isinstance(p, Sub) and p.star}
    for rule, alternatives in all_rules.items():
        lines = []
        for alternative in alternatives:
            meanings[f"a{alternative.id}"] = alternative
            lines.append(f"{' '.join(_piece(p, word) for p in alternative.pieces)} -> a{alternative.id}")
        out.append(f"{rule}: " + "\n  | ".join(lines))
        if rule in starred:
            out.append(f"{rule}_all: {rule}*")
    out.append("general: " + " | ".join(GENERAL))
    out += [
        "formula_slot: formula",
        "?formula: simple | long | bracketed | both | either",
        f"both: operand ({word('and')} operand)+",
        f"either: operand ({word('or')} operand)+",
        "operand: simple | bracketed",
        f"?bracketed: {word('(')} formula {word(')')}",
    ]
    for name, of in TYPES.items():
        out.append(f"v_{name.lower()}: {name}")
        out.append(f"{name}: /{of.pattern.replace('/', chr(92) + '/')}/")
    for name, one in LISTS.items():
        out.append(f"l_{name.lower()}: " + _listed(f"v_{one.lower()}", word))
    for name, kinds in NAMED.items():
        whole = f" | {word('this agreement')}" if name == "ARTICLE" else ""
        out.append(f"n_{name.lower()}: " + " | ".join(f"NAME_{kind}" for kind in kinds) + whole)
    for name, one in NAMED_LISTS.items():
        out.append(f"m_{name.lower()}: " + _listed(f"n_{one.lower()}", word))
    out += [f"NAME_{kind}: /{OPEN}{kind}[0-9]+{CLOSE}/" for kind in sorted(set("".join(NAMED.values())))]
    out += [f"{name}: {json.dumps(text, ensure_ascii=False)}" for text, name in terminals.items()]
    return "\n".join(out) + "\n", meanings, {name: text for text, name in terminals.items()}


def _piece(piece: Words | Slot | Sub, word: Callable[[str], str]) -> str:
    if isinstance(piece, Words):
        return word(piece.text)
    if isinstance(piece, Sub):
        return f"{piece.rule}_all" if piece.star else piece.rule
    for table, mark in ((TYPES, "v_"), (LISTS, "l_"), (NAMED, "n_"), (NAMED_LISTS, "m_")):
        if piece.type in table:
            return mark + piece.type.lower()
    return "formula_slot" if piece.type == "FORMULA" else "operand"


def _listed(one: str, word: Callable[[str], str]) -> str:
    return f"{one} ({word(',')} {one})* {word('and')} {one} | {one}"
