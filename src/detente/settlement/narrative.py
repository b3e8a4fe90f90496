"""The answer in sentences, for the terminal and the brief."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detente.base.wording import counted, listed
from detente.settlement.listing import listed_classes
from detente.settlement.named import (
    SHORT_NAMES,
    Named,
    also_needs,
    in_words,
    named_deals,
    number,
    percent,
    told_deal,
    usual_rules,
    worth_of,
)
from detente.settlement.none_narrative import none_lines
from detente.settlement.result import RULE_NAMES, Settlement
from detente.settlement.solve import comparison_note

BETTERED = {
    "nash": "the mean gain (the root of the product of gains)",
    "ks": "the smallest share of what each could gain",
    "egalitarian": "the smallest gain",
}
WORTH_TELLING = 0.0005  # what mixing adds, as a share


def lines(found: Settlement, named: Sequence[Named] | None = None, passing: Settlement | None = None) -> list[str]:
    """Verdict, points and what else is known; for an empty zone, why and what would open one.

    Args:
        found: the answer.
        named: the deals to tell; what the usual rules pick, where not given.
        passing: the answer over the deals that pass at home, where asked for.
    """
    named = named_deals(found, usual_rules(found)) if named is None else named
    out = [f"{found.bargain.case.title}. {verdict(found, passing)}"]
    comparison = comparison_note(found.bargain, [r for n in named for r in n.rules])
    notes = [w for w in found.provenance.warnings if comparison_note(found.bargain, tuple(found.points)) != w]
    if "fallback" in usual_rules(found) and len(usual_rules(found)) == 1 and _only(named, "fallback", "regret"):
        notes = [w.partition(": verdict")[0].rstrip(".") + "." for w in notes]
    out += [f"note: {w}" for w in notes]
    out += _found(found)
    out += ["", *_without(found)]
    if found.no_zone is not None:
        return [*out, "", *none_lines(found, found.no_zone)]
    if found.indifferent:
        names = listed([_name(found, p) for p in found.indifferent])
        out.append(
            f"{names} cannot get more than without a deal from any acceptable one, and is left out of the rules."
        )
    out.append(_frontier(found))
    out += ["", *_points(found, named)]
    out += [f"note: {comparison}"] if comparison else []
    out += mixtures(found, named)
    return [*out, *_winner(found)]


# --- parts -----------------------------------------------------------------------------------------------------------


def _found(found: Settlement) -> Iterator[str]:
    """How the deals were found, where not simply by looking at each, and what a limit of time left open."""
    asked = found.provenance.parameters.get("method") == found.method
    why = "As asked, " if asked else "The deals are too many to list; "
    if found.method == "merge":
        yield f"{why}option by option, only what can still be best was kept, all of it."
    elif found.method == "milp":
        text = f"{why}the best deals were found by integer programming"
        widest = max((gap for _, gap in (found.bound or {}).values()), default=0.0)
        yield f"{text}, and proven to be the best." if not found.unproven and widest < 1e-4 else f"{text}."
    if found.unproven:
        text = f"Not settled within the limit of time and of the solver's precision: {'; '.join(found.unproven)}"
        yield f"{text}. What is given is the best found so far."


def _frontier(found: Settlement) -> str:
    classes = len(found.frontier)
    if found.partial:
        text = f"{sentence_case(counted(classes, 'way'))} of sharing that no other improves on for all were found"
        if found.uncovered is None:
            return f"{text}; there can be more."
        part = f"{100 * float(found.uncovered):.2g} % of the area that what is at stake for the two spans"
        return f"{text}; any others lie in gaps that make up {part}."
    if classes == 1:
        return "One way of sharing is as good or better for all than any other."
    return f"{sentence_case(counted(classes, 'way'))} of sharing can only be improved on for one at another's cost."


def verdict(found: Settlement, passing: Settlement | None = None, *, shared: bool = False) -> str:
    """The verdict in a sentence; where somebody is left out, that it is open, with what draws say unless shared."""
    if found.verdict == "undecided":
        return "Whether there is a zone of agreement was not decided in the time given."
    count = found.zone_size
    if found.bargain.unknown:
        return _left_open(found, shared=shared)
    size = "" if count is None else f" ({counted(count, 'deal')})"
    if found.verdict == "none":
        text = "no deal helps anybody who must accept it without a loss to another who must accept it"
        return f"There is no zone of agreement: {text}."
    what = "a zone of agreement" if found.verdict == "zone" else "only a weak zone"
    if passing is not None and passing.verdict == "none":
        return f"There is {what}{size}, but no deal in it would pass at home."
    if found.verdict == "zone":
        return f"There is {what}: some deals are better than no deal for all who must accept them{size}."
    return f"There is {what}: some deals cost nobody anything and help somebody, none helps all{size}."


def _left_open(found: Settlement, *, shared: bool) -> str:
    """The verdict where somebody's preferences are too little known to decide."""
    count = found.zone_size or 0
    names = listed([f"{_name(found, p)}'s" for p in found.bargain.unknown])
    text = {
        "zone": f"for the others {counted(count, 'deal')} {'is' if count == 1 else 'are'} better than no deal",
        "weak": f"for the others some deals cost nobody anything and help somebody ({counted(count, 'deal')})",
        "none": "for the others no deal helps anybody without a loss to another",
    }[found.verdict]
    first = f"Not decided whether there is a zone of agreement: {names} preferences are too little known; {text}"
    if found.drawn is None or shared:
        return f"{first}."
    share = percent(found.drawn.verdicts["zone"])
    return f"{first}; some deal is better for all in {share} of what fits what is known."


