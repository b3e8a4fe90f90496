"""Conditions on options: their grammar, parser and meaning. Nothing in a condition is ever executed.

Binding, tightest first: comparisons, ``not``, ``and``, ``or``, ``implies`` (right-associative), ``iff``. A bare option
means "above its first level"; a pattern of Y, N and - has one character per option.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from detente.base.errors import shown

KEYWORDS = frozenset({"and", "or", "not", "implies", "iff", "in"})
RESERVED = (
    KEYWORDS
    | {"value", "once", "default", "when", "by", "rest", "auto", "otherwise", "status_quo"}
    | {
        "true",
        "false",
        "null",
    }
)
IDENTIFIER = re.compile(r"[a-z][a-z0-9_-]*")
STATE_NUMBER = re.compile(r"s[0-9]+")
LONGEST = 20_000
DEEPEST = 50
MOST_CONNECTIVES = 200
TOKEN = re.compile(r"\s*(?:(?P<op>==|!=|<=|>=|<|>)|(?P<mark>[(){},])|(?P<pattern>[YN-]+(?![a-z0-9_]))"
                   r"|(?P<word>[a-z][a-z0-9_-]*)|(?P<number>[0-9]+(?![a-z0-9_.-]))|(?P<end>$))")  # fmt: skip


class ConditionError(ValueError):
    """A condition that cannot be read; ``at`` is the offset of the fault in the text."""

    def __init__(self, at: int, found: str, expected: str, fix: str = "") -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.at, self.found, self.expected, self.fix = at, found, expected, fix


@dataclass(frozen=True, slots=True)
class Comparison:
    """``option op level``; several levels for ``in {...}``."""

    option: str
    op: str
    levels: tuple[str, ...]
    at: int = field(default=0, compare=False)
    levels_at: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Above:
    """A bare option: above its first level."""

    option: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One character per option: Y above the first level, N first level, - any."""

    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class StateName:
    """A state by its number as written (``s12``) or its key (``0210``)."""

    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Implies:
    """The second holds whenever the first does."""

    first: Node
    second: Node


@dataclass(frozen=True, slots=True)
class Iff:
    """Both hold or neither."""

    first: Node
    second: Node


Node = Comparison | Above | Pattern | StateName | Not | And | Or | Implies | Iff


def parse_condition(text: str, *, states: bool = False) -> Node:
    """Read one condition.

    Args:
        text: the condition as written.
        states: whether the whole text may name a state (``s12`` or a key of digits).

    Returns:
        The syntax tree; equal trees mean equal conditions up to spacing and brackets.

    Raises:
        ConditionError: with the offset of the fault.
    """
    if len(text) > LONGEST:
        raise ConditionError(0, f"{len(text):,} characters", f"at most {LONGEST:,}", "Split the condition.")
    bare = text.strip()
    if states and (STATE_NUMBER.fullmatch(bare) or re.fullmatch(r"[0-9][0-9a-z]*", bare)):
        return StateName(bare, text.index(bare))
    return _Parser(text).whole()


class Cursor:
    """Steps over the tokens of a text: what the parsers of all small languages share.

    Args:
        words: (kind, word, offset) of each token, the last of kind ``end``.
    """

    def __init__(self, words: Iterable[tuple[str, str, int]]) -> None:
        self.tokens = list(words)
        self.next = 0
        self.depth = 0

    def peek(self) -> tuple[str, str, int]:
        """The next token."""
        return self.tokens[self.next]

    def take(self, word: str) -> bool:
        """Step over a word if it is the next."""
        kind, found, _ = self.tokens[self.next]
        if found == word and kind != "end":
            self.next += 1
            return True
        return False


