"""What follows a breach: what the plan relies on when somebody stops, and no more than that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detente.agreement.drafting.acts import Book, Stage, Tree

NO_ANSWER = "by the case nobody answers a breach by taking steps back"
NOT_SAID = "the case does not say"
NOTHING_OWED = "nothing is owed by the others that could be withheld"


def write_consequences(book: Book, stages: Sequence[Stage], start: Mapping[str, str]) -> None:
    """What follows the breach of every commitment.

    Args:
        book: the commitments; changed.
        stages: the steps, in order.
        start: today's levels.
    """
    levels = dict(start)
    at: dict[int, dict[str, str]] = {}
    for stage in stages:
        at[stage.number] = dict(levels)
        levels.update({m.option: m.after for m in stage.moves})
    for name, content in book.tree.items():
        entries = list(_returned(book, name, content))
        entries += _held(book, name, at.get(book.stage[name], levels))
        gaps = content.pop("gaps")
        if entries:
            content["on_breach"] = entries
        else:
            gaps["consequence"] = _why(book)
        content["gaps"] = gaps


def _why(book: Book) -> str:
    snapback = book.facts.plan.snapback
    return NOT_SAID if snapback is None else NOTHING_OWED if snapback else NO_ANSWER


def _held(book: Book, name: str, levels: Mapping[str, str]) -> list[Tree]:
    """The others need not go on, nor keep what they have done, until it is mended."""
    facts, party = book.facts, book.owner[name]
    if facts.plan.snapback is not True:
        return []
    targets = [other for other in book.tree if book.owner[other] != party and _answers(book, name, other)]
    if not targets:
        return []
    entry: Tree = {
        "effect": "suspend",
        "targets": targets,
        "automatic": True,
        "resume_when": _mended(book, name),
    }
    soon = facts.answered(party, levels)
    if soon is not None:
        entry["note"] = f"The plan counts on an answer {'at once' if soon.startswith('no ') else f'within {soon}'}."
    return [entry]


def _mended(book: Book, name: str) -> str:
    """That a breach is mended, asked of the state alone: what is itself suspended would never count as fulfilled."""
    back = "due, " if book.tree[name].get("modality") == "maintain" else ""
    return f"state({name}, {{{back}fulfilled, remedied}})"


def _answers(book: Book, name: str, other: str) -> bool:
    """Whether a commitment of somebody else is suspended: what comes with it or after it, and what holds throughout.

    What has to stay as it is today is given up only where the case says that a breakdown leads elsewhere.
    """
    stage, later = book.stage[name], book.stage[other]
    if later:
        return later >= stage
    option = book.tree[other]["action"].get("option")
    if option is None:
        return True
    breakdown, culprit = book.facts.plan.breakdown, book.owner[name]
    gone = {**breakdown.levels, **breakdown.by.get(culprit, {})}
    return option in gone and gone[option] != book.tree[other]["action"]["to"]


def _returned(book: Book, name: str, content: Tree) -> list[Tree]:
    """Where a deposit is not made, the others' go back to them."""
    stage = book.stage[name]
    if content.get("verification", [{}])[0].get("method") != "receipt of the deposit":
        return []
    others = [o for o in book.groups.get(f"step-{stage}", ()) if book.owner[o] != book.owner[name]]
    mended = _mended(book, name)
    return [{"effect": "reverse", "targets": [o], "automatic": True, "resume_when": mended} for o in others]
