"""The shipped cases: citable, each with its sources and stated results."""

from __future__ import annotations

from importlib.resources import files

__all__ = [
    "PLAN_SUFFIX",
    "SUFFIX",
    "catalog_names",
    "catalog_note",
    "catalog_text",
    "plan_names",
    "plan_text",
    "starter_text",
]

SUFFIX, PLAN_SUFFIX = ".case.yaml", ".plan.yaml"
NOTE = "# Good for: "


def catalog_names() -> list[str]:
    """Names of the shipped cases, sorted."""
    return sorted(f.name.removesuffix(SUFFIX) for f in files(__name__).iterdir() if f.name.endswith(SUFFIX))


def catalog_text(name: str) -> str:
    """The text of a shipped case."""
    return files(__name__).joinpath(name + SUFFIX).read_text(encoding="utf-8")


def catalog_note(name: str) -> str:
    """What a shipped case is good for, in one line: a comment at the head of its file says it."""
    notes = (line.removeprefix(NOTE) for line in catalog_text(name).splitlines() if line.startswith(NOTE))
    return next(notes, "")


def plan_names() -> list[str]:
    """Names of the shipped orders of steps, sorted; each is that of its case."""
    return sorted(f.name.removesuffix(PLAN_SUFFIX) for f in files(__name__).iterdir() if f.name.endswith(PLAN_SUFFIX))


def plan_text(name: str) -> str:
    """The text of a shipped order of steps."""
    return files(__name__).joinpath(name + PLAN_SUFFIX).read_text(encoding="utf-8")


def starter_text() -> str:
    """The commented starter case that ``init`` writes."""
    return files(__name__).joinpath("starter.yaml").read_text(encoding="utf-8")
