"""What a table's words mean in a case: its states, parties, concepts, with every fault at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import COLLECTED, Problem, UsageError, did_you_mean, one_of, shown
from detente.base.wording import counted, listed
from detente.graph.model import GraphModel
from detente.inquiry.compare import ALL, Column
from detente.inquiry.compare_groups import UNIVERSAL
from detente.stability.coalitions import COALITION_CONCEPTS
from detente.stability.concepts import CONCEPTS

Bools = NDArray[np.bool_]
Where = tuple[int, int]
SAME = {"r": "nash", "rational": "nash", "rationality": "nash"}
EVERYBODY = ("all", "e", "equilibrium", "equilibria", "eq", "")
OTHER_CONCEPTS = (
    "sim", "nm", "lm", "l1", "l2", "l3", "st", "stackelberg", "cnash", "cr", "cgmr", "csmr", "cseq", "csseq",
)  # fmt: skip


class Enough(Exception):  # noqa: N818 - a signal, not an error
    """So many problems that the rest is not looked at."""


@dataclass
class Target:
    """The case a table is read for; collects what is wrong in the table.

    Attributes:
        graph: the case as asked.
        file: name of the table, for messages.
        names: the table's own names of states, where it has any.
        problems: what is wrong, with places.
        not_compared: what cannot be compared, in sentences.
    """

    graph: GraphModel
    file: str | None
    names: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)

    def wrong(self, node: Any, found: str, expected: str, fix: str = "") -> None:
        """Record a problem at a written thing, or at a line and column."""
        line, column = node if isinstance(node, tuple) else getattr(node, "at", (1, 1))
        self.problems.append(Problem(found, expected, fix, "", self.file, line, column))
        if len(self.problems) >= COLLECTED:
            raise Enough

    def concept(self, text: str, at: Any, *, of_groups: bool = False) -> str | None:
        """A concept of the literature; None where it is unknown, or known and not compared."""
        name = text.strip().lower()
        name = SAME.get(name, name)
        if name in (COALITION_CONCEPTS if of_groups else CONCEPTS):
            return name
        if name in OTHER_CONCEPTS:
            remark = f"{text.strip()}: compare knows {listed(list(CONCEPTS))}."
            if name in COALITION_CONCEPTS:
                parties = self.graph.movers or self.graph.case.parties
                shape = f"coalitions: {{{name}: {{{'+'.join(parties[:2])}: [s1]}}}}"
                remark = f"{text.strip()} belongs under 'coalitions', by group: {shape}."
            if remark not in self.not_compared:
                self.not_compared.append(remark)
            return None
        known = list(COALITION_CONCEPTS if of_groups else CONCEPTS)
        self.wrong(at, f"the unknown concept {shown(text)}", one_of(known), did_you_mean(name, known))
        return None

    def party(self, text: str, at: Any, *, everybody: bool = False) -> str | None:
        """A party by its id or name; ``all`` where that may be written."""
        word = text.strip()
        if everybody and word.lower() in EVERYBODY:
            return ALL
        if found := self.named_party(word):
            return found
        case = self.graph.case
        names = [*case.parties, *(case.party_name(p) for p in case.parties)]
        known = [*(["all"] if everybody else []), *case.parties]
        self.wrong(at, f"the unknown party {shown(text)}", one_of(known), did_you_mean(word, names))
        return None

    def group(self, text: str, at: Any) -> str | None:
        """A group of parties joined by +, as ids in the order of the case; ``universal`` for every group."""
        if text.strip().lower() in (UNIVERSAL, "all"):
            return UNIVERSAL
        members = [self.party(word, at) for word in text.split("+")]
        if None in members:
            return None
        parties = self.graph.case.file.parties
        for member in members:
            if members.count(member) > 1 or parties[str(member)].role == "mediator":
                why = "a mediator, which is in no group" if members.count(member) == 1 else "twice in a group"
                self.wrong(at, f"{shown(member)}, {why}", "parties joined by +, each once")
                return None
        return "+".join(p for p in parties if p in members)

    def named_party(self, word: str) -> str | None:
        """A party by its id or its name, whatever the case of the letters where only one fits."""
        case = self.graph.case
        if word in case.parties:
            return word
        named = [p for p in case.parties if case.party_name(p).casefold() == word.casefold()]
        named = named or [p for p in case.parties if p.casefold() == word.casefold()]
        return named[0] if len(named) == 1 else None

    def state(self, text: Any, at: Any) -> int | None:
        """A state by the table's own name, or as everywhere else."""
        word = str(text).strip()
        if self.names:
            if word in self.names:
                return self.names[word]
            known = list(self.names)
            expected = f"a state of the table: {one_of(known)}"
            self.wrong(at, f"the state {shown(word)}", expected, did_you_mean(word, known))
            return None
        number = self._numbered(word)
        try:
            found = self.graph.states.find(word)
        except UsageError as error:
            if number is not None:
                return number
            fix = error.fix
            if word.isdecimal():
                fix = f"States count from 1 to {len(self.graph)}; 'states' says what other numbers mean."
            self.wrong(at, error.found, error.expected, fix)
            return None
        if number is not None and number != found:
            told = f"the state {shown(word)}: s{word} by number, {self.graph.states.id(found)} by key"
            self.wrong(at, told, "one of them", f"Write s{word} or {self.graph.states.id(found)}.")
            return None
        return found

    def _numbered(self, word: str) -> int | None:
        """The state of a plain number, counted from 1; None where it is none."""
        plain = word.isascii() and word.isdecimal() and not word.startswith("0") and len(word) < 15
        return int(word) - 1 if plain and 1 <= int(word) <= len(self.graph) else None

    def states(self, items: Sequence[Any], node: Any) -> list[int]:
        """Several states, each once."""
        found: dict[int, None] = {}
        for item in items:
            at = item if hasattr(item, "at") else node
            if not isinstance(item, str):
                self.wrong(at, "something that is not a state", "a state such as s4")
                continue
            state = self.state(item, at)
            if state is not None and state in found:
                self.wrong(at, f"the state {shown(item)} a second time", "each state once")
            elif state is not None:
                found[state] = None
        return list(found)

    def name_states(self, written: Mapping[Any, Any]) -> None:
        """Learn the table's own names of states."""
        for name, value in written.items():
            at = value if hasattr(value, "at") else written
            if not isinstance(value, str):
                self.wrong(at, "something that is not a state", "a pattern, key, number or condition of one state")
                continue
            state = Target(self.graph, self.file, problems=self.problems).state(value, at)
            other = next((n for n, s in self.names.items() if s == state), None)
            if state is not None and other is not None:
                self.wrong(at, f"the state {self.graph.states.id(state)} as {other} and as {name}", "each state once")
            elif state is not None:
                self.names[str(name)] = state

    def column(self, concept: str, party: str, states: Sequence[int], judged: Bools | None = None) -> Column:
        """Verdicts of one concept; by default on all states that the table has."""
        stable = np.zeros(len(self.graph), bool)
        stable[list(states)] = True
        return Column(concept, party, stable, self.judged() if judged is None else judged)

    def judged(self) -> Bools:
        """The states that the table has."""
        out = np.full(len(self.graph), not self.names)
        out[list(self.names.values())] = True
        return out

    def called(self) -> dict[int, str]:
        """State -> what the table calls it."""
        return {s: n for n, s in self.names.items()}

    def left_out(self) -> None:
        """Say which states the table does not have, where it has names of its own."""
        left = np.flatnonzero(~self.judged())
        if len(left):
            some = listed([self.graph.states.id(int(s)) for s in left[:12]])
            more = "" if len(left) <= 12 else " and more"
            self.not_compared.append(f"{counted(len(left), 'state')} that 'states' does not name: {some}{more}.")


