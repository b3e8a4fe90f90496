"""The tables of the graph model's literature: options, states, stability, evolution of the status quo.

Each is a ``Table`` and goes to a terminal, CSV or LaTeX alike. Source of the forms: Fang, Hipel, Kilgour 1993;
Xu, Hipel, Kilgour, Fang 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from detente.base.errors import LimitReached, UsageError, did_you_mean, shown
from detente.base.table import Table
from detente.base.wording import counted, listed, words
from detente.graph.known import UNKNOWN, Known
from detente.graph.model import GraphModel
from detente.graph.paths import UNREACHED, Step
from detente.stability.analysis import MIXED, Stability
from detente.stability.bounds import Bounds
from detente.stability.concepts import CONCEPTS
from detente.stability.status_quo import StatusQuoAnalysis

MOST_COLUMNS, MOST_ROWS = 60, 120  # states that a printed table lists without being asked for all
SOME = 24  # columns of a larger model
MOST_WIDE = 1_000  # columns that a spreadsheet or a reader still bears
MOST_WAYS = 12
MERGED = "-: any level, states that differ only in it are one and the same"
DOUBTS = {
    "*": "*: the mover does not prefer where this move leads",
    "?": "?: whether the mover prefers where this move leads is not known",
}
SHORT = {"nash": "Nash", "gmr": "GMR", "smr": "SMR", "seq": "SEQ", "sseq": "SSEQ", MIXED: "Mixed"}


def paper_table(
    kind: str, stability: Stability, status_quo: StatusQuoAnalysis | None = None, *, full: bool = False
) -> list[Table]:
    """One of the tables that papers on the graph model print.

    Args:
        kind: ``option``, ``state``, ``stability`` or ``evolution``.
        stability: the answer to print.
        status_quo: what can be reached from today; needed for ``evolution``.
        full: whether all states are listed; otherwise of many the status quo and the equilibria, and a note says so.

    Returns:
        At least one table; ``evolution`` gives one for each way and one of what can be reached.

    Raises:
        UsageError: an unknown kind, or the evolution of a status quo that the case does not have.
        LimitReached: more states than a table can have columns.
    """
    if kind not in KINDS:
        raise UsageError(f"the table {shown(kind)}", f"one of {', '.join(KINDS)}", did_you_mean(kind, list(KINDS)))
    return KINDS[kind](stability, status_quo, full)


def paper_text(kind: str, stability: Stability, status_quo: StatusQuoAnalysis | None, suffix: str) -> str:
    """The text of a file with one of the tables.

    ``.csv`` is one rectangle with a line of heads, for spreadsheets and statistics, and lists all states; ``.tex`` is
    what can be printed.

    Raises:
        UsageError, LimitReached: as ``paper_table``; also for another suffix.
    """
    if suffix == ".csv":
        return _one_table(kind, stability, status_quo).to_csv()
    if suffix == ".tex":
        return tables_latex(paper_table(kind, stability, status_quo), f"{stability.graph.case.name}-{kind}")
    raise UsageError(f"the file ending {shown(suffix)}", ".csv or .tex")


def _one_table(kind: str, stability: Stability, status_quo: StatusQuoAnalysis | None) -> Table:
    """A kind of tables as one: states without the rankings that their ranks give; ways as a column of reachability."""
    tables = paper_table(kind, stability, status_quo, full=True)
    if kind != "evolution" or status_quo is None:
        return tables[0]
    reachable, graph = tables[-1], stability.graph
    known, name = _known(graph), graph.case.party_name
    rows = []
    for row in reachable.rows:
        state = graph.states.find(row[0])
        path = () if state == status_quo.start else _path(status_quo, state) or ()
        way = ", then ".join(f"{name(s.party)}{_doubt(known, s)} to {graph.states.id(s.target)}" for s in path)
        rows.append((*row, way))
    return Table((*reachable.columns, "A shortest way"), tuple(rows))


def tables_latex(tables: Sequence[Table], label: str) -> str:
    r"""Tables as one LaTeX text to be read with ``\input``, labelled ``tab:LABEL``, ``tab:LABEL-2`` and so on."""
    labels = (label if number == 1 else f"{label}-{number}" for number in range(1, len(tables) + 1))
    parts = (t.to_latex(name) for t, name in zip(tables, labels, strict=False))
    return "% Needs \\usepackage{array,booktabs} in the preamble.\n" + "\n".join(parts)


# --- options and states ----------------------------------------------------------------------------------------------


def options(stability: Stability, status_quo: StatusQuoAnalysis | None, full: bool) -> list[Table]:  # noqa: FBT001
    """Options by party as rows, feasible states as columns: Y, N or the level's name, - where members differ."""
    del status_quo
    graph = stability.graph
    if full and len(graph) > MOST_WIDE:
        advice = "Ask for the table of states, which has a row for each."
        raise LimitReached("states in an option table, a column for each", f"{len(graph):,}", MOST_WIDE, advice)
    columns, note = _shown(stability, len(graph) if full or len(graph) <= MOST_COLUMNS else SOME)
    cells = [levels(graph, s) for s in columns]
    rows = []
    for option, written in graph.case.file.options.items():
        head = (graph.case.party_name(written.party), graph.case.option_name(option))
        rows.append((*head, *(of[option] for of in cells)))
    rows, rulers = _by_party(graph, rows)
    heads = ("Party", "Option", *(graph.states.id(s) for s in columns))
    today = graph.states.status_quo
    notes = [note, "Y: yes, N: no"]
    if graph.states.merged:
        notes.append(MERGED)
    if today is not None:
        notes.append(f"status quo: {graph.states.id(today)}")
    title = f"Options and feasible states: {graph.case.title}"
    return [Table(heads, tuple(rows), title, _note(graph, notes), rulers, stubs=2)]


