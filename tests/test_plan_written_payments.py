"""Payments in a written order: what an answer prints is what a check of it reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

import detente
from detente.base.errors import CaseError

CASE: dict[str, Any] = {
    "detente": 1,
    "name": "paid",
    "parties": {"p": {"money": 1}, "q": {"discount": 0.5, "money": 1}},
    "options": {"o0": {"party": "p", "levels": ["a", "b"]}, "o1": {"party": "q", "levels": ["a", "b"]}},
    "status_quo": {"o0": "a", "o1": "a"},
    "preferences": {"p": {"utility": {"o1": {"b": 0.7}}}, "q": {"utility": {"o1": {"b": "0"}}}},
    "disagreement": {"payoffs": {"p": -0.2, "q": -1.2}},
    "plan": {
        "target": {"o0": "b", "o1": "b"},
        "snapback": True,
        "lag": {"p": 2, "q": 2},
        "breach_cost": {"p": 1.6},
        "costs": {"o1": {"b": {"once": 2}}},
        "transfers": 3,
    },
}


def asked(written: str | None = None) -> Any:
    how: dict[str, Any] = {} if written is None else {"written": written, "file": "steps.json"}
    return detente.Session(detente.Case.from_dict(CASE)).ask("plan", draws=0, repairs=False, **how).to_dict()


def test_what_is_printed_with_payments_is_found_again() -> None:
    found = asked()
    assert found["enforceable"]
    assert any(v for s in found["steps"] for v in s["side"].values())  # it takes a payment
    again = asked(json.dumps(found["steps"]))
    assert again["enforceable"]
    for one, other in zip(found["steps"], again["steps"], strict=True):
        assert other["margins"] == pytest.approx(one["margins"], abs=1e-9)
        assert other["side"] == pytest.approx(one["side"])
    bare = asked(json.dumps([{k: v for k, v in s.items() if k != "side"} for s in found["steps"]]))
    assert not bare["enforceable"]  # q would not pay 2 once for nothing


@pytest.mark.parametrize(
    ("side", "told"),
    [
        ({"p": -1}, "add up"),
        ({"p": -1, "q": 2}, "add up"),
        ({"p": "NaN", "q": 1}, "number"),
        ({"p": "1e999", "q": 1}, "number"),
        ({"p": [1], "q": 1}, "number"),
        ({"r": 1, "p": -1}, "party"),
        ([1, -1], "mapping"),
        ("much", "mapping"),
    ],
)
def test_payments_that_are_none(side: Any, told: str) -> None:
    steps = [{"moves": [{"option": "o0", "to": "b"}], "side": side}, {"moves": [{"option": "o1", "to": "b"}]}]
    with pytest.raises(CaseError, match=told) as caught:
        asked(json.dumps(steps))
    assert caught.value.problems()[0].line == 1