@dataclass(frozen=True)
class OtherOption:
    """An option of another model: what it may be called, and its levels."""

    names: tuple[str, ...]
    levels: tuple[str, ...]
    at: Any = None


def matched_options(target: Target, options: Sequence[OtherOption]) -> list[tuple[int, list[int]]] | None:
    """For each option of the case the place of the other model's option, and the case's level of each of its levels.

    Returns:
        One entry per option of the case, in file order; None where some option has no counterpart (then problems tell).
    """
    case = target.graph.case
    out: list[tuple[int, list[int]]] = []
    for option, written in case.file.options.items():
        mine = {option.casefold(), case.option_name(option).casefold()}
        place = next((n for n, o in enumerate(options) if mine & {x.casefold() for x in o.names}), None)
        if place is None:
            names = [o.names[-1] for o in options]
            found = f"no option {shown(option)} ({case.option_name(option)})"
            fix = did_you_mean(case.option_name(option), names) or did_you_mean(option, names)
            target.wrong(None, found, f"the options of the case; the table has {listed(names[:12])}", fix)
            continue
        levels = _levels(options[place].levels, written.levels)
        if levels is None:
            found = f"the levels {listed(options[place].levels)} of {shown(option)}"
            target.wrong(options[place].at, found, f"the levels {listed(written.levels)}")
            continue
        out.append((place, levels))
    used = {place for place, _ in out}
    for place, other in enumerate(options):
        if place not in used and not target.problems:
            known = [case.option_name(o) for o in case.options]
            fix = did_you_mean(other.names[-1], known)
            target.wrong(
                other.at, f"the option {shown(other.names[-1])}", f"an option of the case, {one_of(known)}", fix
            )
    return None if target.problems else out


def _levels(theirs: Sequence[str], mine: Sequence[str]) -> list[int] | None:
    """Level numbers here for each of the other model's levels: by name, or by number where there are as many."""
    if set(theirs) == set(mine):
        return [list(mine).index(level) for level in theirs]
    return list(range(len(mine))) if len(theirs) == len(mine) and tuple(theirs) == ("no", "yes") else None


def matched_state(
    target: Target, options: Sequence[tuple[int, list[int]]], members: Sequence[Sequence[int]]
) -> int | None:
    """The state made of exactly these combinations of the other model's level numbers, or None."""
    states = target.graph.states
    cells = set()
    for digits in members:
        cell = states.cell([levels[digits[place]] for place, levels in options])
        if cell is None:
            return None
        cells.add(cell)
    found = {int(states.state_of[c]) for c in cells}
    state = found.pop()
    return None if found or cells != set(states.members(state)) else state
