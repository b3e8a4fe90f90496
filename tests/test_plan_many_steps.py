"""A lattice with more steps than can be listed is planned by clusters and integer programs, not refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

import detente
from detente.plan import network

OPTIONS = [f"o{n}" for n in range(6)]
CASE: dict[str, Any] = {
    "detente": 1,
    "name": "steps",
    "parties": {"p": {"discount": 0.95}, "q": {"discount": 0.95}},
    "options": {o: {"party": "pq"[n % 2]} for n, o in enumerate(OPTIONS)},
    "status_quo": {},
    "preferences": {
        party: {"utility": {o: {"yes": -1 if n % 2 == mine else 2} for n, o in enumerate(OPTIONS)}}
        for mine, party in enumerate("pq")
    },
    "plan": {
        "target": dict.fromkeys(OPTIONS, "yes"),
        "snapback": True,
        "lag": 1,
        "breach_cost": {"p": 0.5, "q": 0.5},
    },
}


def asked(**how: Any) -> Any:
    return detente.Session(detente.Case.from_dict(CASE)).ask("plan", draws=0, repairs=False, **how).to_dict()


def test_it_is_answered_and_the_order_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = asked()
    assert listed["enforceable"]
    with monkeypatch.context() as few:
        few.setattr(network, "STEPS", 10)
        found = asked()
    assert found["enforceable"]
    assert found["method"] != listed["method"]
    assert found["interior_margin"] <= listed["interior_margin"] + 1e-9  # which is the best of all
    again = asked(written=json.dumps(found["steps"]), file="steps.json")
    assert again["enforceable"]
    assert again["interior_margin"] == pytest.approx(found["interior_margin"], abs=1e-9)
    for one, other in zip(found["steps"], again["steps"], strict=True):
        assert other["margins"] == pytest.approx(one["margins"], abs=1e-9)
