"""The states of a case and the moves between them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.literal.conditions import Levels, Test, condition

CaseDict = dict[str, Any]
"""A case as the file gives it, restricted to what ``generate`` and ``published`` write."""


@dataclass(frozen=True)
class Option:
    """One option: its owner, its levels (lowest first) and how it may be moved."""

    id: str
    party: str
    levels: list[str]
    moves: str
    irreversible: set[int]

    def may_move(self, old: int, new: int) -> bool:
        """Say whether the owner may go from one level to another."""
        if self.moves == "down":
            return new <= old
        irreversible = set(range(len(self.levels))) if self.moves == "up" else self.irreversible
        floor = max((level for level in irreversible if level <= old), default=0)
        return new >= floor


@dataclass(frozen=True)
class State:
    """One state: its members are the combinations of levels that are one and the same (usually just one)."""

    id: str
    members: tuple[Levels, ...]

    @property
    def key(self) -> str:
        """The digits of the last member, in option order."""
        return text_of(self.members[-1])


def text_of(levels: Levels) -> str:
    """Write a combination of levels as digits."""
    return "".join(str(level) for level in levels)


class Space:
    """The feasible states of a case, in the order of their numbers, and who can move from which to which."""

    def __init__(self, case: CaseDict) -> None:
        self.parties: list[str] = list(case["parties"])
        self.options = [_option(name, written) for name, written in case["options"].items()]
        self.names = {option.id: option.levels for option in self.options}
        infeasible = [self.test(text) for text in case.get("infeasible", [])]
        self.feasible = [levels for levels in self.combinations() if not any(test(levels) for test in infeasible)]
        groups = self._merged([self.test(text) for text in case.get("coalesce", [])])
        self.states = [State(f"s{number}", group) for number, group in enumerate(groups, start=1)]
        self.state_of = {member: state for state in self.states for member in state.members}
        self.by_id = {state.id: state for state in self.states}
        self.ids = [state.id for state in self.states]
        self.status_quo = self._status_quo(case.get("status_quo", {}))

    @cached_property
    def moves(self) -> dict[str, dict[str, set[str]]]:
        """Party -> state -> where the party can move from there."""
        return {party: self._moves_of(party) for party in self.parties}

    def combinations(self) -> Iterator[Levels]:
        """All combinations of levels, the first option changing fastest."""
        for reversed_levels in itertools.product(*(range(len(option.levels)) for option in reversed(self.options))):
            yield tuple(reversed(reversed_levels))

    def test(self, text: str) -> Test:
        """Return the test that a condition stands for."""
        return condition(text, self.names)

    def matching(self, text: str) -> set[str]:
        """The states that a condition, a pattern, a key or an id names; the members of each must agree about it."""
        if text in self.by_id:
            return {text}
        if len(text) == len(self.options) and text.isdigit():
            return {self.state_of[tuple(int(digit) for digit in text)].id}
        test = self.test(text)
        for state in self.states:
            if len({test(member) for member in state.members}) > 1:
                raise ValueError(f"{text} differs among the members of {state.id}")
        return {state.id for state in self.states if test(state.members[0])}

    def _merged(self, conditions: list[Test]) -> list[tuple[Levels, ...]]:
        """Merge what each condition matches; groups that share a combination become one; the last member decides."""
        groups = [{levels} for levels in self.feasible]
        for test in conditions:
            matched = {levels for levels in self.feasible if test(levels)}
            apart = [group for group in groups if not group & matched]
            joined: set[Levels] = set().union(*(group for group in groups if group & matched))
            groups = [*apart, joined] if joined else apart
        place = {levels: number for number, levels in enumerate(self.feasible)}
        ordered = [tuple(sorted(group, key=place.__getitem__)) for group in groups]
        return sorted(ordered, key=lambda group: place[group[-1]])

    def _moves_of(self, party: str) -> dict[str, set[str]]:
        """R_i: for each state the others that the party can reach in one move from any of its members."""
        moves: dict[str, set[str]] = {}
        for state in self.states:
            reached = {self.state_of[new].id for old in state.members for new in self._changes(party, old)}
            moves[state.id] = reached - {state.id}
        return moves

    def _changes(self, party: str, old: Levels) -> Iterator[Levels]:
        choices = [
            [new for new in range(len(option.levels)) if option.may_move(level, new)]
            if option.party == party
            else [level]
            for option, level in zip(self.options, old, strict=True)
        ]
        return (new for new in itertools.product(*choices) if new in self.state_of)

    def _status_quo(self, written: dict[str, str]) -> str | None:
        levels = tuple(option.levels.index(written.get(option.id, option.levels[0])) for option in self.options)
        if levels in self.state_of:
            return self.state_of[levels].id
        if written:
            raise ValueError("the status quo is written and infeasible")
        return None


def _option(name: str, written: dict[str, Any]) -> Option:
    levels = list(written.get("levels", ["no", "yes"]))
    irreversible = {levels.index(level) for level in written.get("irreversible", [])}
    return Option(name, written["party"], levels, written.get("moves", "both"), irreversible)
