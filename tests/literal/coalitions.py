"""Coalition stability and equilibrium jumps, word for word, in sets of state ids."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.literal.definitions import CONCEPTS as INDIVIDUAL
from tests.literal.definitions import Model
from tests.literal.states import CaseDict

CONCEPTS = ("cnash", "cgmr", "csmr", "cseq")
Group = tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """How the definitions are read."""

    joint: bool = False
    """A group changes all its options at once; else its members move one at a time, nobody twice in a row."""
    twice: bool = False
    """Wrong: the same group may improve twice in a row."""
    alone: bool = False
    """Wrong: only single opponents improve in answer, as in sequential stability."""
    one_happy: bool = False
    """Wrong: a sanction must hurt every member."""


def groups_of(parties: Iterable[str]) -> list[Group]:
    """All non-empty subsets, smallest first."""
    parties = tuple(parties)
    return [g for size in range(1, len(parties) + 1) for g in itertools.combinations(parties, size)]


class CoalitionModel:
    """A case, its ranks, and what groups of parties can do."""

    def __init__(self, case: CaseDict, reading: Reading) -> None:
        self.case = case
        self.model = Model(case)
        self.space = self.model.space
        self.reading = reading
        self.parties = [p for p in self.space.parties if self.role(p) != "mediator"]
        self.mediators = [p for p in self.space.parties if self.role(p) == "mediator"]
        for mediator in self.mediators:  # never moves by itself
            self.space.moves[mediator] = {s: set() for s in self.space.ids}
        self._reach: dict[tuple[Group, str, bool], set[str]] = {}
        self._improvements: dict[tuple[Group, str], set[str]] = {}
        self._credible: dict[tuple[Group, str], set[str]] = {}

    def role(self, party: str) -> str:
        role: str = self.case["parties"][party].get("role", "signatory")
        return role

    @cached_property
    def coalitions(self) -> list[Group]:
        return groups_of(self.parties)

    def prefers(self, party: str, one: str, other: str) -> bool:
        """Say whether a party strictly prefers one state to the other."""
        ranks = self.model.ranks[party]
        return ranks[one] > ranks[other]

    # --- where groups can go

    def reach(self, group: Group, state: str, *, joint: bool | None = None) -> set[str]:
        """R_H(s), the state itself left out."""
        joint = self.reading.joint if joint is None else joint
        key = (group, state, joint)
        if key not in self._reach:
            self._reach[key] = self.at_once(group, state) if joint else self.in_turns(group, state)
        return self._reach[key]

    def in_turns(self, group: Group, state: str) -> set[str]:
        """By legal sequences: pairs of a state and its last mover, nobody moves twice in a row."""
        seen = {(state, "")}
        frontier = [(state, "")]
        while frontier:
            here, last = frontier.pop()
            for mover in group:
                if mover == last:
                    continue
                for there in self.space.moves[mover][here]:
                    if (there, mover) not in seen:
                        seen.add((there, mover))
                        frontier.append((there, mover))
        return {s for s, _ in seen} - {state}

    def at_once(self, group: Group, state: str) -> set[str]:
        """By one joint move from any member: each option of the group to any level that its owner may choose."""
        reached = set()
        for member in self.space.by_id[state].members:
            choices = [
                [new for new in range(len(option.levels)) if option.may_move(level, new)]
                if option.party in group
                else [level]
                for option, level in zip(self.space.options, member, strict=True)
            ]
            reached |= {
                self.space.state_of[new].id for new in itertools.product(*choices) if new in self.space.state_of
            }
        return reached - {state}

    # --- coalition improvements and what answers them

    def improvements(self, group: Group, state: str) -> set[str]:
        """CI_H(s): where the group can go and every member prefers to be."""
        key = (group, state)
        if key not in self._improvements:
            self._improvements[key] = {
                there for there in self.reach(group, state) if all(self.prefers(p, there, state) for p in group)
            }
        return self._improvements[key]

    def hurts(self, group: Group, outcome: str, state: str) -> bool:
        """Phi_H(s): some member does not prefer the outcome to the state left."""
        some = all if self.reading.one_happy else any
        return some(not self.prefers(p, outcome, state) for p in group)

    def others(self, group: Group) -> Group:
        """F = N minus H."""
        return tuple(p for p in self.parties if p not in group)

    def credible(self, others: Group, state: str) -> set[str]:
        """Where sequences of coalition improvements of groups within F lead, no group twice in a row."""
        key = (others, state)
        if key not in self._credible:
            within = [(p,) for p in others] if self.reading.alone else groups_of(others)
            nobody: Group = ()
            seen = {(state, nobody)}
            frontier = [(state, nobody)]
            while frontier:
                here, last = frontier.pop()
                for group in within:
                    if group == last and not self.reading.twice:
                        continue
                    for there in self.improvements(group, here):
                        if (there, group) not in seen:
                            seen.add((there, group))
                            frontier.append((there, group))
            self._credible[key] = {s for s, last in seen if last}
        return self._credible[key]

    def sanctions(self, concept: str, group: Group, state: str, improvement: str) -> set[str]:
        """The outcomes of the others' answers that punish the group for this improvement."""
        others = self.others(group)
        if concept == "cnash" or not others:
            return set()
        answers = self.credible(others, improvement) if concept == "cseq" else self.reach(others, improvement)
        found = {x for x in answers if self.hurts(group, x, state)}
        if concept == "csmr":
            found = {x for x in found if all(self.hurts(group, y, state) for y in self.reach(group, x))}
        return found

    def stable(self, concept: str, group: Group, state: str) -> bool:
        """Every coalition improvement is sanctioned."""
        return all(self.sanctions(concept, group, state, t) for t in self.improvements(group, state))

    def table(self, concept: str) -> dict[Group, list[str]]:
        """Coalition -> stable states."""
        return {g: [s for s in self.space.ids if self.stable(concept, g, s)] for g in self.coalitions}

    def universal(self, concept: str) -> list[str]:
        """The states that are stable for every coalition."""
        return [s for s in self.space.ids if all(self.stable(concept, g, s) for g in self.coalitions)]

    # --- equilibrium jumps

    def equilibria(self, concept: str) -> list[str]:
        """The states that are stable for every party under an individual concept."""
        assert concept in INDIVIDUAL
        return [s for s in self.space.ids if all(self.model.stable(concept, p, s) for p in self.parties)]

    def jumps(self, concept: str, state: str) -> set[tuple[Group, Group, str]]:
        """(coalition, mediators that help, target) for every jump from a state, least groups only.

        The group that moves is least: no smaller one can go there. It is more than one, and every party in it
        prefers the target; mediators help in joint moves only and are not asked.
        """
        helpers = self.mediators if self.reading.joint else []
        found = set()
        moving = groups_of([*self.parties, *helpers])
        for target in self.equilibria(concept):
            if target == state:
                continue
            able = [g for g in moving if target in self.reach(g, state)]
            for group in able:
                if any(set(other) < set(group) for other in able) or len(group) < 2:
                    continue
                members = tuple(p for p in group if p in self.parties)
                if members and all(self.prefers(p, target, state) for p in members):
                    found.add((members, tuple(p for p in group if p in self.mediators), target))
        return found


