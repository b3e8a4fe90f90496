"""When a draft enters into force: signatures, and the bodies that the case has vote on such a deal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from detente.agreement.drafting.acts import free
from detente.agreement.drafting.facts import Facts
from detente.base.wording import listed, words
from detente.case.needs import Needs, Vote, votes_in

MOST_WAYS, MOST_SIGNS = 60, 3_000


@dataclass(frozen=True)
class Entry:
    """When it enters into force.

    Attributes:
        formula: as an agreement writes it.
        events: outside events that it waits for.
        gaps: what the case does not say of it.
    """

    formula: str
    events: dict[str, str] = field(default_factory=dict)
    gaps: dict[str, str] = field(default_factory=dict)


def entry_of(facts: Facts, parties: tuple[str, ...], levels: Mapping[str, str]) -> Entry:
    """Signatures of all, and consent of the bodies whose vote the case asks for.

    Args:
        facts: the case.
        parties: who signs.
        levels: the target.
    """
    signed = [f"signed({p})" for p in parties]
    block = facts.case.file.ratification
    needs = [r.needs.node for r in (block.requirements if block else ()) if facts.holds(r.when, levels)]
    if block is None or not needs:
        return Entry(" and ".join(signed))
    events: dict[str, str] = {}
    names: dict[tuple[str, int | None], str] = {}
    bodies: list[str] = []
    for vote in (v for n in needs for v in votes_in(n)):
        if (vote.body, vote.votes) in names:
            continue
        body = block.bodies[vote.body].name or words(vote.body)
        event = free(f"consent-of-{vote.body}" + (f"-{vote.votes}" if vote.votes else ""), {*events})
        names[vote.body, vote.votes] = event
        events[event] = f"{body} consents" + (f" with {vote.votes} votes" if vote.votes else "")
        bodies.append(body)
    gaps = {"ratification": f"the case names no date for {listed(list(dict.fromkeys(bodies)))}"}
    parts = [text for n in needs if (text := _formula(n, names)) is not None]
    if len(parts) < len(needs) or sum(map(len, parts)) > MOST_SIGNS:
        parts = []
        gaps["entry"] = "the case asks for so many of so many bodies that it cannot be written out"
    return Entry(" and ".join([*signed, *dict.fromkeys(parts)]), events, gaps)


def _formula(needs: Needs, names: Mapping[tuple[str, int | None], str]) -> str | None:
    """What a requirement needs, as a formula over the events; None where that is too long."""
    if isinstance(needs, Vote):
        return f"event({names[needs.body, needs.votes]})"
    parts = [_formula(p, names) for p in needs.parts]
    told = [p for p in parts if p is not None]
    if len(told) < len(parts):
        return None
    if needs.count == len(told):
        return " and ".join(told)
    ways = list(combinations(told, needs.count))
    if len(ways) > MOST_WAYS:
        return None
    text = " or ".join(" and ".join(way) for way in ways)
    return f"({text})" if len(ways) > 1 else text
