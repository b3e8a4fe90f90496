"""The votes of one deal: how many to expect, how many are missing, and whose change of mind would carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detente.case.needs import Needs
from detente.ratification.needs import chance_of
from detente.ratification.passage import HALF, Assembly, Floats, passing_body
from detente.ratification.votes import distribution

LOW, HIGH = 0.05, 0.95
GRID, ROUNDS = 33, 4


@dataclass(frozen=True, slots=True)
class BlocCount:
    """One bloc: its members, a member's chance of yes, and the chance that the bloc votes as one."""

    votes: int
    accepts: float
    cohesion: float


@dataclass(frozen=True, slots=True)
class BodyCount:
    """The vote of one body on one deal.

    Attributes:
        quota: yes votes needed.
        votes: members in blocs; 0 where the quota is taken as met.
        passes: chance that it passes the deal, vetoes included.
        expected, spread: mean and standard deviation of the yes votes.
        low, high: nine times in ten the yes votes lie between them.
        blocs: id -> its numbers.
        vetoes: member -> the chance that it does not block.
        yes: chance of every number of yes votes from 0; empty where votes are not told apart.
    """

    quota: int
    votes: int
    passes: float
    expected: float
    spread: float
    low: int
    high: int
    blocs: dict[str, BlocCount]
    vetoes: dict[str, float]
    yes: tuple[float, ...] = field(default=(), repr=False)

    @property
    def short(self) -> float:
        """How many of the expected yes votes are missing; 0 where they suffice."""
        return max(0.0, self.quota - self.expected) if self.votes else 0.0


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A bloc or a member with a veto, and what its change of mind would do, all others as they are.

    Attributes:
        body: where it votes.
        bloc, member: one of the two; the other is None.
        now: a member's chance of yes, or the chance of not blocking.
        enough: the smallest chance with which the deal passes with one half; None where even 1 is not enough.
        at_most: chance of passage of the deal if the chance were 1.
    """

    body: str
    bloc: str | None
    member: str | None
    now: float
    enough: float | None
    at_most: float


def count_of(assembly: Assembly, name: str, state: int) -> BodyCount:
    """The vote of a body on one deal."""
    body, here = assembly.bodies[name], np.array([state], np.int64)
    votes, vetoes = _numbers(assembly, name, state)
    (accepts, cohesion, shock), unblocked = votes, float(vetoes.prod())
    written = assembly.case.file.ratification
    ids = tuple(written.bodies[name].blocs) if written is not None else ()
    blocs = {
        b: BlocCount(body.votes[n], float(accepts[0, n]), float(cohesion[0, n])) for n, b in enumerate(ids)
    }  # fmt: skip
    members = dict(zip(body.vetoes, (float(v) for v in vetoes), strict=True))
    if not body.votes:
        return BodyCount(body.quota, 0, unblocked, float(body.quota), 0.0, body.quota, body.quota, {}, members)
    pmf = distribution(body.votes, accepts, cohesion, shock)[0]
    yes = np.arange(len(pmf))
    mean = float(pmf @ yes)
    below = np.cumsum(pmf)
    return BodyCount(
        quota=body.quota,
        votes=sum(body.votes),
        passes=float(assembly.body(name, here, [body.quota])[0, 0]),
        expected=mean,
        spread=float(np.sqrt(max(0.0, float(pmf @ (yes - mean) ** 2)))),
        low=int(np.searchsorted(below, LOW)),
        high=min(int(np.searchsorted(below, HIGH - 1e-12)), len(pmf) - 1),
        blocs=blocs,
        vetoes=members,
        yes=tuple(pmf.tolist()),
    )


def obstacles_of(assembly: Assembly, state: int) -> tuple[Obstacle, ...]:
    """Who could carry a deal that does not pass, the smallest change first; none where it passes."""
    needs = [n for n, m in zip(assembly.needs, assembly.matches[:, state], strict=True) if m]
    if not needs or assembly.passage[state] >= HALF:
        return ()
    found = []
    for name in assembly.marks(needs):
        body = assembly.bodies[name]
        written = assembly.case.file.ratification
        ids = tuple(written.bodies[name].blocs) if written is not None else ()
        for n, bloc in enumerate(ids):
            trial = _Trial(assembly, needs, name, state, bloc=n)
            found.append(Obstacle(name, bloc, None, trial.now, *trial.search()))
        for n, member in enumerate(body.vetoes):
            trial = _Trial(assembly, needs, name, state, member=n)
            if trial.now < 1:
                found.append(Obstacle(name, None, member, trial.now, *trial.search()))
    return tuple(sorted(found, key=lambda o: (o.enough is None, (o.enough or 0) - o.now, -o.at_most)))


@dataclass(frozen=True, eq=False)
class _Trial:
    """One chance of one body set to other values, everything else as it is."""

    assembly: Assembly
    needs: Sequence[Needs]
    body: str
    state: int
    bloc: int | None = None
    member: int | None = None

    @property
    def now(self) -> float:
        """The chance as it is."""
        votes, vetoes = _numbers(self.assembly, self.body, self.state)
        return float(vetoes[self.member or 0]) if self.bloc is None else float(votes[0][0, self.bloc])

    def passing(self, chances: Floats) -> Floats:
        """Chance of passage of the deal at each of some chances."""
        assembly, rows = self.assembly, len(chances)
        (accepts, cohesion, shock), vetoes = _numbers(assembly, self.body, self.state)
        tried, unblocked = np.repeat(accepts, rows, axis=0), np.repeat(vetoes[:, None], rows, axis=1)
        if self.bloc is None:
            unblocked[self.member or 0] = chances
        else:
            tried[:, self.bloc] = chances
        numbers = (tried, np.repeat(cohesion, rows, axis=0), np.repeat(shock, rows))
        here = np.array([self.state], np.int64)
        passing: dict[tuple[str, int | None], Floats] = {}
        for name, marks in assembly.marks(self.needs).items():
            quotas = [m for m, _ in marks]
            if name == self.body:
                found = passing_body(assembly.bodies[name], numbers, unblocked.prod(axis=0), quotas)
            else:
                found = np.repeat(assembly.body(name, here, quotas), rows, axis=0)
            passing |= {(name, vote): found[:, n] for n, (_, vote) in enumerate(marks)}
        return chance_of(self.needs, passing, assembly.quotas, rows)

    def search(self) -> tuple[float | None, float]:
        """The smallest chance with which the deal passes with one half, and its passage at 1."""
        low, high = self.now, 1.0
        at_most = float(self.passing(np.ones(1))[0])
        if at_most < HALF:
            return None, at_most
        for _ in range(ROUNDS):  # passage never falls as a chance of yes rises
            grid = np.linspace(low, high, GRID)
            enough = int(np.argmax(self.passing(grid) >= HALF))
            low, high = float(grid[max(enough - 1, 0)]), float(grid[enough])
        return high, at_most


def _numbers(assembly: Assembly, name: str, state: int) -> tuple[tuple[Floats, Floats, Floats], NDArray[np.float64]]:
    """A body's numbers in one state: accepts and cohesion of shape (1, blocs), shock (1,), each veto (members,)."""
    body, mean = assembly.bodies[name], assembly.case.mean
    here = np.array([state], np.int64)
    votes, _ = assembly.numbers(name, here)
    vetoes = []
    for slot in body.vetoes.values():
        value = slot.values[int(slot.at(here)[0])][1]
        vetoes.append(value if isinstance(value, float) else float(mean(value)))
    return votes, np.array(vetoes)
