"""Expected verdicts from a tree: a table in YAML or JSON, or detente's own JSON answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from detente.base.errors import did_you_mean, one_of, shown
from detente.formats.json_tree import integer, kind
from detente.formats.target import OtherOption, Target, matched_options, matched_state
from detente.inquiry.compare import ALL, Column, Expected
from detente.inquiry.compare_further import STRONG, WEAK
from detente.inquiry.compare_groups import UNIVERSAL
from detente.space.states import DIGITS
from detente.stability.coalitions import MOVES
from detente.stability.unknown import ATTITUDES

CONTENT = ("equilibria", "stable", "ranking", "coalitions", "unknown", "strong", "weak")
KEYS = (*CONTENT, "states", "title", "source", "note")
Ranking = tuple[tuple[int, ...], ...]


def is_answer(tree: Any) -> bool:
    """Whether a tree is detente's own answer to ``states`` or ``stability``."""
    return isinstance(tree, dict) and "options" in tree and "states" in tree and "parties" in tree


def from_table(target: Target, tree: Any) -> tuple[list[Column], dict[str, Ranking]]:
    """Expected verdicts and rankings of a written table; faults are recorded in the target."""
    if not isinstance(tree, dict):
        target.wrong(tree, _kind(tree), f"a table: a mapping with {', '.join(CONTENT)}")
        return [], {}
    _hold_to_keys(target, tree)
    written = tree.get("states")
    if isinstance(written, list):
        written = {str(n): v for n, v in enumerate(written, start=1)}
    if written is not None:
        target.name_states(_mapping(target, written, tree, "the table's numbers and what states they are"))
        target.left_out()
    return [*_equilibria(target, tree), *_stable(target, tree)], _rankings(target, tree)


def _hold_to_keys(target: Target, tree: Mapping[str, Any]) -> None:
    for key in tree:
        if key not in KEYS:
            at = tree.written_key(key) if hasattr(tree, "written_key") else key
            target.wrong(at, f"the unknown key {shown(key)}", one_of(KEYS), did_you_mean(key, KEYS))
    if not any(key in tree for key in CONTENT):
        target.wrong(tree, "no expectation", f"at least one of {', '.join(CONTENT)}")


def _stable(target: Target, tree: Mapping[str, Any]) -> Iterator[Column]:
    for concept, parties in _items(target, tree, "stable", "concepts, each with parties and their stable states"):
        known = target.concept(concept, concept)
        for name, states in _mapping(target, parties, concept, "parties with their stable states").items():
            party = target.party(name, name)
            numbers = target.states(_list(target, states), name)
            if known is not None and party is not None:
                yield target.column(known, party, numbers)


def groups_of(target: Target, tree: Any) -> tuple[tuple[Column, ...], str]:
    """Expected verdicts for groups under ``coalitions``: concept -> group or universal -> states; and how they move."""
    written = tree.get("coalitions") if isinstance(tree, dict) else None
    if written is None:
        return (), "legal"
    moves = "legal"
    columns = []
    for concept, groups in _items(target, tree, "coalitions", "concepts, each with groups and their stable states"):
        if concept == "moves":
            moves = str(groups) if groups in MOVES else moves
            if groups not in MOVES:
                target.wrong(groups if hasattr(groups, "at") else concept, _kind(groups), one_of(MOVES))
            continue
        known = target.concept(concept, concept, of_groups=True)
        for name, states in _mapping(target, groups, concept, "groups with their stable states").items():
            group = target.group(name, name)
            numbers = target.states(_list(target, states), name)
            if known is not None and group is not None:
                columns.append(target.column(known, group, numbers))
    return tuple(columns), moves


def further_of(target: Target, tree: Any) -> tuple[Column, ...]:
    """Verdicts under ``unknown`` (attitude -> concept), ``strong`` and ``weak`` (concept): for all, or by party."""
    if not isinstance(tree, dict):
        return ()
    columns: list[Column] = []
    for name, concepts in _items(target, tree, "unknown", "a, b, c or d, each with concepts"):
        attitude = str(name).strip().lower().removeprefix("type ")
        if attitude not in ATTITUDES:
            target.wrong(name, f"the attitude {shown(name)}", one_of(tuple(ATTITUDES)))
            continue
        of = _mapping(target, concepts, name, "concepts, each with states, or with parties and their stable states")
        columns += _of_kind(target, of, attitude)
    for how in (STRONG, WEAK):
        of = dict(_items(target, tree, how, "concepts, each with states, or with parties and their stable states"))
        columns += _of_kind(target, of, how)
    return tuple(columns)


