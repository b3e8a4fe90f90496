"""``detente stability``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from detente.base.errors import EXIT_LIMIT, LimitReached, UsageError, shown
from detente.cli.output import (
    Asked,
    as_document,
    case_options,
    deliver,
    envelope,
    need_preferences,
    open_case,
    suffix_of,
)

CONCEPTS = ("nash", "gmr", "smr", "seq", "sseq")
PAPER_TABLES = ("option", "state", "stability", "evolution")
TABLES = (*PAPER_TABLES, "coalitions", "foresight", "unknown", "strength", "shares")
SUFFIXES = (".json", ".csv", ".txt", ".tex", ".svg", ".pdf")


@dataclass(frozen=True)
class Part:
    """A further question that ``stability`` can ask: its key in JSON, heading, and where its sentences come from."""

    key: str
    title: str
    told_by: str
    tabled: bool = True


PARTS = (
    Part("coalitions", "Groups that could move together", "detente.stability.coalition_narrative"),
    Part("jumps", "From one lasting outcome to another, by several parties at once", "detente.stability.jumps",
         tabled=False),
    Part("foresight", "Looking several moves ahead", "detente.stability.foresight_narrative"),
    Part("unknown", "Where preferences are not known", "detente.stability.unknown"),
    Part("strength", "How strongly it holds", "detente.stability.strength"),
    Part("shares", "In what share of the possible preferences it holds", "detente.inquiry.shares"),
    Part("misperception", "What each side believes of the other", "detente.inquiry.misperception", tabled=False),
)  # fmt: skip


def _dictionary(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from detente.stability.dictionary import markdown

        sys.stdout.write(markdown())
        ctx.exit()


def _part_options(function: Callable[..., Any]) -> Callable[..., Any]:
    decorators = (
        click.option("--coalitions", is_flag=True, help="Also: which groups could move together, and what holds then."),
        click.option("--structure", metavar="A+B,C", help="Coalitions that have formed; implies --coalitions."),
        click.option("--moves", type=click.Choice(["legal", "joint"]), default=None,
                     help="How groups move: in turns (legal sequences) or at once (joint). Default: legal for what "
                     "holds, joint for jumps between outcomes."),
        click.option("--foresight", type=click.IntRange(1, 100), metavar="H",
                     help="Also: what holds if each looks 1 to H moves ahead; non-myopic and Stackelberg stability."),
        click.option("--unknown", is_flag=True, help="Also: four ways to take comparisons that are not known."),
        click.option("--strength", is_flag=True, help="Also: what holds strongly, by punishments that are much worse."),
        click.option("--shares", is_flag=True, help="Also: the share of draws of uncertain preferences in which states "
                     "hold."),
        click.option("--draws", type=click.IntRange(1, 1_000_000), default=None, metavar="N",
                     help="Draws for --shares (default 1000); implies --shares."),
        click.option("--seed", type=int, default=None, metavar="N", help="Seed of the draws (default 0)."),
        click.option("--misperception", is_flag=True, help="Also: what each party's own picture of the others does."),
    )  # fmt: skip
    for decorator in reversed(decorators):
        function = decorator(function)
    return function


@click.command("stability")
@case_options
@click.option(
    "--concept",
    "concepts",
    multiple=True,
    metavar="C",
    help="nash, gmr, smr, seq or sseq; P=C gives party P a concept of its own. Default: all five.",
)
@click.option(
    "--explain",
    nargs=2,
    metavar="STATE WHO",
    help="Tell why a state is stable for a party, or not; with --coalitions WHO can be a group such as us+dprk.",
)
@_part_options
@click.option(
    "--table",
    "kind",
    type=click.Choice(TABLES),
    help="One table alone, as text, .csv or .tex: options, states, stability, the evolution of the status quo, or that "
    "of a further question.",
)
@click.option("--full", is_flag=True, help="List all states even above 10,000.")
@click.option("--dictionary", is_flag=True, is_eager=True, expose_value=False, callback=_dictionary,
              help="The literature's words and ours, then leave.")  # fmt: skip
def command(
    case: str, as_json: bool, output: str | None, debug: bool, explain: tuple[str, str] | None, full: bool, **how: Any
) -> None:  # fmt: skip
    """Which outcomes would hold once reached, and why.

    Out of scope: fuzzy and probabilistic preferences, attitudes, policy equilibria.
    """
    del debug
    suffix = suffix_of(output, SUFFIXES)
    wanted = {key: how.pop(key) for key in (*(p.key for p in PARTS if p.key != "jumps"), *PARAMETERS)}
    plain, mixture = _concepts(how.pop("concepts"))
    kind: str | None = how.pop("kind") or ("stability" if suffix in (".csv", ".tex") else None)
    _hold_apart(wanted, {"--table": kind, "--explain": explain, "--json": as_json}, suffix)
    asked = open_case(case, **how)
    need_preferences(asked)
    explain = _named(asked, explain)
    found = asked.session.ask("stability", concepts=plain, mixture=mixture, **asked.how)
    if suffix in (".svg", ".pdf"):
        _picture(asked, output or "", suffix)
        return
    if kind in PAPER_TABLES:
        _table(asked, found, kind or "", output, suffix)
        return
    if asked.shared and wanted["misperception"]:
        raise UsageError("--misperception with --for shared", "one of them", "What a party believes is never shared.")
    asked_for = _asked_for(asked, wanted | {kind: wanted.get(kind) or True} if kind else wanted, plain or CONCEPTS)
    if kind is not None:
        _part_table(asked.session.ask(kind, **asked_for[kind], **asked.how), output, suffix)
        return
    parts, limits = _answers(asked, asked_for)
    if as_json or suffix == ".json":
        deliver(as_document(_document(asked, found, parts, explain, full=full) | {"limits": limits}), output)
    elif explain:
        deliver(_explained(found, parts, explain), output)
    else:
        deliver(_text(found, parts), output)
    if limits:
        sys.exit(EXIT_LIMIT)


PARAMETERS = ("structure", "moves", "draws", "seed")
EXPLAINED = ("coalitions", "foresight", "strength")


def _hold_apart(wanted: dict[str, Any], how: dict[str, Any], suffix: str) -> None:
    """Refuse flags that would be dropped: a table or a picture is one thing, and answers one question.

    Raises:
        UsageError: with the flags that do not go together.
    """
    kind = how["--table"]
    asked = [p.key for p in PARTS if wanted.get(p.key) and p.key != kind]
    asked += ["structure"] if wanted["structure"] and kind != "coalitions" and "coalitions" not in asked else []
    picture = suffix in (".svg", ".pdf")
    if picture and (given := [f for f, v in how.items() if v] or [f"--{k}" for k in asked]):
        raise UsageError(f"{given[0]} with a {suffix} file", "the conflict graph alone", "Write it to .txt or .json.")
    if kind and (given := [f for f in ("--explain", "--json") if how[f]] or [f"--{k}" for k in asked]):
        fix = "Ask for one table at a time; without a table everything can be asked at once, as text or .json."
        raise UsageError(f"{given[0]} beside the table of {kind}", "one of them", fix)
    if how["--explain"] and (given := [k for k in asked if k not in (*EXPLAINED, "structure")]):
        known = ", ".join(f"--{k}" for k in EXPLAINED)
        raise UsageError(f"--{given[0]} beside --explain", f"--explain alone or with one of {known}")
    if wanted["seed"] is not None and not (wanted["shares"] or wanted["draws"] or kind == "shares"):
        raise UsageError("--seed where nothing is drawn", "--shares or --draws beside it")


def _concepts(written: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    plain = tuple(c.strip() for text in written if "=" not in text for c in text.split(",") if c.strip())
    if written and not plain and not any("=" in text for text in written):
        raise UsageError(f"--concept {shown(written[0])}", f"one of {', '.join(CONCEPTS)}")
    mixture = {}
    for text in written:
        if "=" in text:
            party, _, concept = text.partition("=")
            if not party or not concept:
                raise UsageError(f"--concept {shown(text)}", "a concept, or party=concept")
            mixture[party] = concept
    return plain or (() if mixture else CONCEPTS), mixture


def _asked_for(asked: Asked, wanted: dict[str, Any], concepts: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The further questions with their parameters."""
    moves, structure, draws = wanted["moves"], wanted["structure"], wanted["draws"]
    parameters: dict[str, dict[str, Any]] = {}
    if structure is not None and not structure.strip(" ,+"):
        raise UsageError(f"--structure {shown(structure)}", "groups such as us+dprk,china")
    if wanted["coalitions"] or structure:
        parameters["coalitions"] = {"structure": structure, "moves": moves or "legal"}
        held = asked.session.ask("stability", concepts=("seq",), **asked.how).equilibrium["seq"]
        if held is not None and not structure:  # else nobody can say what would hold; formed groups do not change
            parameters["jumps"] = {"moves": moves or "joint"}
    elif moves:
        raise UsageError(f"--moves {moves} without groups", "--coalitions beside it")
    if wanted["foresight"] is not None:
        horizon = wanted["foresight"]
        parameters["foresight"] = {} if horizon is True else {"horizon": horizon}
    for key in ("unknown", "strength", "misperception"):
        if wanted[key]:
            parameters[key] = {"concepts": concepts} if key != "strength" else {}
    if wanted["shares"] or draws is not None:
        parameters["shares"] = {"concepts": concepts, "draws": draws or 1000, "seed": wanted["seed"] or 0}
    return parameters


