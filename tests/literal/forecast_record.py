"""The record of sealed forecasts, read off their definition: plain loops over plain lists."""

from __future__ import annotations

from math import inf, log
from typing import Any

OTHER = "none of these"


def verdict(seal: dict[str, Any], entries: list[tuple[str, str]], date: str) -> str | None:
    """What came true by (ever) or on (at) a date; ``late`` or None (open) where it is not judged.

    Args:
        seal: ``sealed`` (day), ``ever``, ``dates``, ``names``, ``p`` (per outcome, per date), ``rates``.
        entries: (day, outcome) that held; days are texts that sort as days.
        date: one of the dates.
    """
    if seal["sealed"] >= date:
        return "late"
    if seal["ever"]:
        for day, outcome in entries:
            if outcome == seal["names"][0] and day <= seal["sealed"]:
                return "late"
    if date not in [day for day, _ in entries]:
        return None
    if not seal["ever"]:
        return next(outcome for day, outcome in entries if day == date)
    visited = [outcome for day, outcome in entries if day <= date]
    for name in [*seal["names"], OTHER]:
        if name in visited:
            return str(name)
    raise AssertionError(visited)


def figures(seals: list[dict[str, Any]], entries: list[list[tuple[str, str]]]) -> dict[str, Any]:
    """Counts and mean scores: each seal the mean over its dates judged, then the mean over seals."""
    out: dict[str, Any] = {"graded": [], "pending": 0, "late": 0}
    brier, logs, told, base, cases = [], [], [], [], []
    for seal, held in zip(seals, entries, strict=True):
        mine: list[dict[str, float]] = []
        last = None
        for date in sorted(seal["dates"]):
            came = verdict(seal, held, date)
            if came == "late":
                out["late"] += 1
                continue
            if came is None:
                out["pending"] += 1
                continue
            row = seal["dates"].index(date)
            out["graded"].append((date, came))
            scores = {"brier": 0.0, "log": inf, "told": 0.0, "base": 0.0}
            for name, chances in zip(seal["names"], seal["p"], strict=True):
                hit = 1.0 if name == came else 0.0
                scores["brier"] += (chances[row] - hit) ** 2
                if hit and chances[row] > 0:
                    scores["log"] = -log(chances[row])
                if name in seal["rates"]:
                    scores["told"] += (chances[row] - hit) ** 2
                    scores["base"] += (seal["rates"][name] - hit) ** 2
            if came not in seal["names"]:
                scores["brier"] += 1
            mine.append(scores)
            column = [chances[row] for chances in seal["p"]]
            best = max(column)
            last = (best, int(seal["names"][column.index(best)] == came))
        if mine:
            brier.append(sum(s["brier"] for s in mine) / len(mine))
            logs.append(sum(s["log"] for s in mine) / len(mine))
            cases.append(last)
            if seal["rates"]:
                told.append(sum(s["told"] for s in mine) / len(mine))
                base.append(sum(s["base"] for s in mine) / len(mine))
    out["brier"] = sum(brier) / len(brier) if brier else None
    out["log"] = sum(logs) / len(logs) if logs else None
    out["skill"] = 1 - sum(told) / sum(base) if base and sum(base) > 0 else None
    out["cases"] = cases
    return out
