"""From a tree to a checked case file: every problem at once, each with its place."""

from __future__ import annotations

from typing import Any

from detente.base.errors import Problem
from detente.case.blocks.claims import check_claims
from detente.case.blocks.disagreement import check_disagreement
from detente.case.blocks.forecast_checks import check_forecast
from detente.case.blocks.options import check_feasibility, check_options, check_status_quo
from detente.case.blocks.parties import check_parties
from detente.case.blocks.plan_checks import check_plan
from detente.case.blocks.preferences import check_preferences
from detente.case.blocks.ratification_checks import check_ratification
from detente.case.blocks.settlement import check_settlement
from detente.case.blocks.shared import check_shared
from detente.case.blocks.terms import check_terms
from detente.case.blocks.views import check_views
from detente.case.checker import Checker, Enough, Path
from detente.case.file import CaseFile
from detente.case.forms import Form, dotted, placed, read_form

__all__ = ["MOST_ENTRIES", "dotted", "placed", "read_file"]

CHECKS = (
    check_parties,
    check_options,
    check_feasibility,
    check_status_quo,
    check_preferences,
    check_disagreement,
    check_settlement,
    check_plan,
    check_ratification,
    check_terms,
    check_forecast,
    check_shared,
    check_claims,
    check_views,
)
TAGS = frozenset({"levels", "amount", "tied", "single", "rest", "chance", "name", "today"})
EMPTY: dict[str, Any] = {"detente": "1", "name": "unnamed", "parties": {}, "options": {}}
MOST_ENTRIES = {"parties": 1000, "options": 1000, "views": 100}


def read_file(tree: Any, file: str | None) -> tuple[CaseFile | None, list[Problem], list[Problem]]:
    """Check a tree against the blocks and their cross-checks.

    Args:
        tree: mappings, lists and texts, from a file or from code.
        file: name for messages.

    Returns:
        The case file (None if it has problems), the problems, the warnings.
    """
    return read_form(tree, file, FORM)


def _check(model: CaseFile, cuts: frozenset[Path]) -> Checker:
    checker = Checker(model, cuts)
    try:
        for check in CHECKS:
            check(model, checker)
    except Enough:
        pass
    return checker


WHAT = "a case: a mapping that starts with detente: 1"
FORM = Form(CaseFile, WHAT, "Split the case.", _check, EMPTY, MOST_ENTRIES, TAGS)
