"""Contradictions (C1, C2): duties that cannot both be kept, acts both owed and ruled out, powers with nothing left.

What each duty allows is a set: the levels of an option, or an interval of a quantity. Two duties to keep contradict
each other if the sets have nothing in common and both can be in force at one instant (``overlap``); a duty to keep and
an act if, in some run, the first is in force during all the time in which the second is due and rules out its end; two
acts if they are due together and start from the same level. (``jointly``: levels of
different options.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice, product

from detente.agreement import formulas as f
from detente.agreement.exposure import Way, prerequisites
from detente.agreement.lint.findings import Finding, Severity
from detente.agreement.lint.overlap import Windows
from detente.agreement.lint.read import Read
from detente.agreement.lint.saying import quoted
from detente.agreement.terms import Commitment, NoDeadline, OptionAct, QuantityAct, TextAct
from detente.base.wording import counted, listed

KEEPS = ("maintain", "refrain")
MOST_SETS = 100  # of duties that together rule out all levels of an option
MOST_PAIRS = 4_000  # of duties whose times are compared


@dataclass(frozen=True)
class Range:
    """An interval of numbers; None: without end. ``open``: the bound itself is not in it."""

    low: Fraction | None = None
    low_open: bool = False
    high: Fraction | None = None
    high_open: bool = False

    @classmethod
    def of(cls, act: QuantityAct) -> Range:
        """What ``value op amount`` allows."""
        if act.op == "==":
            return cls(act.amount, high=act.amount)
        if act.op in ("<", "<="):
            return cls(high=act.amount, high_open=act.op == "<")
        return cls(low=act.amount, low_open=act.op == ">")

    def meets(self, other: Range) -> bool:
        """Whether some number is in both."""
        for low, high in ((self, other), (other, self)):
            if low.low is None or high.high is None:
                continue
            if low.low > high.high or (low.low == high.high and (low.low_open or high.high_open)):
                return False
        return True


class Both:
    """Whether two duties can meet, with the shortest and with the longest periods; asked at most so often."""

    def __init__(self, read: Read) -> None:
        self.short, self.long = Windows(read.terms), Windows(read.terms, longest=True)
        self.left = MOST_PAIRS

    def run(self, one: str, other: str, *, whole: bool) -> dict[str, int] | None:
        """A run in which they do, or None."""
        if self.left <= 0:
            return None
        self.left -= 1
        answers = [w.throughout(one, other) if whole else w.together(one, other) for w in (self.short, self.long)]
        return answers[0] if all(a is not None for a in answers) else None

    def all(self, names: Sequence[str]) -> dict[str, int] | None:
        """A run in which all are in force at once, or None."""
        if self.left <= 0:
            return None
        self.left -= 1
        answers = [w.all_together(names) for w in (self.short, self.long)]
        return answers[0] if all(a is not None for a in answers) else None


def contradictory(read: Read) -> Iterator[Finding]:
    """C1 and the first half of C2: pairs of duties about one option, quantity or act in words."""
    both = Both(read)
    for first, second in _pairs(read):
        found = _pair(read, both, first, second)
        if found is not None:
            yield found
    yield from _nothing_left(read, both)
    if both.left <= 0:
        yield read.finding(
            "C1", "info", "", (), f"Only the first {MOST_PAIRS:,} pairs of duties about the same thing were"
            " compared in time.",
            {"not_checked": "further pairs", "compared": MOST_PAIRS}, "",
        )  # fmt: skip


def _pairs(read: Read) -> Iterator[tuple[Commitment, Commitment]]:
    """Pairs about one thing that can contradict each other, whatever their times; one of duties to keep comes first."""
    things: dict[tuple[str, str], list[Commitment]] = defaultdict(list)
    for c in read.terms.commitments:
        if c.modality != "recurrent" or not isinstance(c.act, QuantityAct):
            things[_thing(c)].append(c)
    for (kind, _), members in things.items():
        keeps = [c for c in members if c.modality in KEEPS]
        acts = [c for c in members if c.modality == "achieve"]
        again = [c for c in members if c.modality == "recurrent"]
        never = [c for c in keeps if c.modality == "refrain"]
        both = (*product(keeps, acts), *product(never, again))
        for pair in (*combinations(keeps, 2), *both):
            if _against(read, *pair):
                yield pair
        if kind == "option":
            yield from (p for p in combinations(acts, 2) if _same_start(*p))


def _nothing_left(read: Read, both: Both) -> Iterator[Finding]:
    """C1: three or more duties that each rule out one level of an option and together all of them."""
    never: dict[str, dict[str, list[Commitment]]] = defaultdict(lambda: defaultdict(list))
    for c in read.terms.commitments:
        if c.modality == "refrain" and isinstance(c.act, OptionAct):
            never[c.act.option][c.act.to_level].append(c)
    for option, by_level in never.items():
        every = levels(read, option)
        if len(every) < 3 or set(by_level) != every:  # two are a pair
            continue
        for chosen in islice(product(*by_level.values()), MOST_SETS):
            run = both.all([c.id for c in chosen])
            if run is None:
                continue
            last = chosen[-1]
            yield read.finding(
                "C1", "error", last.id, ("commitments", last.id, "action"),
                f"{listed([quoted(read, c.id) for c in chosen])} can be in force at one time and together rule out"
                f" every level of {quoted(read, option)}: whatever is done, one of them is broken.",
                {"commitments": [c.id for c in chosen], "option": option,
                 "run": {k: v for k, v in run.items() if k != "0"}},
                "Let one of them end before the last begins, or take one out.",
            )  # fmt: skip
            break


def skipped(read: Read) -> Iterator[tuple[str, str]]:
    """How many duties could not be compared in time."""
    windows = Windows(read.terms)
    names = {c.id for pair in _pairs(read) for c in pair}
    count = sum(windows.ways(n) is None for n in names)
    if count:
        why = (
            f"{counted(count, 'duty', 'duties')} that would contradict another at one time: when they are in force"
            " hangs on a breach, a state, more than three alternatives, a period after several things together,"
            " an amendment, or provisional application"
        )
        yield "C1", why
        yield "C2", why


def _thing(c: Commitment) -> tuple[str, str]:
    if isinstance(c.act, OptionAct):
        return "option", c.act.option
    if isinstance(c.act, QuantityAct):
        return "quantity", f"{c.act.quantity} in {c.act.unit} {c.act.baseline}"
    return "text", f"{' '.join(c.act.text.casefold().split())} by {' '.join(sorted(c.obligors))}"


def _against(read: Read, keeper: Commitment, other: Commitment) -> bool:
    """Whether what a duty to keep allows leaves nothing of what the other allows or asks."""
    a, b = keeper.act, other.act
    if isinstance(a, TextAct):
        return (keeper.modality == "refrain") != (other.modality == "refrain")
    if isinstance(a, QuantityAct) and isinstance(b, QuantityAct):
        return not Range.of(a).meets(Range.of(b))
    if not isinstance(a, OptionAct) or not isinstance(b, OptionAct):
        return False
    endless = keeper.modality == "maintain" and isinstance(keeper.deadline, NoDeadline)
    if other.modality not in KEEPS and endless and _succeeds(read, a, b):
        return False  # the act takes over from what was kept till then
    return not allowed(keeper, levels(read, a.option)) & allowed(other, levels(read, a.option))


def _succeeds(read: Read, kept: OptionAct, act: OptionAct) -> bool:
    """Whether an act starts, directly or over other acts of the agreement, from the level that is kept."""
    seen: set[str | None] = set()
    starts = {act.from_level}
    while starts - {None} - seen:
        if kept.to_level in starts:
            return True
        seen |= starts
        acts = [c.act for c in read.terms.commitments if c.modality == "achieve"]
        starts = {
            a.from_level for a in acts if isinstance(a, OptionAct) and a.option == act.option and a.to_level in starts
        }
    return False


def allowed(c: Commitment, every: frozenset[str]) -> frozenset[str]:
    """The levels of its option that a commitment allows, or at which it is done."""
    if not isinstance(c.act, OptionAct):
        return every
    return every - {c.act.to_level} if c.modality == "refrain" else frozenset({c.act.to_level})


def levels(read: Read, option: str) -> frozenset[str]:
    """All levels of an option, of the linked case or of the file."""
    case = read.agreement.case
    if case is not None and option in case.file.options:
        return frozenset(case.file.options[option].levels)
    return frozenset(read.file.options[option].levels) if option in read.file.options else frozenset()


def _same_start(a: Commitment, b: Commitment) -> bool:
    """Two acts that both take an option from one level, to different ones."""
    x, y = a.act, b.act
    return (
        isinstance(x, OptionAct)
        and isinstance(y, OptionAct)
        and x.from_level is not None
        and x.from_level == y.from_level
        and x.to_level != y.to_level
    )


def _pair(read: Read, both: Both, first: Commitment, second: Commitment) -> Finding | None:
    """The finding about a pair, if there is a run in which they meet."""
    keeper = first.modality in KEEPS
    act = second.modality not in KEEPS
    run = both.run(first.id, second.id, whole=keeper and act)
    if run is None:
        return None
    one, other = quoted(read, first.id), quoted(read, second.id)
    refrains = (first.modality == "refrain") != (second.modality == "refrain")
    check = "C2" if refrains and (isinstance(first.act, TextAct) or _opposed(first, second)) else "C1"
    witness = {
        "pair": [first.id, second.id],
        "run": {k: v for k, v in run.items() if k != "0"},
        "allow": [_told(first), _told(second)],
    }
    severity: Severity = "error"
    if keeper and act:
        why = (
            f"While {one} is in force, {other} cannot be done, and there is a course of events in which it is in force "
            f"for all the time that {other} is due."
        )
    elif keeper:
        why = (
            f"{one} and {other} can be in force at one time and cannot both be kept: whatever is done, one of them is "
            "broken."
        )
    else:
        severity = "warning"
        why = (
            f"{one} and {other} both start from the same level and can be due at one time. Once one is done, there is "
            "nothing from which to do the other as written."
        )
    repair = (
        f"Let one end before the other begins, for example in {other} trigger: fulfilled({first.id}) and in "
        f"{one} a deadline, or say which goes first."
    )
    return read.finding(check, severity, second.id, ("commitments", second.id, "action"), why, witness, repair)


def _opposed(a: Commitment, b: Commitment) -> bool:
    """Whether one asks for the level that the other rules out."""
    return isinstance(a.act, OptionAct) and isinstance(b.act, OptionAct) and a.act.to_level == b.act.to_level


def _told(c: Commitment) -> str:
    verb = {"maintain": "keep", "refrain": "never" if not isinstance(c.act, QuantityAct) else "keep"}.get(
        c.modality, "reach"
    )
    if isinstance(c.act, OptionAct):
        return f"{verb} {c.act.option} {c.act.to_level}"
    if isinstance(c.act, QuantityAct):
        return f"{verb} {c.act.quantity} {c.act.op} {c.act.amount} {c.act.unit}".strip()
    return f"{verb}: {c.act.text}"


def empty_powers(read: Read) -> Iterator[Finding]:
    """C2: a power that can only be used when there is nothing left to use it on."""
    acts = {c.id: c for c in read.terms.commitments}
    ends = {n for n, c in acts.items() if c.modality != "recurrent" and c.mode != "each"}
    for power in read.terms.powers:
        if not power.targets or any(t not in ends for t in power.targets):
            continue
        spent = {t: how for t in power.targets if (how := _spent(power.when, acts[t], power.may)) is not None}
        if len(spent) != len(power.targets):
            continue
        names = listed([quoted(read, t) for t in spent])
        yield read.finding(
            "C2", "error", power.id, ("powers", power.id, "when"),
            f"The power of {read.called(power.holder)} to {power.may} {names} can only be used once that has"
            f" ended: there is then nothing left to {power.may}.",
            {"power": power.id, "ended": spent},
            "Let the power begin earlier, for example when: claimed(...), or name other targets.",
        )  # fmt: skip


def _spent(when: f.Formula, target: Commitment, may: str) -> str | None:
    """What the condition of a power asks for that ends its target, or None if it can hold while the target stands."""
    if isinstance(when, f.Fulfilled | f.Verified) and when.commitment == target.id and may != "reverse":
        return "fulfilled"
    if isinstance(when, f.Breached) and when.commitment == target.id and target.after_breach != "keep":
        return f"breached, {target.after_breach}"
    if isinstance(when, f.And):
        return next((how for p in when.parts if (how := _spent(p, target, may)) is not None), None)
    if isinstance(when, f.Or) and when.parts:
        found = [_spent(p, target, may) for p in when.parts]
        return found[0] if all(how is not None for how in found) else None
    return None


def undone(read: Read) -> Iterator[Finding]:
    """C1: an act that waits for one on the same option which cannot be taken back, and would take it back."""
    case = read.agreement.case
    if case is None:
        return
    ways = prerequisites(read.terms)
    acts = {c.id: c for c in read.terms.commitments if isinstance(c.act, OptionAct) and c.modality == "achieve"}
    last: dict[str, list[Commitment]] = defaultdict(list)
    for c in acts.values():
        if isinstance(c.act, OptionAct) and c.act.to_level in case.file.options[c.act.option].irreversible:
            last[c.act.option].append(c)
    for c in acts.values():
        if not isinstance(c.act, OptionAct):
            continue
        order = list(case.file.options[c.act.option].levels)
        for final in last[c.act.option]:
            if not isinstance(final.act, OptionAct) or order.index(c.act.to_level) >= order.index(final.act.to_level):
                continue
            if _needs(ways, c.id, final.id):
                yield read.finding(
                    "C1", "error", c.id, ("commitments", c.id, "action"),
                    f"{quoted(read, c.id)} is due only after {quoted(read, final.id)}, which by the case cannot be"
                    f" taken back: "
                    f"it would have to bring {quoted(read, c.act.option)} back to {c.act.to_level}.",
                    {
                        "pair": [final.id, c.id],
                        "option": c.act.option,
                        "irreversible": final.act.to_level,
                        "asked": c.act.to_level,
                    },
                    f"Let {quoted(read, c.id)} come first, or take it out.",
                )  # fmt: skip


def _needs(ways: Mapping[str, Sequence[Way]], name: str, before: str) -> bool:
    """Whether every way to a commitment leads over another."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        here = waiting.pop()
        if here in seen or not ways[here]:
            continue
        seen.add(here)
        common = frozenset.intersection(*ways[here])
        if before in common:
            return True
        waiting += common
    return False


IDS = ("C1", "C2")
CHECKS = (contradictory, empty_powers, undone)
