"""``detente plan``."""

from __future__ import annotations

import sys
from typing import Any

import click

from detente.base.errors import EXIT_LIMIT, EXIT_NO, UsageError
from detente.cli.output import as_document, case_options, deliver, envelope, need_preferences, open_case, suffix_of

NOT_PROVEN = {
    "order": "the best order found is told, and it is not proven to be the best",
    "target": "the best target found is told, and it is not proven to be the best",
    "margins": "the margins told are the largest possible, and it is not proven that they are no smaller",
}
SUFFIXES = (".json", ".txt", ".csv", ".svg")


@click.command("plan")
@case_options
@click.option("--target", metavar="TARGET", help="Where things should go: a condition, a state, a rule of settle "
              "such as nash, or auto. Default: what the case says.")  # fmt: skip
@click.option("--verify", metavar="FILE", help="Check this order of steps instead of looking for one (YAML or JSON).")
@click.option("--draws", type=click.IntRange(0, 1_000_000), default=400, show_default=True, metavar="N",
              help="Draws of the uncertain numbers; 0 for none.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of the draws.")
@click.option("--repairs/--no-repairs", default=True, show_default=True, help="Whether to look for what would mend it.")
@click.option("--seconds", type=click.FloatRange(0.1, 86_400), default=60.0, show_default=True, metavar="S",
              help="Most time for one search.")  # fmt: skip
@click.option("--full", is_flag=True, help="List every target that passes both tests.")
def command(
    case: str, as_json: bool, output: str | None, debug: bool, verify: str | None, full: bool, **how: Any
) -> None:  # fmt: skip
    """In what order, with what safeguards? Steps nobody gains by abandoning, or why there are none and what mends it.

    Exit status 1: the plan does not enforce itself (for all sides: it breaks rules of the case or is late).
    """
    del debug
    suffix = suffix_of(output, SUFFIXES)
    parameters = {key: how.pop(key) for key in ("target", "draws", "seed", "repairs", "seconds")}
    asked = open_case(case, **how)
    need_preferences(asked)
    if verify is not None:
        if parameters["target"] is not None:
            fix = "A written order leads to a target of its own: leave out --target."
            raise UsageError("--target beside --verify", "one of the two", fix)
        parameters |= _written(verify)
    found = asked.session.ask("plan", **parameters, **asked.how)
    if as_json or suffix == ".json":
        content = found.to_dict(full=full)
        content = shareable(content) if asked.shared else content
        limits = {"limits": {"plan": {"open": list(found.open)}}} if found.open else {}
        deliver(as_document(envelope("plan", asked, found, content) | limits), output)
    elif suffix == ".csv":
        deliver(_table(found, shared=asked.shared), output)
    elif suffix == ".svg":
        deliver(_picture(found, shared=asked.shared), output)
    else:
        from detente.inquiry.subtitle import subtitle
        from detente.plan.for_all import shared_lines
        from detente.plan.narrative import lines

        text = shared_lines(found) if asked.shared else lines(found)
        under = subtitle(asked.case(), asked.changes, shared=asked.shared)
        deliver("\n".join([text[0], *([under] if under else []), *text[1:]]), output)
    if found.open:
        for what in found.open:
            sys.stderr.write(f"stopped by a limit: {NOT_PROVEN[what]}\n")
        sys.exit(EXIT_LIMIT)
    if _no(found, shared=asked.shared):
        sys.exit(EXIT_NO)


def _no(found: Any, *, shared: bool) -> bool:
    """Whether the answer is no; for all sides only where that rests on nothing that a side keeps to itself."""
    if shared:
        return found.order is None or found.late or bool(found.faults)
    return not found.enforceable


def _written(name: str) -> dict[str, str]:
    """The text of a written order."""
    from detente.plan.written import written_source

    data, file = written_source(name)
    try:
        return {"written": data.decode(), "file": file}
    except UnicodeDecodeError:
        raise UsageError(f"the plan {file}, which is no UTF-8 text", "YAML or JSON in UTF-8") from None


def shareable(content: dict[str, Any]) -> dict[str, Any]:
    """The steps, and nothing of what going on or leaving is worth to anybody, nor a verdict that rests on it."""
    kept = {"n", "period", "periods", "date", "moves", "escrow"}
    steps = [
        {**{k: v for k, v in step.items() if k in kept}, "margins": {}, "shares": {}, "weakest": {}, "side": {}}
        for step in content["steps"]
    ]
    numbers = ("start_test", "target_test", "target_deviations", "stakes", "affected", "outside")
    empty: dict[str, Any] = {key: {} for key in numbers}
    untold = ("margin", "interior_margin", "today", "binding", "proof", "targets", "readings", "draws", "enforceable")
    nothing: dict[str, Any] = {**dict.fromkeys(untold), "threats": [], "repairs": [], "warnings": []}
    smallest = {"all": None, "interior": None, "bound": None, "accepted": content["smallest"]["accepted"]}
    return {**content, **empty, **nothing, "smallest": smallest, "steps": steps}


def _table(found: Any, *, shared: bool) -> str:
    from detente.plan.for_all import shared_table

    return str((shared_table(found) if shared else found.table()).to_csv())


def _picture(found: Any, *, shared: bool) -> str:
    from detente.pictures.plan_picture import plan_picture
    from detente.pictures.plan_timeline import plan_timeline

    if shared:
        fix = "It shows what each side would lose by leaving, which is its own secret."
        raise UsageError("a picture for all sides", "a text, a table or JSON", fix)
    picture = plan_picture(found)
    if picture is None:
        raise UsageError("a picture of this answer", "a plan with steps", "There is no way to the target.")
    return plan_timeline(picture, standalone=True)
