"""Expected verdicts from CSV: one row per claim, one row per state, or the option table of detente's own export."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.base.errors import did_you_mean, shown
from detente.case.yaml_tree import Text
from detente.formats.target import EVERYBODY, Target
from detente.graph.model import GraphModel
from detente.inquiry.compare import ALL, Column
from detente.inquiry.compare_groups import UNIVERSAL
from detente.stability.coalitions import COALITION_CONCEPTS
from detente.stability.concepts import CONCEPTS

LONG = ("concept", "party", "states")
STATES = ("state", "states")
MARKS = frozenset({"x", "s", "e", "y", "yes", "1", "true", "stable", "•", "✓", "✔", "*", "√", "+"})
BLANKS = frozenset({"", "0", "no", "n", "false", "-", "–", "unstable", "u", "not stable"})
UNKNOWN = "?"
SHOWN_EQUILIBRIA = 24  # the option table lists no more
UNREAD = ("key", "code")

Ranking = tuple[tuple[int, ...], ...]


def from_csv(target: Target, rows: list[list[Text]]) -> tuple[list[Column], dict[str, Ranking], list[Column]]:
    """Expected verdicts, rankings, and verdicts for groups; faults are recorded in the target."""
    if not rows:
        target.wrong(None, "an empty file", f"a row with the heads {', '.join(LONG)}, or state and concepts")
        return [], {}, []
    rows = _first_table(rows)
    heads = [str(h).lower() for h in rows[0]]
    columns: list[Column] = []
    rankings: dict[str, Ranking] = {}
    if "concept" in heads:
        columns = _long(target, rows, heads)
    elif heads[0] in STATES:
        columns, rankings = _wide(target, rows)
    elif heads[:2] == ["party", "option"]:
        columns = _option_table(target, rows)
    else:
        fix = did_you_mean(heads[0], ["concept", "state"])
        target.wrong(rows[0][0], f"the head {shown(rows[0][0])}", "'concept' (with party and states), or 'state'", fix)
    groups = [c for c in columns if c.concept in COALITION_CONCEPTS]
    return [c for c in columns if c.concept in CONCEPTS], rankings, groups


def _first_table(rows: list[list[Text]]) -> list[list[Text]]:
    """The first of several tables, each under a line with its title, which a spreadsheet fills up with empty cells."""

    def titled(at: int) -> bool:
        alone = not any(rows[at][1:])
        return alone and at + 1 < len(rows) and len(rows[at + 1]) > 1 and rows[at + 1][0].lower() in (*STATES, *LONG)

    if not titled(0):
        return rows
    end = next((n for n in range(2, len(rows)) if titled(n)), len(rows))
    return rows[1:end]


def _long(target: Target, rows: list[list[Text]], heads: list[str]) -> list[Column]:
    """Rows of concept, party and states."""
    for n, head in enumerate(heads):
        if head not in LONG:
            target.wrong(rows[0][n], f"the head {shown(rows[0][n])}", ", ".join(LONG), did_you_mean(head, LONG))
    if "states" not in heads:
        target.wrong(rows[0][0], "no column 'states'", f"the heads {', '.join(LONG)}")
    if target.problems:
        return []
    columns: dict[tuple[str, str], Column] = {}
    for row in rows[1:]:
        cells = {h: row[n] if n < len(row) else Text("") for n, h in enumerate(heads)}
        for cell in row[len(heads) :]:
            if cell:
                target.wrong(cell, f"the cell {shown(cell)} beyond the last head", "states in one cell, between quotes")
        of_groups = _of_groups(cells["concept"])
        concept = target.concept(cells["concept"], row[0], of_groups=of_groups)
        whom = cells.get("party", Text("all"))
        if not of_groups and "+" in whom and target.named_party(whom.strip()) is None:
            one = target.concept(cells["concept"], row[0]) or "nash"
            target.wrong(row[0], f"{one} for the group {shown(whom)}", f"c{one}, its concept for groups, or one party")
            continue
        party = _group(target, whom, row[0]) if of_groups else target.party(whom, row[0], everybody=True)
        listed = cells["states"].replace(",", " ").replace(";", " ").split()
        states = target.states([_placed(s, cells["states"], row[0]) for s in listed], row[0])
        if concept is None or party is None:
            continue
        if (concept, party) in columns:
            target.wrong(row[0], f"{concept} for {party} a second time", "each concept and party once")
        columns[concept, party] = target.column(concept, party, states)
    return list(columns.values())


def _of_groups(concept: str) -> bool:
    return concept.strip().lower() in COALITION_CONCEPTS


def _group(target: Target, name: str, at: Text) -> str | None:
    return UNIVERSAL if name.strip().lower() in EVERYBODY else target.group(name, at)


def _placed(word: str, cell: Text, other: Text) -> Text:
    text = Text(word)
    text.at, text.shift = getattr(cell, "at", other.at), 0
    return text


def _wide(target: Target, rows: list[list[Text]]) -> tuple[list[Column], dict[str, Ranking]]:
    """One row per state, one column per concept and party; ranks where a head says so."""
    graph = target.graph
    heads = [_head(target, h) for h in rows[0][1:]]
    rows = rows[1:]
    states = [target.state(r[0], r[0]) if r[0] else None for r in rows]
    seen: set[int] = set()
    for row, state in zip(rows, states, strict=True):
        if state is not None and state in seen:
            target.wrong(row[0], f"the state {shown(row[0])} a second time", "each state once")
        seen |= {state} if state is not None else set()
    columns: dict[tuple[str, str], Column] = {}
    rankings: dict[str, Ranking] = {}
    for n, head in enumerate(heads, start=1):
        if head is None:
            continue
        cells = [(s, r[n] if n < len(r) else Text("")) for s, r in zip(states, rows, strict=True) if s is not None]
        concept, party = head
        if concept == "rank":
            rankings[party] = _ranks(target, cells)
        elif (concept, party) in columns:
            target.wrong((1, 1), f"{concept} for {party} in two columns", "one column each")
        else:
            columns[concept, party] = _marked(target, graph, (concept, party), cells)
    return list(columns.values()), rankings


def _head(target: Target, head: Text) -> tuple[str, str] | None:
    """Concept and party of a column: ``nash``, ``us nash``, ``Nash United States``, ``GMR E``; or rank and party."""
    words = head.split()
    lower = [w.lower() for w in words]
    if not words or lower[0] in (*UNREAD, "levels"):
        return None
    if lower[0] in ("rank", "ranks"):
        party = target.party(" ".join(words[1:]), head)
        return None if party is None else ("rank", party)
    first_known = lower[0] in CONCEPTS or _of_groups(lower[0]) or lower[0] == "r"
    concept_word, rest = (words[0], words[1:]) if first_known or len(words) == 1 else (words[-1], words[:-1])
    of_groups = _of_groups(concept_word)
    concept = target.concept(concept_word, head, of_groups=of_groups)
    name = " ".join(rest)
    if of_groups:
        group = _group(target, name, head)
        return None if concept is None or group is None else (concept, group)
    party = ALL if name.lower() in EVERYBODY else target.party(name, head)
    return None if concept is None or party is None else (concept, party)


def _marked(
    target: Target, graph: GraphModel, head: tuple[str, str], cells: Sequence[tuple[int, Text]]
) -> Column:  # fmt: skip
    judged = np.zeros(len(graph), bool)
    stable = []
    for state, cell in cells:
        mark = cell.lower()
        judged[state] = mark != UNKNOWN
        if mark in MARKS:
            stable.append(state)
        elif mark not in BLANKS and mark != UNKNOWN:
            target.wrong(cell, f"the mark {shown(cell)}", "x where the state is stable, nothing where it is not")
    return target.column(*head, stable, judged)


def _ranks(target: Target, cells: Sequence[tuple[int, Text]]) -> Ranking:
    groups: dict[int, list[int]] = {}
    for state, cell in cells:
        if cell.isdigit() and len(cell) < 10:
            groups.setdefault(int(cell), []).append(state)
        elif cell and cell != UNKNOWN:
            target.wrong(cell, f"the rank {shown(cell)}", "a whole number, 0 for the worst")
    return tuple(tuple(groups[r]) for r in sorted(groups, reverse=True))


def _option_table(target: Target, rows: list[list[Text]]) -> list[Column]:
    """States as columns, then one row per concept with a mark under each equilibrium."""
    states = [target.state(h.split(" ")[0], h) for h in rows[0][2:]]
    listed = [s for s in states if s is not None]
    columns = []
    for row in rows[1:]:
        if row[0].lower() != "stable for all":
            continue
        concept = target.concept(row[1], row[1]) if len(row) > 1 else None
        cells = [(s, c) for s, c in zip(states, row[2:], strict=False) if s is not None]
        if concept is not None:
            marked = _marked(target, target.graph, (concept, ALL), cells)
            # a table with room for more columns lists every equilibrium there is
            judged = np.ones(len(target.graph), bool) if len(listed) < SHOWN_EQUILIBRIA else marked.judged
            columns.append(Column(concept, ALL, marked.stable, judged))
    if not columns and not target.problems:
        target.wrong(rows[0][0], "no row 'stable for all'", "the table that 'detente stability -o x.csv' writes")
    return columns