def _of_kind(target: Target, concepts: Mapping[Any, Any], kind: str) -> Iterator[Column]:
    for concept, written in concepts.items():
        known = target.concept(concept, concept)
        for name, states in (written if isinstance(written, dict) else {ALL: written}).items():
            party = target.party(name, concept, everybody=True)
            numbers = target.states(_list(target, states), concept)
            if known is not None and party is not None:
                yield replace(target.column(known, party, numbers), kind=kind)


def _answered_further(target: Target, tree: Mapping[str, Any]) -> tuple[Column, ...]:
    """The verdicts of an answer of ours under unknown preference and strength, where these were asked for."""
    content: dict[str, Any] = {}
    unknown, strength = tree.get("unknown"), tree.get("strength")
    if isinstance(unknown, dict):
        content["unknown"] = {
            a: _lists(of, (unknown.get("equilibria") or {}).get(a)) for a, of in (unknown.get("stable") or {}).items()
        }
    if isinstance(strength, dict):
        for how in (STRONG, WEAK):
            all_of = {c: of.get(how) for c, of in (strength.get("equilibria") or {}).items() if isinstance(of, dict)}
            content[how] = _lists(strength.get(how), all_of)
    return further_of(target, content)


def _lists(by_party: Any, for_all: Any) -> dict[str, Any]:
    """Concept -> party or ``all`` -> states, where they are listed."""
    out: dict[str, dict[str, Any]] = {}
    for concept, of in by_party.items() if isinstance(by_party, dict) else ():
        named = of.items() if isinstance(of, dict) else ()
        out[str(concept)] = {p: s for p, s in named if isinstance(s, list)}
    for concept, states in for_all.items() if isinstance(for_all, dict) else ():
        if isinstance(states, list):
            out.setdefault(str(concept), {})[ALL] = states
    return out


def _answered_groups(target: Target, tree: Mapping[str, Any]) -> tuple[tuple[Column, ...], str]:
    """The verdicts for groups in an answer of ours, where groups were asked for."""
    written = tree.get("coalitions")
    if not isinstance(written, dict):
        return (), "legal"
    content = {
        c: {g: s for g, s in of.items() if isinstance(s, list)}
        for c, of in (written.get("stable") or {}).items() if isinstance(of, dict)
    }  # fmt: skip
    for concept, states in (written.get("universal") or {}).items():
        if isinstance(states, list) and concept in content:
            content[concept][UNIVERSAL] = states
    return groups_of(target, {"coalitions": {"moves": written.get("moves", "legal"), **content}})


def _rankings(target: Target, tree: Mapping[str, Any]) -> dict[str, Ranking]:
    rankings = {}
    for name, entries in _items(target, tree, "ranking", "parties with their states, best first"):
        party = target.party(name, name)
        groups = [g if isinstance(g, list) else [g] for g in _list(target, entries)]
        flat = target.states([s for g in groups for s in g], name)
        if party is not None and len(flat) == sum(map(len, groups)):
            ends = np.cumsum([len(g) for g in groups])[:-1].tolist()
            rankings[party] = tuple(tuple(g.tolist()) for g in np.split(np.array(flat, np.int64), ends) if len(g))
    return rankings


def _equilibria(target: Target, tree: Mapping[str, Any]) -> Iterator[Column]:
    for concept, states in _items(target, tree, "equilibria", "concepts with the states that are stable for all"):
        known = target.concept(concept, concept)
        numbers = target.states(_list(target, states), concept)
        if known is not None:
            yield target.column(known, ALL, numbers)


def _items(target: Target, tree: Mapping[str, Any], key: str, expected: str) -> list[tuple[Any, Any]]:
    if tree.get(key) is None:
        return []
    found = _mapping(target, tree[key], tree, expected)
    return [(found.written_key(k) if hasattr(found, "written_key") else k, v) for k, v in found.items()]


def _mapping(target: Target, node: Any, near: Any, expected: str) -> Any:
    if isinstance(node, dict):
        return node
    target.wrong(node if hasattr(node, "at") else near, _kind(node), f"a mapping: {expected}")
    return {}


def _list(target: Target, node: Any) -> Sequence[Any]:
    """A list of states; a single one may stand alone, nothing means none."""
    if node is None:
        return []
    if isinstance(node, dict):
        target.wrong(node, "a mapping", "a list of states")
        return []
    return node if isinstance(node, list) else [node]


