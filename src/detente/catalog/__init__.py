"""The shipped cases and agreements: citable, each with its sources and stated results."""

from __future__ import annotations

from importlib.resources import files

__all__ = [
    "AGREEMENT_SUFFIX",
    "EVENTS_SUFFIX",
    "PLAN_SUFFIX",
    "SUFFIX",
    "agreement_before",
    "agreement_names",
    "agreement_note",
    "agreement_text",
    "catalog_names",
    "catalog_note",
    "catalog_text",
    "events_names",
    "events_text",
    "plan_names",
    "plan_text",
    "starter_agreement_text",
    "starter_text",
]

SUFFIX, PLAN_SUFFIX = ".case.yaml", ".plan.yaml"
AGREEMENT_SUFFIX, EVENTS_SUFFIX = ".agreement.yaml", ".events.yaml"
NOTE, BEFORE = "# Good for: ", "# The last agreement before: "


def catalog_names() -> list[str]:
    """Names of the shipped cases, sorted."""
    return _names(SUFFIX)


def catalog_text(name: str) -> str:
    """The text of a shipped case."""
    return files(__name__).joinpath(name + SUFFIX).read_text(encoding="utf-8")


def catalog_note(name: str) -> str:
    """What a shipped case is good for, in one line: a comment at the head of its file says it."""
    return _note(catalog_text(name))


def plan_names() -> list[str]:
    """Names of the shipped orders of steps, sorted; each is that of its case."""
    return _names(PLAN_SUFFIX)


def plan_text(name: str) -> str:
    """The text of a shipped order of steps."""
    return files(__name__).joinpath(name + PLAN_SUFFIX).read_text(encoding="utf-8")


def agreement_names() -> list[str]:
    """Names of the shipped agreements, sorted."""
    return _names(AGREEMENT_SUFFIX)


def agreement_text(name: str) -> str:
    """The text of a shipped agreement."""
    return files(__name__).joinpath(name + AGREEMENT_SUFFIX).read_text(encoding="utf-8")


def agreement_note(name: str) -> str:
    """What a shipped agreement is good for, in one line: a comment at the head of its file says it."""
    return _note(agreement_text(name))


def agreement_before(case: str) -> str | None:
    """The shipped agreement that was the last before a shipped case: a comment at the head of its file says so."""
    line = f"{BEFORE}{case}"
    return next((name for name in agreement_names() if line in agreement_text(name).splitlines()), None)


def events_names() -> list[str]:
    """Names of the shipped lists of what happened, sorted; each is that of its agreement."""
    return _names(EVENTS_SUFFIX)


def events_text(name: str) -> str:
    """The text of a shipped list of what happened under an agreement."""
    return files(__name__).joinpath(name + EVENTS_SUFFIX).read_text(encoding="utf-8")


def _note(text: str) -> str:
    return next((line.removeprefix(NOTE) for line in text.splitlines() if line.startswith(NOTE)), "")


def _names(suffix: str) -> list[str]:
    return sorted(f.name.removesuffix(suffix) for f in files(__name__).iterdir() if f.name.endswith(suffix))


def starter_text() -> str:
    """The commented starter case that ``init`` writes."""
    return files(__name__).joinpath("starter.yaml").read_text(encoding="utf-8")


def starter_agreement_text() -> str:
    """The commented starter agreement that ``init --agreement`` writes."""
    return files(__name__).joinpath("starter-agreement.yaml").read_text(encoding="utf-8")
