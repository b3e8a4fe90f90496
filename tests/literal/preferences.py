"""What a party wants: a rank for every state, 0 for the worst, from a utility, a ranking or priorities."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from tests.literal.states import Space

Ranks = dict[str, int]
"""State id -> dense rank, 0 = least preferred, equal numbers = equally good."""


def ranks_of(space: Space, preference: dict[str, Any] | None, numbers: dict[str, Any]) -> Ranks:
    """Return the ranks that one party's preference gives; without a preference every state is as good as any other."""
    if preference is None:
        return dict.fromkeys(space.ids, 0)
    if "utility" in preference:
        return _from_utility(space, preference["utility"], numbers)
    if "ranking" in preference:
        return _from_ranking(space, preference["ranking"])
    ranks = _from_priorities(space, preference["priorities"])
    for better, worse in preference.get("adjust", []):
        ranks = _adjusted(ranks, space.matching(better), space.matching(worse))
    return ranks


def dense(scores: dict[str, Any]) -> Ranks:
    """Number the different scores from 0 upwards."""
    ladder = sorted(set(scores.values()))
    return {state: ladder.index(score) for state, score in scores.items()}


def point(number: Any, numbers: dict[str, Any]) -> Fraction:
    """Return the exact point value of a written number: itself, or the mean of an uncertain one."""
    if isinstance(number, dict):
        return point(number["value"], numbers)
    text = str(number).replace(" ", "")
    if text in numbers:
        return point(numbers[text], {})
    for sign in ("±", "+-"):
        if sign in text:
            return Fraction(text.split(sign)[0])
    parts = [Fraction(part) for part in text.split("..")]
    return sum(parts, Fraction(0)) / len(parts)


def _from_utility(space: Space, utility: dict[str, Any], numbers: dict[str, Any]) -> Ranks:
    """Add the worth of every named level and of every condition that holds."""
    scores: dict[str, Fraction] = {}
    for state in space.states:
        sums = set()
        for member in state.members:
            total = Fraction(0)
            for option, level in zip(space.options, member, strict=True):
                worth = utility.get(option.id, {})
                name = option.levels[level]
                total += point(worth[name], numbers) if name in worth else 0
            for key, number in utility.items():
                if key not in space.names and space.test(key)(member):
                    total += point(number, numbers)
            sums.add(total)
        if len(sums) > 1:
            raise ValueError(f"the members of {state.id} have different worth: {sums}")
        scores[state.id] = sums.pop()
    return dense(scores)


def _from_ranking(space: Space, ranking: Iterable[str | list[str]]) -> Ranks:
    """Best first; a state belongs to the first entry that it matches; what is not named comes last, tied."""
    classes: list[set[str]] = []
    left = set(space.ids)
    for entry in ranking:
        named = space.matching(entry) if isinstance(entry, str) else set().union(*map(space.matching, entry))
        classes.append(named & left)
        left -= named
    classes.append(left)
    place_of = {state: place for place, group in enumerate(classes) for state in group}
    return dense({state: -place_of[state] for state in space.ids})


def _from_priorities(space: Space, priorities: Iterable[str | list[str]]) -> Ranks:
    """Lexicographic, most important first; of tied statements it counts how many hold."""
    scores: dict[str, tuple[int, ...]] = dict.fromkeys(space.ids, ())
    for entry in priorities:
        statements = [space.matching(text) for text in ([entry] if isinstance(entry, str) else entry)]
        for state in space.ids:
            scores[state] += (sum(state in holds for holds in statements),)
    return dense(scores)


def _adjusted(ranks: Ranks, better: set[str], worse: set[str]) -> Ranks:
    """Move those of ``better`` that are not above all of ``worse`` to just above the highest of them."""
    if better & worse:
        raise ValueError(f"{sorted(better & worse)} match both sides")
    if not worse:
        return ranks
    highest = max(ranks[state] for state in worse)
    moved = {state for state in better if ranks[state] <= highest}
    return dense({state: (highest, 1, rank) if state in moved else (rank, 0, 0) for state, rank in ranks.items()})
