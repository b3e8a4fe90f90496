"""``misperception``: what the parties' pictures of things make hold, and which mistake to correct first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.base.errors import CaseError, UsageError, did_you_mean, shown
from detente.base.result import Result
from detente.base.table import Table
from detente.base.wording import counted, listed, sentence, words
from detente.case.change import Change, Edit
from detente.case.model import Case, view_change
from detente.case.reading import dotted
from detente.stability.hypergame import Bools, Hypergame, hypergame
from detente.stability.narrative import change as moved
from detente.stability.picture import Picture
from detente.stability.witness import Step, Verdict

if TYPE_CHECKING:
    from detente.graph.model import GraphModel
    from detente.inquiry.session import Session

KEYED = ("parties", "options", "preferences", "numbers")
TOLD = ("seq", "nash")


@dataclass(frozen=True, slots=True)
class Correction:
    """One mistake in one picture, and what would come of correcting it alone.

    Attributes:
        view: the view that holds the mistake.
        party: whose picture it is.
        path: what of the case the view edits there, for instance ``preferences.dprk``.
        about: parties that the mistake gives another order of the states.
        changes: concept -> number of states that become or cease to be hyper-equilibria; None where that is not known.
        error: why the picture cannot do without this edit alone, or empty.
    """

    view: str
    party: str
    path: str
    about: tuple[str, ...]
    changes: Mapping[str, int | None]
    error: str = ""

    @property
    def total(self) -> int | None:
        """The changes of all concepts together; those not known are left out, None if none is known."""
        known = [n for n in self.changes.values() if n is not None]
        return sum(known) if known else None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "view": self.view, "party": self.party, "path": self.path, "about": list(self.about),
            "changes": dict(self.changes), "total": self.total, "error": self.error or None,
        }  # fmt: skip


@dataclass(frozen=True, repr=False, eq=False)
class Misperception(Result):
    """What holds as the parties see things, and the mistakes in their pictures.

    Attributes:
        game: the hypergame; its states are those of the case as asked.
        views: party -> the view that is its picture.
        corrections: one per view and thing it edits, in file order.
    """

    game: Hypergame
    views: Mapping[str, str]
    corrections: tuple[Correction, ...]

    @property
    def first(self) -> tuple[Correction, ...]:
        """The mistakes whose correction changes most, all of them if equal; empty if no single correction changes any.

        What is counted are states that become or cease to be hyper-equilibria, summed over the concepts asked.
        """
        most = max((c.total or 0 for c in self.corrections), default=0)
        return tuple(c for c in self.corrections if most and c.total == most)

    def to_dict(self, *, full: bool = False) -> dict[str, Any]:
        """The JSON contract of ``misperception``."""
        out = self.game.to_dict(full=full)
        out["pictures"] = {p: {"view": self.views[p], **told} for p, told in out["pictures"].items()}
        out["corrections"] = [c.to_dict() for c in self.corrections]
        out["first"] = [{"view": c.view, "path": c.path} for c in self.first]
        return out

    def table(self) -> Table:
        """One row per concept: how many states hold as seen, in truth, in both, in one only."""
        game = self.game
        columns = (game.held, game.equilibrium, game.steady, game.surprise, game.missed)
        rows = [(c, *("not known" if (s := of(c)) is None else f"{int(s.sum()):,}" for of in columns))
                for c in game.concepts]  # fmt: skip
        heads = ("concept", "hold as seen", "hold in truth", "steady", "surprise", "missed")
        return Table(heads, tuple(rows), note="" if game.unseen == "excluded" else "unseen states count as stable")


def misperception(
    session: Session,
    case: Case,
    *,
    concepts: Sequence[str],
    views: Mapping[str, str] | None,
    unseen: str,
    reads: tuple[str, ...],
) -> Misperception:
    """Judge a case by the parties' own pictures.

    Args:
        session: supplies the graphs.
        case: the truth; where it is itself a party's picture, the case without that view is the truth.
        concepts: ids of solution concepts.
        views: party -> the view that is its picture; needed where a party has several.
        unseen: see ``hypergame``.
        reads: the blocks the answer depends on.

    Raises:
        UsageError: several pictures of one party, an unknown party, view or concept.
        CaseError: a picture that does not fit the case as asked.
    """
    truth = truth_of(case)
    chosen = pictures_of(truth, views or {})
    edits = {p: list(edits_of(truth, v)) for p, v in chosen.items()}
    graphs = {p: session.graph(pictured(truth, edits[p], v)) for p, v in chosen.items()}
    provenance = session.provenance(truth, reads, concepts=list(concepts), views=dict(chosen), unseen=unseen)
    game = hypergame(session.graph(truth), graphs, provenance, concepts, unseen)
    corrections = [
        _corrected(session, game, (party, view, path), edits[party])
        for party, view in chosen.items()
        for path in dict.fromkeys(e.path for e in edits[party] if e.path[0] in reads)
    ]
    return Misperception(provenance, game, chosen, tuple(corrections))


def truth_of(case: Case) -> Case:
    """The case without the view it is read in, where that view is the picture of a party."""
    views = case.written.file.views
    if case.view_name is None or views[case.view_name].of is None:
        return case
    change = view_change(case.written.tree, case.written.file, case.view_name)
    picture = change.edits if change is not None else ()
    edits = case.changes.edits
    at = next((n for n in range(len(edits)) if edits[n : n + len(picture)] == picture), len(edits))
    rest = edits[:at] + edits[at + len(picture) :]
    return case.written.change(Change(rest)) if rest else case.written


def pictures_of(case: Case, asked: Mapping[str, str]) -> dict[str, str]:
    """Party -> the view that is its picture.

    Raises:
        UsageError: a party has several and none was asked for, or the one asked for is none of them.
    """
    found: dict[str, list[str]] = {}
    for name, view in case.written.file.views.items():
        if view.of is not None:
            found.setdefault(view.of, []).append(name)
    for party, name in asked.items():
        if name not in found.get(party, []):
            known = found.get(party, [])
            expected = f"one of {', '.join(known)}" if known else "a party with a view 'of' it"
            raise UsageError(f"the picture {shown(name)} of {shown(party)}", expected, did_you_mean(name, known))
    out = {}
    for party in case.parties:
        names = found.get(party, [])
        if len(names) > 1 and party not in asked:
            text = f"{len(names)} pictures of {case.party_name(party)} ({', '.join(names)})"
            raise UsageError(text, "one picture of each party", f"Choose with views={{'{party}': '{names[0]}'}}.")
        if names:
            out[party] = asked.get(party, names[0])
    return out


def edits_of(case: Case, view: str) -> Iterator[Edit]:
    """What a view edits, one edit for each thing: the views it extends first."""
    change = view_change(case.written.tree, case.written.file, view)
    for edit in change.edits if change is not None else ():
        block = edit.path[0]
        if block in KEYED and isinstance(edit.value, dict):
            yield from (Edit((block, str(key)), value) for key, value in edit.value.items())
        else:
            yield edit


def pictured(truth: Case, edits: Sequence[Edit], view: str | None = None) -> Case:
    """The case as a party sees it.

    Where the picture gives the types of a party other probabilities, the type it takes for real is the most probable
    one of the picture, whatever type the truth is asked with.
    """
    if not edits:
        return truth
    seen = truth.change(Change(tuple(edits), f"view {view}"), view=view)
    written = {e.path for e in edits}
    marks = tuple(
        Edit(("preferences", party, "types", kind, "assumed"), None)
        for party, preference in seen.file.preferences.items()
        if preference.types and ("preferences", party) not in written and seen.priors(party) != truth.priors(party)
        for kind, details in preference.types.items() if details.assumed
    )  # fmt: skip
    return seen.change(Change(marks)) if marks else seen


def _corrected(
    session: Session, game: Hypergame, where: tuple[str, str, tuple[str, ...]], edits: Sequence[Edit]
) -> Correction:
    """What changes if one thing in a picture is corrected and the rest stays."""
    party, view, path = where
    left = [e for e in edits if e.path != path]
    try:
        graph = session.graph(pictured(game.graph.case, left, view))
    except CaseError as error:
        unknown: dict[str, int | None] = dict.fromkeys(game.concepts)
        return Correction(view, party, dotted(path), (), unknown, error.problems()[0].found)
    after = game.with_picture(party, graph)
    changes = {c: _apart(game.held(c), after.held(c)) for c in game.concepts}
    return Correction(view, party, dotted(path), _about(party, game.pictures[party].graph, graph), changes)


def _apart(one: Bools | None, other: Bools | None) -> int | None:
    return None if one is None or other is None else int((one ^ other).sum())


def _about(party: str, before: GraphModel, after: GraphModel) -> tuple[str, ...]:
    """Parties that a mistake gives another order of the states."""
    return Picture.of(after, before, party).orders


# --- told in sentences -----------------------------------------------------------------------------------------------


def lines(found: Misperception) -> list[str]:
    """What the pictures make hold, for a terminal: one fact a line."""
    game = found.game
    if not found.views:
        return [
            "No view of this case is a party's own picture of things: every party is taken to see them as they are."
        ]
    out = [_pictured(found, game.pictures[p]) for p in found.views]
    out += [_counted(game, c) for c in game.concepts]
    out += _examples(game)
    return [*out, *told_corrections(found)]


def _pictured(found: Misperception, picture: Picture) -> str:
    case = picture.truth.case
    told = listed(differences(picture) or ["sees nothing otherwise than it is"])
    return f"{case.party_name(picture.party)} ({_title(case, found.views[picture.party])}) {told}."


def _title(case: Case, view: str) -> str:
    """A view as readers know it."""
    return f"‘{case.written.file.views[view].label or words(view)}’"


def differences(picture: Picture) -> list[str]:
    """What a picture changes, as the ends of sentences about the party; empty where it changes nothing."""
    truth, seen = picture.truth.case, picture.graph.case
    out = []
    hidden = int((~picture.seen).sum())
    if hidden:
        out.append(f"does not see {hidden:,} of the {counted(len(picture.truth), 'state')}")
    if len(picture.imagined):
        out.append(f"believes in {counted(len(picture.imagined), 'state')} that cannot be")
    for party in picture.orders:
        whose = "itself" if party == picture.party else truth.party_name(party)
        text = f"has another picture of what {whose} wants"
        one, other = (label(c, party) for c in (seen, truth))
        if one and other and one != other:
            text = f"takes {whose} for ‘{one}’ where the case has ‘{other}’"
        out.append(text)
    out += [f"believes that {truth.option_name(o)} can be moved otherwise than it can" for o in picture.options]
    return out


def label(case: Case, party: str) -> str:
    """The label of the type a party is taken as; empty where it has no types."""
    written = case.file.preferences.get(party)
    if written is None or not written.types:
        return ""
    kind = case.types[party]
    return written.types[kind].label or words(kind)


def _counted(game: Hypergame, concept: str) -> str:
    sizes = [None if s is None else int(s.sum()) for s in (
        game.held(concept), game.equilibrium(concept), game.steady(concept), game.surprise(concept),
        game.missed(concept),
    )]  # fmt: skip
    if None in sizes:
        whom = listed([game.graph.case.party_name(p) for p in game.unjudged(concept)])
        return f"{concept}: not known, because {whom} cannot be judged without a full order"
    held, true, steady, surprise, missed = (n for n in sizes if n is not None)
    verb, of = "holds" if held == 1 else "hold", f"{len(game.graph):,} states"
    if not surprise and not missed:
        return f"{concept}: {held:,} of {of} {verb} as the parties see things, and the same by the case"
    return (
        f"{concept}: {held:,} of {of} {verb} as the parties see things, {true:,} by the case; {steady:,} either way "
        f"(steady), {surprise:,} only as long as the beliefs last (surprise), {missed:,} only if all saw things as the "
        "case has them (missed)"
    )


def _examples(game: Hypergame) -> list[str]:
    concept = next((c for c in TOLD if c in game.concepts), game.concepts[0])
    name, out = game.graph.case.party_name, []
    surprise, missed = (game.example(of(concept)) for of in (game.surprise, game.missed))
    if surprise is not None:
        verdict = game.leavers(concept, surprise)[0]
        who = f"{name(verdict.party)} would leave it if it saw things as the case has them"
        out.append(f"{concept}: {verdict.state} is a surprise: {who}: {_step(game.graph, verdict)}.")
    if missed is not None:
        doubt = game.doubts(concept, missed)[0]
        why = "does not see it"
        if doubt.verdict is not None:
            step = _step(game.judging[doubt.party], doubt.verdict)
            own = " (states numbered as in its picture)" if game.pictures[doubt.party].renumbered else ""
            why = f"believes that it gains by leaving it: {step}{own}"
        out.append(f"{concept}: {game.graph.states.id(missed)} is missed: {name(doubt.party)} {why}.")
    return out


def _step(graph: GraphModel, verdict: Verdict) -> str:
    return moved(graph, Step(verdict.party, verdict.state, verdict.answers[0].improvement))


def told_corrections(found: Misperception) -> list[str]:
    """Which mistake to correct first, ties and failures included."""
    case = found.game.graph.case
    out = []
    first = found.first
    if first:
        which = [f"{what(case, c)} ({_where(case, c)})" for c in first]
        size = counted(first[0].total or 0, "change")
        by = ", ".join(f"{c} {n:,}" for c, n in first[0].changes.items() if n)
        tied = "" if len(first) == 1 else ", each of them alone"
        out.append(f"To correct first: {listed(which, 'or')}{tied}: {size} of what holds ({by}).")
    elif found.corrections:
        alone = "this belief" if len(found.corrections) == 1 else "any one of these beliefs alone"
        out.append(f"Correcting {alone} changes nothing in what holds.")
    out += [
        f"{sentence(what(case, c)).rstrip('.')} ({_where(case, c)}) cannot be corrected alone: {c.error}."
        for c in found.corrections if c.error
    ]  # fmt: skip
    return out


def _where(case: Case, correction: Correction) -> str:
    """Where in the case a belief is written, in words."""
    block, _, key = correction.path.partition(".")
    thing = {
        "numbers": lambda: f"the number ‘{words(key)}’",
        "preferences": lambda: f"the preferences of {case.party_name(key)}",
        "options": lambda: f"the option {case.option_name(key)}",
        "parties": lambda: f"the party {case.party_name(key)}",
    }
    whole = {"infeasible": "what is ruled out", "coalesce": "what counts as one and the same"}
    told = thing[block]() if key and block in thing else whole.get(block, f"‘{words(correction.path)}’")
    return f"{told} in {_title(case, correction.view)}"


def what(case: Case, correction: Correction) -> str:
    """A mistake in words."""
    party = case.party_name(correction.party)
    if correction.about:
        others = [case.party_name(p) if p != correction.party else "itself" for p in correction.about]
        return f"what {party} believes that {listed(others)} want{'s' if len(others) == 1 else ''}"
    block, _, key = correction.path.partition(".")
    if block == "options":
        return f"what {party} believes can be done about {case.option_name(key)}"
    if block in ("infeasible", "coalesce"):
        return f"what {party} believes to be possible"
    return f"a belief of {party} that changes nothing here"
