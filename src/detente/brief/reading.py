"""One reading of a case with the answers the sections narrate, and the words for its states and moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from detente.base.wording import listed, words
from detente.case.change import Change
from detente.case.model import Case
from detente.case.spoken import spoken, spoken_level
from detente.graph.model import GraphModel
from detente.inquiry.outcomes import Outcomes
from detente.inquiry.session import Session
from detente.stability.analysis import Stability
from detente.stability.status_quo import StatusQuoAnalysis
from detente.stability.witness import Step

SHORT = 130


@dataclass(frozen=True)
class Reading:
    """A case as asked, with its answers.

    Attributes:
        session: where further questions go.
        how: view, types and changes it is asked with.
        alone: whether one view was asked for by name (then the others are not told).
        shared: whether what is private, types and beliefs are left out.
        full: whether to take the time for what a large case makes slow.
    """

    session: Session
    how: Mapping[str, Any]
    alone: bool
    shared: bool = False
    full: bool = False

    @classmethod
    def of(
        cls,
        session: Session,
        *,
        view: str | None = None,
        types: Mapping[str, str] | None = None,
        changes: Change | None = None,
        shared: bool = False,
        full: bool = False,
    ) -> Reading:
        """A reading; where only views say what a party wants, the first view stands for the base."""
        used = view
        if view is None:
            base = session.case(types=types, changes=changes)
            missing = [
                p for p, d in base.file.parties.items() if d.role != "mediator" and base.preference(p) is None
            ]  # fmt: skip
            views = base.written.file.views
            # a party's own picture is nobody's reading of the case; it stands in only if there is nothing else
            for name in sorted(views, key=lambda v: views[v].of is not None):
                if missing and used is None and all(session.case(view=name).preference(p) for p in missing):
                    used = name
        how = {"view": used, "types": types, "changes": changes}
        return cls(session, how, alone=view is not None, shared=shared, full=full)

    def seen_by(self, view: str) -> Reading:
        """The same case as a view reads it."""
        how = {**self.how, "types": None, "view": view}
        return Reading(self.session, how, alone=True, shared=self.shared, full=self.full)

    @cached_property
    def case(self) -> Case:
        """The case as asked."""
        return self.session.case(**self.how)

    @cached_property
    def stability(self) -> Stability:
        """Which states hold."""
        found: Stability = self.session.ask("stability", **self.how)
        return found

    @cached_property
    def status_quo(self) -> StatusQuoAnalysis:
        """What leads away from today."""
        found: StatusQuoAnalysis = self.session.ask("status_quo", **self.how)
        return found

    @cached_property
    def outcomes(self) -> Outcomes:
        """The states worth showing."""
        found: Outcomes = self.session.ask("outcomes", **self.how)
        return found

    @property
    def graph(self) -> GraphModel:
        """The conflict graph."""
        return self.stability.graph

    @property
    def mute(self) -> bool:
        """Whether no party's preference is written, so that no answer can rest on one."""
        forms = (self.case.preference(p) for p in self.case.parties)
        return not any(f is not None and f.form() is not None for f in forms)

    @property
    def needs(self) -> str:
        """Whose order an answer needs that is not known, as the end of a sentence."""
        dark = [self.case.party_name(m) for m in self.graph.movers if self.graph.ranks[m] is None]
        if len(dark) == 1:
            return f"needs the order of {dark[0]}, which is not known"
        return f"needs the orders of {listed(dark)}, which are not known"

    @property
    def name(self) -> str:
        """Whose reading this is."""
        view = self.case.view_name
        if view is None:
            return "the case as written" if self.case.file.views else ""
        written = self.case.written.file.views[view]
        if written.of is not None:
            return f"as {self.case.party_name(written.of)} sees it"
        return f"as read by {written.by or written.label or words(view)}"

    def person(self, by: str | None) -> str:
        """Whoever judges or says something: the name of the view called so, else as written."""
        view = self.case.written.file.views.get(by or "")
        return (by or "") if view is None else view.by or view.label or words(by or "")

    # --- words -------------------------------------------------------------------------------------------------------

    def label(self, state: int) -> str:
        """``today``, ``outcome 2``, or what differs from today."""
        if state == self.status_quo.start:
            return "today"
        for number, outcome in enumerate(self.outcomes.selected):
            if outcome.state == state:
                return f"outcome {number + 1}"
        return f"the state with {self.difference(state)}"

    @property
    def where(self) -> str:
        """The reading as part of a sentence."""
        return self.name if self.case.view_name else "in the case as written"

    def named(self, number: int) -> str:
        """An outcome by its number, with what it changes where that is short."""
        told = self.difference(self.outcomes.selected[number].state)
        return f"Outcome {number + 1} ({told})" if len(told) <= SHORT else f"Outcome {number + 1}"

    def difference(self, state: int) -> str:
        """What a state changes from today, or all its levels where there is no today, as part of a sentence."""
        states, start = self.graph.states, self.status_quo.start
        levels = states.levels(state)
        today = states.levels(start) if start is not None else {}
        parts = [self.level(o, v) for o, v in levels.items() if start is None or today[o] != v]
        return listed(parts) if parts else "nothing changed"

    def level(self, option: str, level: str | None) -> str:
        """An option at a level."""
        return spoken_level(self.case, option, level)

    def move(self, step: Step, graph: GraphModel | None = None) -> str:
        """Who changes what; the states of the step are those of ``graph`` where one is given."""
        states = (graph or self.graph).states
        before, after = (states.levels(states.find(s)) for s in (step.source, step.target))
        parts = [
            f"{self.case.option_name(o)} to {'any level' if (to := after[o]) is None else f'‘{words(to)}’'}"
            for o, w in self.case.file.options.items()
            if w.party == step.party and before[o] != after[o]
        ]
        return f"{self.case.party_name(step.party)} moves {listed(parts)}"

    def spoken(self, condition: str) -> str:
        """A condition in words."""
        return spoken(self.case, condition)
