"""Formulas as text: ``verified(freeze) and at(1995-01-21)``; a parser with places and its inverse.

Nothing in a formula is ever executed. ``and`` binds tighter than ``or``; brackets join. A commitment alone, ``freeze``,
means ``fulfilled(freeze)``. Functions are listed in docs/agreement-semantics.md, 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from detente.agreement.formulas import (
    After,
    Always,
    And,
    At,
    Breached,
    Claimed,
    Event,
    Formula,
    Fulfilled,
    InForce,
    InState,
    Joint,
    Never,
    NotBy,
    Or,
    Progress,
    Ratified,
    Signed,
    Verified,
)
from detente.agreement.periods import Moment, Period
from detente.agreement.table import LIVES
from detente.agreement.time_text import TimeError, moment_text, parse_moment, period_of, period_text
from detente.base.errors import did_you_mean, one_of, shown
from detente.case.conditions import IDENTIFIER, ConditionError, Cursor, tokens

STATES = LIVES
CONSTANTS: dict[str, Formula] = {"true": Always(), "never": Never(), "in_force": InForce()}
OF_COMMITMENT: dict[str, type[Fulfilled | Verified | Claimed | Breached]] = {
    "fulfilled": Fulfilled,
    "verified": Verified,
    "claimed": Claimed,
    "breached": Breached,
}
OF_NAME: dict[str, Callable[[str], Formula]] = {"event": Event, "signed": Signed, "ratified": Ratified, "joint": Joint}
KIND_OF_NAME = {
    "event": "event",
    "signed": "party",
    "ratified": "party",
    "joint": "group",
}
FUNCTIONS = (*OF_COMMITMENT, *OF_NAME, "at", "after", "not_by", "state", "progress")
WORDS = frozenset({"and", "or", "not", *CONSTANTS, *FUNCTIONS})
LONGEST, DEEPEST, MOST_WORDS = 4_000, 50, 2_000
EXPECTED = "commitments and functions such as verified(c), joined by 'and' and 'or'"
TOKEN = re.compile(
    r"\s*(?:(?P<op>>=)|(?P<mark>[(){},])|(?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt][0-9:.]*(?:[Zz]|[+-][0-9:]*)?)?)"
    r"|(?P<word>[a-z][a-z0-9_-]*)|(?P<number>[0-9]+(?:[./][0-9]+)?(?![a-z0-9_./-]))|(?P<end>$))"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a formula: ``kind`` commitment, event, party or group, and its place in the text."""

    kind: str
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Said:
    """A formula as written.

    Attributes:
        text: what is written.
        formula: what it means.
        mentions: the names in it, in the order written.
        fixed: the parts ``after(at(...), period)``, whose end can be worked out, with their places.
    """

    text: str
    formula: Formula
    mentions: tuple[Mention, ...] = ()
    fixed: tuple[tuple[Moment, Period, int], ...] = ()


def parse_formula(text: str) -> Said:
    """Read a formula.

    Raises:
        ConditionError: with the offset of the fault.
    """
    if len(text) > LONGEST:
        raise ConditionError(0, f"{len(text):,} characters", f"at most {LONGEST:,}", "Split the formula.")
    parser = _Parser(text)
    formula = parser.whole()
    return Said(text, formula, tuple(parser.mentions), tuple(parser.fixed))


def formula_text(formula: Formula) -> str:
    """The text of a formula; reading it gives the same formula again."""
    if isinstance(formula, And | Or):
        word = " and " if isinstance(formula, And) else " or "
        return word.join(_part(p, inside=formula) for p in formula.parts)
    if isinstance(formula, After):
        return f"after({formula_text(formula.formula)}, {period_text(formula.period)})"
    if isinstance(formula, NotBy):
        return f"not_by({formula_text(formula.formula)}, {moment_text(formula.moment)})"
    if isinstance(formula, At):
        return f"at({moment_text(formula.moment)})"
    if isinstance(formula, InState):
        return f"state({formula.commitment}, {{{', '.join(s for s in STATES if s in formula.states)}}})"
    if isinstance(formula, Progress):
        return f"progress({formula.commitment}) >= {formula.at_least}"
    for word, constant in CONSTANTS.items():
        if formula == constant:
            return word
    return _named(formula)


def _named(formula: Formula) -> str:
    if isinstance(formula, Fulfilled | Verified | Claimed | Breached):
        return f"{type(formula).__name__.lower()}({formula.commitment})"
    if isinstance(formula, Signed | Ratified):
        return f"{type(formula).__name__.lower()}({formula.party})"
    if isinstance(formula, Joint):
        return f"joint({formula.group})"
    if isinstance(formula, Event):
        return f"event({formula.name})"
    raise TypeError(type(formula))


def _part(formula: Formula, inside: And | Or) -> str:
    text = formula_text(formula)
    bracketed = isinstance(formula, (Or, type(inside)))
    return f"({text})" if bracketed else text


