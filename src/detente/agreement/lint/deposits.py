"""Deposits (L1): on some path, what was handed to a depositary is due to nobody.

A file tells a deposit by its verifier. A commitment that a body with ``role: depositary`` verifies is about what that
body holds: one whose trigger asks for another such commitment, or for its state, is a **release**; one whose trigger
does not is a **deposit**. A release in words releases all that is left, one of a quantity its amount; a deposit is out
if the releases that become due reach it. A path is an outcome of every commitment that the releases wait for: done;
failed (its deadline has passed); open (due, without a deadline or overtaken by the end); dead (never due); and whether
the agreement has ended, which it can by exit, power or consequence and does by a sunset. Outside events, signatures and
progress are taken not to come. All paths are tried. A release that is due and not done no longer counts where an end
that can come at any time overtakes it, or a breach of something else ends it or holds it for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from detente.agreement import formulas as f
from detente.agreement.fields import WHOLE
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import quoted
from detente.agreement.terms import Commitment, NoDeadline, On, QuantityAct, Terms
from detente.base.errors import LimitReached
from detente.base.wording import counted, listed

MOST_TOLD = 5
MOST = 10  # commitments whose outcomes are tried
Outcome = Literal["done", "failed", "open", "dead"]
OUTCOMES: tuple[Outcome, ...] = ("done", "failed", "open", "dead")


@dataclass(frozen=True)
class Path:
    """How things can end: what became of the commitments, and whether the agreement has ended."""

    outcomes: Mapping[str, Outcome]
    ended: bool


def named(formula: f.Formula, groups: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The commitments that a formula speaks of."""
    if isinstance(formula, f.And | f.Or):
        return frozenset().union(*(named(p, groups) for p in formula.parts))
    if isinstance(formula, f.After | f.NotBy):
        return named(formula.formula, groups)
    if isinstance(formula, f.Joint):
        return frozenset(groups[formula.group])
    commitment = getattr(formula, "commitment", None)
    return frozenset({commitment}) if commitment is not None else frozenset()


def _leads(terms: Terms) -> dict[str, frozenset[str]]:
    """For each commitment all that its trigger speaks of, directly or through others."""
    direct = {c.id: named(c.trigger, terms.groups) - {c.id} for c in terms.commitments}
    found = {}
    for name, spoken in direct.items():
        seen: set[str] = set()
        waiting = list(spoken)
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting += direct[here]
        found[name] = frozenset(seen)
    return found


def deposits(read: Read) -> dict[str, tuple[str, list[str]]]:
    """Deposit -> its depositary and its releases, by id."""
    holders = {n for n, b in read.file.bodies.items() if b.role == "depositary"}
    if not holders:
        return {}
    held = {c.id: v.verifier for c in read.terms.commitments for v in c.verification if v.verifier in holders}
    before = _leads(read.terms)
    first = [n for n in held if not any(o in held and held[o] == held[n] for o in before[n])]
    return {n: (held[n], [o for o in held if o != n and held[o] == held[n] and n in before[o]]) for n in first}


def locked(read: Read) -> Iterator[Finding]:
    """L1: a deposit that stays where it is on some path."""
    for name, (holder, releases) in deposits(read).items():
        path = stuck(read.terms, name, releases)
        if path is None:
            continue
        stays = f"What {quoted(read, name)} puts with {read.called(holder)}"
        why = (
            f"{stays} stays there for ever if {_story(read, path, name)}: nothing that the agreement says then lets it"
            " out."
            if releases
            else f"{stays} stays there for ever: no clause of the agreement lets it out."
        )
        waits = next((n for n in path.outcomes if n not in (name, *releases)), "COMMITMENT")
        yield read.finding(
            "L1", "error", name, ("commitments", name), why,
            {
                "deposit": name,
                "depositary": holder,
                "releases": releases,
                "outcomes": dict(path.outcomes),
                "ended": path.ended,
            },
            f"Write a release{' for that path' if releases else ''}, verified by {read.called(holder)}, that outlives"
            f' the agreement:\ntrigger: "verified({name}) and state({waits}, {{breached, lapsed, terminated}})"'
            "\nsurvives: true",
        )  # fmt: skip


