"""``settle`` for cases too large to list their deals: by merging option by option, else by integer programming."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from detente.base.errors import LimitReached, UsageError
from detente.base.result import Provenance
from detente.mechanics.milp import Deadline
from detente.settlement import integer
from detente.settlement.adjusted_winner import adjusted_winner
from detente.settlement.boxes import BUDGET, cover
from detente.settlement.frontier import Frontier
from detente.settlement.integer import Proof
from detente.settlement.integer_none import stakes_of, why_none_at_any_size
from detente.settlement.listing import MOST_LISTED, SAMPLE, deal_of
from detente.settlement.merge import Merged, fallback_depths, merge
from detente.settlement.problem import Bargain
from detente.settlement.program import DealProgram, Point
from detente.settlement.result import RULE_NAMES, RULES, PayoffClass, Settlement
from detente.settlement.samples import improved, sample
from detente.settlement.solve import check_rules, on_frontier, remarks, shown
from detente.space.space import DEFAULT_LIMIT, Space

METHODS = ("auto", "enumeration", "merge", "milp")
SECONDS = 60.0
TIES = 10
SAMPLES = 6
HOPELESS = 10**6  # times the limit: a space so much larger is not counted group by group up to the limit
QUICK = 200_000
NO_FALLBACK = "The fallback rule needs the place of a deal in each party's order of all states, and is not asked"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work is allowed.

    Attributes:
        seconds: for all integer programs together.
        ties: programs spent per rule on further deals as good as the best.
        boxes: steps spent on the frontier of two signatories.
        samples: deals looked for on the frontier of more, besides the points and the best for each.
    """

    seconds: float = SECONDS
    ties: int = TIES
    boxes: int = BUDGET
    samples: int = SAMPLES


class Stopped(LimitReached):
    """Time ran out; carries the best answer so far, with bounds.

    Attributes:
        answer: complete in form; ``unproven`` says what is left open.
    """

    def __init__(self, answer: Settlement, seconds: float) -> None:
        self.answer = answer
        advice = "Allow more time, or rule out combinations under 'infeasible'."
        super().__init__(f"questions left open ({'; '.join(answer.unproven)})", str(len(answer.unproven)), 0, advice)
        left = "; ".join(answer.unproven)
        self.args = (f"{seconds:g} seconds and the precision of the solver were not enough for {left}. {advice}",)


def enumerable(space: Space, limit: int = DEFAULT_LIMIT) -> bool:
    """Whether the feasible states can be listed, without listing more than the limit to find out."""
    total, exact = space.count(min(limit, QUICK))
    if exact or total <= limit:
        return total <= limit
    return total <= limit * HOPELESS and space.count(limit)[0] <= limit


def settle_at_any_size(
    bargain: Bargain,
    provenance: Provenance,
    rules: Sequence[str] = RULES,
    *,
    method: str = "auto",
    effort: Effort | None = None,
) -> Settlement:
    """Zone, frontier and solutions without listing the deals, or why there is no zone.

    Args:
        bargain: with written utilities of all who are asked; its states need not be enumerated.
        provenance: carried into the result, with the warnings of the problem.
        rules: which solutions to give.
        method: merge | milp | auto (merge where it applies).
        effort: how much work is allowed.

    Returns:
        The answer; where time ran out, ``unproven`` says what is left open.

    Raises:
        UsageError: an unknown rule or method, an order without numbers, or a merge that does not apply.
    """
    check_rules(rules)
    if method not in METHODS[:1] + METHODS[2:]:
        raise UsageError(f"the method {method!r}", "auto, merge or milp")
    orders = [p for p in bargain.voices if p not in bargain.worth]
    if orders or bargain.allowed is not None:
        found = f"no utility of {orders[0]}" if orders else "a restriction to some of the states"
        raise UsageError(f"{found}, without listing the states", "a case whose states can be listed")
    bargain = replace(bargain, states=None, payoffs={})
    provenance = replace(provenance, warnings=(*provenance.warnings, *bargain.warnings))
    effort = effort or Effort()
    merged = None if method == "milp" else merge(bargain)
    if merged is None and method == "merge":
        expected = "at most three signatories with additive utilities, few options tied together, and no other owners"
        raise UsageError("a case to which merging does not apply", expected, "Ask for milp, or for no method.")
    if merged is not None:
        return _by_merging(bargain, provenance, rules, merged, effort)
    return _by_programs(bargain, provenance, rules, effort)


# --- merging ---------------------------------------------------------------------------------------------------------


def _by_merging(
    bargain: Bargain, provenance: Provenance, rules: Sequence[str], merged: Merged, effort: Effort
) -> Settlement:
    front = merged.front
    verdict = "zone" if any(min(row) > 0 for row in front.gains) else "weak" if any(map(any, front.gains)) else "none"
    if verdict == "none":
        program = DealProgram(bargain, Deadline(effort.seconds))
        return _none(program, provenance, rules, effort, "merge")
    depths = fallback_depths(merged) if "fallback" in rules else None
    asked, told = _asked(rules, possible=depths is not None)
    frame = Settlement(
        replace(provenance, warnings=(*provenance.warnings, *remarks(bargain, asked), *told)),
        bargain,
        verdict,
        None,
        adjusted_winner=adjusted_winner(bargain) if len(bargain.axes) == 2 else None,
        method="merge",
    )
    whole = sum(merged.counts) <= MOST_LISTED
    classes = tuple(_merged_class(bargain, merged, n, None if whole else SAMPLE) for n in range(len(front)))
    return on_frontier(frame, front, classes, asked, lambda: depths)  # type: ignore[arg-type, return-value]