class _Parser(Cursor):
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        super().__init__(tokens(text, TOKEN, EXPECTED, _hint))
        if len(self.tokens) > MOST_WORDS:
            at = self.tokens[MOST_WORDS][2]
            raise ConditionError(at, f"more than {MOST_WORDS:,} words and signs", "a shorter formula", "Split it.")
        self.mentions: list[Mention] = []
        self.fixed: list[tuple[Moment, Period, int]] = []

    def whole(self) -> Formula:
        formula = self.either()
        kind, word, at = self.tokens[self.next]
        if kind != "end":
            raise ConditionError(at, shown(word), "'and', 'or' or the end of the formula", _hint(word))
        return formula

    def expect(self, word: str, expected: str) -> None:
        kind, found, at = self.tokens[self.next]
        if not self.take(word):
            raise ConditionError(
                at, "the end of the formula" if kind == "end" else shown(found), expected, _hint(found)
            )

    def either(self) -> Formula:
        self.depth += 1
        if self.depth > DEEPEST:
            at = self.tokens[self.next][2]
            raise ConditionError(at, f"more than {DEEPEST} levels of brackets", f"at most {DEEPEST}", "Simplify it.")
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Formula:
        parts = [self.atom()]
        while self.take("and"):
            parts.append(self.atom())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def atom(self) -> Formula:
        kind, word, at = self.tokens[self.next]
        if self.take("("):
            formula = self.either()
            self.expect(")", f"')' for the '(' at character {at + 1}")
            return formula
        if kind != "word" or word in ("and", "or", "not"):
            found = "the end of the formula" if kind == "end" else shown(word)
            raise ConditionError(at, found, "a commitment, a function such as verified(c), or '('", _hint(word))
        self.next += 1
        bracket = self.tokens[self.next][1] == "(" and self.tokens[self.next][0] == "mark"
        if not bracket:
            return self.word(word, at)
        if word not in FUNCTIONS:
            fix = did_you_mean(word, FUNCTIONS)
            raise ConditionError(at, f"the unknown function {shown(word)}", one_of(FUNCTIONS, 20), fix)
        self.next += 1
        return self.function(word, at)

    def word(self, word: str, at: int) -> Formula:
        if word in CONSTANTS:
            return CONSTANTS[word]
        if word in FUNCTIONS:
            raise ConditionError(at, f"{word} without '('", f"{word}(...)")
        self.mentions.append(Mention("commitment", word, at))
        return Fulfilled(word)

    def function(self, word: str, at: int) -> Formula:
        """What stands in the brackets of a function, and the closing one."""
        formula: Formula
        if word in OF_COMMITMENT:
            formula = OF_COMMITMENT[word](self.name("commitment"))
        elif word in OF_NAME:
            formula = OF_NAME[word](self.name(KIND_OF_NAME[word]))
        elif word == "at":
            formula = At(self.moment())
        elif word == "after":
            formula = self.after(at)
        elif word == "not_by":
            inner = self.either()
            self.expect(",", "',' and a date")
            formula = NotBy(inner, self.moment())
        else:
            commitment = self.name("commitment")
            formula = self.state(commitment) if word == "state" else Progress(commitment, Fraction(1))
        self.expect(")", f"')' after what {word}(...) is about")
        if isinstance(formula, Progress):
            self.expect(">=", "'>=' and a number up to 1")
            formula = Progress(formula.commitment, self.share())
        return formula

    def after(self, at: int) -> After:
        inner = self.either()
        self.expect(",", "',' and a period such as 3 months")
        start = self.next
        pairs: list[tuple[str, str]] = []
        while self.tokens[self.next][0] == "number" and self.tokens[self.next + 1][0] == "word":
            pairs.append((self.tokens[self.next][1], self.tokens[self.next + 1][1]))
            self.next += 2
        try:
            period = period_of(pairs)
        except TimeError as error:
            raise ConditionError(self.tokens[start][2], error.found, error.expected, error.fix) from None
        if isinstance(inner, At):
            self.fixed.append((inner.moment, period, at))
        return After(inner, period)

    def name(self, kind: str) -> str:
        found, word, at = self.tokens[self.next]
        if found != "word" or word in WORDS:
            what = "the end of the formula" if found == "end" else shown(word)
            article = "an" if kind == "event" else "a"
            raise ConditionError(at, what, f"the name of {article} {kind}", _hint(word))
        self.next += 1
        self.mentions.append(Mention(kind, word, at))
        return word

    def moment(self) -> Moment:
        kind, word, at = self.tokens[self.next]
        if kind != "moment":
            found = "the end of the formula" if kind == "end" else shown(word)
            raise ConditionError(at, found, "a date such as 1994-11-21", "Write year-month-day.")
        self.next += 1
        try:
            return parse_moment(word)
        except TimeError as error:
            raise ConditionError(at, error.found, error.expected, error.fix) from None

    def state(self, commitment: str) -> InState:
        self.expect(",", "',' and a list of states such as {due, overdue}")
        self.expect("{", "'{' and a list of states such as {due, overdue}")
        states: list[str] = []
        while not states or self.take(","):
            kind, word, at = self.tokens[self.next]
            if word not in STATES or kind != "word":
                found = "the end of the formula" if kind == "end" else f"the unknown state {shown(word)}"
                raise ConditionError(at, found, one_of(STATES, 20), did_you_mean(word, STATES))
            states.append(word)
            self.next += 1
        self.expect("}", "',' or '}'")
        return InState(commitment, frozenset(states))

    def share(self) -> Fraction:
        kind, word, at = self.tokens[self.next]
        if kind != "number" or len(word) > 20 or word.endswith("/0") or not 0 < Fraction(word) <= 1:
            found = "the end of the formula" if kind == "end" else shown(word)
            raise ConditionError(at, found, "a number above 0, up to 1, such as 0.5")
        self.next += 1
        return Fraction(word)


def _hint(word: str) -> str:
    for wrong, right in (("&", "and"), ("|", "or")):
        if word.startswith(wrong):
            return f"Write '{right}'."
    if word == "not" or word.startswith("!"):
        return "The only 'not' is not_by(f, date): f has not held before the date."
    if word.startswith(("=", "<", ">")):
        return "The only comparison is progress(c) >= 0.5."
    if any(sign in word for sign in "#@"):
        return "Name the commitment itself: its parts are meant with it."
    if word[:1].isupper() and IDENTIFIER.fullmatch(word.lower()):
        return f"Names are in small letters: {shown(word.lower())}."
    return ""