def stuck(terms: Terms, deposit: str, releases: list[str]) -> Path | None:
    """A path on which the deposit has been made and does not come out; None: there is none.

    Raises:
        LimitReached: the releases wait for too many commitments.
    """
    before = _leads(terms)
    acts = {c.id: c for c in terms.commitments}
    ends = {r: _enders(terms, r) - {deposit} for r in releases}
    open_ = sorted({o for r in releases for x in (r, *ends[r]) for o in (*before[x], x)} - {deposit})
    if len(open_) > MOST:
        advice = "Let the releases wait for fewer commitments."
        raise LimitReached("commitments that the way out of a deposit waits for", str(len(open_)), MOST, advice)
    endings = (
        (True,)
        if terms.sunset is not None and not isinstance(terms.sunset, NoDeadline)
        else (False, True)
        if _can_end(terms)
        else (False,)
    )
    order = sorted(open_, key=lambda n: (len(before[n]), n))
    for ended in endings:
        for path in _paths(terms, acts, {deposit: "done"}, order, ended=ended):
            if not _out(acts, deposit, _standing(path, acts, ends, anytime=_can_end(terms))):
                return path
    return None


def _paths(
    terms: Terms, acts: Mapping[str, Commitment], outcomes: dict[str, Outcome], order: list[str], *, ended: bool
) -> Iterator[Path]:
    """All consistent paths; an outcome is looked at as soon as those that its trigger speaks of are chosen."""
    ready: list[list[str]] = []
    placed = set(outcomes)
    for n in range(len(order)):
        known = placed | set(order[: n + 1])
        told = {x for group in ready for x in group}
        ready.append([x for x in order[: n + 1] if x not in told and named(acts[x].trigger, terms.groups) <= known])
    late = [x for x in order if not any(x in group for group in ready)]  # they speak of what is not among these

    def choose(depth: int, chosen: dict[str, Outcome]) -> Iterator[Path]:
        path = Path(chosen, ended)
        if depth and not all(consistent(path, acts, terms, x) for x in ready[depth - 1]):
            return
        if depth == len(order):
            if all(consistent(path, acts, terms, x) for x in late):
                yield path
            return
        for outcome in OUTCOMES:
            yield from choose(depth + 1, {**chosen, order[depth]: outcome})

    yield from choose(0, outcomes)


def _can_end(terms: Terms) -> bool:
    if terms.exit is not None or any(p.may == "terminate" and WHOLE in p.targets for p in terms.powers):
        return True
    return any(e.effect == "terminate" and WHOLE in e.targets for c in terms.commitments for e in c.on_breach)


def consistent(path: Path, acts: Mapping[str, Commitment], terms: Terms, name: str) -> bool:
    """Whether what was ever due had its trigger, and what never was had not, or only when the agreement had ended."""
    outcome, c = path.outcomes[name], acts[name]
    over = path.ended and not c.survives
    if outcome == "dead":
        if c.lapse is not None and _late(c.trigger, c, acts):
            return True
        if over:
            return not sooner(c.trigger, path, acts, terms, frozenset({name}))
        return not true_at_end(c.trigger, path, acts, terms, lasting=c.survives, seen=frozenset())
    if outcome == "failed" and isinstance(c.deadline, NoDeadline) and c.modality == "achieve":
        return False
    if outcome == "open" and not (over or isinstance(c.deadline, NoDeadline)):
        return False
    return true_at_end(c.trigger, path, acts, terms, lasting=c.survives, seen=frozenset())


def sooner(formula: f.Formula, path: Path, acts: Mapping[str, Commitment], terms: Terms, seen: frozenset[str]) -> bool:
    """Whether a trigger must have been true before the agreement ended: by what does not outlive it and was done."""
    if isinstance(formula, f.Always | f.InForce):
        return True
    if isinstance(formula, f.Fulfilled | f.Verified | f.Claimed):
        name = formula.commitment
        return path.outcomes.get(name) == "done" and not acts[name].survives
    if isinstance(formula, f.And):
        return all(sooner(p, path, acts, terms, seen) for p in formula.parts)
    if isinstance(formula, f.Or):
        return any(sooner(p, path, acts, terms, seen) for p in formula.parts)
    if isinstance(formula, f.Joint):
        members = [m for m in terms.groups[formula.group] if m not in seen]
        return all(sooner(acts[m].trigger, path, acts, terms, seen | {m}) for m in members)
    return False


def _enders(terms: Terms, release: str) -> set[str]:
    """The other commitments of which a breach ends a release, or holds it for ever."""
    survives = next(c.survives for c in terms.commitments if c.id == release)
    return {
        c.id
        for c in terms.commitments
        for e in c.on_breach
        if (e.effect == "terminate" or (e.effect == "suspend" and isinstance(e.resume, f.Never)))
        and c.id != release
        and (release in e.targets or (WHOLE in e.targets and not survives))
    }


