"""What ``plan`` says: dates out of the calendar, late and failing orders, outside offers, messages for the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from detente.plan.narrative import lines
from tests.test_plan_verb import SMALL, answer, asked, run


@pytest.fixture
def small(tmp_path: Path) -> str:
    file = tmp_path / "exchange.case.yaml"
    file.write_text(SMALL, encoding="utf-8")
    return str(file)


# --- dates -----------------------------------------------------------------------------------------------------------


def test_a_plan_that_outlives_the_calendar_is_told_without_dates(small: str) -> None:
    """Ten thousand years from 2020 there is no date; the steps are told by how long they take."""
    long = ("--set", "period=year", "--set", "plan.takes.goods.whole=10000", "--draws", "0", "--no-repairs")
    content = answer(small, *long)
    assert content["steps"][-1]["date"] is None
    assert content["steps"][-1]["period"] + content["steps"][-1]["periods"] >= 10_000
    told = run(small, *long)
    assert told.exit_code in (0, 1), told.output
    assert "After 10,0" in told.stdout


def test_a_deadline_on_the_last_day_of_the_calendar(small: str) -> None:
    content = answer(small, "--set", "plan.deadline=9999-12-31", "--draws", "0", "--no-repairs")
    assert content["physical"]["deadline"] == 12 * 7979 + 11  # from 31 January 2020 to 31 December 9999
