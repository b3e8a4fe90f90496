"""``check``: whether a case is well formed, what it contains, and what its author should look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.base.errors import LimitReached, Problem, shown
from detente.base.result import Result
from detente.base.table import Table
from detente.base.wording import listed
from detente.case.blocks.claims import Claim
from detente.case.model import Case
from detente.case.yaml_tree import written_at
from detente.graph.claims import ClaimTest, judge_claim
from detente.space.masks import mask
from detente.space.space import Space

if TYPE_CHECKING:
    from detente.graph.model import GraphModel
    from detente.inquiry.session import Session

CHECK_BLOCKS = (
    "detente", "name", "title", "parties", "options", "infeasible", "coalesce", "status_quo", "preferences",
    "numbers", "correlated", "disagreement", "ratification", "terms", "as_of", "claims", "views", "sources",
)  # fmt: skip
SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something its author should look at.

    Attributes:
        severity: error, warning or info.
        text: what was found, a sentence.
        fix: what can be done, or empty.
        path, file, line, column: where.
    """

    severity: str
    text: str
    fix: str = ""
    path: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {name: getattr(self, name) for name in ("severity", "text", "fix", "path", "file", "line", "column")}


@dataclass(frozen=True, repr=False, eq=False)
class Check(Result):
    """The findings of a case and its sizes.

    Attributes:
        findings: errors, warnings, remarks.
        combinations: all combinations of levels.
        feasible: those that are possible (an upper bound unless ``feasible_exact``).
        states: number of states after merging; None where the case is too large to enumerate.
        claims: each claim with the reading in which it was tested and how it fared.
    """

    findings: tuple[Finding, ...]
    combinations: int
    feasible: int
    feasible_exact: bool
    states: int | None
    claims: tuple[tuple[str | None, ClaimTest], ...]

    @property
    def clean(self) -> bool:
        """Whether there is no error and no warning."""
        return all(f.severity == "info" for f in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of ``check``."""
        return {
            "findings": [f.to_dict() for f in self.findings],
            "combinations": self.combinations,
            "feasible": self.feasible,
            "feasible_exact": self.feasible_exact,
            "states": self.states,
            "claims": [
                {"by": t.claim.by, "says": t.claim.says, "party": t.claim.party, "view": v, "pairs": t.pairs,
                 "held": t.held, "reversed": t.reversed, "holds": t.holds}
                for v, t in self.claims
            ],
        }  # fmt: skip

    def table(self) -> Table:
        """One row per finding."""
        rows = tuple((f.severity, f"{f.path}: {f.text}" if f.path else f.text, f.fix) for f in self.findings)
        return Table(("severity", "finding", "what to do"), rows or (("none", "nothing to report", ""),))


def check_case(session: Session, case: Case) -> Check:
    """Look a case over.

    Args:
        session: supplies the states and graphs, of the views too.
        case: the case as asked.
    """
    findings = [_of_problem(p) for p in case.warnings]
    findings += _unread(case)
    space = Space.of(case)
    feasible, exact = space.count(session.limit)
    states: int | None = None
    claims: list[tuple[str | None, ClaimTest]] = []
    try:
        graph = session.graph(case)
    except LimitReached as limit:
        findings.append(Finding("info", f"{limit.size} {limit.what}: questions that list states will stop.",
                                limit.advice, "options"))  # fmt: skip
    else:
        states = len(graph)
        findings += _of_graph(case, graph)
        claims = list(_claims(session, case))
        findings += [f for view, test in claims for f in _of_claim(case, view, test)]
    findings.sort(key=lambda f: (SEVERITIES.index(f.severity), f.line or 0, f.column or 0))
    return Check(
        session.provenance(case, CHECK_BLOCKS), tuple(dict.fromkeys(findings)), space.size, feasible, exact, states,
        tuple(claims),
    )  # fmt: skip


def _of_problem(problem: Problem) -> Finding:
    text = f"Found {problem.found}; expected {problem.expected}."
    return Finding("warning", text, problem.fix, problem.path, problem.file, problem.line, problem.column)


def _place(case: Case, *path: str | int) -> dict[str, Any]:
    node = written_at(case.tree, path, key=True)
    name = ".".join(str(p) for p in path)
    line, column = getattr(node, "at", (None, None))
    return {"path": name, "file": case.source, "line": line, "column": column}


def _unread(case: Case) -> Iterator[Finding]:
    """Shared numbers nobody uses, in the base or in any view."""
    written = {text for block, tree in case.tree.items() if block != "numbers" for text in _texts(tree)}
    for name in case.file.numbers:
        if name not in written:
            text = f"Nothing uses the number {shown(name)}."
            yield Finding("info", text, "Use it or remove it.", **_place(case, "numbers", name))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, str):
        yield node.strip()


def _of_graph(case: Case, graph: GraphModel) -> Iterator[Finding]:
    views = list(case.written.file.views)
    for party in case.parties:
        role = case.file.parties[party].role
        if case.preference(party) is None and role != "mediator":
            name = case.party_name(party)
            elsewhere = [v for v in views if party in (case.written.view(v).file.preferences)]
            if elsewhere:
                text = f"{name} has preferences only in the views {listed(elsewhere)}."
                yield Finding("info", text, "Ask with --view, or give the base one.", **_place(case, "parties", party))
            else:
                text = f"{name} has no preferences: it counts as indifferent, so every state is stable for it."
                yield Finding("warning", text, "Say what it wants, or make it a mediator.",
                              **_place(case, "parties", party))  # fmt: skip
    for text in graph.warnings:
        if "no preference" not in text:
            yield Finding("warning", text, "", **_place(case, "preferences"))
    if graph.states.status_quo is None:
        text = "The case has no status quo: the first levels together are infeasible and none is written."
        yield Finding("info", text, "Write status_quo.", **_place(case, "options"))
    yield from _idle_conditions(case, graph)


def _idle_conditions(case: Case, graph: GraphModel) -> Iterator[Finding]:
    """Conditions that match no state and options that are the same everywhere."""
    digits = graph.states.digits
    for n, clause in enumerate(case.file.coalesce):
        if not mask(case.meaning(clause), digits).any():
            yield Finding("warning", f"No feasible state matches {shown(clause.text)}.", "",
                          **_place(case, "coalesce", n))  # fmt: skip
    for party in case.file.preferences:
        forms = case.preference(party)
        for key, worth in (forms.utility or {}).items() if forms else ():
            if not isinstance(worth, dict) and not mask(case.meaning(key), digits).any():
                path = ["preferences", party, *(("types", case.types[party]) if party in case.types else ())]
                yield Finding("warning", f"No feasible state matches {shown(key)}; it is worth nothing.", "",
                              **_place(case, *path, "utility", key))  # fmt: skip
    for n, option in enumerate(case.options):
        if (digits[n] == digits[n, 0]).all() and graph.states.space.counts[n] > 1:
            level = case.file.options[option].levels[int(digits[n, 0])]
            text = f"{case.option_name(option)} stands at {level!r} in every feasible state."
            yield Finding("warning", text, "Loosen 'infeasible', or remove it.", **_place(case, "options", option))


def _claims(session: Session, case: Case) -> Iterator[tuple[str | None, ClaimTest]]:
    """Each claim in the view it belongs to: the one named, else that of the person who makes it, else as asked."""
    views = case.written.file.views
    for claim in case.file.claims:
        view = _view_of(claim, list(views), {v: w.by for v, w in views.items()})
        reading = case if view is None or case.view_name is not None else session.case(view=view)
        yield view if reading is not case else case.view_name, judge_claim(session.graph(reading), claim)


def _view_of(claim: Claim, views: list[str], people: dict[str, str | None]) -> str | None:
    if claim.view is not None:
        return claim.view
    if claim.by in views:
        return claim.by
    return next((v for v, by in people.items() if by is not None and by == claim.by), None)


def _of_claim(case: Case, view: str | None, test: ClaimTest) -> Iterator[Finding]:
    place = _place(case, "claims", list(case.file.claims).index(test.claim))
    reading = f" in the view {shown(view)}" if view else ""
    better, worse = (shown(c.text) for c in test.claim.prefers)
    what = f"that {case.party_name(test.claim.party)} prefers {better} to {worse}"
    who = test.claim.by or "Somebody"
    if not test.known:
        yield Finding("info", f"{who} says {what}; it has no order to test this by{reading}.", "", **place)
    elif test.pairs == 0:
        yield Finding("warning", f"{who} says {what}; no two states differ in just that.", "", **place)
    elif not test.holds:
        text = f"{who} says {what}; the preferences agree in {test.held:,} of {test.pairs:,} comparisons{reading}"
        text += f" and say the opposite in {test.reversed:,}." if test.reversed else "."
        yield Finding("warning", text, "Correct the claim or the preferences.", **place)