def complaints(model: CoalitionModel, verdict: dict[str, Any]) -> list[str]:
    """List what is wrong with the witness of a group's verdict (its JSON form); an empty list = it proves it."""
    group, state, concept = tuple(verdict["coalition"]), verdict["state"], verdict["concept"]
    improvements = model.improvements(group, state)
    answers = verdict["answers"]
    found = []
    for answer in answers:
        move = answer["improvement"]
        if move["to"] not in improvements:
            found.append(f"{move['to']} is no improvement")
            continue
        found += _wrong_move(model, move, group, state)
        possible = model.sanctions(concept, group, state, move["to"])
        if answer["sanction"] is None:
            found += [f"{move['to']} is sanctioned"] if verdict["stable"] or possible else []
            continue
        found += _wrong_sanction(model, verdict, answer, possible)
    if verdict["stable"] and len({a["improvement"]["to"] for a in answers}) + verdict["more"] != len(improvements):
        found.append(f"{len(answers)} and {verdict['more']} answers to {len(improvements)} improvements")
    if not verdict["stable"] and [a["sanction"] for a in answers] != [None]:
        found.append("no unsanctioned improvement is shown")
    return found


def _wrong_sanction(
    model: CoalitionModel, verdict: dict[str, Any], answer: dict[str, Any], possible: set[str]
) -> list[str]:
    """The others' moves must follow one another and end at a sanction; each must be one that the concept admits."""
    group, others = tuple(verdict["coalition"]), model.others(tuple(verdict["coalition"]))
    here, last, found = answer["improvement"]["to"], (), []
    for move in answer["sanction"]:
        movers = tuple(move["coalition"])
        found += _wrong_move(model, move, movers, here)
        if verdict["concept"] == "cseq":
            if not set(movers) <= set(others) or movers == last:
                found.append(f"{movers} may not move")
            if move["to"] not in model.improvements(movers, here):
                found.append(f"{here} to {move['to']} is no improvement of {movers}")
        elif movers != others:
            found.append(f"{movers} instead of {others}")
        here, last = move["to"], movers
    if here not in possible:
        found.append(f"{here} is no sanction")
    hurt = [p for p in group if not model.prefers(p, here, verdict["state"])]
    return found + ([] if answer["hurt"] == hurt else [f"hurt: {answer['hurt']} instead of {hurt}"])


def _wrong_move(model: CoalitionModel, move: dict[str, Any], group: Group, start: str) -> list[str]:
    """A move of a group from a state: at once, or step by step."""
    if move["from"] != start or tuple(move["coalition"]) != group:
        return [f"{move} does not start at {start} with {group}"]
    if move["to"] not in model.reach(group, start):
        return [f"{group} cannot go from {start} to {move['to']}"]
    if model.reading.joint:
        return [] if move["steps"] is None else ["steps of a joint move"]
    return wrong_steps(model, move["steps"], group, start, move["to"])


def wrong_steps(model: CoalitionModel, steps: list[dict[str, str]], group: Group, start: str, target: str) -> list[str]:
    """A legal sequence of some parties from one state to another."""
    here, last = start, ""
    for step in steps:
        party = step["party"]
        if party not in group or party == last or step["from"] != here:
            return [f"{step} is not legal after {last} at {here}"]
        if step["to"] not in model.space.moves[party][here]:
            return [f"{party} cannot move from {here} to {step['to']}"]
        here, last = step["to"], party
    return [] if here == target else [f"the sequence ends at {here}, not at {target}"]
