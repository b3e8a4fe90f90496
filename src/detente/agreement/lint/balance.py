"""Balance (A1 to A3): who is ahead of what it has received when everything stops, and whose duties are the clear ones.

A1 and A2 take the worth of every act from the linked case (``worths.given``) and the worst stop point from one minimum
cut per choice (``exposure``). Since the worth of an act can depend on the others, what is reported is the worth of the
worst point itself, read from the case, and not the sum. A3 compares how much of each party's duties is written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from weakref import WeakKeyDictionary

from detente.agreement.exposure import Stop, Way, choices, prerequisites, reachable, worst_stop
from detente.agreement.lint.findings import Finding
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import named, quoted
from detente.agreement.lint.slots import vectors
from detente.agreement.model import Agreement
from detente.agreement.terms import OptionAct, Undo
from detente.agreement.worths import Given, given
from detente.base.errors import DetenteError, LimitReached
from detente.base.wording import listed
from detente.case.model import Case
from detente.mechanics.payoffs import status_quo_in
from detente.space.space import Space
from detente.space.worth import Worth

FAR = 2  # times the exposure of every other side
PRECISE = Fraction(1, 2)  # a slot filled this much more often on one side
MOST_NAMED = 4
MOST_POINTS = 4_000  # tried one by one where no cut can tell the worst
SLOT_WORDS = {
    "date": "by when",
    "verifier": "who checks it",
    "evidence": "what shows it",
    "consequence": "what follows a breach",
}


@dataclass(frozen=True)
class _Balance:
    """The worst points of all sides under one way of counting what is given."""

    values: Given
    stops: Mapping[str, Stop]  # with the worth that the case gives to the point
    gains: Mapping[str, Fraction]  # what the whole agreement is worth to each


_KNOWN: WeakKeyDictionary[Agreement, dict[str | None, tuple[_Balance, _Balance] | str]] = WeakKeyDictionary()


def exposed(read: Read) -> Iterator[Finding]:
    """A1: a side that is far ahead of what it has received at some point."""
    found = _balances(read)
    if found is None:
        return
    whole, _ = found
    for party, stop in whole.stops.items():
        others = [s.value for p, s in whole.stops.items() if p != party]
        gain = whole.gains[party]
        most = max(others, default=Fraction(0))
        beyond = stop.value > gain
        if stop.value <= 0 or not (beyond or (stop.value > FAR * most and 2 * stop.value > gain)):
            continue
        back = _way_back(read, whole, party)
        yield read.finding(
            "A1", "info" if back else "warning", party, ("parties", party), _exposed(read, stop, most, gain) + back,
            {**_witness(whole, party, prerequisites(read.terms)), "gain": str(gain), "others": str(most),
             "along": _along(read, whole, party)},
            f"Move something that {read.called(party)} receives before {_last(read, stop)}, or let its steps wait"
            f" for it: "
            "trigger: verified(what it receives).",
        )  # fmt: skip


def irreversible(read: Read) -> Iterator[Finding]:
    """A2: one side's steps cannot be undone, the other's can."""
    found = _balances(read)
    if found is None:
        yield from _counted(read)
        return
    _, lasting = found
    for party, stop in lasting.stops.items():
        most = max((s.value for p, s in lasting.stops.items() if p != party), default=Fraction(0))
        gain = lasting.gains[party]
        if stop.value <= 0 or not (stop.value > gain or (stop.value > FAR * most and 2 * stop.value > gain)):
            continue
        name = read.called(party)
        yield read.finding(
            "A2", "warning", party, ("parties", party),
            f"What {name} cannot take back is worth {_told(stop.value)} more to it than all that it has received"
            f" when it has "
            f"done {_names(read, _owed(read, stop.done, party))}; for no other side is it more than {_told(most)}."
            f" If the others stop then, "
            f"{name} has nothing to withdraw.",
            {**_witness(lasting, party, prerequisites(read.terms)), "gain": str(gain), "others": str(most)},
            f"Ask for something of the same kind before {_last(read, stop)}, or split it into parts, each against"
            f" a part.",
        )  # fmt: skip


def _counted(read: Read) -> Iterator[Finding]:
    """Without a case: one side owes several acts that cannot be undone, and no other side owes any."""
    owed = {
        p: [c.id for c in read.terms.commitments if p in c.obligors and c.reversible == "no"]
        for p in read.terms.parties
    }
    said = {p: [c.id for c in read.terms.commitments if p in c.obligors and c.reversible is not None] for p in owed}
    loaded = [p for p in owed if len(owed[p]) > 1]
    rest = [p for p in owed if p not in loaded and said[p]]
    if len(loaded) != 1 or not rest or any(owed[p] for p in rest):
        return
    party = loaded[0]
    yield read.finding(
        "A2", "info", party, ("parties", party),
        f"{read.called(party)} owes {len(owed[party])} acts that cannot be undone ({_names(read, owed[party])});"
        f" all that {listed([read.called(p) for p in rest])} {'owes' if len(rest) == 1 else 'owe'} with a word on it"
        " can. What they are worth is not known: the agreement is linked to no case.",
        {"irreversible": {p: owed[p] for p in owed if said[p]}, "said": {p: said[p] for p in owed if said[p]}},
        "Write what is hard to undo for the others too, or let each of these acts wait for one that the party"
        " cannot lose.",
    )  # fmt: skip


def imprecise(read: Read) -> Iterator[Finding]:
    """A3: one side's duties are dated and checked, the other's are not."""
    means = slot_means(read)
    worst: dict[str, dict[str, str]] = {}
    for slot in SLOT_WORDS:
        shares = {p: vector[slot] for p, vector in means.items() if slot in vector}
        if shares:
            low, high = min(shares, key=lambda p: shares[p]), max(shares, key=lambda p: shares[p])
            if shares[high] - shares[low] >= PRECISE:
                worst.setdefault(low, {})[slot] = high
    for party, slots in worst.items():
        told = "; ".join(
            f"{SLOT_WORDS[s]}: {_percent(means[party][s])} of its own against {_percent(means[p][s])} of"
            f" {read.called(p)}'s"
            for s, p in slots.items()
        )
        yield read.finding(
            "A3", "warning", party, ("parties", party),
            f"The duties of {read.called(party)} are less clear than those of others ({told}). The side whose"
            f" duties are"
            " the clear ones is the one that will be found in breach.",
            {"means": {p: {s: str(v) for s, v in vector.items()} for p, vector in means.items()}, "slots": dict(slots)},
            f"Write for each duty of {read.called(party)}: {', '.join(SLOT_WORDS[s] for s in slots)}.",
        )  # fmt: skip


def slot_means(read: Read) -> dict[str, dict[str, Fraction]]:
    """By party, by slot: the share of its commitments in which it is said in full; those that need none are left out.

    A trigger without a date, or a word of one's own in place of a check, is what this is about: it does not count.

    A mean over fewer than two commitments tells nothing and is left out.
    """
    marks = vectors(read)
    found: dict[str, dict[str, Fraction]] = {}
    for party in read.terms.parties:
        own = [marks[c.id] for c in read.terms.commitments if party in c.obligors]
        found[party] = {}
        for slot in SLOT_WORDS:
            said = [vector[slot] == "yes" for vector in own if vector[slot] != "n/a"]
            if len(said) > 1:
                found[party][slot] = Fraction(sum(said), len(said))
    return found


def skipped(read: Read) -> Iterator[tuple[str, str]]:
    """Why A1 and A2 have not been looked at by what things are worth."""
    _balances(read)
    why = _KNOWN[read.agreement][read.party]
    if isinstance(why, str):
        yield "A1", why
        if read.agreement.file.case is not None:
            yield "A2", why


def _balances(read: Read) -> tuple[_Balance, _Balance] | None:
    """All that is given, and only what cannot be taken back; None where it cannot be worked out."""
    found = _KNOWN.setdefault(read.agreement, {})
    if read.party not in found:
        found[read.party] = _work_out(read)
    result = found[read.party]
    return None if isinstance(result, str) else result


def _work_out(read: Read) -> tuple[_Balance, _Balance] | str:
    """Both, or why not."""
    try:
        case = read.agreement.case
        if case is None:
            return "no case is linked that says what things are worth"
        whole, lasting = given(read.agreement)
        return _balance(read, case, whole, exact=True), _balance(read, case, lasting)
    except DetenteError as error:
        return str(error)


def _balance(read: Read, case: Case, values: Given, *, exact: bool = False) -> _Balance:
    ways = prerequisites(read.terms)
    space = Space.of(case)
    today = status_quo_in(case, space) or (0,) * len(case.options)
    possible = {n for choice in choices(ways) for n in reachable(choice)}
    acts = {c.id: c.act for c in read.terms.commitments if isinstance(c.act, OptionAct)}
    stops, gains = {}, {}
    points: list[frozenset[str]] | None = None
    for party, worth in values.items():
        found = worst_stop(ways, worth, party)
        forms = case.preference(party)
        if forms is None:
            continue
        state = Worth.of(case, forms)
        counted = {n: a for n, a in acts.items() if n in worth}

        def lost(
            done: tuple[str, ...] | set[str], state: Worth = state, counted: dict[str, OptionAct] = counted
        ) -> Fraction:
            return state.of_levels(case, today) - state.of_levels(case, _levels(case, today, counted, done))

        total = sum((worth.get(n, Fraction(0)) for n in possible), Fraction(0))
        if exact and (lost(found.done) != found.value or lost(possible) != total):
            # what one act is worth depends on others: no cut can tell the worst point
            points = _points(ways, counted) if points is None else points
            found = min(
                (Stop(party, lost(p), tuple(sorted(p))) for p in map(set, points)),
                key=lambda s: (-s.value, len(s.done), s.done),
            )
        stops[party] = Stop(party, lost(found.done), found.done)
        gains[party] = -lost(possible)
    return _Balance(values, stops, gains)


def _points(ways: Mapping[str, tuple[Way, ...]], acts: Mapping[str, OptionAct]) -> list[frozenset[str]]:
    """All sets of what can have been done, of acts and of what can come before one.

    Raises:
        LimitReached: there are too many.
    """
    wanted: set[str] = set()
    waiting = list(acts)
    while waiting:
        here = waiting.pop()
        if here not in wanted:
            wanted.add(here)
            waiting += [n for way in ways[here] for n in way]
    found = [frozenset[str]()]
    seen = set(found)
    for point in found:
        for name in sorted(wanted - point):
            more = point | {name}
            if more not in seen and any(way <= point for way in ways[name]):
                seen.add(more)
                found.append(more)
        if len(found) > MOST_POINTS:
            advice = "Write from: in acts on an option on which there are several, and let one wait for the other."
            raise LimitReached("stop points of acts whose worth depends on others", "more", MOST_POINTS, advice)
    return found


def _levels(
    case: Case, today: tuple[int, ...], acts: Mapping[str, OptionAct], done: tuple[str, ...] | set[str]
) -> tuple[int, ...]:
    """The levels after some acts; of several on one option the one furthest along its list."""
    levels = list(today)
    reached: dict[int, int] = {}
    for name in done:
        if name in acts:
            place = case.options.index(acts[name].option)
            level = list(case.file.options[acts[name].option].levels).index(acts[name].to_level)
            reached[place] = max(level, reached.get(place, 0))
    for place, level in reached.items():
        levels[place] = level
    return tuple(levels)


def _witness(balance: _Balance, party: str, ways: Mapping[str, tuple[frozenset[str], ...]]) -> dict[str, object]:
    """What a checker needs: the set, one way of each member, the weights, the worths of the points of all sides."""
    stop = balance.stops[party]
    chosen = _in_order(ways, stop.done)
    worth = balance.values[party]
    return {
        "done": list(stop.done),
        "value": str(stop.value),
        "before": {n: sorted(way) for n, way in chosen.items()},
        "weights": {n: str(w) for n, w in worth.items() if w},
        "sum": str(sum((worth.get(n, Fraction(0)) for n in stop.done), Fraction(0))),
        "sides": {p: str(s.value) for p, s in balance.stops.items()},
    }


def _in_order(ways: Mapping[str, tuple[frozenset[str], ...]], done: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """For each member of a set the way by which it can have begun, in an order in which they can have been done."""
    found: dict[str, frozenset[str]] = {}
    while True:
        fresh = {
            n: way for n in done if n not in found for way in ways[n][::-1] if way <= found.keys()
        }  # of several the first in order
        if not fresh:
            return found
        found |= fresh


def _along(read: Read, balance: _Balance, party: str) -> dict[str, str]:
    """In the order of the file: the step after which the side is furthest ahead by its weights, and by how much."""
    ahead = worst = Fraction(0)
    step = ""
    for commitment in read.terms.commitments:
        ahead += balance.values[party].get(commitment.id, Fraction(0))
        if ahead > worst:
            worst, step = ahead, commitment.id
    return {"step": step, "value": str(worst)}


def _exposed(read: Read, stop: Stop, most: Fraction, gain: Fraction) -> str:
    party, case = read.called(stop.party), read.agreement.case
    period = case.file.period if case is not None and case.file.period else "period"
    own = _owed(read, stop.done, stop.party)
    whole = (
        f"more than the whole agreement is worth to it ({_told(gain)})"
        if 0 < gain < stop.value
        else "and by the case the whole agreement is worth nothing to it"
        if gain <= 0
        else f"while the whole agreement is worth {_told(gain)} to it"
    )
    return (
        f"If everything stops after {_names(read, own)}, {party} has given more than it has received: by"
        f" {_told(stop.value)} a {period} on its own scale of worth, {whole}. From there it depends on the good will"
        f" of the others; at their own worst points they are ahead by at most {_told(most)} on theirs."
    )


def _way_back(read: Read, balance: _Balance, party: str) -> str:
    """A sentence, if the file says of everything that a side has given at its worst point how it can be undone."""
    worth = balance.values[party]
    given_then = [c for c in read.terms.commitments if c.id in balance.stops[party].done and worth.get(c.id, 0) > 0]
    if not all(isinstance(c.reversible, Undo) for c in given_then):
        return ""
    return (
        " The agreement says of each of these steps how it can be undone, so what is lost is what they cost until then."
    )


def _owed(read: Read, done: tuple[str, ...], party: str) -> list[str]:
    """Those of a set that a party owes."""
    return [c.id for c in read.terms.commitments if c.id in done and party in c.obligors]


def _last(read: Read, stop: Stop) -> str:
    """The last of a party's own steps at its worst point, for readers."""
    own = _owed(read, stop.done, stop.party) or list(stop.done)
    return quoted(read, own[-1])


def _names(read: Read, ids: list[str]) -> str:
    return named(read, ids, most=MOST_NAMED) if ids else "the first steps of others"


def _percent(share: Fraction) -> str:
    return f"{round(share * 100)} %"


def _told(value: Fraction) -> str:
    return f"{float(value):.3g}"


IDS = ("A1", "A2", "A3")
CHECKS = (exposed, irreversible, imprecise)
