"""The conflict graph as a file of its own: SVG with literal colours, or a vector PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from detente.base.errors import MissingExtra, UsageError
from detente.base.wording import words
from detente.inquiry.outcomes import Outcomes
from detente.pictures.conflict_graph import conflict_graph, step_changes
from detente.pictures.whole_graph import can_draw, whole_graph

LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def graph_svg(outcomes: Outcomes, labels: Mapping[int, str] | None = None) -> str:
    """The conflict graph as a standalone SVG: whole for a small model, else today, the outcomes and the ways to them.

    Args:
        outcomes: the selected states with the analyses they come from.
        labels: what to write on the states of a large model; made from what they change where not given.

    Raises:
        UsageError: a large model without a status quo, from which nothing can be drawn.
    """
    if can_draw(outcomes.graph):
        return whole_graph(outcomes.stability, standalone=True)
    found = conflict_graph(outcomes, labels or outcome_labels(outcomes), standalone=True)
    if found is None:
        raise UsageError("a large case without a status quo", "a status quo to draw from", "Write `status_quo` in it.")
    return found


def graph_pdf(outcomes: Outcomes, labels: Mapping[int, str] | None = None) -> bytes:
    """The conflict graph as a vector PDF of one page, as large as the picture.

    Args:
        outcomes, labels: as for ``graph_svg``.

    Raises:
        MissingExtra: WeasyPrint is not installed.
        UsageError: the libraries it draws with are not there; or as ``graph_svg``.
    """
    return pdf_of(graph_svg(outcomes, labels))


def pdf_of(svg: str) -> bytes:
    """A standalone SVG as a PDF page of its size.

    Raises:
        MissingExtra: WeasyPrint is not installed.
        UsageError: the libraries it draws with are not there.
    """
    try:
        from weasyprint import HTML
    except ImportError as error:
        raise MissingExtra("a PDF", "pdf") from error
    except OSError as error:
        fix = f"On Debian: apt-get install {LIBRARIES}"
        raise UsageError(
            "no Pango library on this computer", "the library that PDF pages are drawn with", fix
        ) from error
    width, height = svg.partition('viewBox="0 0 ')[2].partition('"')[0].split()
    page = f"@page{{size:{width}px {height}px;margin:0}}body{{margin:0}}svg{{display:block}}"
    title = svg.partition("<title>")[2].partition("</title>")[0]  # escaped already
    head = f'<!DOCTYPE html><html lang="en"><head><title>{title}</title><style>{page}</style></head>'
    found: bytes = HTML(string=f"{head}<body>{svg}</body></html>", url_fetcher=_refused).write_pdf()
    return found


def _refused(url: str, *_: Any, **__: Any) -> NoReturn:
    raise ValueError(f"pictures hold everything they show, yet {url!r} was asked for")


def outcome_labels(outcomes: Outcomes) -> dict[int, str]:
    """Today and the selected outcomes: number, and what changes from today; on the steps between, what they change."""
    graph, start = outcomes.graph, outcomes.status_quo.start
    ident = graph.states.id
    today = {} if start is None else graph.states.levels(start)
    labels = {s: f"{ident(s)}\n{text}" for s, text in step_changes(outcomes).items()}
    for outcome in outcomes.selected:
        changed = [
            f"{graph.case.option_name(o)}: {'any' if v is None else words(v)}"
            for o, v in graph.states.levels(outcome.state).items()
            if today.get(o, "") != v
        ]
        labels[outcome.state] = f"{ident(outcome.state)}\n" + "\n".join(changed)
    if start is not None:
        labels[start] = f"{ident(start)}\nstatus quo"
    return labels
