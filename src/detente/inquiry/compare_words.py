"""A comparison with a table in sentences: the explanation first, then every difference with its proof."""

from __future__ import annotations

from collections.abc import Iterator

from detente.base.wording import counted, listed, sentence, words
from detente.graph.model import GraphModel
from detente.inquiry.compare import ALL, Comparison, Difference, OtherOrder
from detente.inquiry.compare_further import IN_WORDS, STRONG, WEAK
from detente.inquiry.compare_groups import UNIVERSAL
from detente.inquiry.explaining import Explanation
from detente.stability.coalition_narrative import names, narrate_group
from detente.stability.coalition_witness import GroupVerdict
from detente.stability.coalitions import COALITION_CONCEPTS
from detente.stability.concepts import CONCEPTS
from detente.stability.narrative import change, punished
from detente.stability.plain import MOST_STATES
from detente.stability.witness import Step, Verdict

MOST_TOLD = 40
MOST_EXPLANATIONS = 4
SIGNS = {">": "above", "~": "as high as", "<": "below"}


def lines(found: Comparison) -> list[str]:
    """What was compared, what explains the differences, each difference with its proof, and what was not compared."""
    out = [*_head(found), *_explained(found)]
    for order in found.orders:
        out += ["", *_ordered(found, order)]
    for difference in found.differences[:MOST_TOLD]:
        out += ["", *_told(found, difference)]
    if len(found.differences) > MOST_TOLD:
        out += ["", f"{len(found.differences) - MOST_TOLD:,} more differences; --json lists all of them."]
    if found.not_compared:
        out += ["", "Not compared:", *(f"  {text}" for text in found.not_compared)]
    return out


def _head(found: Comparison) -> Iterator[str]:
    source, count, orders = found.expected.source, len(found.differences), found.ranked
    if found.nothing:
        yield f"{found.graph.case.title}: nothing could be compared with {source}."
        return
    what = [counted(found.compared, "verdict")] if found.compared or not orders else []
    what += [counted(orders, "ranking")] if orders else []
    differing = [_differs(n, noun) for n, noun in ((count, "verdict"), (len(found.orders), "ranking")) if n]
    result = " and ".join(differing) or ("no difference" if found.equal else "no verdict differs")
    yield f"{found.graph.case.title}: compared {listed(what)} with {source}: {result}."
    if found.expected.missing:
        names = listed(found.expected.missing[:12])
        yield f"{counted(len(found.expected.missing), 'state')} of the table not feasible in the case: {names}."
    if found.expected.extra:
        names = listed(found.expected.extra[:12])
        yield f"{counted(len(found.expected.extra), 'state')} of the case not in the table: {names}."


def _differs(number: int, noun: str) -> str:
    return f"{counted(number, noun)} {'differs' if number == 1 else 'differ'}"


def _explained(found: Comparison) -> Iterator[str]:
    tried = [d for d in found.differences if not d.kind]
    count, open_ones = len(tried), sum(not d.readings for d in tried)
    if not count:
        return
    alone = [e for e in found.explanations if not _of_groups(e)]
    best = alone[:1]
    also = [e for e in alone[1:MOST_EXPLANATIONS] if _as_good(e, best[0])]
    also += [e for e in found.explanations if _of_groups(e)]
    for explanation in (*best, *also):
        yield sentence(_explanation(explanation))
    if not found.readings_tried:
        yield f"Other readings of the definitions are tried in cases of up to {MOST_STATES:,} states only."
    elif open_ones:
        which = f"{counted(open_ones, 'difference')} not"
        if open_ones == count:
            which = "None of the differences is" if count > 1 else "The difference is not"
        yield sentence(f"{which} explained by any reading known here; check the preferences or the transcription")


def _of_groups(found: Explanation) -> bool:
    return any(c in COALITION_CONCEPTS for c in found.concepts)


def _as_good(found: Explanation, best: Explanation) -> bool:
    """Whether an explanation is worth telling beside the best one."""
    merit = found.explains - (found.contradicts or 0)
    return merit > 0 and (merit == best.explains - (best.contradicts or 0) or found.explains > best.explains)


