"""What an answer rests on, for the line under its title: whose reading, which types, which changes, which weights."""

from __future__ import annotations

from collections.abc import Container, Mapping
from fractions import Fraction

from detente.base.wording import words
from detente.case.change import Change
from detente.case.model import Case


def subtitle(
    case: Case,
    changes: Change | None = None,
    weights: Mapping[str, Fraction] | None = None,
    *,
    shared: bool = False,
    chosen: Container[str] | None = None,
) -> str:
    """Sentences in one line; empty where there is nothing to say.

    Args:
        case: the case as asked.
        changes: edits made for this question alone.
        weights: bargaining power of the parties, told where it is not the same for all.
        shared: leave out types, changes and weights.
        chosen: for an answer over draws: the parties whose type was chosen; those of the others are drawn.
    """
    parts = [reading(case)]
    if not shared:
        parts += taken_types(case) if chosen is None else drawn_types(case, chosen)
        if changes is not None and changes.edits:
            parts.append(f"Changed for this question: {'; '.join(' = '.join(e.pair()) for e in changes.edits)}")
        if weights and len(set(weights.values())) > 1:
            told = ", ".join(f"{case.party_name(p)} {float(w):.4g}" for p, w in weights.items())
            parts.append(f"Weights: {told}")
    return " ".join(f"{p}." for p in parts if p)


def reading(case: Case) -> str:
    """Whose reading this is; empty where there is only one."""
    if case.view_name is None:
        return "The case as written" if case.written.file.views else ""
    view = case.written.file.views[case.view_name]
    if view.of is not None:
        return f"As {case.party_name(view.of)} sees it"
    return f"As read by {view.by or view.label or words(case.view_name)}"


def drawn_types(case: Case, chosen: Container[str]) -> list[str]:
    """The types of every party that has several, drawn by their probabilities unless one was chosen."""
    out = []
    for party, name in case.types.items():
        types, priors = case.file.preferences[party].types or {}, case.priors(party)
        if len(types) > 1 and party in chosen:
            out.append(f"{case.party_name(party)} is taken as '{types[name].label or words(name)}', as asked")
        elif len(types) > 1:
            told = [f"'{t.label or words(n)}' {100 * float(priors[n]):.0f} %" for n, t in types.items()]
            out.append(f"Who {case.party_name(party)} is, is drawn: {', '.join(told)}")
    return out


def taken_types(case: Case) -> list[str]:
    """The type used of every party that has several, with its probability."""
    out = []
    for party, name in case.types.items():
        types = case.file.preferences[party].types or {}
        if len(types) > 1:
            told = types[name].label or words(name)
            share = f"{100 * float(case.priors(party)[name]):.0f} %"
            why = "assumed; " if types[name].assumed else ""
            out.append(f"{case.party_name(party)} is taken as '{told}' ({why}{share})")
    return out
