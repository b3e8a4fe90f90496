"""The score of the reader of prose on annotated sentences, and of two simple baselines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from detente.agreement.prose.actors import Names, bare, proper_words
from detente.agreement.prose.clauses import understood

CORPUS = Path(__file__).parent / "corpus"
ANY_MODAL = re.compile(r"\b(?:shall|must|will)\b", re.IGNORECASE)
PARTY = re.compile(
    r"(?:\b(?:the|both|each|all)\s+)?\b(?:[A-Z][\w./+-]*\.?(?:\s+[A-Z][\w./+-]*)*|(?:part(?:y|ies)|sides))(?=\W|$)"
)


@dataclass
class Score:
    """Counts: obligors right, wrong, missed; classes right of all; times right, wrong, missed; nothing understood."""

    who: list[int]
    classes: list[int]
    times: list[int]
    unknown: int = 0
    lost: int = 0

    @staticmethod
    def share(part: int, whole: int) -> float:
        return part / whole if whole else 1.0

    @property
    def precision(self) -> float:
        return self.share(self.who[0], self.who[0] + self.who[1])

    @property
    def recall(self) -> float:
        return self.share(self.who[0], self.who[0] + self.who[2])

    @property
    def f1(self) -> float:
        return self.share(2 * self.who[0], 2 * self.who[0] + self.who[1] + self.who[2])


def files() -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(CORPUS.glob("*.yaml"))]


Answer = tuple[set[str], str, list[str]]


def ours(text: str, names: Names) -> Answer:
    seen = understood(text, names)
    who = {bare(a.value) for clause in seen.clauses for a in clause.actors}
    times = {(t.start, t.end): t.value for clause in seen.clauses for t in clause.times}
    return who, seen.clauses[0].kind if seen.clauses else "other", list(times.values())


def any_modal(text: str, names: Names) -> Answer:
    """Whoever is written first is the obligor of a sentence with a modal."""
    if not ANY_MODAL.search(text):
        return set(), "other", []
    first = PARTY.search(text)
    return ({bare(first[0])} if first else set()), "obligation", []


def near_modal(text: str, names: Names) -> Answer:
    """The party nearest to a modal, at most eight words to its left."""
    who = set()
    for modal in ANY_MODAL.finditer(text):
        before = " ".join(text[: modal.start()].split()[-8:])
        last = list(PARTY.finditer(before))
        who |= {bare(last[-1][0])} if last else set()
    return who, "obligation" if ANY_MODAL.search(text) else "other", []


def score(parts: list[dict[str, Any]], answer: Callable[[str, Names], Answer] = ours) -> Score:
    out = Score([0, 0, 0], [0, 0], [0, 0, 0])
    for part in parts:
        names = Names({}, proper_words("\n".join(s["text"] for s in part["sentences"])))
        for sentence in part["sentences"]:
            who, kind, times = answer(sentence["text"], names)
            want, due = {bare(w) for w in sentence.get("who", [])}, sentence.get("time", [])
            right = sum(any(t in w or w in t for w in due) for t in times)
            out.who = [a + b for a, b in zip(out.who, (len(who & want), len(who - want), len(want - who)), strict=True)]
            out.classes = [out.classes[0] + (kind == sentence["class"]), out.classes[1] + 1]
            missed = sum(not any(t in w or w in t for t in times) for w in due)
            out.times = [a + b for a, b in zip(out.times, (right, len(times) - right, missed), strict=True)]
            out.unknown += kind != "other" and not who
            out.lost += kind == "other" and sentence["class"] != "other"
    return out


def class_f1(parts: list[dict[str, Any]], kind: str) -> float:
    hit = wrong = missed = 0
    for part in parts:
        names = Names({}, proper_words("\n".join(s["text"] for s in part["sentences"])))
        for sentence in part["sentences"]:
            got, want = ours(sentence["text"], names)[1] == kind, sentence["class"] == kind
            hit, wrong, missed = hit + (got and want), wrong + (got and not want), missed + (want and not got)
    return Score.share(2 * hit, 2 * hit + wrong + missed)


def _row(name: str, parts: list[dict[str, Any]], answer: Callable[[str, Names], Answer] = ours) -> str:
    s = score(parts, answer)
    times = f"{s.times[0]} / {s.times[1]} / {s.times[2]}" if answer is ours else "-"
    return (f"| {name} | {s.classes[1]} | {s.precision:.2f} / {s.recall:.2f} / {s.f1:.2f} | {s.share(*s.classes):.2f}"
            f" | {times} | {s.unknown} | {s.lost} |")  # fmt: skip


def table() -> Iterator[str]:
    """The table of docs/prose.md, line by line."""
    all_of = files()
    held = [f for f in all_of if f["part"] == "held-out"]
    yield ("| agreement | sentences | obligors: precision / recall / F1 | class right | times: right / wrong / missed"
           " | nobody found | lost |")  # fmt: skip
    yield "|---|---|---|---|---|---|---|"
    for part in held:
        yield _row(
            f"{part['agreement']}, {part['date'].year}" + (" (quoted)" if part["words"] == "quoted" else ""), [part]
        )
    yield _row("**held-out, all**", held)
    yield _row("held-out, retold", [f for f in held if f["words"] == "ours"])
    yield _row("held-out, quoted", [f for f in held if f["words"] == "quoted"])
    yield _row("baseline: any modal", held, any_modal)
    yield _row("baseline: party within 8 words left of a modal", held, near_modal)
    yield _row("developed on", [f for f in all_of if f["part"] == "develop"])
    yield ""
    f1 = ", ".join(
        f"{kind} {class_f1(held, kind):.2f}" for kind in ("obligation", "permission", "prohibition", "other")
    )
    yield f"F1 by class, held-out: {f1}."