class _Parser(Cursor):
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str) -> None:
        super().__init__(tokens(text, TOKEN, "options, levels, comparisons, and/or/not", _hint))
        self.text = text
        nesting = [t for t in self.tokens if t[1] in ("not", "implies", "iff", "(")]
        if len(nesting) > MOST_CONNECTIVES:
            found = f"more than {MOST_CONNECTIVES} of 'not', 'implies', 'iff' and brackets"
            raise ConditionError(nesting[MOST_CONNECTIVES][2], found, "a simpler condition", "Split it.")

    def whole(self) -> Node:
        node = self.iff()
        kind, word, at = self.peek()
        if kind != "end":
            chain = kind == "op" or word == "in"
            expected = "one comparison at a time" if chain else "and, or, implies, iff or the end of the condition"
            fix = "Join two comparisons with 'and'." if chain else _hint(word)
            raise ConditionError(at, shown(word), expected, fix)
        return node

    def iff(self) -> Node:
        node = self.implies()
        while self.take("iff"):
            node = Iff(node, self.implies())
        return node

    def implies(self) -> Node:
        parts = [self.disjunction()]
        while self.take("implies"):
            parts.append(self.disjunction())
        node = parts.pop()
        while parts:
            node = Implies(parts.pop(), node)
        return node

    def disjunction(self) -> Node:
        parts = [self.conjunction()]
        while self.take("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def conjunction(self) -> Node:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self) -> Node:
        count = 0
        while self.take("not"):
            count += 1
        node = self.atom()
        for _ in range(count):
            node = Not(node)
        return node

    def atom(self) -> Node:
        kind, word, at = self.peek()
        if word == "(" and kind == "mark":
            return self.bracketed(at)
        self.next += 1
        if kind == "pattern":
            return Pattern(word, at)
        if kind != "word" or word in KEYWORDS:
            found = "the end of the condition" if kind == "end" else shown(word)
            raise ConditionError(at, found, "an option, 'not' or '('", _hint(word))
        return self.comparison(word, at)

    def bracketed(self, at: int) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ConditionError(at, f"more than {DEEPEST} nested brackets", f"at most {DEEPEST}", "Simplify it.")
        self.next += 1
        node = self.iff()
        if not self.take(")"):
            kind, word, here = self.peek()
            found = "the end of the condition" if kind == "end" else shown(word)
            raise ConditionError(here, found, f"')' for the '(' at character {at + 1}", _hint(word))
        self.depth -= 1
        return node

    def comparison(self, option: str, at: int) -> Node:
        kind, word, _ = self.peek()
        if kind == "op":
            self.next += 1
            level, level_at = self.level()
            return Comparison(option, word, (level,), at, (level_at,))
        if word == "in" and kind == "word":
            self.next += 1
            return self.membership(option, at)
        return Above(option, at)

    def membership(self, option: str, at: int) -> Node:
        if not self.take("{"):
            raise ConditionError(self.peek()[2], shown(self.peek()[1]), "'{' and a list of levels", "in {a, b}")
        levels = [self.level()]
        while self.take(","):
            levels.append(self.level())
        if not self.take("}"):
            raise ConditionError(self.peek()[2], shown(self.peek()[1]), "',' or '}'", "in {a, b}")
        return Comparison(option, "in", tuple(lv for lv, _ in levels), at, tuple(p for _, p in levels))

    def level(self) -> tuple[str, int]:
        kind, word, at = self.peek()
        if kind not in ("word", "number") or word in KEYWORDS:
            found = "the end of the condition" if kind == "end" else shown(word)
            raise ConditionError(at, found, "a level of the option or its number", _hint(word))
        self.next += 1
        return word, at


def tokens(
    text: str, pattern: re.Pattern[str], expected: str, hint: Callable[[str], str]
) -> Iterator[tuple[str, str, int]]:
    """The words of a text: kind, word and place of each, the last of kind ``end``.

    Args:
        text: what is written.
        pattern: one word, its kinds as named groups.
        expected: what can stand there, for the message.
        hint: how to mend a word that cannot.

    Raises:
        ConditionError: at the first word that cannot be read.
    """
    at = 0
    while True:
        match = pattern.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            bad = re.match(r"[A-Za-z0-9_.-]+|[=!&|<>+*/~^]+|.", text[at:], re.DOTALL)
            word = bad.group() if bad else text[at]
            raise ConditionError(at, shown(word, 30), expected, hint(word))
        kind = str(match.lastgroup)
        yield kind, match.group(kind), match.start(kind)
        if kind == "end":
            return
        at = match.end()


def _hint(word: str) -> str:
    for wrong, right in (("&", "and"), ("|", "or"), ("!", "not"), ("=", "==")):
        if word.startswith(wrong):
            return f"Write '{right}'."
    if word[:1].isupper() and re.fullmatch(r"[A-Za-z0-9_-]+", word):
        return f"Names are in small letters: {shown(word.lower())}."
    return ""


def children(node: Node) -> tuple[Node, ...]:
    """The direct parts of a compound condition."""
    if isinstance(node, Not):
        return (node.part,)
    if isinstance(node, And | Or):
        return node.parts
    if isinstance(node, Implies | Iff):
        return (node.first, node.second)
    return ()
