"""The means of testing work: the seed of a sweep repeats it, and the browser page watches what a page does."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Page


@pytest.mark.sweep
def test_a_sweep_can_be_repeated(fresh_seed: int) -> None:
    assert os.environ["DETENTE_SEED"] == str(fresh_seed)
    assert random.Random(fresh_seed).random() == random.Random(fresh_seed).random()


def test_hypothesis_runs_the_profile_asked_for() -> None:
    fresh = os.environ.get("DETENTE_HYPOTHESIS") == "fresh"
    assert settings().derandomize is not fresh


def test_a_page_opens_and_answers_a_click(browser_page: Page, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(
        "<!doctype html><meta charset='utf-8'><title>평화</title><button>go</button><p></p>"
        "<script>document.querySelector('button').onclick = () => "
        "{ document.querySelector('p').textContent = '한반도'; }</script>",
        encoding="utf-8",
    )
    browser_page.goto(file.as_uri())
    browser_page.get_by_role("button", name="go").click()
    assert browser_page.title() == "평화"
    assert browser_page.locator("p").inner_text() == "한반도"
