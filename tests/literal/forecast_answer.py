"""A forecast over draws, written out: dense chains over (state, what has been visited, how it began), draw by draw.

Nothing here is shared with the engine but the random numbers of the inputs and the case file itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from detente.space.draws import Draws

State = tuple[int, ...]
Where = Callable[[State], bool]
INTENSITIES = (0.5, 2.0)


@dataclass(frozen=True)
class World:
    """A small conflict: everything the literal forecast needs, read by itself.

    Attributes:
        tree: the case file.
        owners: owner of every option.
        counts: levels of every option.
        classes: the outcomes in list order, the last being ``otherwise``.
        ticks: periods after which to look.
        ever, final: as in the block.
        among: who makes deals.
        breaks: state -> state after a breakdown; empty without breakdowns.
        bonus: conditions that carry a worth: text -> test.
    """

    tree: dict[str, Any]
    owners: tuple[str, ...]
    counts: tuple[int, ...]
    classes: tuple[Where, ...]
    ticks: tuple[int, ...]
    ever: bool
    final: bool
    among: tuple[str, ...]
    breaks: Mapping[State, State]
    bonus: Mapping[str, Where]

    @property
    def states(self) -> list[State]:
        """First option fastest."""
        return [tuple(reversed(s)) for s in product(*(range(n) for n in reversed(self.counts)))]

    @property
    def parties(self) -> list[str]:
        """In file order."""
        return list(self.tree["parties"])


def utilities(world: World, draws: Draws, number: int) -> dict[str, list[float]]:
    """Utility of every state to every party in a draw."""
    out = {}
    for party, written in world.tree["preferences"].items():
        kind = None
        forms = written
        if "types" in written:
            kind = list(written["types"])[int(draws.types(party)[number])]
            forms = written["types"][kind]
        if "ranking" in forms:
            tests = [world.bonus[text] for text in forms["ranking"]]
            place = [next(n for n, t in enumerate(tests) if t(s)) for s in world.states]
            present = sorted(set(place), reverse=True)  # worst first
            numbers = sorted(draws.generator(f"preferences.{party}.order", number).random(len(present)))
            low, high = numbers[0], numbers[-1]
            worth = {c: (x - low) / (high - low) if high > low else 0.0 for c, x in zip(present, numbers, strict=True)}
            out[party] = [worth[c] for c in place]
            continue
        options = list(world.tree["options"])
        values = []
        for state in world.states:
            total = 0.0
            for key in forms["utility"]:
                if key in options:
                    total += float(draws.level_worths(party, key, kind)[state[options.index(key)], number])
                elif world.bonus[key](state):
                    at = ("preferences", party) + (("types", kind) if kind else ())
                    total += float(draws.values((*at, "utility", key))[number])
            values.append(total)
        out[party] = values
    return out


def numbers(world: World, draws: Draws, number: int) -> dict[str, float]:
    """Numbers of behaviour in a draw."""
    at = ("forecast", "behaviour")
    behaviour = world.tree["forecast"]["behaviour"]
    weights = {p: float(draws.values((*at, "initiative", p))[number]) for p in behaviour["initiative"]}
    out = {f"weight {p}": w / sum(weights.values()) for p, w in weights.items()}
    out["breakdown"] = float(draws.values((*at, "breakdown"))[number]) if world.breaks else 0.0
    out["rate"] = float(draws.values((*at, "deals", "rate"))[number]) if world.among else 0.0
    if not isinstance(behaviour["intensity"], list):
        out["intensity"] = float(draws.values((*at, "intensity"))[number])
    return out


Step = tuple[float, str, State, bool]


def others_same(world: World, a: State, b: State, movers: set[str]) -> bool:
    """Whether two states agree in everything that others own."""
    return all(x == y for x, y, owner in zip(a, b, world.owners, strict=True) if owner not in movers)


def deals(world: World, worth: Mapping[str, list[float]], allowed: list[bool], here: State) -> list[State]:
    """The undominated deals that all who make deals prefer to a state."""
    place = {s: k for k, s in enumerate(world.states)}
    found = [
        s for s in world.states
        if allowed[place[s]]
        and others_same(world, here, s, set(world.among))
        and all(worth[p][place[s]] > worth[p][place[here]] for p in world.among)
    ]  # fmt: skip

    def dominated(s: State) -> bool:
        return any(
            all(worth[p][place[t]] >= worth[p][place[s]] for p in world.among)
            and any(worth[p][place[t]] > worth[p][place[s]] for p in world.among)
            for t in found
        )

    return [s for s in found if not dominated(s)]


def steps(
    world: World, worth: Mapping[str, list[float]], n: Mapping[str, float], intensity: float, allowed: list[bool]
) -> Callable[[State], list[Step]]:
    """All that can happen in a period from a state: (chance, how, state, for ever)."""
    states = world.states
    place = {s: k for k, s in enumerate(states)}

    known: dict[State, list[Step]] = {}

    def of(here: State) -> list[Step]:
        if here not in known:
            known[here] = list(ways(here))
        return known[here]

    def ways(here: State) -> Iterator[Step]:
        left = 1.0
        if world.breaks and n["breakdown"] > 0:
            yield n["breakdown"], "breakdown", world.breaks[here], True
            left -= n["breakdown"]
        if world.among and n["rate"] > 0:
            found = deals(world, worth, allowed, here)
            for s in found:
                yield left * n["rate"] / len(found), "deal", s, world.final
            if not found:
                yield left * n["rate"], "none", here, False
            left *= 1 - n["rate"]
        for party in world.parties:
            weight = n.get(f"weight {party}", 0.0)
            if weight == 0:
                continue
            mine = [s for s in states if others_same(world, here, s, {party})]
            values = np.array(worth[party])
            sd = float(np.sqrt(np.mean((values - values.mean()) ** 2)))
            scale = intensity / sd if values.max() > values.min() else 0.0
            powers = np.exp([scale * worth[party][place[s]] - scale * values.max() for s in mine])
            for s, power in zip(mine, powers, strict=True):
                yield left * weight * power / powers.sum(), f"move {party}" if s != here else "none", s, False

    return of


Node = tuple[State, int, str, bool]


def walk(world: World, of: Callable[[State], list[Step]], start: State) -> list[dict[Node, float]]:
    """Mass after every period: by state, best outcome visited so far, how the path began, and whether it has ended."""

    def class_of(s: State) -> int:
        return next(k for k, test in enumerate(world.classes) if test(s))

    out = [{(start, class_of(start), "nothing", False): 1.0}]
    for _ in range(max(world.ticks)):
        after: dict[Node, float] = {}
        for (s, best, began, ended), mass in out[-1].items():
            if ended:
                after[s, best, began, ended] = after.get((s, best, began, ended), 0.0) + mass
                continue
            for chance, how, t, forever in of(s):
                tag = began if began != "nothing" or (how == "none") else how
                node = (t, min(best, class_of(t)), tag, forever)
                after[node] = after.get(node, 0.0) + mass * chance
        out.append(after)
    return out


def outcome_of(world: World, node: Node) -> int:
    """The outcome that a path counts for."""
    if world.ever:
        return node[1]
    return next(k for k, test in enumerate(world.classes) if test(node[0]))


def joined(
    world: World, of: Callable[[State], list[Step]], start: State, tick: int
) -> dict[tuple[str, State, int], float]:
    """Chances of (beginning, state after ``tick`` periods, outcome at the last) by following every path further."""
    states, last = world.states, max(world.ticks)
    out: dict[tuple[str, State, int], float] = {}
    for node, mass in walk(world, of, start)[tick].items():
        mid = node[0]
        later: dict[Node, float] = {node: mass}
        for _ in range(last - tick):
            after: dict[Node, float] = {}
            for (s, best, began, ended), weight in later.items():
                moves = [(1.0, "none", s, True)] if ended else of(s)
                for chance, how, t, forever in moves:
                    tag = began if began != "nothing" or how == "none" else how
                    seen = next(k for k, test in enumerate(world.classes) if test(t))
                    to = (t, min(best, seen), tag, forever)
                    after[to] = after.get(to, 0.0) + weight * chance
            later = after
        for end, weight in later.items():
            key = (end[2], mid, outcome_of(world, end))
            out[key] = out.get(key, 0.0) + weight
    assert len(states) > 0
    return out


def quantile(values: list[float], q: float) -> float:
    """Linear between order statistics."""
    ordered = sorted(values)
    at = q * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])