def _asked(rules: Sequence[str], *, possible: bool) -> tuple[list[str], list[str]]:
    """The rules that can be answered, and a remark on the one that cannot."""
    asked = [r for r in rules if r != "fallback" or possible]
    return asked, [] if len(asked) == len(rules) else [f"{NO_FALLBACK}."]


def _merged_class(bargain: Bargain, merged: Merged, number: int, most: int | None) -> PayoffClass:
    front = merged.front
    gains = {p: Fraction(g, d) for p, g, d in zip(front.parties, front.gains[number], front.denominators, strict=True)}
    levels = sorted(merged.deals(number, most), key=lambda x: integer.order(bargain, x))
    return PayoffClass(gains, merged.counts[number], tuple(deal_of(bargain, x) for x in levels))


# --- integer programs ------------------------------------------------------------------------------------------------


def _by_programs(bargain: Bargain, provenance: Provenance, rules: Sequence[str], effort: Effort) -> Settlement:
    program = DealProgram(bargain, Deadline(effort.seconds))
    verdict, open_items = verdict_by_programs(program)
    if verdict == "none":
        return _none(program, provenance, rules, effort, "milp")
    asked, told = _asked(rules, possible=False)
    warnings = (*provenance.warnings, *remarks(bargain, asked), *told)
    found = integer.ideals(program)
    for party in bargain.axes:
        if not found.get(party, (0, False))[1]:
            open_items.append(f"the most that {bargain.case.party_name(party)} could get")
    ideal = {p: found.get(p, (0, False))[0] for p in bargain.axes}
    proofs = {r: integer.prove(program, r, ideal, effort.ties) for r in asked} if program.acceptable() else {}
    if verdict != "zone" and any(p.strict for p in program.acceptable()):  # found after all, whatever a search said
        verdict, open_items = "zone", [i for i in open_items if i != "the verdict"]
    open_items += [RULE_NAMES[r].split(" (")[0] for r in asked if r not in proofs or not proofs[r].proven]
    frame = Settlement(
        replace(provenance, warnings=warnings),
        bargain,
        verdict,
        None,
        indifferent=tuple(p for p in bargain.axes if p in found and found[p] == (0, True)),
        adjusted_winner=adjusted_winner(bargain) if len(bargain.axes) == 2 else None,
        method="milp",
        bound={r: (p.bound, p.gap) for r, p in proofs.items()},
        unproven=tuple(open_items),
    )
    sure = sample(program, ideal, effort.samples) if len(bargain.axes) > 2 and effort.samples and proofs else []
    return _completed(frame, program, proofs, effort, sure)


def verdict_by_programs(program: DealProgram) -> tuple[str, list[str]]:
    """zone, weak, none or undecided; and what is left open."""
    work = program.program()
    program.accept(work, amount=1)
    strict = program.search(work, {}, lambda p: p.strict)
    if strict.point is not None:
        return "zone", []
    work = program.program()
    program.accept(work)
    program.some_gain(work)
    some = program.search(work, {}, lambda p: p.acceptable and p.gaining)
    if strict.status == "infeasible" and some.status != "limit":
        return "none" if some.point is None else "weak", []
    return "undecided", ["the verdict"]


def _completed(
    frame: Settlement, program: DealProgram, proofs: Mapping[str, Proof], effort: Effort, sure: list[Point]
) -> Settlement:
    """Frontier and points, from all the deals in the pool; ``sure`` are known to lie on the frontier."""
    bargain = program.bargain
    uncovered = None
    if len(bargain.axes) == 2 and effort.boxes and program.acceptable():
        stakes = stakes_of(program)
        if set(bargain.axes) <= set(stakes):
            covered = cover(program, stakes, effort.boxes)
            uncovered, sure = covered.uncovered, list(covered.points)
            bargain = replace(bargain, stakes={p: s for p, s in stakes.items() if p not in bargain.scale})
    front, members = integer.front_of(program)
    chosen = {r: integer.picked(program, front, r) for r in proofs}
    for number in sorted({n for c in chosen.values() for n in c}):
        point, proven = improved(program, members[number][0])
        sure += [point] if proven else []
    # what has been found on the way can be better than what was known before
    front, members = integer.front_of(program)
    chosen = {r: integer.picked(program, front, r) for r in proofs}
    known = {tuple(p.gains[q] for q in bargain.axes) for p in sure}
    complete = {n for r, c in chosen.items() for n in c if proofs[r].complete}
    classes = {
        n: _class(bargain, front, n, found, len(found) if n in complete else None) for n, found in enumerate(members)
    }
    kept = [n for n in range(len(front)) if front.gains[n] in known]
    points = {r: tuple(classes[n] for n in shown(front, c)) for r, c in chosen.items()}
    whole = uncovered == 0 or (len(kept) == 1 and len(bargain.axes) == 1)
    return replace(
        frame,
        bargain=bargain,
        frontier=tuple(classes[n] for n in kept),
        points=points,
        partial=not whole,
        uncovered=uncovered,
    )


def _class(bargain: Bargain, front: Frontier, number: int, found: list[Point], count: int | None) -> PayoffClass:
    row = zip(front.parties, front.gains[number], front.denominators, strict=True)
    return PayoffClass({p: Fraction(g, d) for p, g, d in row}, count, tuple(deal_of(bargain, p.levels) for p in found))


def _none(
    program: DealProgram, provenance: Provenance, rules: Sequence[str], effort: Effort, method: str
) -> Settlement:
    report, unproven = why_none_at_any_size(program, effort.ties)
    bargain = program.bargain
    return Settlement(
        provenance,
        bargain,
        "none",
        0,
        points=dict.fromkeys(rules, ()),
        adjusted_winner=adjusted_winner(bargain) if len(bargain.axes) == 2 else None,
        no_zone=report,
        method=method,
        bound={} if method == "milp" else None,
        unproven=unproven,
    )
