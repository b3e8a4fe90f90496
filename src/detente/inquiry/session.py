"""``Session``: asks questions of a case and of changed versions of it, and remembers what it has computed."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future
from typing import Any

from detente.base.errors import DetenteError, UsageError, did_you_mean, shown
from detente.base.result import Provenance
from detente.case.change import Change
from detente.case.model import Case
from detente.graph.model import GraphModel
from detente.inquiry.questions import GRAPH_BLOCKS, QUESTIONS, SPACE_BLOCKS
from detente.mechanics.workers import aside
from detente.space.moves import Moves
from detente.space.space import DEFAULT_LIMIT
from detente.space.states import StateSpace


class Session:
    """One case under inquiry.

    Args:
        case: the case as written.
        limit: most feasible states that questions which enumerate may handle.

    Attributes:
        progress: told (draws done, draws in all) while long work goes on, if set.
        aside: whether a process of its own may be started for what takes long (see ``meanwhile``).
        built: how often each intermediate (``space``, ``moves``, ``graph``, a question) was computed, not remembered.
    """

    def __init__(self, case: Case, *, limit: int = DEFAULT_LIMIT) -> None:
        self.base = case
        self.limit = limit
        self.progress: Callable[[int, int], None] | None = None
        self.aside = False
        self.built: dict[str, int] = {}
        self._memory: dict[Hashable, Any] = {}
        self._away: dict[Hashable, tuple[Future[list[Any]], int]] = {}

    def ask(
        self,
        question: str,
        *,
        view: str | None = None,
        types: Mapping[str, str] | None = None,
        changes: Change | None = None,
        **parameters: Any,
    ) -> Any:
        """Answer a question.

        Args:
            question: its name, for instance ``stability``.
            view: whose reading; the base where not given.
            types: party -> type to use instead of the assumed or most probable one.
            changes: further edits, applied last.
            parameters: what the question itself can be asked with.

        Returns:
            A frozen result; the same object whenever the blocks the question reads are the same.

        Raises:
            UsageError: an unknown question, view, type or parameter.
            CaseError: a change that is not valid.
            LimitReached: too many feasible states.
        """
        if question not in QUESTIONS:
            known = list(QUESTIONS)
            fix = did_you_mean(question, known)
            raise UsageError(f"the question {shown(question)}", f"one of {', '.join(known)}", fix)
        asked = QUESTIONS[question]
        case = self.case(view=view, types=types, changes=changes)
        key = _key(question, case, parameters)

        def answer() -> Any:
            brought = self._brought(key)
            return asked.answer(self, case, **parameters) if brought is None else brought

        return self._remember(question, key, answer)

    def meanwhile(self, asked: Sequence[Mapping[str, Any]]) -> None:
        """Have questions answered by a process of its own while others are asked here; ``ask`` takes the answers then.

        Only from a program whose main module can be imported by another process without harm.

        Args:
            asked: per question the arguments of ``ask``.
        """
        away = aside(_answers, self.base, self.limit, [dict(a) for a in asked])
        for n, arguments in enumerate(asked):
            rest = dict(arguments)
            case = self.case(**{k: rest.pop(k, None) for k in ("view", "types", "changes")})
            self._away[_key(rest.pop("question"), case, rest)] = (away, n)

    def _brought(self, key: Hashable) -> Any:
        """An answer that another process was asked for; None where there is none: then it is worked out here."""
        if key not in self._away:
            return None
        future, number = self._away.pop(key)
        try:
            return future.result()[number]
        except BrokenExecutor:
            return None

    def case(
        self,
        *,
        view: str | None = None,
        types: Mapping[str, str] | None = None,
        changes: Change | None = None,
    ) -> Case:
        """The case as a view reads it, with chosen types and further edits."""
        key = ("case", view, _frozen(dict(types or {})), None if changes is None else _frozen_change(changes))
        return self._remember("case", key, lambda: self._changed(view, types, changes))  # type: ignore[no-any-return]

    def _changed(self, view: str | None, types: Mapping[str, str] | None, changes: Change | None) -> Case:
        case = self.base
        if view is not None:
            case = case.view(view)
        if types:
            case = case.with_types(types)
        return case.change(changes) if changes is not None and changes.edits else case

    def states(self, case: Case) -> StateSpace:
        """The states of a case; shared by all cases with the same options and rules."""
        key = ("states", case.digest(SPACE_BLOCKS))
        return self._remember("space", key, lambda: StateSpace.of(case, self.limit))  # type: ignore[no-any-return]

    def graph(self, case: Case) -> GraphModel:
        """The conflict graph of a case; shared by all cases with the same preferences too."""

        def build() -> GraphModel:
            states = self.states(case)
            key = ("moves", case.digest(SPACE_BLOCKS))
            moves = self._remember("moves", key, lambda: Moves(states))
            return GraphModel.of(case, states, moves)

        return self._remember("graph", ("graph", case.digest(GRAPH_BLOCKS)), build)  # type: ignore[no-any-return]

    def provenance(self, case: Case, reads: tuple[str, ...], **parameters: Any) -> Provenance:
        """Where an answer about a case comes from."""
        return Provenance(
            case=case.name,
            digest=case.digest(reads),
            view=case.view_name,
            types=dict(case.types),
            changes=tuple(e.pair() for e in case.changes.edits),
            parameters=parameters,
        )

    def remember(self, what: str, key: Hashable, build: Callable[[], Any]) -> Any:
        """What several questions need, computed once; the key has to name everything that it depends on."""
        return self._remember(what, (what, key), build)

    def _remember(self, what: str, key: Hashable, build: Callable[[], Any]) -> Any:
        if key not in self._memory:
            self._memory[key] = build()
            self.built[what] = self.built.get(what, 0) + 1
        return self._memory[key]


def _answers(base: Case, limit: int, asked: Sequence[Mapping[str, Any]]) -> list[Any]:
    """In another process: answers to questions, None to those that cannot be answered."""
    session, out = Session(base, limit=limit), []
    for arguments in asked:
        try:
            out.append(session.ask(**arguments))
        except DetenteError:  # said where it is asked for
            out.append(None)
    return out


def _key(question: str, case: Case, parameters: Mapping[str, Any]) -> Hashable:
    """What has to be the same for the answer to be the same."""
    reads = QUESTIONS[question].reads
    # which edits a view made, and which came on top, does not show in the blocks they leave behind
    viewed = _frozen_change(case.changes) if case.view_name and "views" in reads else None
    return question, viewed, case.digest(reads), _frozen(parameters)


def _frozen(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True, default=list)


def _frozen_change(change: Change) -> str:
    return json.dumps([[list(e.path), e.value] for e in change.edits])
