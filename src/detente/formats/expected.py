"""Files that say what is expected of a case: tables in YAML, JSON or CSV, answers of detente, models of others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from detente.base.errors import CaseError, UsageError, shown
from detente.case.loading import read_source
from detente.case.model import Case
from detente.case.yaml_tree import read_tree
from detente.formats.csv_cells import DELIMITERS, read_cells
from detente.formats.json_tree import read_json
from detente.formats.reading import OBJECT, sniff
from detente.formats.table_csv import from_csv
from detente.formats.table_tree import from_answer, from_table, further_of, groups_of, is_answer
from detente.formats.target import Enough, OtherOption, Target, matched_options, matched_state
from detente.graph.model import GraphModel
from detente.inquiry.compare import ALL, Column, Expected
from detente.inquiry.session import Session

CSV_SUFFIXES = (".csv", ".tsv")


def read_expected(name: str, graph: GraphModel, limit: int) -> Expected:
    """Read what is expected of a case.

    Args:
        name: path of a file, or ``-`` for standard input.
        graph: the case as asked; states are written in its numbering unless the file explains its own.
        limit: most feasible states of a model that is read for comparison.

    Raises:
        UsageError: there is no such file.
        CaseError: every problem found in it.
    """
    try:
        data, source = read_source(name)
    except UsageError as error:
        wanted = "a table of what is expected (YAML, JSON or CSV), an answer of detente, or another model"
        found = f"no file {shown(name)}" if error.found.startswith("no file") else f"the file {shown(name)}"
        raise UsageError(found, wanted, "detente compare --help shows what a table looks like.") from None
    return parse_expected(data, source, graph, limit)


def parse_expected(data: bytes, source: str, graph: GraphModel, limit: int) -> Expected:
    """As ``read_expected``, from the bytes of a file and its name."""
    target = Target(graph, source)
    try:
        found = _read(target, data, source, limit)
    except Enough:
        found = None
    if target.problems or found is None:
        raise CaseError(target.problems)
    return found


def _read(target: Target, data: bytes, source: str, limit: int) -> Expected | None:
    found_format = sniff(data, source)
    if found_format.id == "gmcr":
        opened = found_format.read(data, source)
        found = from_model(target, opened.case, source, limit)
        losses = tuple(str(p) for p in opened.losses)
        return None if found is None else replace(found, format="gmcr", warnings=(*losses, *found.warnings))
    if _is_csv(data, source):
        columns, rankings, of_groups = from_csv(target, read_cells(data, source))
        return replace(_plain(target, source, "csv", columns, rankings), groups=tuple(of_groups))
    tree = read_json(data, source) if OBJECT.match(data) and _is_json(source) else read_tree(data, source)
    if is_answer(tree):
        return from_answer(target, tree, source)
    if isinstance(tree, dict) and {"detente", "parties", "options"} <= set(tree):
        return from_model(target, Case(tree, source), source, limit)
    columns, rankings = from_table(target, tree)
    groups, moves = groups_of(target, tree)
    further = further_of(target, tree)
    found = _plain(target, source, "table", columns, rankings)
    return replace(found, groups=groups, group_moves=moves, further=further)


def _plain(target: Target, source: str, form: str, columns: list[Column], rankings: Any) -> Expected:
    remarks = tuple(target.not_compared)
    return Expected(source, form, tuple(columns), rankings, target.called(), not_compared=remarks)


def _is_json(source: str) -> bool:
    return not source.lower().endswith((".yaml", ".yml"))


def _is_csv(data: bytes, source: str) -> bool:
    """By the name of the file, or a first line of cells that is no YAML."""
    if source.lower().endswith(CSV_SUFFIXES):
        return True
    if source.lower().endswith((".yaml", ".yml", ".json")):
        return False
    first = data.lstrip(b"\xef\xbb\xbf\r\n").split(b"\n", 1)[0][:1000]
    return b":" not in first and not first.startswith((b"{", b"[")) and any(d.encode() in first for d in DELIMITERS)


def from_model(target: Target, case: Case, source: str, limit: int) -> Expected | None:
    """What another model of the same conflict says: its states, orders, and the verdicts computed from it.

    Returns:
        None where its options or parties do not fit (then the target has problems).
    """
    stability = Session(case, limit=limit).ask("stability")
    other: GraphModel = stability.graph
    options = [
        OtherOption((o, case.option_name(o)), w.levels) for o, w in case.file.options.items()
    ]  # fmt: skip
    match = matched_options(target, options)
    parties = {p: target.named_party(p) or target.named_party(case.party_name(p)) for p in case.parties}
    for party, found in parties.items():
        if found is None:
            target.party(case.party_name(party), None)
    if match is None or target.problems:
        return None
    image = _image(target, other, match)
    missing = tuple(other.states.id(s) for s, t in enumerate(image) if t < 0)
    common = image >= 0
    if not common.any():
        target.wrong(None, "no state that the case has", "a model with the same states")
        return None
    target.names = {other.states.id(int(s)): int(image[s]) for s in np.flatnonzero(common)}
    columns = []
    for concept, of in stability.stable.items():
        held_by = {parties[p] or p: held for p, held in of.items()} | {ALL: stability.equilibrium[concept]}
        columns += [
            target.column(concept, p, image[held & common].tolist()) for p, held in held_by.items() if held is not None
        ]
    rankings = {}
    for party, ranks in other.ranks.items():
        mine = parties[party]
        if ranks is not None and mine is not None and case.preference(party) is not None:
            groups = [image[(ranks == r) & common] for r in np.unique(ranks)[::-1]]
            rankings[mine] = tuple(tuple(int(s) for s in g) for g in groups if len(g))
    extra = tuple(target.graph.states.id(int(s)) for s in np.flatnonzero(~target.judged()))
    return Expected(
        source, "model", tuple(columns), rankings, target.called(), missing, extra,
        (*target.not_compared, *_other_moves(target, other, match)),
    )  # fmt: skip


def _image(target: Target, other: GraphModel, match: list[tuple[int, list[int]]]) -> np.ndarray:
    image = np.full(len(other), -1, np.int64)
    for state in range(len(other)):
        members = [other.states.digits[:, c].tolist() for c in other.states.members(state)]
        found = matched_state(target, match, members)
        image[state] = -1 if found is None else found
    return image


def _other_moves(target: Target, other: GraphModel, match: list[tuple[int, list[int]]]) -> list[str]:
    """Options that the other model lets its owner change otherwise, or gives to somebody else."""
    graph, remarks = target.graph, []
    for option, (place, levels) in enumerate(match):
        name = graph.case.option_name(graph.case.options[option])
        mine, theirs = graph.states.space.windows[option], other.states.space.windows[place]
        ways = [tuple(sorted((levels[low], levels[high]))) for low, high in theirs]
        if [mine[levels[k]] for k in range(len(ways))] != ways:
            remarks.append(
                f"{name}: the other model lets it be changed in other directions; verdicts may differ by it."
            )
    return remarks
