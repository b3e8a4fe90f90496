"""The contract of a track record: how earlier forecasts did."""

from __future__ import annotations

from typing import Any

from detente.cli.contracts.parts import COUNT, FRACTION, NUMBER, list_of, object_of, or_null

_BIN = object_of(
    low=FRACTION, high=FRACTION, count=COUNT, happened=COUNT, said=FRACTION, bar=list_of(FRACTION), exact=FRACTION
)
TRACK_RECORD: dict[str, Any] = {
    "seals": COUNT,
    "cases": COUNT,
    "scored": COUNT,
    "graded": COUNT,
    "pending": COUNT,
    "late": COUNT,
    "undated": COUNT,
    # per seal the mean over its dates, then the mean over the seals; log null: infinite, or nothing judged
    "brier": or_null(NUMBER),
    "log": or_null(NUMBER),
    "impossible": COUNT,
    # Brier over the outcomes that have a base rate: of the forecasts, and of the base rates
    "told": or_null(NUMBER),
    "base": or_null(NUMBER),
    "skill": or_null(NUMBER),
    "calibration": or_null(
        object_of(kind={"enum": ["table", "curve"]}, count=COUNT, exact=FRACTION, bins=list_of(_BIN))
    ),
    "murphy": or_null(object_of(brier=NUMBER, reliability=NUMBER, resolution=NUMBER, uncertainty=NUMBER)),
}
