"""``detente draft``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.base.errors import EXIT_NO, UsageError
from detente.cli.output import (
    Asked,
    as_document,
    case_options,
    deliver,
    deliver_bytes,
    envelope,
    need_preferences,
    open_case,
    print_error,
    suffix_of,
)

if TYPE_CHECKING:
    from detente.agreement.drafting.result import Draft

TEXTS = (".md", ".html", ".docx")
SUFFIXES = (".yaml", ".yml", *TEXTS, ".json", ".txt", ".csv")


@click.command("draft")
@case_options
@click.option("--target", metavar="TARGET", help="What to draft: a condition, a state, a rule of settle such as nash, "
              "or auto. Default: what the case asks for if it holds, else the best that does.")  # fmt: skip
@click.option("--plan", "plan", metavar="FILE", help="Draft this order of steps (YAML or JSON).")
@click.option("--seconds", type=click.FloatRange(0.1, 86_400), default=60.0, show_default=True, metavar="S",
              help="Most time for one search.")  # fmt: skip
def command(
    case: str, as_json: bool, output: str | None, debug: bool, target: str | None, plan: str | None, seconds: float,
    **how: Any,
) -> None:  # fmt: skip
    """Put it in writing: an agreement file from a plan, with a marked gap for all that the case does not say.

    With -o FILE.md, .html or .docx it is a text in plain legal English. CASE can be an agreement too, as a file or as
    such a text: then it is only written anew, in the form that -o asks for.
    Exit status 1: what is drafted does not enforce itself, or nothing that does is there to draft.
    """
    del debug
    suffix = suffix_of(output, SUFFIXES)
    if plan is not None and target is not None:
        raise UsageError("--target beside --plan", "one of the two", "A written order leads to a target of its own.")
    if _is_agreement(case):
        if plan is not None or target is not None:
            raise UsageError("--target or --plan with an agreement", "a case", "An agreement is written as it stands.")
        _rewrite(case, suffix, output)
        return
    from detente.agreement.drafting.asking import Asking, NothingHoldsError, drafted

    asked = open_case(case, **how)
    need_preferences(asked)
    written, file = _written(plan) if plan is not None else (None, None)
    asking = Asking(target, written, file, link_of(case, output), asked.shared, seconds)
    try:
        found = drafted(asked.session, asked.how, asking)
    except NothingHoldsError as nothing:
        print_error(nothing.problems(), as_json=as_json)
        sys.exit(EXIT_NO)
    for warning in found.agreement.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    _deliver(found, asked, suffix, as_json=as_json, output=output)
    if found.warning:
        sys.stderr.write(f"{found.warning}\n")
    if found.enforceable is False or not found.ordered:
        sys.exit(EXIT_NO)


def _is_agreement(name: str) -> bool:
    """Whether a name is that of an agreement: a file, a text in controlled English, or one of the catalog."""
    from detente.catalog import AGREEMENT_SUFFIX, agreement_names, catalog_names

    if name.lower().endswith((AGREEMENT_SUFFIX, *TEXTS)):
        return True
    return name in agreement_names() and name not in catalog_names() and not Path(name).exists()


def _rewrite(name: str, suffix: str, output: str | None) -> None:
    """An agreement in another form."""
    from detente.agreement.drafting.writing import agreement_yaml
    from detente.agreement.loading import read_agreement
    from detente.agreement.text.canonical import canonical
    from detente.agreement.text.files import render

    agreement = read_agreement(name)
    for warning in agreement.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    if suffix in TEXTS:
        deliver_bytes(render(agreement, suffix), output)
    elif suffix in (".yaml", ".yml", ""):
        deliver(agreement_yaml(canonical(agreement.file), {}), output)
    else:
        raise UsageError(f"{suffix} for an agreement", ".yaml, .md, .html or .docx")


def _deliver(found: Draft, asked: Asked, suffix: str, *, as_json: bool, output: str | None) -> None:
    """Write it in the form asked for."""
    from detente.agreement.drafting.telling import lines
    from detente.agreement.drafting.writing import agreement_yaml
    from detente.inquiry.subtitle import subtitle

    under = subtitle(asked.case(), asked.changes, shared=asked.shared) or ""
    if as_json or suffix == ".json":
        deliver(as_document(envelope("draft", asked, found, found.to_dict())), output)
    elif suffix in (".yaml", ".yml"):
        deliver(agreement_yaml(found.tree, found.comments, head_of_file(found, under)), output)
    elif suffix in TEXTS:
        from detente.agreement.text.files import render

        deliver_bytes(render(found.agreement, suffix), output)
    elif suffix == ".csv":
        deliver(found.table().to_csv(), output)
    else:
        deliver("\n".join(lines(found, under)), output)


def head_of_file(found: Draft, under: str) -> str:
    """The comment at the top of a written draft."""
    return (
        f"A draft, made by detente from the case {found.case.name}. {under}\n"
        "Nothing in it is agreed, and nothing in it is new: what the case does not say is marked under gaps, with the"
        " reason.\nFill a gap by writing what it names and taking it out; detente lint then judges the rest."
    )


def link_of(case: str, output: str | None) -> str | None:
    """How a draft names its case: by its name in the catalog, or by its path from where the draft is written.

    None where it cannot: the case stands elsewhere, or came from standard input or another program.
    """
    from detente.case.loading import SUFFIX
    from detente.catalog import catalog_names

    path = Path(case)
    if not path.is_file():
        bare = case.removesuffix(SUFFIX)
        return bare if bare in catalog_names() else None
    folder = Path(output).parent if output is not None else Path()
    try:
        link = path.resolve().relative_to(folder.resolve()).as_posix()
    except (OSError, ValueError):
        return None
    return link if path.suffix.lower() in (".yaml", ".yml") else None


def _written(name: str) -> tuple[str, str]:
    """The text of a written order, and its name."""
    from detente.plan.written import written_source

    data, file = written_source(name)
    try:
        return data.decode(), file
    except UnicodeDecodeError:
        raise UsageError(f"the plan {file}, which is no UTF-8 text", "YAML or JSON in UTF-8") from None
