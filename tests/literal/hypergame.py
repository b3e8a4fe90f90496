"""First-level hypergames, word for word: every party judges by the case as it sees it.

A picture is a dict of blocks written over the case: preferences by party, options by key, everything else whole.
"""

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.literal.conditions import Levels
from tests.literal.definitions import CONCEPTS, Model
from tests.literal.generate import _where, _Writer
from tests.literal.states import CaseDict, Space

Picture = dict[str, Any]
Pictures = Mapping[str, Picture]
"""Party -> what it sees otherwise."""
Sets = dict[str, dict[str, list[str]]]
"""Name of a set -> concept -> ids of true states."""


@dataclass(frozen=True)
class Rule:
    """How the definition is read; the default is right.

    Attributes:
        unseen: a state that a party does not see is ``excluded``. Otherwise ``stable``, as published software has it:
            one graph for all with the true preferences, from which the moves of each party into and out of states
            that it does not see are taken away. Wrong: ``tolerated``, stable for it in an analysis of its picture.
        own_only: wrong: only what the party believes of itself counts, the others want what they want in truth.
        judge: a merged state that a party tells apart is judged at its ``last`` member; wrong: at its ``first``.
    """

    unseen: Literal["excluded", "stable", "tolerated"] = "excluded"
    own_only: bool = False
    judge: Literal["last", "first"] = "last"


RIGHT = Rule()


def seen_case(case: CaseDict, picture: Picture) -> CaseDict:
    """The case with a picture written over it."""
    # where today stands plays no part, and need not be possible in a picture
    out = {key: value for key, value in case.items() if key not in {"views", "status_quo"}}
    for block, written in picture.items():
        if block == "preferences":
            out[block] = {**out.get(block, {}), **written}
        elif block == "options":
            out[block] = {name: {**option, **written.get(name, {})} for name, option in out[block].items()}
        else:
            out[block] = written
    return out


class Hypergame:
    """The truth and the pictures, each as a literal model."""

    def __init__(
        self, case: CaseDict, pictures: Pictures, rule: Rule = RIGHT, memory: dict[Any, Any] | None = None
    ) -> None:
        """Build the models; a memory shared by several hypergames of one case saves building the same ones again."""
        memory = {} if memory is None else memory
        self.rule = rule
        self._case = {key: value for key, value in case.items() if key != "views"}
        self._picture_of = {p: id(pictures[p]) if p in pictures else 0 for p in case["parties"]}
        self._stays: dict[Any, bool] = memory if rule == RIGHT else {}
        if 0 not in memory:
            memory[0] = Model(self._case)
        for picture in pictures.values():
            if id(picture) not in memory:
                memory[id(picture)] = Model(seen_case(case, picture))
        self.truth: Model = memory[0]
        self.ids = self.truth.space.ids
        self.models: dict[str, Model] = {p: memory[number] for p, number in self._picture_of.items()}
        self.shared = self._without_arcs() if rule.unseen == "stable" else None
        if rule.own_only:
            for party, model in self.models.items():
                self._true_opponents(party, model)

    def _true_opponents(self, party: str, model: Model) -> None:
        """Give the others their true ranks in the party's picture; states it imagines stay as it has them."""
        for other in self.truth.space.parties:
            for state in self.ids if other != party and model is not self.truth else ():
                own = self.known_as(party, state)
                if own is not None:
                    model.ranks[other] = {**model.ranks[other], own: self.truth.ranks[other][state]}

    def known_as(self, party: str, state: str) -> str | None:
        """The party's own state for a true state: that of the last member that it sees; None if it sees none."""
        own: dict[Levels, Any] = self.models[party].space.state_of
        members = [m for m in self.truth.space.by_id[state].members if m in own]
        if not members:
            return None
        return str(own[members[-1 if self.rule.judge == "last" else 0]].id)

    def imagined(self, party: str) -> list[str]:
        """Keys of the states that the party believes possible and that have no member in truth."""
        true = self.truth.space.state_of
        return [s.key for s in self.models[party].space.states if not any(m in true for m in s.members)]

    def stays(self, concept: str, party: str, state: str) -> bool:
        """Whether a party sees a state and would not leave it, as it sees things."""
        asked = (concept, party, state, self._picture_of[party])
        if asked not in self._stays:
            self._stays[asked] = self._would_stay(concept, party, state)
        return self._stays[asked]

    def truly_stays(self, concept: str, party: str, state: str) -> bool:
        """Whether a party would not leave a state if it saw truly."""
        asked = (concept, party, state)
        if asked not in self._stays:
            self._stays[asked] = self.truth.stable(concept, party, state)
        return self._stays[asked]

    def _would_stay(self, concept: str, party: str, state: str) -> bool:
        if self.shared is not None:
            return self.shared.stable(concept, party, state)
        own = self.known_as(party, state)
        if own is None:
            return self.rule.unseen == "tolerated"
        return self.models[party].stable(concept, party, own)

    def sets(self) -> Sets:
        """Hyper-equilibria, equilibria, and the three names."""
        parties = self.truth.space.parties
        return self._named({
            c: [s for s in self.ids if all(self.stays(c, p, s) for p in parties)] for c in CONCEPTS
        })  # fmt: skip

    def _named(self, hyper: dict[str, list[str]]) -> Sets:
        parties = self.truth.space.parties
        true = {c: [s for s in self.ids if all(self.truly_stays(c, p, s) for p in parties)] for c in CONCEPTS}
        return {
            "hyper_equilibria": hyper,
            "equilibria": true,
            "steady": {c: [s for s in hyper[c] if s in true[c]] for c in CONCEPTS},
            "surprise": {c: [s for s in hyper[c] if s not in true[c]] for c in CONCEPTS},
            "missed": {c: [s for s in true[c] if s not in hyper[c]] for c in CONCEPTS},
        }

    def _without_arcs(self) -> Model:
        """The true model without the moves that a party does not see the origin or the end of."""
        blind = {p: {s for s in self.ids if self.known_as(p, s) is None} for p in self.truth.space.parties}
        model = copy.copy(self.truth)
        model._sequences = {}
        model.space = copy.copy(self.truth.space)
        model.space.moves = {
            p: {s: set() if s in blind[p] else targets - blind[p] for s, targets in of.items()}
            for p, of in self.truth.space.moves.items()
        }
        return model


