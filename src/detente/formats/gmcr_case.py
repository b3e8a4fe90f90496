"""A case from a ``.gmcr`` file: ids from names, options in the order of their owners, statements as priorities."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from detente.base.errors import CaseError, LimitReached, Problem, shown
from detente.base.wording import listed, words
from detente.case.conditions import LONGEST, MOST_CONNECTIVES, RESERVED, STATE_NUMBER
from detente.case.model import Case
from detente.formats.gmcr import Condition, GmcrFile, Groups, Maker, Statement, read_gmcr
from detente.formats.opened import Opened
from detente.graph.ranks import Ranks, ranks_of
from detente.space.states import StateSpace

LONGEST_MADE_ID = 40
NOBODY = "nobody"
MOST_CHECKED = 20_000
MOST_NUMBERED = 200_000
AVOIDED = RESERVED | {"yes", "no", "all"}


def open_gmcr(data: bytes | str, source: str | None) -> Opened:
    """Read a ``.gmcr`` file as a case.

    States have the numbers that the file's rankings use: the options are put in the order of the decision makers that
    own them, the first being the fastest digit.

    Args:
        data: the file's bytes.
        source: its name.

    Returns:
        The case; what is in the file and not in the case, and what looks wrong; the coalitions of the file.

    Raises:
        CaseError: every problem found.
    """
    written = read_gmcr(data, source)
    maker = _Maker(written, source)
    tree = maker.tree()
    maker.hold_to_answers()
    case = Case(tree, source)
    states = maker.states(case)
    case = maker.with_rankings(case, tree, states)
    losses = (*written.remarks, *maker.remarks)
    groups = tuple(tuple(maker.parties[n] for n in g) for g in written.coalitions or () if len(g) > 1)
    return Opened(case, losses, "gmcr", groups)


def identifiers(names: Sequence[str], fallback: str) -> list[str]:
    """Ids made from names: small letters, digits and hyphens, a letter first, each once.

    Args:
        names: any texts.
        fallback: used with a number where a name has no letter of the Latin alphabet.
    """
    taken: set[str] = set()
    out = []
    for number, name in enumerate(names, start=1):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        slug = slug if re.match("[a-z]", slug) else f"{fallback}-{slug}" if slug else f"{fallback}-{number}"
        if len(slug) > LONGEST_MADE_ID:
            slug = slug[: LONGEST_MADE_ID + 1].rpartition("-")[0] or slug[:LONGEST_MADE_ID]
        if slug in AVOIDED or STATE_NUMBER.fullmatch(slug):
            slug = f"{fallback}-{slug}"
        unique, count = slug, 1
        while unique in taken:
            count += 1
            unique = f"{slug}-{count}"
        taken.add(unique)
        out.append(unique)
    return out


@dataclass
class _Maker:
    """Makes the case's tree."""

    written: GmcrFile
    source: str | None

    def __post_init__(self) -> None:
        self.remarks: list[Problem] = []
        self.problems: list[Problem] = []
        *self.parties, self.nobody = identifiers([*(m.name for m in self.written.makers), NOBODY], "party")
        self.owner = self._owners()
        # states are numbered with the options in the order of their owners
        self.order = [*self.owner, *(n for n in range(len(self.written.options)) if n not in self.owner)]
        names = identifiers([self.written.options[n].name for n in self.order], "option")
        self.ids = dict(zip(self.order, names, strict=True))
        self.place = {n: at for at, n in enumerate(self.order)}
        self._duplicates([(m.name, m.at) for m in self.written.makers], "decision makers", self.parties)
        options = [self.written.options[n] for n in self.order]
        self._duplicates([(o.name, o.at) for o in options], "options", names)

    def tree(self) -> dict[str, Any]:
        """The case without rankings, whose states must be known first."""
        written = self.written
        stem = PurePath(self.source or "imported").name.removesuffix(".gmcr")
        title = stem if self.source and not self.source.startswith("<") else "Imported case"
        tree: dict[str, Any] = {
            "detente": 1,
            "name": identifiers([title], "case")[0],
            "title": title,
            "parties": {p: {"name": n} for p, n in zip(self.parties, _each_once(written.makers), strict=True)},
            "options": {self.ids[n]: self._option(n) for n in self.order},
        }
        if any(n not in self.owner for n in self.order):
            tree["parties"][self.nobody] = {"name": "Nobody", "role": "mediator"}
        # a state is ruled out, or hidden, by any member of a compound
        infeasible = [self._condition(c) for s in written.infeasibles for c in s]
        if infeasible:
            tree["infeasible"] = infeasible
        if not self.by_ranking:
            wanted = {p: self._priorities(m) for p, m in zip(self.parties, written.makers, strict=True)}
            tree["preferences"] = {p: {"priorities": texts} for p, texts in wanted.items() if texts}
        views = {}
        for party, maker in zip(self.parties, written.makers, strict=True):
            hidden = [self._condition(c) for s in maker.hidden for c in s]
            if hidden:
                label = f"What {maker.name or words(party)} sees"
                views[f"{party[:50]}-sees"] = {"of": party, "label": label, "infeasible": [*infeasible, *hidden]}
        return tree | ({"views": views} if views else {})

    @property
    def by_ranking(self) -> bool:
        """Whether the rankings count and not the statements."""
        if self.written.manual is not None:
            return self.written.manual
        return not any(m.statements for m in self.written.makers)

    def hold_to_answers(self) -> None:
        """Refuse what cannot be written as a condition."""
        if self.problems:
            raise CaseError(self.problems)

    def states(self, case: Case) -> StateSpace | None:
        """The states, where the file's rankings could number them all."""
        rankings = [m.ranking for m in self.written.makers if m.ranking]
        longest = max((sum(map(len, r)) for r in rankings), default=0)
        if not longest or (longest > MOST_CHECKED and not self.by_ranking):
            return None
        highest = max(n for r in rankings for g in r for n in g)
        try:
            return StateSpace.of(case, max(longest, min(highest, MOST_NUMBERED)))
        except LimitReached:
            return None

    def with_rankings(self, case: Case, tree: dict[str, Any], states: StateSpace | None) -> Case:
        """The case with the rankings, if they count; remarks on rankings that do not fit."""
        wanted = {}
        for party, maker in zip(self.parties, self.written.makers, strict=True):
            if maker.ranking is None or not maker.ranking:
                continue
            if not self.by_ranking and states is None:
                continue
            ranking = self._fitting(maker, states)
            if self.by_ranking and ranking:
                wanted[party] = {"ranking": [_entry(g) for g in ranking]}
            elif states is not None and not self.by_ranking:
                self._compare(maker, ranking, ranks_of(case, states, party)[0])
        if not wanted:
            return case
        return Case(tree | {"preferences": wanted}, self.source)

    # --- parts -------------------------------------------------------------------------------------------------------

    def _owners(self) -> dict[int, int]:
        """Option -> the decision maker that owns it, in the order in which the makers list them."""
        owner: dict[int, int] = {}
        for number, maker in enumerate(self.written.makers):
            for option in maker.options:
                if option in owner:
                    who = [self.parties[n] for n in dict.fromkeys((owner[option], number))]
                    name = self.written.options[option].name
                    found = f"the option {shown(name)} of {listed(who)}" if len(who) > 1 else f"{shown(name)} twice"
                    fix = f"Only {who[0]} moves it here." if len(who) > 1 else ""
                    self._remark(maker.at, found, "each option of one decision maker", fix)
                owner.setdefault(option, number)
        for number, option_written in enumerate(self.written.options):
            if number not in owner:
                found = f"the option {shown(option_written.name)} of no decision maker"
                fix = "Nobody moves it here; it comes after the others."
                self._remark(option_written.at, found, "each option of one decision maker", fix)
        return owner

    def _option(self, number: int) -> dict[str, Any]:
        written, ident = self.written.options[number], self.ids[number]
        party = self.parties[self.owner[number]] if number in self.owner else self.nobody
        out: dict[str, Any] = {"party": party, **_named(ident, written.name)}
        return out if written.moves == "both" else {**out, "moves": written.moves}

    def _priorities(self, maker: Maker) -> list[str]:
        texts = []
        for number, statement in enumerate(maker.statements):
            text = self._statement(statement)
            if len(text) > LONGEST:
                found = f"statement {number + 1} of {shown(maker.name)}, which takes {len(text):,} characters"
                self.problems.append(Problem(found, f"at most {LONGEST:,}", "", "", self.source, *maker.at))
            texts.append(text)
        return texts

    def _statement(self, statement: Statement) -> str:
        parts = [self._condition(c) for c in statement]
        if len(parts) == 1:
            return parts[0]
        if sum(p.count("not ") + 1 for p in parts) > MOST_CONNECTIVES:
            return " or ".join(self._pattern(c) for c in statement)
        return " or ".join(f"({p})" if " and " in p else p for p in parts)

    def _condition(self, condition: Condition) -> str:
        if not condition or sum(not yes for _, yes in condition) > MOST_CONNECTIVES // 2:
            return self._pattern(condition)
        return " and ".join(("" if yes else "not ") + self.ids[n] for n, yes in condition)

    def _pattern(self, condition: Condition) -> str:
        """One character per option; for a contradiction, a condition that never holds."""
        signs = ["-"] * len(self.order)
        for number, yes in condition:
            if signs[self.place[number]] == ("N" if yes else "Y"):
                return f"{self.ids[number]} and not {self.ids[number]}"
            signs[self.place[number]] = "Y" if yes else "N"
        return "".join(signs)

    def _fitting(self, maker: Maker, states: StateSpace | None) -> Groups:
        """The ranking without numbers that name no state or that come a second time."""
        count = len(states) if states is not None else None
        seen: set[int] = set()
        twice, beyond, groups = [], [], []
        for group in maker.ranking or ():
            kept = []
            for number in group:
                if not 1 <= number <= (max(MOST_NUMBERED, len(seen)) if count is None else count):
                    beyond.append(number)
                elif number in seen:
                    twice.append(number)
                else:
                    seen.add(number)
                    kept.append(number)
            groups.append(tuple(kept))
        missing = count is None or len(seen) < count
        if twice or beyond or missing:
            self._misfit(maker, twice, beyond, None if count is None else count - len(seen))
        return tuple(g for g in groups if g)

    def _misfit(self, maker: Maker, twice: list[int], beyond: list[int], missing: int | None) -> None:
        wrong = [f"{_few(twice)} twice"] if twice else []
        wrong += [f"{_few(beyond)}, which no state has"] if beyond else []
        wrong += ["fewer states than there are"] if missing is None else []
        wrong += [f"{missing:,} states left out"] if missing else []
        used = "The rest of it is used; states it does not name rank lowest." if self.by_ranking else "It is not used."
        found = f"a ranking of {shown(maker.name)} with {listed(wrong)}"
        self._remark(maker.ranking_at, found, "each feasible state once", used)

    def _compare(self, maker: Maker, ranking: Groups, ranks: Ranks | None) -> None:
        """Remark where the ranking in the file is not the order that its statements give."""
        if ranks is None or sum(map(len, ranking)) != len(ranks):
            return
        written = np.zeros(len(ranks), np.int32)
        for place, group in enumerate(reversed(ranking)):
            written[[n - 1 for n in group]] = place
        if not (written == ranks).all():
            found = f"a ranking of {shown(maker.name)} that is not the order its statements give"
            fix = "The statements are used, as the file says; true in useManualPreferenceRanking uses the rankings."
            self._remark(maker.ranking_at, found, "the same order", fix)

    def _duplicates(self, named: Iterable[tuple[str, tuple[int, int]]], what: str, ids: Sequence[str]) -> None:
        first: dict[str, str] = {}
        for (name, at), ident in zip(named, ids, strict=True):
            if name in first:
                fix = f"Here they are {first[name]} and {ident}."
                self._remark(at, f"two {what} named {shown(name)}", "different names", fix)
            first.setdefault(name, ident)

    def _remark(self, at: tuple[int, int], found: str, expected: str, fix: str = "") -> None:
        self.remarks.append(Problem(found, expected, fix, "", self.source, *at))


def _named(ident: str, name: str) -> dict[str, Any]:
    """A name where the id alone does not say it."""
    return {"name": name} if name.strip() and name != words(ident) else {}


def _each_once(makers: Sequence[Maker]) -> list[str]:
    """The makers' names, a number behind those that come again: a case has no two parties of one name."""
    taken = {NOBODY}
    out = []
    for number, maker in enumerate(makers, start=1):
        first = name = maker.name.strip() or f"Party {number}"
        count = 1
        while name.casefold() in taken:
            count += 1
            name = f"{first} ({count})"
        taken.add(name.casefold())
        out.append(name)
    return out


def _entry(group: tuple[int, ...]) -> str | list[str]:
    return f"s{group[0]}" if len(group) == 1 else [f"s{n}" for n in group]


def _few(numbers: list[int]) -> str:
    return ", ".join(str(n) for n in numbers[:5]) + (" and more" if len(numbers) > 5 else "")