def _kind(node: Any) -> str:
    return "nothing" if node is None else kind(node).replace("an object", "a mapping")


# --- detente's own answers -------------------------------------------------------------------------------------------


def from_answer(target: Target, tree: Mapping[str, Any], source: str) -> Expected | None:
    """What an answer of ``detente stability --json`` (or ``states``) says; None where its options do not fit."""
    options = []
    for n, written in enumerate(_entries(target, tree, "options")):
        levels = written.get("levels")
        ident = written.get("id")
        if not isinstance(ident, str) or not isinstance(levels, list) or not all(isinstance(v, str) for v in levels):
            target.wrong(written, f"option {n + 1} without id and levels", "an option of a detente answer")
            return None
        options.append(OtherOption((str(ident),), tuple(str(v) for v in levels), written))
    if isinstance(tree["states"], str):
        target.wrong(tree["states"], f"the number of states ({tree['states']}) in their place", "the list of states",
                     "Write the answer with --full.")  # fmt: skip
        return None
    match = matched_options(target, options)
    if match is None:
        return None
    missing, ranks = [], dict[str, dict[int, list[int]]]()
    for written in _entries(target, tree, "states"):
        ident, keys = written.get("id"), written.get("members") or [written.get("key")]
        members = [_digits(k, options) for k in keys] if isinstance(keys, list) else [None]
        digits = [d for d in members if d is not None]
        if not isinstance(ident, str) or len(digits) < len(members):
            target.wrong(written, "a state without id and key", "a state of a detente answer")
            continue
        state = matched_state(target, match, digits)
        if state is None:
            missing.append(str(ident))
            continue
        target.names[str(ident)] = state
        for party, rank in (written.get("rank") or {}).items() if isinstance(written.get("rank"), dict) else ():
            number = integer(rank)
            if number is not None:
                ranks.setdefault(str(party), {}).setdefault(number, []).append(state)
    if target.problems:
        return None
    if not target.names:
        target.wrong(tree["states"], "no state that the case has", "an answer to a case with the same states")
        return None
    columns = _answered(target, tree, set(missing))
    extra = [target.graph.states.id(int(s)) for s in np.flatnonzero(~target.judged())]
    rankings = {
        found: tuple(tuple(of[r]) for r in sorted(of, reverse=True))
        for party, of in ranks.items() if (found := target.party(party, tree)) is not None
    }  # fmt: skip
    groups, moves = ((), "legal") if missing else _answered_groups(target, tree)
    further = () if missing else _answered_further(target, tree)
    return Expected(
        source, "answer", tuple(columns), rankings, target.called(), tuple(missing), tuple(extra),
        tuple(target.not_compared), groups=groups, group_moves=moves, further=further,
    )  # fmt: skip


def _answered(target: Target, tree: Mapping[str, Any], missing: set[str]) -> list[Column]:
    """The stable states and equilibria of an answer; states that the case does not have are told elsewhere."""
    columns = []
    places = [
        (concept, party, states)
        for concept, of in _items(target, tree, "stable", "concepts with parties")
        for party, states in _mapping(target, of, concept, "parties with their stable states").items()
    ]
    places += [(c, ALL, states) for c, states in _items(target, tree, "equilibria", "concepts with states")]
    for concept, party, states in places:
        if str(concept) == "mixed":
            continue
        known, who = target.concept(concept, concept), target.party(party, concept, everybody=True)
        if known is None or who is None:
            continue
        if not isinstance(states, list):
            what = "a number of states only" if states is not None else "no verdict in the table"
            target.not_compared.append(f"{concept} for {party}: {what}.")
            continue
        kept = target.states([s for s in states if str(s) not in missing], concept)
        columns.append(target.column(known, who, kept))
    return columns


def _entries(target: Target, tree: Mapping[str, Any], key: str) -> list[Any]:
    node = tree[key]
    if isinstance(node, list) and all(isinstance(n, dict) for n in node):
        return node
    target.wrong(node if hasattr(node, "at") else tree, f"{key}: {_kind(node)}", "a list of objects")
    return []


def _digits(key: Any, options: Sequence[OtherOption]) -> list[int] | None:
    if not isinstance(key, str) or len(key) != len(options):
        return None
    digits = [DIGITS.find(c) for c in key]
    return digits if all(0 <= d < len(o.levels) for d, o in zip(digits, options, strict=True)) else None
