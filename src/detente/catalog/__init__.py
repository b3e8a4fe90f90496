"""The shipped cases: citable, each with its sources and stated results."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["SUFFIX", "catalog_names", "catalog_note", "catalog_text", "starter_text"]

SUFFIX = ".case.yaml"
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


def starter_text() -> str:
    """The commented starter case that ``init`` writes."""
    return files(__name__).joinpath("starter.yaml").read_text(encoding="utf-8")
