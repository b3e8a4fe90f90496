"""What a requirement needs: bodies joined by ``and``, ``or``, ``2 of {...}`` and brackets. Nothing in it is executed.

``and`` binds tighter than ``or``. ``senate`` means that the body passes the deal with its own quota; ``senate >= 67``
means the same vote, counted against another number of votes in favour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from detente.base.errors import shown
from detente.case.conditions import IDENTIFIER, ConditionError, Cursor, tokens

KEYWORDS = frozenset({"and", "or", "of", "not"})
LONGEST, DEEPEST = 4_000, 50
TOKEN = re.compile(r"\s*(?:(?P<op>>=)|(?P<mark>[(){},])|(?P<word>[a-z][a-z0-9_-]*)"
                   r"|(?P<number>[0-9]{1,9}(?![a-z0-9_.-]))|(?P<end>$))")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vote:
    """A body passes the deal: with its own quota, or with at least ``votes`` in favour."""

    body: str
    votes: int | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least ``count`` of the parts hold: all of them for ``and``, one for ``or``."""

    count: int
    parts: tuple[Needs, ...]
    at: int = field(default=0, compare=False)


Needs = Vote | AtLeast


def parse_needs(text: str) -> Needs:
    """Read what a requirement needs.

    Raises:
        ConditionError: with the offset of the fault.
    """
    if len(text) > LONGEST:
        raise ConditionError(0, f"{len(text):,} characters", f"at most {LONGEST:,}", "Split the requirement.")
    return _Parser(text).whole()


def votes_in(needs: Needs) -> Iterator[Vote]:
    """Every mention of a body, in the order written."""
    if isinstance(needs, Vote):
        yield needs
    else:
        for part in needs.parts:
            yield from votes_in(part)


class _Parser(Cursor):
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        super().__init__(tokens(text, TOKEN, "bodies joined by 'and' and 'or'", _hint))

    def whole(self) -> Needs:
        needs = self.either()
        kind, word, at = self.tokens[self.next]
        if kind != "end":
            raise ConditionError(at, shown(word), "'and', 'or' or the end", _hint(word))
        return needs

    def expect(self, word: str, expected: str) -> None:
        kind, found, at = self.tokens[self.next]
        if not self.take(word):
            raise ConditionError(at, "the end" if kind == "end" else shown(found), expected, _hint(found))

    def either(self) -> Needs:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else AtLeast(1, tuple(parts))

    def both(self) -> Needs:
        parts = [self.atom()]
        while self.take("and"):
            parts.append(self.atom())
        return parts[0] if len(parts) == 1 else AtLeast(len(parts), tuple(parts))

    def atom(self) -> Needs:
        kind, word, at = self.tokens[self.next]
        if self.depth >= DEEPEST:
            raise ConditionError(at, f"more than {DEEPEST} nested brackets", f"at most {DEEPEST}", "Simplify it.")
        if self.take("("):
            self.depth += 1
            needs = self.either()
            self.expect(")", f"')' for the '(' at character {at + 1}")
            self.depth -= 1
            return needs
        if kind == "number":
            return self.some(int(word), at)
        if kind != "word" or word in KEYWORDS:
            found = "the end" if kind == "end" else shown(word)
            raise ConditionError(at, found, "a body, a number 'of {...}' or '('", _hint(word))
        self.next += 1
        return Vote(word, self.number() if self.take(">=") else None, at)

    def number(self) -> int:
        kind, word, at = self.tokens[self.next]
        if kind != "number":
            raise ConditionError(at, "the end" if kind == "end" else shown(word), "a number of votes")
        self.next += 1
        return int(word)

    def some(self, count: int, at: int) -> Needs:
        self.next += 1
        self.expect("of", "'of {...}' after the number")
        self.expect("{", "'{' and what some of it must hold")
        self.depth += 1
        parts = [self.either()]
        while self.take(","):
            parts.append(self.either())
        self.expect("}", "',' or '}'")
        self.depth -= 1
        if not 1 <= count <= len(parts):
            raise ConditionError(at, f"{count} of {len(parts)}", f"a number from 1 to {len(parts)}")
        return AtLeast(count, tuple(parts), at)


def _hint(word: str) -> str:
    if word == "not":
        return "A requirement asks for votes in favour; none can ask that a body votes against."
    for wrong, right in (("&", "and"), ("|", "or"), ("=", ">="), (">", ">=")):
        if word.startswith(wrong):
            return f"Write '{right}'."
    if word[:1].isupper() and IDENTIFIER.fullmatch(word.lower()):
        return f"Names are in small letters: {shown(word.lower())}."
    return ""
