"""What verbs share: writing answers and errors, the JSON envelope, the common options."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from detente.base.errors import CaseError, Problem, UsageError, shown
from detente.base.version import VERSION

if TYPE_CHECKING:
    from detente.base.result import Result
    from detente.case.change import Change
    from detente.case.model import Case
    from detente.inquiry.session import Session

F = TypeVar("F", bound=Callable[..., Any])
CONTRACT = 1
# What a digest for all sides is taken over: one of the whole case would change with every private number, so that a
# reader could try out guesses.
KNOWN_TO_ALL = ("detente", "name", "title", "as_of", "period", "options")


@dataclass(frozen=True)
class Asked:
    """The case a verb is asked about: session, view, types and edits."""

    session: Session
    view: str | None
    types: dict[str, str]
    changes: Change | None
    shared: bool = False

    @property
    def how(self) -> dict[str, Any]:
        """Keyword arguments for ``Session.ask``."""
        return {"view": self.view, "types": self.types, "changes": self.changes}

    def case(self) -> Case:
        """The case as asked."""
        return self.session.case(**self.how)


def case_options(function: F) -> F:
    """CASE and the options every verb on a case has."""
    return _case_options(function, required=True)


def optional_case_options(function: F) -> F:
    """The same where some uses of the verb need no CASE."""
    return _case_options(function, required=False)


def _case_options(function: F, *, required: bool) -> F:
    decorators = (
        click.argument("case", required=required),
        click.option("--view", metavar="V", help="Whose reading of the case."),
        click.option("--type", "types", metavar="P=T", multiple=True, help="Use type T of party P."),
        click.option("--set", "edits", metavar="PATH=VALUE", multiple=True, help="Change the case for this question."),
        click.option("--for", "audience", type=click.Choice(["shared"]),
                     help="shared: leave out what is private, types and beliefs."),
        click.option("--limit", type=click.IntRange(1), default=5_000_000, show_default=True, metavar="N",
                     help="Most feasible states."),
        click.option("--json", "as_json", is_flag=True, help="JSON on standard output."),
        click.option("-o", "--output", metavar="FILE", help="Write to a file, by its suffix."),
        click.option("--debug", is_flag=True, hidden=True),
    )  # fmt: skip
    for decorator in reversed(decorators):
        function = decorator(function)
    return function


def open_case(
    case: str,
    view: str | None,
    types: tuple[str, ...],
    edits: tuple[str, ...],
    audience: str | None,
    limit: int,
) -> Asked:
    """Read the case and the edits of a command line.

    Raises:
        UsageError, CaseError: see ``detente.load`` and ``Change.parse``.
    """
    from detente.case.change import Change
    from detente.formats.reading import open_file
    from detente.inquiry.session import Session

    chosen: dict[str, str] = {}
    for text in types:
        party, equals, name = text.partition("=")
        if not equals or not party or not name:
            raise UsageError(f"--type {shown(text)}", "party=type", "For example --type dprk=developer")
        chosen[party] = name
    changes = [Change.parse(e) for e in edits]
    total = sum(changes, Change(())) if changes else None
    opened = open_file(case)
    asked = Asked(Session(opened.case, limit=limit), view, chosen, total, shared=audience == "shared")
    try:
        warnings = asked.case().warnings
    except CaseError as error:
        raise _blamed(error, total) from None
    for warning in (*opened.losses, *warnings):
        sys.stderr.write(f"warning: {warning}\n")
    return asked


def _blamed(error: CaseError, edits: Change | None) -> CaseError:
    """The same error; what an edit of the command line has brought in is not told of the file."""
    paths = [path for path, _ in (e.pair() for e in edits.edits)] if edits is not None else []

    def meant(problem: Problem) -> bool:
        return problem.line is None and any(f"{problem.path}.".startswith(f"{p}.") for p in paths)

    return CaseError([replace(p, file="--set") if meant(p) else p for p in error.problems()])


def need_preferences(asked: Asked) -> None:
    """Refuse the base of a case in which only views say what a party wants.

    Raises:
        UsageError: with the views that do.
    """
    if asked.view is not None:
        return
    case = asked.case()
    for party, details in case.file.parties.items():
        if details.role == "mediator" or case.preference(party) is not None:
            continue
        views = [v for v in case.written.file.views if asked.session.case(view=v).preference(party) is not None]
        if views:
            found = f"no preference of {case.party_name(party)} in the base"
            raise UsageError(found, f"--view with one of {', '.join(views)}", "Only these views say what it wants.")


def envelope(verb: str, asked: Asked, result: Result | None, content: dict[str, Any]) -> dict[str, Any]:
    """The JSON document of an answer: provenance first, then its content."""
    case = asked.case()
    used = result.provenance if result is not None else None
    told: dict[str, Any] = {"view": case.view_name}
    if not asked.shared:
        told["types"] = dict(case.types)
        told["changes"] = [{"path": p, "value": v} for p, v in (e.pair() for e in case.changes.edits)]
    if used is not None:
        parameters = {k: v for k, v in used.parameters.items() if not asked.shared or k != "weights"}
        told |= {"parameters": parameters, "seed": used.seed, "exact": used.exact, "warnings": list(used.warnings)}
    digest = case.digest(KNOWN_TO_ALL) if asked.shared else case.digest()
    return {**head_of(verb, case.name, digest, **told), **content}


def head_of(verb: str, name: str, digest: str, **told: Any) -> dict[str, Any]:
    """What every JSON document starts with (DESIGN section 5); what is not told has its empty value."""
    return {
        "detente": VERSION,
        "contract": CONTRACT,
        "verb": verb,
        "case": name,
        "digest": digest,
        "view": None,
        "types": {},
        "changes": [],
        "parameters": {},
        "seed": None,
        "exact": True,
        "warnings": [],
        "limits": {},
        **told,
    }


def deliver(text: str, output: str | None) -> None:
    """Write text to standard output or to a file."""
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
        return
    deliver_bytes((text if text.endswith("\n") else text + "\n").encode(), output)


def deliver_bytes(data: bytes, output: str | None) -> None:
    """Write what is no plain text to standard output or to a file."""
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        Path(output).write_bytes(data)
    except OSError as error:
        raise UsageError(
            f"the file {shown(output)}", "a file that can be written", str(error).split("] ")[-1]
        ) from None
    sys.stderr.write(f"Wrote {output}\n")


def suffix_of(output: str | None, allowed: Iterable[str]) -> str:
    """Suffix of the file asked for, held to what a verb can write; empty for standard output."""
    if output is None:
        return ""
    suffix = Path(output).suffix.lower()
    if suffix not in allowed:
        raise UsageError(f"the file {shown(output)}", f"a file ending in {' or '.join(sorted(allowed))}")
    return suffix


def as_document(content: dict[str, Any]) -> str:
    """JSON text."""
    return json.dumps(content, ensure_ascii=False, indent=1)


def print_error(problems: Iterable[Problem], *, as_json: bool) -> None:
    """Problems to standard error, or as a JSON document to standard output."""
    found = list(problems)
    if as_json:
        sys.stdout.write(as_document({"detente": VERSION, "errors": [p.to_dict() for p in found]}) + "\n")
        return
    for problem in found:
        text = str(problem)
        sys.stderr.write(("error: " + text.removeprefix("case: ") if problem.line is None else text) + "\n")