def states(stability: Stability, status_quo: StatusQuoAnalysis | None, full: bool) -> list[Table]:  # noqa: FBT001
    """One row per state with its levels and ranks; and for each party the states from most to least preferred."""
    del status_quo
    graph, case = stability.graph, stability.graph.case
    binary = all(w.levels == ("no", "yes") for w in case.file.options.values())
    coded = binary and not graph.states.merged
    rows_of, note = _shown(stability, len(graph) if full else MOST_ROWS)
    rows = []
    for state in rows_of:
        cells = levels(graph, state).values()
        ranks = ("?" if r is None else str(int(r[state])) for r in graph.ranks.values())
        code = (str(_decimal(graph, state)),) if coded else ()
        rows.append((graph.states.id(state), graph.states.key(state), *code, *cells, *ranks))
    names = tuple(case.party_name(p) for p in case.parties)
    columns = ("State", "Key", *(("Code",) if coded else ()), *(case.option_name(o) for o in case.options), *names)
    groups = (("", 3 if coded else 2), ("Levels", len(case.options)), ("Ranks", len(names)))
    notes = [note, "key: level numbers in the order of the options", "ranks: 0 is worst, equal ranks mean indifference"]
    if coded:
        notes.append("code: the number that some papers give a state: 1 if the first option is taken, plus 2 if the "
                     "second is, plus 4 if the third is, and so on")  # fmt: skip
    title = f"States and preferences: {case.title}"
    found = [Table(columns, tuple(rows), title, _note(graph, notes), stubs=1, groups=groups)]
    return [*found, _rankings(graph)] if len(graph) <= MOST_COLUMNS else found


def _rankings(graph: GraphModel) -> Table:
    rows = []
    for party, ranks in graph.ranks.items():
        text = "not ordered" if ranks is None else ""
        if ranks is not None:
            levels = np.unique(ranks)[::-1]
            text = " > ".join(" ~ ".join(graph.states.id(int(s)) for s in np.flatnonzero(ranks == r)) for r in levels)
        rows.append((graph.case.party_name(party), text))
    note = _note(graph, [">: preferred to", "~: indifferent"])
    return Table(("Party", "States from most to least preferred"), tuple(rows), f"Rankings: {graph.case.title}", note)


def _decimal(graph: GraphModel, state: int) -> int:
    digits = graph.states.digits[:, graph.states.cell_of[state]]
    return sum(1 << n for n, digit in enumerate(digits.tolist()) if digit)


# --- stability -------------------------------------------------------------------------------------------------------


