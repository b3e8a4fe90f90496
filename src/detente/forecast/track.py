"""A track record in words, as it stands beside a forecast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detente.base.wording import counted, percent
from detente.forecast.calibration import FEW


def record_text(record: Mapping[str, Any]) -> str:
    """A track record in a few sentences.

    Args:
        record: what ``record_of`` gives.
    """
    sealed, still = counted(record["seals"], "sealed forecast"), counted(record["pending"], "date")
    if not record["graded"]:
        return f"Track record: {sealed}, none of which could be judged yet; {still} still open."
    head = (
        f"Track record: {record['scored']:,} of {sealed} judged, on {counted(record['graded'], 'date')}; {still} still"
        f" open. Brier score {record['brier']:.2f} (0 = certain and right, 2 = certain and wrong)"
    )
    if record["skill"] is None:
        none = record["base"] is None
        against = ", without a base rate to hold it against" if none else ", against base rates that were never wrong"
    else:
        gain = record["skill"]
        against = f", {percent(abs(gain))} {'better' if gain >= 0 else 'worse'} than the base rates"
        against = ", as good as the base rates" if abs(gain) < 0.005 else against
    found = record["calibration"]
    right, said = sum(b["happened"] for b in found["bins"]), sum(b["said"] * b["count"] for b in found["bins"])
    tail = f" What was called likeliest came true {right} of {found['count']} times; {said:.1f} were to be expected."
    few = " That is too little to tell skill from luck." if found["count"] < FEW else ""
    return head + against + "." + tail + few
