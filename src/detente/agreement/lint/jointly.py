"""Levels of different options that are owed together, though the linked case has no state with all of them (C1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from detente.agreement.lint.contradictions import MOST_PAIRS, Both
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import quoted
from detente.agreement.terms import Commitment, OptionAct
from detente.base.wording import listed
from detente.case.meaning import Negation
from detente.space.space import Space

MOST_JOINT = 200
MOST_STATES = 100_000  # of one group of options; more count as possible


def jointly_infeasible(read: Read) -> Iterator[Finding]:
    """C1: levels of different options that are owed together and that no state of the case has together."""
    case = read.agreement.case
    if case is None:
        return
    kept = [c for c in read.terms.commitments if c.modality == "maintain" and isinstance(c.act, OptionAct)]
    both = Both(read)
    cache: dict[frozenset[tuple[str, str]], bool] = {}
    told: set[frozenset[tuple[str, str]]] = set()
    for a, b in combinations(kept, 2):
        wanted = _wanted((a, b))
        if wanted is None or len(wanted) < 2 or wanted in told or _possible(read, wanted, cache):
            continue
        if both.left <= 0 or len(told) >= MOST_JOINT:
            yield _cut(read)
            break
        run = both.run(a.id, b.id, whole=False)
        if run is not None:
            told.add(wanted)
            yield _no_state(read, (a, b), wanted, {k: v for k, v in run.items() if k != "0"})
    for name, members in read.terms.groups.items():
        acts = [
            c
            for c in read.terms.commitments
            if c.id in members and isinstance(c.act, OptionAct) and c.modality != "refrain"
        ]
        wanted = _wanted(acts)
        if wanted is None or len(wanted) < 2 or _possible(read, wanted, cache):
            continue
        least = _smallest(read, wanted, cache)
        if least not in told:
            told.add(least)
            chosen = [c for c in acts if isinstance(c.act, OptionAct) and (c.act.option, c.act.to_level) in least]
            yield _no_state(read, chosen, least, {"group": name})


def _wanted(acts: Sequence[Commitment]) -> frozenset[tuple[str, str]] | None:
    """Option and level of each; None where one option is to be at two levels (the pairs tell of that)."""
    found = frozenset((c.act.option, c.act.to_level) for c in acts if isinstance(c.act, OptionAct))
    return found if len({o for o, _ in found}) == len(found) else None


def _possible(read: Read, wanted: frozenset[tuple[str, str]], cache: dict[frozenset[tuple[str, str]], bool]) -> bool:
    """Whether some feasible state of the case has these levels; also where that is too much work to tell."""
    if wanted not in cache:
        cache[wanted] = _in_case(read, wanted)
    return cache[wanted]


def _in_case(read: Read, wanted: frozenset[tuple[str, str]]) -> bool:
    case = read.agreement.case
    if case is None:
        return True
    asked = tuple(Negation(case.meaning(f"{option} == {level}")) for option, level in sorted(wanted))
    space = Space.of(case)
    return replace(space, infeasible=(*space.infeasible, *asked)).count(MOST_STATES)[0] > 0


def _smallest(
    read: Read, wanted: frozenset[tuple[str, str]], cache: dict[frozenset[tuple[str, str]], bool]
) -> frozenset[tuple[str, str]]:
    """An infeasible part of which every smaller part is feasible."""
    for one in sorted(wanted):
        rest = wanted - {one}
        if len(rest) > 1 and not _possible(read, rest, cache):
            wanted = rest
    return wanted


def _no_state(
    read: Read, acts: Sequence[Commitment], wanted: frozenset[tuple[str, str]], run: Mapping[str, object]
) -> Finding:
    names = [quoted(read, c.id) for c in acts]
    last = acts[-1]
    return read.finding(
        "C1", "error", last.id, ("commitments", last.id, "action"),
        f"{listed(names)} are owed at one time, and by the case there is no state with "
        f"{listed([f'{quoted(read, o)} at {level}' for o, level in sorted(wanted)])}: one of them cannot be kept.",
        {"levels": dict(sorted(wanted)), "commitments": [c.id for c in acts], "run": dict(run)},
        "Change the level of one of them, or let one end before the other begins.",
    )  # fmt: skip


def _cut(read: Read) -> Finding:
    """That not all pairs were looked at."""
    why = (
        f"Only the first {MOST_PAIRS:,} pairs of levels of different options that the case rules out were compared in"
        f" time, and at most {MOST_JOINT} are told."
    )
    return read.finding("C1", "info", "", (), why, {"not_checked": "further pairs", "compared": MOST_PAIRS}, "")


IDS = ("C1",)
CHECKS = (jointly_infeasible,)
