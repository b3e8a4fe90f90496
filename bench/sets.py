"""Concepts that need sets of states, and richer preferences: seconds on about ten thousand states."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

import detente
from bench.cases import binary_tree
from bench.measure import peak


def wanted(tree: dict[str, Any], *, known: str = "all", seed: int = 3) -> detente.Case:
    """The case with random additive utilities; each party cares most for its own first option.

    Args:
        tree: a case without preferences.
        known: ``all``; ``some``: some comparisons of every party are unknown; ``one``: of the first party alone;
            ``strength``: its first option counts for much more than the rest.
        seed: of the utilities.
    """
    rng = np.random.default_rng(seed)
    preferences: dict[str, Any] = {}
    for party in tree["parties"]:
        worth = {o: int(rng.integers(-50, 51)) for o in tree["options"]}
        first = next(o for o, d in tree["options"].items() if d["party"] == party)
        worth[first] = 1000
        forms: dict[str, Any] = {"utility": {o: {"yes": w} for o, w in worth.items()}}
        others = [o for o in tree["options"] if o != first]
        if known == "some" or (known == "one" and not preferences):
            other = rng.choice(others)  # both sides whole, so that nothing between them is decided by a third state
            forms["unknown"] = [[f"{first} and {other}", f"{first} and not {other}"]]
        if known == "strength":
            forms["strength"] = {"much": [[first, f"not {first}"]]}
        preferences[party] = forms
    return detente.Case.from_dict({**tree, "preferences": preferences})


def line(label: str, case: detente.Case, question: str, most: float, **asked: Any) -> None:
    """Print the seconds of one question, states and graph being built."""
    seconds = []
    for _ in range(2):
        session = detente.Session(case)
        count = len(session.ask("states").graph)
        start = time.perf_counter()
        session.ask(question, **asked)
        seconds.append(time.perf_counter() - start)
    print(
        f"{label:<44} {count:>9,} states {min(seconds):>8.2f} s   (about {most:g} s)   peak {peak():.2f} GB", flush=True
    )


def run() -> None:
    """All lines."""
    three = binary_tree((5, 5, 4), patterns=4)
    five = binary_tree((3, 3, 3, 3, 2), patterns=4)
    pair = binary_tree((7, 7), patterns=4)
    line("unknown preference of one party, a to d", wanted(three, known="one"), "unknown", 1)
    line("unknown preference of all three, a to d", wanted(three, known="some"), "unknown", 1)
    line("strength of preference, 3 parties", wanted(three, known="strength"), "strength", 1)
    line("all coalitions, 3 parties", wanted(three), "coalitions", 1)
    line("all 31 coalitions, 5 parties", wanted(five), "coalitions", 10)
    line("foresight, 2 parties", wanted(pair), "foresight", 1)


if __name__ == "__main__":
    run()
