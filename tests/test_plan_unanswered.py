"""Where nobody answers a breach (``snapback: false``): the breakdown plays no part (DESIGN section 7, Plan)."""

from __future__ import annotations

from typing import Any

import pytest

import detente

CASE: dict[str, Any] = {
    "detente": 1,
    "name": "unanswered",
    "parties": {"p": {"discount": 0.9}, "q": {"discount": 0.9}},
    "options": {"x": {"party": "p", "levels": ["a", "b", "c"]}, "y": {"party": "q"}},
    "status_quo": {"x": "a", "y": "no"},
    "preferences": {
        "p": {"utility": {"x": {"b": -1, "c": 2}, "y": {"yes": 2}}},
        "q": {"utility": {"x": {"b": 3}, "y": {"yes": -1}}},
    },
    "plan": {
        "target": {"x": "b", "y": "yes"},
        "snapback": False,
        "lag": 1,
        "undo": {"x": {"b": 10}},
        "breach_cost": {"p": 2.2, "q": 2},
    },
}


@pytest.mark.parametrize("breakdown", [{}, {"x": "c"}, {"by": {"p": {"x": "c"}}}, {"y": "yes"}])
def test_what_a_breakdown_leads_to_does_not_matter(breakdown: dict[str, Any]) -> None:
    case = {**CASE, "plan": {**CASE["plan"], **({"breakdown": breakdown} if breakdown else {})}}
    found = detente.Session(detente.Case.from_dict(case)).ask("plan", draws=0, repairs=False).to_dict()
    # Going on: -1 + 2 = 1. The best way out of p: x to c, no way back and so there at once: 2 + 2 - 2.2 = 1.8.
    assert found["target_test"]["p"] == pytest.approx(1 - 1.8)
    # q takes y back: 3 - 2 = 1 against going on with 3 - 1 = 2.
    assert found["target_test"]["q"] == pytest.approx(1.0)
    assert not found["enforceable"]
