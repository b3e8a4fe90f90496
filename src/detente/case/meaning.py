"""What conditions mean: level sets, and what in a condition names nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from detente.base.errors import did_you_mean, one_of, shown
from detente.case.conditions import (
    Above,
    And,
    Comparison,
    ConditionError,
    Iff,
    Implies,
    Node,
    Not,
    Or,
    Pattern,
    StateName,
    children,
)


@dataclass(frozen=True, slots=True)
class Levels:
    """The option numbered ``option`` (file order) stands at one of ``allowed`` (level numbers)."""

    option: int
    allowed: frozenset[int]


@dataclass(frozen=True, slots=True)
class Negation:
    """The part does not hold."""

    part: Meaning


@dataclass(frozen=True, slots=True)
class All:
    """All parts hold (no parts: always)."""

    parts: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Some part holds (no parts: never)."""

    parts: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class Same:
    """Both parts hold or neither does."""

    first: Meaning
    second: Meaning


Meaning = Levels | Negation | All | Any | Same


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What names a condition can use.

    Attributes:
        levels: option id -> its level ids, lowest first, in file order.
        broken: options that are written but faulty; conditions on them are not judged.
    """

    levels: Mapping[str, Sequence[str]]
    broken: frozenset[str] = frozenset()
    _positions: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Number the options."""
        self._positions.update((option, n) for n, option in enumerate(self.levels))

    def index(self, option: str) -> int:
        """Position of an option in file order."""
        return self._positions[option]


def faults(node: Node, names: Vocabulary) -> Iterator[ConditionError]:
    """Everything in a condition that names nothing: unknown options and levels, patterns of a wrong length."""
    if isinstance(node, Comparison):
        yield from _comparison_faults(node, names)
    elif isinstance(node, Above):
        yield from _option_faults(node.option, node.at, names)
    elif isinstance(node, Pattern):
        if len(node.text) != len(names.levels) and not names.broken:
            expected = f"one character for each of the {len(names.levels)} options"
            yield ConditionError(node.at, f"the pattern {shown(node.text)} of {len(node.text)}", expected)
    elif isinstance(node, StateName):
        if not node.text.startswith("s") and len(node.text) != len(names.levels) and not names.broken:
            expected = f"one digit for each of the {len(names.levels)} options"
            yield ConditionError(node.at, f"the key {shown(node.text)} of {len(node.text)}", expected)
    else:
        for part in children(node):
            yield from faults(part, names)


def _option_faults(option: str, at: int, names: Vocabulary) -> Iterator[ConditionError]:
    if option in names.levels or option in names.broken:
        return
    owners = [o for o, levels in names.levels.items() if option in levels]
    fix = did_you_mean(option, list(names.levels))
    if owners:
        fix = f"{shown(option)} is a level of {shown(owners[0])}: write {owners[0]} == {option}."
    yield ConditionError(at, f"the unknown option {shown(option)}", one_of(list(names.levels)), fix)


def _comparison_faults(node: Comparison, names: Vocabulary) -> Iterator[ConditionError]:
    yield from _option_faults(node.option, node.at, names)
    if node.option not in names.levels:
        return
    known = list(names.levels[node.option])
    for level, at in zip(node.levels, node.levels_at or (node.at,) * len(node.levels), strict=True):
        if level.isdigit():
            if len(level) > 3 or int(level) >= len(known):
                expected = f"a level number from 0 to {len(known) - 1}"
                yield ConditionError(at, f"level number {shown(level, 12)} of {shown(node.option)}", expected)
        elif level not in known:
            expected = f"one of its levels{one_of(known).removeprefix('one of')}"
            fix = did_you_mean(level, known)
            yield ConditionError(at, f"the unknown level {shown(level)} of {shown(node.option)}", expected, fix)


def meaning(node: Node, names: Vocabulary, state: Callable[[str], Sequence[int]] | None = None) -> Meaning:
    """What a faultless condition says of the levels.

    Args:
        node: the parsed condition.
        names: options and levels.
        state: levels of a state given by number or key (needed only where states may be named).

    Returns:
        An expression over level sets, for masks, linear rows and single states alike.
    """
    if isinstance(node, Comparison):
        return Levels(names.index(node.option), _allowed(node, list(names.levels[node.option])))
    if isinstance(node, Above):
        return Levels(names.index(node.option), frozenset(range(1, len(names.levels[node.option]))))
    if isinstance(node, Pattern):
        return All(tuple(_pattern(node.text, [len(v) for v in names.levels.values()])))
    if isinstance(node, StateName):
        if state is None:
            raise ConditionError(node.at, f"the state {shown(node.text)}", "a condition")
        return All(tuple(Levels(o, frozenset({d})) for o, d in enumerate(state(node.text))))
    return _compound(node, tuple(meaning(p, names, state) for p in children(node)))


def _compound(node: Not | And | Or | Implies | Iff, parts: tuple[Meaning, ...]) -> Meaning:
    if isinstance(node, Not):
        return Negation(parts[0])
    if isinstance(node, And):
        return All(parts)
    if isinstance(node, Or):
        return Any(parts)
    if isinstance(node, Implies):
        return Any((Negation(parts[0]), parts[1]))
    return Same(parts[0], parts[1])


def _allowed(node: Comparison, levels: list[str]) -> frozenset[int]:
    wanted = [int(v) if v.isdigit() else levels.index(v) for v in node.levels]
    every, value = range(len(levels)), wanted[0]
    tests: dict[str, Callable[[int], bool]] = {
        "==": lambda x: x == value,
        "!=": lambda x: x != value,
        "<": lambda x: x < value,
        "<=": lambda x: x <= value,
        ">": lambda x: x > value,
        ">=": lambda x: x >= value,
        "in": lambda x: x in wanted,
    }
    return frozenset(x for x in every if tests[node.op](x))


def _pattern(text: str, counts: Sequence[int]) -> Iterator[Levels]:
    for option, (char, count) in enumerate(zip(text, counts, strict=True)):
        if char == "Y":
            yield Levels(option, frozenset(range(1, count)))
        elif char == "N":
            yield Levels(option, frozenset({0}))


def holds(condition: Meaning, digits: Sequence[int]) -> bool:
    """Whether a condition holds at one state given by its level numbers."""
    if isinstance(condition, Levels):
        return digits[condition.option] in condition.allowed
    if isinstance(condition, Negation):
        return not holds(condition.part, digits)
    if isinstance(condition, All):
        return all(holds(p, digits) for p in condition.parts)
    if isinstance(condition, Same):
        return holds(condition.first, digits) == holds(condition.second, digits)
    return any(holds(p, digits) for p in condition.parts)


def options_in(condition: Meaning) -> frozenset[int]:
    """The options a condition speaks of (file-order numbers)."""
    if isinstance(condition, Levels):
        return frozenset({condition.option})
    return frozenset().union(*(options_in(p) for p in parts_of(condition)))


def parts_of(condition: Meaning) -> tuple[Meaning, ...]:
    """The direct parts of a compound meaning."""
    if isinstance(condition, Negation):
        return (condition.part,)
    if isinstance(condition, Same):
        return (condition.first, condition.second)
    return () if isinstance(condition, Levels) else condition.parts