def _name(found: Settlement, party: str) -> str:
    return found.bargain.case.party_name(party)


def _only(named: Sequence[Named], *rules: str) -> bool:
    return {r for n in named for r in n.rules} <= set(rules)


def _without(found: Settlement) -> Iterator[str]:
    voices, orders = found.bargain.voices, [p for p in found.bargain.voices if p in found.bargain.ordinal]
    values = [f"{_name(found, p)} {worth_of(found, p, found.bargain.disagreement[p])}" for p in voices]
    scales = []
    if len(orders) < len(voices):
        scales.append(f"per {found.bargain.case.file.period}" + (", each on its own scale" if len(voices) > 1 else ""))
    if orders:
        who = "its order" if len(voices) == 1 else "each party's order"
        if scales:
            who = f"the order of {listed([_name(found, p) for p in orders])}"
        scales.append(f"places in {who}, no. 1 being best")
    yield f"Without a deal: {', '.join(values)} ({'; '.join(scales)})."


def _points(found: Settlement, named: Sequence[Named]) -> Iterator[str]:
    """Every deal that a rule picks: by whom, what it is worth, and what it is."""
    ordinal = found.bargain.ordinal & set(found.bargain.axes)
    explained: set[str] = set()  # a rule that picks several deals is explained with the first
    for one in named:
        rules = [r for r in one.rules if r != "regret"]
        if not rules:
            continue
        alike = ", if steps count alike"
        told = [
            (SHORT_NAMES[r] if r in explained else rule_name(found, r)) + (alike if ordinal and r != "fallback" else "")
            for r in rules
        ]
        explained |= set(rules)
        most = max(len(found.points[r]) for r in rules)
        tied = f", one of {counted(most, 'tied way')} of sharing" if most > 1 else ""
        yield f"{one.letter}. {sentence_case('; '.join(told))}{tied}:"
        zero = found.bargain.disagreement
        yield "  " + ", ".join(f"{_name(found, p)} {worth_of(found, p, zero[p] + g)}" for p, g in one.gains.items())
        yield f"    {in_words(found, one.deal.levels)}{also_needs(found, one.deal)}"
        if one.count is not None and one.count > 1:
            yield f"    and {counted(one.count - 1, 'more deal')} worth the same"


def rule_name(found: Settlement, rule: str) -> str:
    """A rule with its meaning, which the weights change where they differ."""
    text = RULE_NAMES[rule]
    if len(set(found.bargain.weights.values())) > 1:
        for plain in ("product of gains", "sum)"):
            if rule in ("nash", "utilitarian"):
                text = text.replace(f"largest {plain}", f"largest weighted {plain}")
        if rule == "egalitarian":
            text = text.replace("smallest gain", "smallest gain by weight")
    return text


def every_deal(found: Settlement) -> Iterator[str]:
    """All deals of the frontier, class by class."""
    yield "Every deal that can only be improved on for one at another's cost:"
    zero = found.bargain.disagreement
    for one in listed_classes(found, None):
        yield "  " + ", ".join(f"{_name(found, p)} {worth_of(found, p, zero[p] + g)}" for p, g in one.gains.items())
        yield from (f"    {in_words(found, d.levels)}{also_needs(found, d)}" for d in one.deals)


def sentence_case(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def mixtures(found: Settlement, named: Sequence[Named], worth: float = WORTH_TELLING) -> Iterator[str]:
    """What mixing deals adds, for the rules told, with deals by their letters."""
    rules = {r for n in named for r in n.rules}
    for rule, lottery in found.lottery.items():
        if lottery.adds < worth or rule not in rules or found.bargain.ordinal & set(found.bargain.axes):
            continue
        deals = [(share, told_deal(found, named, found.frontier[n].deals[0])) for n, share in lottery.shares]
        parts = [f"{percent(share)} of {text}" for share, text in deals]
        joined = ", ".join(parts) if all(len(t) == 1 for _, t in deals) else "; ".join(parts)
        more = f"{100 * lottery.adds:.2g} % larger than by {SHORT_NAMES[rule]}"
        yield f"By lot or by taking turns {BETTERED[rule]} could be {more}: {joined}."


def _winner(found: Settlement) -> Iterator[str]:
    winner = found.adjusted_winner
    if winner is None or not winner.fits:
        return
    case = found.bargain.case
    parts = []
    for item in winner.items:
        to = [
            f"{_name(found, p)} {100 * float(s):.0f} %"
            for p, s in zip(winner.parties, (item.share, 1 - item.share), strict=True)
            if s
        ]
        parts.append(f"{case.option_name(item.option)} to {listed(to)}")
    yield f"Adjusted Winner, {number(winner.total)} of 100 points to each: {'; '.join(parts)}."
