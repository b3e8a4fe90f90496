"""The brief: sections as data, a page, a terminal summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.base.table import Table
from detente.base.version import VERSION
from detente.case.change import Change
from detente.case.model import Case
from detente.inquiry.session import Session

if TYPE_CHECKING:
    from detente.brief.reading import Reading
    from detente.brief.tracked import Tracked

SUMMARY_LINES, SUMMARY_WIDTH = 25, 100


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a section: exactly one of text, items, table and picture.

    Attributes:
        text: a paragraph.
        items: a list.
        table: a table.
        picture: an SVG element made by ``pictures``.
        caption: under a table or picture.
    """

    text: str = ""
    items: tuple[str, ...] = ()
    table: Table | None = None
    picture: str | None = None
    caption: str = ""

    def texts(self) -> list[str]:
        """The block as plain texts."""
        if self.table is not None:
            return [str(self.table), *([self.caption] if self.caption else [])]
        return [t for t in (self.text, *self.items, self.caption) if t]


@dataclass(frozen=True, slots=True)
class Section:
    """One titled part of the brief, and what the terminal summary takes from it."""

    title: str
    blocks: tuple[Block, ...]
    summary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brief:
    """A brief.

    Attributes:
        title: title of the case.
        subtitle: date of knowledge, view, types.
        marking: handling caveat.
        sections: in order.
        foot: digest, version.
    """

    title: str
    subtitle: str
    marking: str
    sections: tuple[Section, ...]
    foot: str

    def to_html(self) -> str:
        """One self-contained page: no script, no network, for screen and print, light and dark."""
        from jinja2 import Environment, PackageLoader

        environment = Environment(
            loader=PackageLoader("detente.brief", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        return environment.get_template("brief.html.j2").render(brief=self)

    def summary(self) -> list[str]:
        """The brief in the terminal: at most 25 lines; what comes first in every section goes before the rest."""
        told = [
            (rank, number, _folded(text))
            for number, section in enumerate(self.sections)
            for rank, text in enumerate(section.summary)
        ]
        left = SUMMARY_LINES - 3
        chosen: list[tuple[int, int, list[str]]] = []
        for rank, number, lines in sorted(told, key=lambda one: one[:2]):
            if len(lines) > left:
                break
            left -= len(lines)
            chosen.append((number, rank, lines))
        out = [self.title, self.subtitle, *(line for _, _, lines in sorted(chosen) for line in lines)]
        return out if len(chosen) == len(told) else [*out, "... and more in the brief."]

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of ``brief``."""
        sections = [{"title": s.title, "text": [t for b in s.blocks for t in b.texts()]} for s in self.sections]
        return {"title": self.title, "sections": sections}


def _folded(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, SUMMARY_WIDTH, subsequent_indent="  ", max_lines=2, placeholder=" ...")


def make_brief(
    session: Session,
    *,
    view: str | None = None,
    types: Mapping[str, str] | None = None,
    changes: Change | None = None,
    shared: bool = False,
    tracked: Tracked | None = None,
    full: bool = False,
) -> Brief:
    """Ask everything there is to ask and narrate it.

    Args:
        session: the case.
        view: narrate this view only; else the base with all views beside it.
        types: types to use instead of the assumed or most probable ones.
        changes: further edits.
        shared: leave out what is private, and types and beliefs.
        tracked: an agreement with its ledger, told after the plan.
        full: take the time for what a large case makes slow: what drives the forecast, and more draws.

    Raises:
        LimitReached: too many states to enumerate.
    """
    from detente.brief.reading import Reading

    reading = Reading.of(session, view=view, types=types, changes=changes, shared=shared, full=full)
    case = reading.case
    if session.aside:
        from detente.brief.sections.forecast import begin

        begin(reading)
    when = f"as known on {case.file.as_of:%-d %B %Y}" if case.file.as_of else ""
    subtitle = "; ".join(t for t in (when, reading.name) if t)
    return Brief(case.title, subtitle, case.file.marking, _sections(reading, tracked), _foot(case))


def _sections(reading: Reading, tracked: Tracked | None) -> tuple[Section, ...]:
    """Everything there is to tell of a case, in the order of a day's work."""
    from detente.brief.sections import (
        coalitions,
        draft,
        findings,
        forecast,
        foresight,
        misperception,
        plan,
        preferences,
        ratification,
        settlement,
        situation,
        stability,
        status_quo,
        strength,
        unknown,
        views,
    )

    parts = [
        situation.section(reading),
        preferences.section(reading),
        stability.section(reading),
        status_quo.section(reading),
        coalitions.section(reading),
        settlement.section(reading),
        ratification.section(reading),
        plan.section(reading),
        draft.section(reading),
        findings.last(reading),
        *(_agreement(tracked) if tracked is not None else ()),
        forecast.section(reading),
        foresight.section(reading),
        strength.section(reading),
        unknown.section(reading),
        *views.sections(reading),
        misperception.section(reading),
        stability.method(reading),
    ]
    return tuple(p for p in parts if p)


def _agreement(tracked: Tracked) -> tuple[Section, ...]:
    from detente.brief.sections import agreement

    return agreement.sections(tracked)


def agreement_brief(tracked: Tracked) -> Brief:
    """The brief of an agreement alone.

    Args:
        tracked: the agreement with its ledger.
    """
    from detente.brief.sections import agreement

    written, status = tracked.status.agreement, tracked.status
    whose = {None: "", "joint": "as all sides recognise it"}.get(
        status.view, f"as {written.called(str(status.view))} sees it"
    )
    subtitle = "; ".join(t for t in (tracked.when, whose) if t)
    foot = f"detente {VERSION}; agreement {written.name}, {written.digest}"
    return Brief(written.title, subtitle, written.file.marking, agreement.sections(tracked), foot)


def _foot(case: Case) -> str:
    return f"detente {VERSION}; case {case.name}, {case.digest()}"