def document(game: Hypergame, pictures: Pictures) -> dict[str, Any]:
    """What ``misperception`` has to answer, corrections left out."""
    return {
        "unseen": game.rule.unseen,
        "concepts": list(CONCEPTS),
        "pictures": {
            p: {"unseen": [s for s in game.ids if game.known_as(p, s) is None], "imagined": game.imagined(p)}
            for p in pictures
        },
        "stable": {
            c: {
                p: {"as_seen": [s for s in game.ids if game.stays(c, p, s)],
                    "in_truth": [s for s in game.ids if game.truly_stays(c, p, s)]}
                for p in game.truth.space.parties
            }
            for c in CONCEPTS
        },
        **game.sets(),
    }  # fmt: skip


def corrections(case: CaseDict, pictures: Pictures) -> list[dict[str, Any]]:
    """For every picture and every thing in it: how many states become or cease to be hyper-equilibria without it."""
    before = Hypergame(case, pictures).sets()["hyper_equilibria"]
    out: list[dict[str, Any]] = []
    for party, picture in pictures.items():
        for block, written in picture.items():
            keys = list(written) if block in {"preferences", "options"} else [None]
            for key in keys:
                less = {**picture, block: {k: v for k, v in written.items() if k != key}} if key else {
                    k: v for k, v in picture.items() if k != block
                }  # fmt: skip
                path = f"{block}.{key}" if key else block
                try:
                    after = Hypergame(case, {**pictures, party: less}).sets()["hyper_equilibria"]
                except ValueError:
                    # what is left does not fit together: merged states that differ in what somebody wants
                    out.append({"party": party, "path": path, "changes": {}, "total": None})
                    continue
                changes = {c: len(set(before[c]) ^ set(after[c])) for c in CONCEPTS}
                out.append({"party": party, "path": path, "changes": changes, "total": sum(changes.values())})
    return out


def random_picture(rng: random.Random, case: CaseDict) -> Picture:
    """A picture: other preferences, other rules of what is possible, other moves; at least one of them."""
    names = {name: option.get("levels", ["no", "yes"]) for name, option in case["options"].items()}
    while True:
        picture: Picture = {}
        if rng.random() < 0.6:
            rules = list(case.get("infeasible", []))
            if rules and rng.random() < 0.6:
                rules.remove(rng.choice(rules))
            if not rules or rng.random() < 0.7:
                rules.append(_where(rng, names, 2, positional=False))
            picture["infeasible"] = rules
        if rng.random() < 0.25:
            picture["coalesce"] = [_where(rng, names, 1, positional=False)] if rng.random() < 0.6 else []
        option = rng.choice(list(names))
        if rng.random() < 0.25 and case["options"][option].get("moves") != "down":
            picture["options"] = {option: {"moves": rng.choice(("both", "up"))}}
        space = Space(seen_case(case, picture))
        if space.states:
            break
    # where the states are others, conditions and ids written for the true ones need not fit
    whole = "infeasible" in picture or "coalesce" in picture
    wanted = [p for p in case["parties"] if whole or rng.random() < 0.5]
    if not picture and not wanted:
        wanted = [next(iter(case["parties"]))]
    if wanted:
        writer = _Writer(rng, case, space, positional=not whole)
        picture["preferences"] = {p: _wants(rng, writer) for p in wanted}
    return picture


def _wants(rng: random.Random, writer: _Writer) -> dict[str, Any]:
    """Usually worths of levels, which are quickly made."""
    if rng.random() < 0.15:
        return writer.preference()
    return {"utility": {o.id: worths for o in writer.space.options if (worths := writer.level_worths(o.id))}}