def _answers(asked: Asked, asked_for: dict[str, dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers to the further questions, and what stopped those that a limit stopped."""
    parts, limits = {}, {}
    for key, given in asked_for.items():
        try:
            parts[key] = asked.session.ask(key, **given, **asked.how)
        except LimitReached as error:
            limits[key] = {"what": error.what, "size": error.size, "limit": error.limit, "advice": error.advice}
            sys.stderr.write(f"--{key}: {error}\n")
    return parts, limits


def _named(asked: Asked, explain: tuple[str, str] | None) -> tuple[str, str] | None:
    """The party or group to explain to, by ids; names as readers see them are taken too."""
    if explain is None:
        return None
    case = asked.case()
    ids = {case.party_name(p).casefold(): p for p in case.parties}
    return explain[0], "+".join(ids.get(w.strip().casefold(), w.strip()) for w in explain[1].split("+"))


def _document(
    asked: Asked, found: Any, parts: dict[str, Any], explain: tuple[str, str] | None, *, full: bool
) -> dict[str, Any]:
    content = found.to_dict(full=full)
    content |= {p.key: parts[p.key].to_dict(full=full) if p.key in parts else None for p in PARTS}
    content["verdicts"] = [v.to_dict() for v in _verdicts(found, parts, explain)] if explain else None
    head = envelope("stability", asked, found, content)
    for answer in parts.values():
        head["warnings"] = list(dict.fromkeys([*head["warnings"], *answer.provenance.warnings]))
        head["exact"] = head["exact"] and answer.provenance.exact
        if answer.provenance.seed is not None:
            head["seed"] = answer.provenance.seed
    return head


def _verdicts(found: Any, parts: dict[str, Any], explain: tuple[str, str]) -> list[Any]:
    state, who = explain
    if "+" in who:
        group = _coalitions(parts, who)
        return [group.witness(c, who.split("+"), state) for c in group.stable]
    return [v for c in found.concepts if (v := found.proved(c, who, state)) is not None]


def _coalitions(parts: dict[str, Any], who: str) -> Any:
    if "coalitions" not in parts:
        raise UsageError(f"the group {shown(who)}", "--coalitions beside --explain, or one party")
    return parts["coalitions"]


def _text(found: Any, parts: dict[str, Any]) -> str:
    from detente.stability.narrative import overview

    told = ["\n".join(overview(found)), *([] if found.mute else _tabled(found))]
    for part in PARTS:
        if part.key in parts:
            answer = parts[part.key]
            lines = import_module(part.told_by).lines(answer)
            told.append("\n".join([part.title, "-" * len(part.title), *lines]))
            told += _tabled(answer) if part.tabled and len(lines) > 1 else []
    return "\n\n".join(told)


def _tabled(answer: Any) -> list[str]:
    """The table of an answer; none where it has no state to show."""
    table = answer.table()
    return [str(table)] if len(table.columns) > 2 and table.rows else []


def _explained(found: Any, parts: dict[str, Any], explain: tuple[str, str]) -> str:
    from detente.stability.coalition_narrative import narrate_groups
    from detente.stability.foresight_narrative import line_of_play
    from detente.stability.narrative import narrate
    from detente.stability.strength import proof

    state, who = explain
    if "+" in who:
        verdicts = _verdicts(found, parts, explain)
        return "\n".join(narrate_groups(parts["coalitions"], verdicts))
    told = ["\n".join(narrate(found, who, state))]
    if "strength" in parts:
        told += ["\n".join(proof(parts["strength"], c, who, state)) for c in parts["strength"].weak]
    if "foresight" in parts:
        horizons = range(1, parts["foresight"].horizon + 1)
        told += ["\n".join(line_of_play(parts["foresight"], who, state, h)) for h in horizons]
    return "\n\n".join(told)


def _part_table(answer: Any, output: str | None, suffix: str) -> None:
    """The table of one further question: as text, CSV or LaTeX."""
    table = answer.table()
    deliver(table.to_csv() if suffix == ".csv" else table.to_latex() if suffix == ".tex" else str(table), output)


def _table(asked: Asked, found: Any, kind: str, output: str | None, suffix: str) -> None:
    """One of the tables that papers print: as text, CSV or LaTeX."""
    from detente.stability.paper_tables import paper_table, paper_text

    status_quo = asked.session.ask("status_quo", **asked.how) if kind == "evolution" else None
    if suffix in (".csv", ".tex"):
        deliver(paper_text(kind, found, status_quo, suffix), output)
        return
    deliver("\n\n".join(str(t) for t in paper_table(kind, found, status_quo)), output)


def _picture(asked: Asked, output: str, suffix: str) -> None:
    """The conflict graph as a file."""
    from detente.pictures.export import graph_pdf, graph_svg

    outcomes = asked.session.ask("outcomes", **asked.how)
    if suffix == ".svg":
        deliver(graph_svg(outcomes), output)
        return
    data = graph_pdf(outcomes)
    try:
        Path(output).write_bytes(data)
    except OSError as error:
        found = f"the file {shown(output)}"
        raise UsageError(found, "a file that can be written", str(error).split("] ")[-1]) from None
    sys.stderr.write(f"Wrote {output}\n")
