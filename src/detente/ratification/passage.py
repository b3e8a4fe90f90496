"""The chance of passage of every state, found once for each combination of what the votes depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import NDArray

from detente.base.errors import UsageError
from detente.case.blocks.ratification import Body, Veto, size_of, whole
from detente.case.fields import Amount, Clause, ConditionalAmount
from detente.case.model import Case
from detente.case.needs import Needs, votes_in
from detente.mechanics.payoffs import disagreement_in, payoffs_in
from detente.ratification.needs import chance_of
from detente.ratification.votes import at_least
from detente.space.masks import Bools
from detente.space.states import StateSpace

Floats = NDArray[np.float64]
Choice = NDArray[np.int16]
HALF = 0.5 - 1e-9  # passage of one half passes, whatever the last digits of its computation
Number = Amount | float
Path = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Slot:
    """One number of the votes, which may differ from state to state.

    Attributes:
        choice: which of the values holds in each state, shape (states,), or None where there is but one.
        values: the numbers that can stand there, each with its path in the case.
        party: who decides on the veto that this is the chance of not casting, or None.
    """

    choice: Choice | None
    values: tuple[tuple[Path, Number], ...]
    party: str | None = None

    def at(self, states: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which value holds in some states."""
        return np.zeros(len(states), np.int64) if self.choice is None else self.choice[states].astype(np.int64)


@dataclass(frozen=True, eq=False)
class BodySlots:
    """The numbers of one body.

    Attributes:
        quota: yes votes needed.
        votes: members per bloc; empty where only vetoes can stop a deal.
        accepts, cohesion: per bloc.
        shock: of the body.
        vetoes: per member, its chance of not blocking; for a party 1 or 0.
    """

    quota: int
    votes: tuple[int, ...]
    accepts: tuple[Slot, ...]
    cohesion: tuple[Slot, ...]
    shock: Slot
    vetoes: Mapping[str, Slot]

    @property
    def slots(self) -> Iterator[Slot]:
        """All of them."""
        yield from (*self.accepts, *self.cohesion, self.shock, *self.vetoes.values())