def _explanation(found: Explanation) -> str:
    share = f"{found.explains} of {found.of} differences {'disappears' if found.explains == 1 else 'disappear'}"
    if found.of == 1:
        share = "the difference disappears"
    elif found.explains == found.of:
        share = f"{'both' if found.of == 2 else f'all {found.of}'} differences disappear"
    text = f"{share} if {found.says} (detente: {found.definition})"
    if found.contradicts is None:
        return text
    if not found.contradicts:
        return f"{text}; no other verdict of the table speaks against it"
    return f"{text}; but then {counted(found.contradicts, 'verdict')} that {_agree(found.contradicts)} now would differ"


def _agree(count: int) -> str:
    return "agrees" if count == 1 else "agree"


def _ordered(found: Comparison, order: OtherOrder) -> Iterator[str]:
    name = found.graph.case.party_name(order.party)
    yield f"{name} ranks {order.differing:,} of {order.pairs:,} pairs of states otherwise:"
    for first, second, expected, here in order.examples:
        one, other = found.called(first), found.called(second)
        yield f"  {one}: {SIGNS[expected]} {other} in the table, {SIGNS[here]} it in the case."


def _told(found: Comparison, difference: Difference) -> Iterator[str]:
    graph = found.graph
    concept = CONCEPTS.get(difference.concept) or COALITION_CONCEPTS[difference.concept]
    unexplained = not any(d.readings for d in found.differences)  # then that has been said of all of them
    everybody = {ALL: "all parties", UNIVERSAL: "every group of parties"}
    who = everybody.get(difference.party) or names(graph, difference.party.split("+"))
    how = f"{IN_WORDS[difference.kind]} stable" if difference.kind in (STRONG, WEAK) else "stable"
    table, here = (how, f"not {how}") if difference.expected else (f"not {how}", how)
    kind = f", {IN_WORDS[difference.kind]}" if difference.kind else ""
    yield f"{difference.concept}, {concept.name}{kind}, for {who}: {found.called(difference.state)}"
    yield f"  {_levels(graph, difference.state)}"
    yield f"  The table says {table}; detente finds it {here}:"
    yield from (f"    {text}" for text in difference.proof)
    for verdict in difference.witnesses:
        yield from (f"    {text}" for text in _proof(found, verdict))
    if difference.readings:
        told = {e.id: e.says for e in found.explanations}
        single = [r for r in difference.readings if "+" not in r]
        shown = (single or list(difference.readings))[:MOST_EXPLANATIONS]
        yield f"  The table is right if {'; or if '.join(told[r] for r in shown)}."
    elif difference.hint:
        said = "" if unexplained else "No known reading of the definitions explains it; "
        yield f"  {sentence(said + difference.hint)}"
    elif found.readings_tried and not unexplained and not difference.kind:
        yield "  Not explained by any reading known here; check the preferences or the transcription."


def _levels(graph: GraphModel, state: str) -> str:
    levels = graph.states.levels(graph.states.find(state))
    named = (f"{graph.case.option_name(o)}: {'any' if v is None else words(v)}" for o, v in levels.items())
    return f"({', '.join(named)})"


def _proof(found: Comparison, verdict: Verdict | GroupVerdict) -> Iterator[str]:
    if isinstance(verdict, GroupVerdict):
        if found.coalitions is not None:
            yield from (text.strip() for text in narrate_group(found.coalitions, verdict)[1:])
        return
    graph = found.graph
    party = graph.case.party_name(verdict.party)
    if not verdict.stable:
        move = change(graph, Step(verdict.party, verdict.state, verdict.answers[0].improvement))
        why = ", and the others have no answer that would punish it" if CONCEPTS[verdict.concept].punished else ""
        yield f"{move}, which it prefers{why}."
    elif not verdict.answers:
        yield f"{party} has no move from here that it prefers."
    else:
        for answer in verdict.answers[:2]:
            yield punished(graph, verdict, answer)
        if len(verdict.answers) > 2:
            yield f"The same goes for {counted(len(verdict.answers) - 2, 'other preferred move')} of {party}."