def stability_table(stability: Stability, status_quo: StatusQuoAnalysis | None, full: bool) -> list[Table]:  # noqa: FBT001
    """One row per state: under each concept the parties it is stable for, and whether it is an equilibrium."""
    del status_quo
    graph, case = stability.graph, stability.graph.case
    names = tuple(case.party_name(p) for p in case.parties)
    rows_of, note = _shown(stability, len(graph) if full else MOST_ROWS)
    rows = []
    for state in rows_of:
        cells = [graph.states.id(state)]
        for concept in stability.concepts:
            cells += [_mark(stability.bounds(concept, p), state, "S") for p in case.parties]
            cells.append(_mark(stability.bounds(concept), state, "E"))
        rows.append(tuple(cells))
    groups = (("", 1), *((SHORT.get(c, c), len(names) + 1) for c in stability.concepts))
    columns = ("State", *((*names, "E") * len(stability.concepts)))
    notes = [note, "S: stable for the party; E: stable for every party; ?: not known; empty: not stable"]
    notes += [f"{SHORT[c]}: {CONCEPTS[c].name}" for c in stability.concepts if c in CONCEPTS]
    if stability.mixture:
        notes.append("Mixed: " + listed([f"{case.party_name(p)} {SHORT[c]}" for p, c in stability.mixture.items()]))
    return [Table(columns, tuple(rows), f"Stability: {case.title}", _note(graph, notes), groups=groups)]


def _mark(bounds: Bounds, state: int, mark: str) -> str:
    return {True: mark, False: "", None: "?"}[bounds.of(state)]


# --- evolution of the status quo --------------------------------------------------------------------------------------


def evolution(stability: Stability, status_quo: StatusQuoAnalysis | None, full: bool) -> list[Table]:  # noqa: FBT001
    """A shortest legal sequence from the status quo to each equilibrium, and what can be reached at all."""
    if status_quo is None or status_quo.start is None:
        raise UsageError("a case without a status quo", "a status quo to start from", "Write `status_quo` in the case.")
    held = [int(s) for s in np.flatnonzero(_any_equilibrium(stability)) if s != status_quo.start]
    ways = []
    for state in held[:MOST_WAYS]:
        path = _path(status_quo, state)
        if path:
            ways.append(_way(stability, path))
    return [*ways, _reachable(stability, status_quo, len(held), full=full)]


def _path(status_quo: StatusQuoAnalysis, state: int) -> tuple[Step, ...] | None:
    return status_quo.path(state, improving=True) or status_quo.path(state, improving=False)


def _known(graph: GraphModel) -> dict[str, Known]:
    return {m: Known.of(graph.case, graph.states, m, graph.ranks[m]) for m in graph.movers}


def _doubt(known: Mapping[str, Known], step: Step) -> str:
    """A sign behind a mover: ? where nobody knows whether it prefers where it goes, * where it does not."""
    if known[step.party].compare(step.target, step.source) == UNKNOWN:
        return "?"
    return "" if step.improves else "*"


def _way(stability: Stability, path: tuple[Step, ...]) -> Table:
    graph, case = stability.graph, stability.graph.case
    ident = graph.states.id
    known, stops = _known(graph), [path[0].source, *(s.target for s in path)]
    at = [levels(graph, s) for s in stops]
    rows = []
    for option, written in case.file.options.items():
        cells = [at[0][option]]
        for step, before, after in zip(path, at, at[1:], strict=False):
            mine = written.party == step.party and before[option] != after[option]
            cells += ["→" if mine else "", after[option]]
        rows.append((case.party_name(written.party), case.option_name(option), *cells))
    rows, rulers = _by_party(graph, rows)
    kinds = ["status quo", *["transitional"] * (len(path) - 1), "outcome"]
    heads = [f"{ident(stops[0])} {kinds[0]}"]
    for number, step in enumerate(path, start=1):
        mover = f"{case.party_name(step.party)}{_doubt(known, step)}"
        heads += [f"{number}. {mover}", f"{ident(step.target)} {kinds[number]}"]
    under = [c for c in stability.concepts if stability.bounds(c).always[stops[-1]]]
    notes = ["→: the option changes, by the move of the party named above it"]
    doubts = {_doubt(known, s) for s in path}
    if doubts == {""}:
        notes.append("every mover prefers where its move leads")
    notes += [DOUBTS[d] for d in sorted(doubts - {""})]
    if any(cell == "-" for row in rows for cell in row[2:]):
        notes.append(MERGED)
    notes.append(f"{ident(stops[-1])} is an equilibrium under {listed([SHORT.get(c, c) for c in under])}")
    title = f"Evolution from the status quo {ident(stops[0])} to {ident(stops[-1])}: {case.title}"
    return Table(("Party", "Option", *heads), tuple(rows), title, _note(graph, notes), rulers, stubs=2)