@dataclass(frozen=True, eq=False)
class Assembly:
    """Bodies and requirements over the states of a case.

    Attributes:
        case: whose block counts.
        states: its states, or those of a case with the same options and rules.
        bodies: their numbers.
        needs: what each requirement needs.
        matches: requirement by state: where it concerns the deal, shape (requirements, states).
        blocks: party with a veto -> where it gets less than without a deal, shape (states,).
    """

    case: Case
    states: StateSpace
    bodies: Mapping[str, BodySlots]
    needs: tuple[Needs, ...]
    matches: Bools
    blocks: Mapping[str, Bools]

    @classmethod
    def of(cls, case: Case, states: StateSpace) -> Assembly:
        """Read the block ``ratification`` over the states of a case.

        Raises:
            UsageError: a veto of a party of which only some comparisons are known.
            CaseError: a condition that differs among merged states.
        """
        block = case.file.ratification
        bodies = block.bodies if block is not None else {}
        written = block.requirements if block is not None else ()
        blocks = _blocked(case, states, [v for b in bodies.values() for v in b.veto])
        matches = np.zeros((len(written), len(states)), bool)
        for n, requirement in enumerate(written):
            matches[n] = states.mask(requirement.when, f"ratification.requirements[{n}].when")
        found = {name: _slots(case, states, name, body, blocks) for name, body in bodies.items()}
        return cls(case, states, found, tuple(r.needs.node for r in written), matches, blocks)

    @cached_property
    def quotas(self) -> dict[str, int]:
        """Quota of every body."""
        return {name: body.quota for name, body in self.bodies.items()}

    @cached_property
    def signatures(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """One state for each combination of what the votes depend on, and the combination of every state."""
        code = np.zeros(len(self.states), np.int64)
        columns = [row.astype(np.int16) for row in self.matches]
        columns += [s.choice for b in self.bodies.values() for s in b.slots if s.choice is not None]
        for column in columns:
            size = int(column.max(initial=0)) + 1
            if int(code.max(initial=0)) * size > 1 << 20:
                code = np.unique(code, return_inverse=True)[1].astype(np.int64)
            code = code * size + column
        _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
        return first.astype(np.int64), inverse.astype(np.int64)

    @cached_property
    def passage(self) -> Floats:
        """Chance of passage of every state at the point values of uncertain numbers, shape (states,)."""
        first, inverse = self.signatures
        return self.passing(first)[inverse]

    @cached_property
    def win_set(self) -> Bools:
        """States whose chance of passage is at least one half, shape (states,)."""
        return self.passage >= HALF

    def passing(self, states: NDArray[np.int64], *, independent: bool = False) -> Floats:
        """Chance of passage of some states; ``independent``: as if every member voted on its own."""
        out = np.ones(len(states))
        patterns, group = np.unique(self.matches[:, states].T, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            rows = np.flatnonzero(group.reshape(-1) == number)
            needs = [n for n, matched in zip(self.needs, pattern, strict=True) if matched]
            if needs:
                out[rows] = self._chance(needs, states[rows], independent=independent)
        return out

    def _chance(self, needs: Sequence[Needs], states: NDArray[np.int64], *, independent: bool) -> Floats:
        passing: dict[tuple[str, int | None], Floats] = {}
        for body, marks in self.marks(needs).items():
            found = self.body(body, states, [m for m, _ in marks], independent=independent)
            passing |= {(body, vote): found[:, n] for n, (_, vote) in enumerate(marks)}
        return chance_of(needs, passing, self.quotas, len(states))

    def marks(self, needs: Sequence[Needs]) -> dict[str, list[tuple[int, int | None]]]:
        """Body -> the numbers of yes votes that some requirements ask of it, with how they are written."""
        found: dict[str, dict[tuple[int, int | None], None]] = {}
        for vote in (v for part in needs for v in votes_in(part)):
            mark = self.quotas[vote.body] if vote.votes is None else vote.votes
            found.setdefault(vote.body, {})[mark, vote.votes] = None
        return {body: list(marks) for body, marks in found.items()}

    def body(self, name: str, states: NDArray[np.int64], quotas: Sequence[int], *, independent: bool = False) -> Floats:
        """Chance that a body passes some states with so many yes votes and no veto, shape (states, quotas)."""
        body = self.bodies[name]
        votes, vetoes = self.numbers(name, states)
        if independent:
            votes = (votes[0], np.zeros_like(votes[1]), np.zeros_like(votes[2]))
        return passing_body(body, votes, vetoes, quotas)

    def numbers(self, name: str, states: NDArray[np.int64]) -> tuple[tuple[Floats, Floats, Floats], Floats]:
        """A body's numbers in some states: (accepts, cohesion, shock) and the chances that nobody blocks."""

        def value(slot: Slot) -> Floats:
            points = np.array([v if isinstance(v, float) else self.read(path, v) for path, v in slot.values])
            return points[slot.at(states)]

        return gathered(self.bodies[name], value, len(states))

    def read(self, path: Path, written: Amount) -> float:  # noqa: ARG002 - in a draw its value depends on the path
        """A number that stands at a path."""
        return float(self.case.mean(written))


def gathered(
    body: BodySlots, value: Callable[[Slot], Floats], rows: int
) -> tuple[tuple[Floats, Floats, Floats], Floats]:
    """A body's numbers row by row: accepts and cohesion of shape (rows, blocs), shock and no veto of shape (rows,)."""
    accepts = np.array([value(s) for s in body.accepts]).reshape(-1, rows).T
    cohesion = np.array([value(s) for s in body.cohesion]).reshape(-1, rows).T
    unblocked = np.ones(rows)
    for slot in body.vetoes.values():
        unblocked = unblocked * value(slot)
    return (accepts, cohesion, value(body.shock)), unblocked


def passing_body(
    body: BodySlots, votes: tuple[Floats, Floats, Floats], unblocked: Floats, quotas: Sequence[int]
) -> Floats:
    """Chance that a body passes a deal with so many yes votes and no veto, shape (rows, quotas)."""
    if not body.votes:
        return np.repeat(unblocked[:, None], len(quotas), axis=1)
    accepts, cohesion, shock = votes
    table, place = np.unique(np.column_stack([accepts, cohesion, shock]), axis=0, return_inverse=True)
    blocs = len(body.votes)
    found = at_least(body.votes, table[:, :blocs], table[:, blocs : 2 * blocs], table[:, -1], quotas)
    return found[place.reshape(-1)] * unblocked[:, None]


# --- what stands in the file -----------------------------------------------------------------------------------------


def _slots(case: Case, states: StateSpace, name: str, body: Body, blocks: Mapping[str, Bools]) -> BodySlots:
    path: Path = ("ratification", "bodies", name)

    def slot(written: ConditionalAmount | Clause, *steps: str) -> Slot:
        return _slot(states, written, (*path, *steps))

    def veto(written: Veto) -> Slot:
        held = written.settled(case.file.parties)
        where = (*path, "veto", written.member)
        if isinstance(held, str):
            return Slot((~blocks[held]).astype(np.int16), ((where, 0.0), (where, 1.0)), held)
        return _slot(states, held, where)

    blocs = body.blocs
    votes = tuple(whole(b.votes) for b in blocs.values())
    silent = size_of(body) - sum(votes) if votes else 0
    return BodySlots(
        quota=whole(body.quota),
        votes=(*votes, *([silent] if silent else [])),
        accepts=(
            *(slot(b.accepts.settled(case.file.options), "blocs", n, "accepts") for n, b in blocs.items()),
            *([Slot(None, ((path, 0.0),))] if silent else []),
        ),
        cohesion=(
            *(slot(b.cohesion, "blocs", n, "cohesion") for n, b in blocs.items()),
            *([Slot(None, ((path, 0.0),))] if silent else []),
        ),
        shock=slot(body.shock, "shock"),
        vetoes={v.member: veto(v) for v in body.veto},
    )


def _slot(states: StateSpace, written: ConditionalAmount | Clause, path: Path) -> Slot:
    dotted = ".".join(path)
    if isinstance(written, Clause):
        return Slot(states.mask(written, dotted).astype(np.int16), ((path, 0.0), (path, 1.0)))
    if not written.when:
        return Slot(None, ((path, written.default),))
    choice = np.zeros(len(states), np.int16)
    for n, (condition, _) in reversed(list(enumerate(written.when, start=1))):  # the first match counts
        choice[states.mask(condition, dotted)] = n
    cases = tuple(((*path, "when", c.text), a) for c, a in written.when)
    return Slot(choice, (((*path, "default"), written.default), *cases))


def _blocked(case: Case, states: StateSpace, vetoes: Sequence[Veto]) -> dict[str, Bools]:
    """Party with a veto -> the states that give it less than it has without a deal."""
    held = [v.settled(case.file.parties) for v in vetoes]
    parties = tuple(dict.fromkeys(h for h in held if isinstance(h, str)))
    payoffs = {}
    for party in parties:
        payoff = payoffs_in(case, states, party)
        if payoff is None:
            name = case.party_name(party)
            fix = f"Write a utility or a ranking of {name}, or the chance that it does not block."
            raise UsageError(f"the veto of {name}, of which only some comparisons are known", "its whole order", fix)
        payoffs[party] = payoff
    without = disagreement_in(case, states, payoffs) if payoffs else {}
    return {p: np.asarray(v.numerators < ceil(without[p] * v.denominator), bool) for p, v in payoffs.items()}
