"""What a condition says about one combination of levels: a recursive-descent reader of the condition language."""

import re
from collections.abc import Callable, Mapping

Levels = tuple[int, ...]
"""One level number per option, in the order of the file."""
Test = Callable[[Levels], bool]
LevelNames = Mapping[str, list[str]]
"""Option id -> names of its levels, lowest first; the order of the options is that of the file."""

_TOKEN = re.compile(r"==|!=|<=|>=|[<>(){},]|[a-z][a-z0-9_-]*|[0-9]+")
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


def condition(text: str, names: LevelNames) -> Test:
    """Return the test that the text (a condition, or a pattern of Y, N and -, or of digits and -) stands for."""
    if len(text) == len(names) and set(text) <= set("YN-"):
        return lambda levels: all(_fits(sign, level) for sign, level in zip(text, levels, strict=True))
    if len(text) == len(names) and set(text) <= set("0123456789-"):
        return lambda levels: all(sign in {"-", str(level)} for sign, level in zip(text, levels, strict=True))
    reader = _Reader(_TOKEN.findall(text), names)
    test = reader.equivalence()
    if reader.tokens:
        raise ValueError(f"{text}: {reader.tokens} left over")
    return test


def _fits(sign: str, level: int) -> bool:
    return sign == "-" or (sign == "Y") == (level > 0)


class _Reader:
    """Reads ``not``, ``and``, ``or``, ``implies``, ``iff`` in this order of binding; comparisons bind tightest."""

    def __init__(self, tokens: list[str], names: LevelNames) -> None:
        self.tokens = tokens
        self.names = names
        self.places = {option: place for place, option in enumerate(names)}

    def taken(self, token: str) -> bool:
        """Take the next token if it is this one."""
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def equivalence(self) -> Test:
        left = self.implication()
        while self.taken("iff"):
            left = _both_or_neither(left, self.implication())
        return left

    def implication(self) -> Test:
        left = self.disjunction()
        if self.taken("implies"):
            right = self.implication()
            return lambda levels: not left(levels) or right(levels)
        return left

    def disjunction(self) -> Test:
        parts = [self.conjunction()]
        while self.taken("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda levels: any(part(levels) for part in parts)

    def conjunction(self) -> Test:
        parts = [self.negation()]
        while self.taken("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else lambda levels: all(part(levels) for part in parts)

    def negation(self) -> Test:
        if self.taken("not"):
            inner = self.negation()
            return lambda levels: not inner(levels)
        if self.taken("("):
            inside = self.equivalence()
            if not self.taken(")"):
                raise ValueError("a parenthesis is not closed")
            return inside
        return self.comparison()

    def comparison(self) -> Test:
        option = self.tokens.pop(0)
        place = self.places[option]
        if self.taken("in"):
            chosen = self.levels_in_braces(option)
            return lambda levels: levels[place] in chosen
        if self.tokens and self.tokens[0] in _COMPARISONS:
            compare = _COMPARISONS[self.tokens.pop(0)]
            bound = self.level(option)
            return lambda levels: compare(levels[place], bound)
        return lambda levels: levels[place] > 0

    def levels_in_braces(self, option: str) -> set[int]:
        if not self.taken("{"):
            raise ValueError("'in' needs {...}")
        chosen = {self.level(option)}
        while self.taken(","):
            chosen.add(self.level(option))
        if not self.taken("}"):
            raise ValueError("a brace is not closed")
        return chosen

    def level(self, option: str) -> int:
        token = self.tokens.pop(0)
        return int(token) if token.isdigit() else self.names[option].index(token)


def _both_or_neither(left: Test, right: Test) -> Test:
    return lambda levels: left(levels) == right(levels)