def _reachable(stability: Stability, status_quo: StatusQuoAnalysis, held: int, *, full: bool) -> Table:
    graph = stability.graph
    rows_of, note = _shown(stability, len(graph) if full else MOST_ROWS)
    lengths = [None if r is None else r.lengths for r in (status_quo.improvements, status_quo.moves)]
    rows = []
    for state in rows_of:
        marks = ((c, stability.bounds(c).of(state)) for c in stability.concepts)
        under = [SHORT.get(c, c) + ("?" if held is None else "") for c, held in marks if held is not False]
        cells = []
        for found in lengths:
            known = found is not None and state != status_quo.start and found[state] != UNREACHED
            cells += ["yes", str(int(found[state]))] if known and found is not None else ["no", "-"]
        if state == status_quo.start:
            cells = ["status quo", "0", "status quo", "0"]
        rows.append((graph.states.id(state), ", ".join(under), *cells))
    columns = ("State", "Equilibrium under", "Reached by UIs", "Fewest UIs", "Reached by UMs", "Fewest UMs")
    notes = [note, "UI: unilateral improvement, a move its mover prefers; UM: unilateral move, any move"]
    notes.append("legal sequences: no party moves twice in a row")
    dark = [graph.case.party_name(m) for m in graph.movers if graph.ranks[m] is None]
    if dark:
        whose = "its order is" if len(dark) == 1 else "their orders are"
        notes.append(f"no move of {listed(dark)} counts as a UI here, for {whose} not known")
    if any(e is None for e in stability.equilibrium.values()):
        notes.append("?: not known, since not every party's order is")
    if held > MOST_WAYS:
        notes.append(f"ways are printed to the first {MOST_WAYS} of {counted(held, 'equilibrium', 'equilibria')}")
    return Table(columns, tuple(rows), f"Reachability from the status quo: {graph.case.title}", _note(graph, notes))


# --- shared ----------------------------------------------------------------------------------------------------------

KINDS: dict[str, Callable[[Stability, StatusQuoAnalysis | None, bool], list[Table]]] = {
    "option": options,
    "state": states,
    "stability": stability_table,
    "evolution": evolution,
}


def levels(graph: GraphModel, state: int) -> dict[str, str]:
    """A state as the literature prints it: each option Y, N, the level's name, or - where the members differ."""
    options = graph.case.file.options
    found = graph.states.levels(state)
    return {o: _level(v, binary=options[o].levels == ("no", "yes")) for o, v in found.items()}


def _level(found: str | None, *, binary: bool) -> str:
    if found is None:
        return "-"
    return {"yes": "Y", "no": "N"}[found] if binary else words(found)


def _any_equilibrium(stability: Stability) -> np.ndarray:
    out = np.zeros(len(stability.graph), bool)
    for concept in stability.concepts:
        out |= stability.bounds(concept).always
    return out


def _shown(stability: Stability, most: int) -> tuple[list[int], str]:
    """The states that a table shows: all, or of many the status quo and the equilibria; and what to say of it."""
    graph = stability.graph
    if len(graph) <= most:
        return list(range(len(graph))), ""
    today = graph.states.status_quo
    held = [int(s) for s in np.flatnonzero(_any_equilibrium(stability)) if s != today]
    found = sorted(([] if today is None else [today]) + held[: most - 1])
    said = f"of {counted(len(graph), 'state')} the status quo and the equilibria"
    return found, said + (f" (the first {most - 1} of {len(held):,})" if len(held) > most - 1 else "")


def _by_party(graph: GraphModel, rows: list[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], tuple[int, ...]]:
    """Option rows in the order of the parties, with a rule between parties."""
    order = {graph.case.party_name(p): n for n, p in enumerate(graph.case.parties)}
    rows = sorted(rows, key=lambda r: order[r[0]])
    return rows, tuple(n for n in range(1, len(rows)) if rows[n][0] != rows[n - 1][0])


def _note(graph: GraphModel, parts: Iterable[str]) -> str:
    """Remarks under a table, with the case's handling caveat and whose reading it is first."""
    case = graph.case
    said = [case.file.marking]
    if case.view_name is not None:
        view = case.written.file.views[case.view_name]
        said.append(f"as read by {view.by or view.label or words(case.view_name)}" if view.of is None
                    else f"as {case.party_name(view.of)} sees it")  # fmt: skip
    said = [p for p in (*said, *parts) if p]
    return "; ".join(said) + "." if said else ""