def _late(trigger: f.Formula, c: Commitment, acts: Mapping[str, Commitment]) -> bool:
    """Whether a commitment can lapse before its trigger comes: by a date, or by what is done without or after one."""
    lapse = c.lapse.moment if isinstance(c.lapse, On) else None
    if isinstance(trigger, f.And):
        return any(_late(p, c, acts) for p in trigger.parts)
    if isinstance(trigger, f.Or):
        return bool(trigger.parts) and all(_late(p, c, acts) for p in trigger.parts)
    if isinstance(trigger, f.At):
        return lapse is not None and _day(trigger.moment) > _day(lapse)
    if isinstance(trigger, f.Fulfilled | f.Verified | f.Claimed):
        other = acts[trigger.commitment].deadline
        if isinstance(other, On):
            return lapse is not None and _day(other.moment) > _day(lapse)
        return isinstance(other, NoDeadline)
    return False


def _day(moment: dt.date | int) -> dt.date:
    return dt.datetime.fromtimestamp(moment, dt.UTC).date() if isinstance(moment, int) else moment


def _standing(
    path: Path, acts: Mapping[str, Commitment], ends: Mapping[str, set[str]], *, anytime: bool
) -> list[Commitment]:
    """The releases that became due and that nothing ended before they were done."""

    def ended(name: str) -> bool:
        over = anytime and path.ended and not acts[name].survives
        return over or any(path.outcomes[x] == "failed" for x in ends[name])

    became = path.outcomes
    return [acts[r] for r in ends if became[r] == "done" or (became[r] != "dead" and not ended(r))]


def _out(acts: Mapping[str, Commitment], deposit: str, due: list[Commitment]) -> bool:
    """Whether the releases that became due reach the deposit."""
    whole = acts[deposit].act
    if not isinstance(whole, QuantityAct):
        return bool(due)
    amount = whole.amount - whole.amount
    for c in due:
        if not isinstance(c.act, QuantityAct) or c.act.quantity != whole.quantity or c.act.unit != whole.unit:
            return True
        amount += c.act.amount
    return amount >= whole.amount


def life(name: str, path: Path, acts: Mapping[str, Commitment]) -> str:
    """The state in which a commitment is left."""
    outcome, c = path.outcomes.get(name, "dead"), acts[name]
    if outcome == "done":
        return "fulfilled"
    if path.ended and not c.survives:
        return "terminated"
    if outcome == "dead":
        return "lapsed" if c.lapse is not None else "waiting"
    return "due" if outcome == "open" else "breached"


def true_at_end(  # noqa: PLR0911 - one for each kind of formula
    formula: f.Formula, path: Path, acts: Mapping[str, Commitment], terms: Terms, *, lasting: bool, seen: frozenset[str]
) -> bool:
    """Whether a trigger has come true by the end of a path; a date comes before the end only for what outlives it."""
    if isinstance(formula, f.Always | f.InForce):
        return True
    if isinstance(formula, f.At):
        return lasting or not path.ended
    if isinstance(formula, f.Fulfilled | f.Verified | f.Claimed):
        return path.outcomes.get(formula.commitment) == "done"
    if isinstance(formula, f.Breached):
        return path.outcomes.get(formula.commitment) == "failed"
    if isinstance(formula, f.InState):
        return life(formula.commitment, path, acts) in formula.states
    if isinstance(formula, f.And):
        return all(true_at_end(p, path, acts, terms, lasting=lasting, seen=seen) for p in formula.parts)
    if isinstance(formula, f.Or):
        return any(true_at_end(p, path, acts, terms, lasting=lasting, seen=seen) for p in formula.parts)
    if isinstance(formula, f.After):
        inner = true_at_end(formula.formula, path, acts, terms, lasting=lasting, seen=seen)
        return inner and (lasting or not path.ended)
    if isinstance(formula, f.NotBy):
        inner = true_at_end(formula.formula, path, acts, terms, lasting=lasting, seen=seen)
        return not inner and (lasting or not path.ended)
    if isinstance(formula, f.Joint):
        if formula.group in seen:
            return True
        inside = seen | {formula.group}
        return all(
            true_at_end(acts[m].trigger, path, acts, terms, lasting=lasting, seen=inside)
            for m in terms.groups[formula.group]
        )
    return False


def _story(read: Read, path: Path, deposit: str) -> str:
    told = {"done": "is done", "failed": "is not done in time", "open": "is not done", "dead": "never falls due"}
    steps = [f"{quoted(read, n)} {told[o]}" for n, o in path.outcomes.items() if n != deposit]
    more = [counted(len(steps) - MOST_TOLD, "other step does not help", "other steps do not help")]
    shown = steps[:MOST_TOLD] + more * (len(steps) > MOST_TOLD) + ["the agreement has ended"] * path.ended
    return listed(shown) if shown else "it is made"


IDS = ("L1",)
CHECKS = (locked,)
