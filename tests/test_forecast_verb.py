"""The verb ``forecast``: its statuses, files and errors; sealed forecasts opened, scored and told beside a new one."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from detente.base.errors import CaseError, LimitReached, UsageError
from detente.cli.contracts import result_schema
from detente.cli.contracts.forecast_seals import SCORES, SEALED
from detente.cli.contracts.parts import object_of
from detente.cli.forecast import command
from detente.mechanics.workers import Crew

SMALL = """
detente: 1
name: thaw
title: A thaw
as_of: 2020-01-31
parties: {a: {name: Alpha}, b: {name: Beta}}
options: {arms: {party: a, name: Arms, levels: [kept, cut]}, aid: {party: b, name: Aid, levels: [none, some]}}
status_quo: {arms: kept}
numbers: {hope: {value: 1..3, note: "what Alpha hopes for", private: true}}
preferences:
  a:
    types:
      dove: {prior: 0.3..0.7, utility: {arms: {cut: 1}, aid: {some: hope}}}
      hawk: {prior: rest, utility: {arms: {cut: -3..-1}, aid: {some: 2}}}
  b: {utility: {arms: {cut: 2}, aid: {some: -1..0}}}
forecast:
  outcomes: {deal: arms == cut and aid == some, half: arms == cut or aid == some, nothing: otherwise}
  at: [2020-04-30, 2020-10-31]
  behaviour: {intensity: 0.5..2, deals: {rate: 0.1, among: [a, b], if: [zone]}}
  base_rates: {deal: {value: 0.2, note: "one in five", private: true}}
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(command, [*words])


def answer(*words: str, status: int = 0) -> Any:
    done = run(*words, "--json", "--draws", "16", "--workers", "1")
    assert done.exit_code == status, done.output
    content = json.loads(done.stdout)
    jsonschema.validate(content, result_schema("forecast"))
    return content


def refused(*words: str) -> str:
    done = run(*words)
    assert isinstance(done.exception, UsageError | CaseError), done.output
    assert done.exception.exit_code == 2
    return " ".join(f"{p.path}: {p.found}; {p.expected} {p.fix}" for p in done.exception.problems())


@pytest.fixture
def small(tmp_path: Path) -> str:
    return written(tmp_path, SMALL)


def written(folder: Path, text: str) -> str:
    file = folder / "thaw.case.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


# --- answers and files -----------------------------------------------------------------------------------------------


def test_an_answer_follows_its_contract_and_is_the_same_again(small: str) -> None:
    content = answer(small)
    assert (content["verb"], content["seed"], content["exact"]) == ("forecast", 0, False)
    assert content["at"] == ["2020-04-30", "2020-10-31", None]  # a small case: the end is told too
    for row in range(3):
        assert sum(o["p"][row] for o in content["outcomes"]) == pytest.approx(1)
    assert answer(small) == content
    assert answer(small, "--seed", "1")["outcomes"] != content["outcomes"]


def test_parts_can_be_left_out(small: str) -> None:
    content = answer(small, "--no-drivers", "--no-scenarios", "--no-end")
    assert content["drivers"] is None
    assert content["scenarios"] is None
    assert content["at"] == ["2020-04-30", "2020-10-31"]
    assert content["expected_periods"] is None


def test_every_suffix_is_written(small: str, tmp_path: Path) -> None:
    for suffix in ("json", "txt", "csv", "svg"):
        assert run(small, "--draws", "8", "--no-drivers", "-o", str(tmp_path / f"f.{suffix}")).exit_code == 0
    assert json.loads((tmp_path / "f.json").read_text())["verb"] == "forecast"
    assert (tmp_path / "f.txt").read_text().startswith("A thaw: by 31 October 2020")
    rows = list(csv.reader(io.StringIO((tmp_path / "f.csv").read_text())))
    assert [r[0] for r in rows[-3:]] == ["deal", "half", "nothing"]
    assert ET.fromstring((tmp_path / "f.svg").read_text()).tag.endswith("svg")  # noqa: S314 - our own
    assert "a file ending in" in refused(small, "-o", str(tmp_path / "f.pdf"))


def test_one_date_is_drawn_as_bars(small: str, tmp_path: Path) -> None:
    out = tmp_path / "f.svg"
    done = run(small, "--set", "forecast.at=[2020-04-30]", "--no-end", "--no-drivers", "--draws", "8", "-o", str(out))
    assert done.exit_code == 0, done.output
    assert "Chances of the outcomes" in out.read_text()


def test_for_all_sides_nothing_private_is_told(small: str) -> None:
    open_text, shared = (json.dumps(answer(small, *more)) for more in ((), ("--for", "shared")))
    for secret in ("dove", "hope", "one in five"):
        assert secret in open_text
        assert secret not in shared
    text = run(small, "--draws", "16", "--for", "shared").stdout
    assert not any(secret in text for secret in ("dove", "hope", "one in five", "20 %"))


def test_an_interruption_tells_what_there_is(small: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done, parts = Crew.each, []

    def stop(self: Crew, *how: Any) -> Any:
        parts.append(1)
        if len(parts) > 1:
            raise KeyboardInterrupt
        return done(self, *how)

    monkeypatch.setattr(Crew, "each", stop)
    found = answer(small, "--seal", str(tmp_path / "seal.json"), status=130)
    assert found["interrupted"]
    assert found["drivers"] is None
    assert not (tmp_path / "seal.json").exists()
    parts.clear()
    told = run(small, "--draws", "16")
    assert told.exit_code == 130
    assert "Interrupted" in told.stdout


# --- sealed forecasts ------------------------------------------------------------------------------------------------


def test_a_sealed_forecast_is_opened_scored_and_told_beside_a_new_one(small: str, tmp_path: Path) -> None:
    seal, truth = str(tmp_path / "first.json"), tmp_path / "truth.yaml"
    done = run(small, "--draws", "16", "--seal", seal)
    assert done.exit_code == 0, done.output
    content = json.loads(Path(seal).read_text())
    jsonschema.validate(content, object_of(**SEALED))
    assert content["hash"] in done.stderr
    assert "which exists" in refused(small, "--draws", "16", "--seal", seal)
    opened = run("--open", seal, "--hash", content["hash"])
    assert opened.exit_code == 0
    assert "deal" in opened.stdout
    assert json.loads(run("--open", seal, "--json").stdout) == content
    assert "not the forecast" in refused("--open", seal, "--hash", "0123456789")

    # judged as if sealed before the dates
    truth.write_text("- {seal: first, at: 2020-04-30, outcome: half}\n", encoding="utf-8")
    scored = json.loads(run("--score", str(truth), seal, "--json").stdout)
    jsonschema.validate(scored, object_of(**SCORES))
    assert (scored["record"]["seals"], scored["record"]["late"]) == (1, 2)  # sealed long after both dates
    beside = answer(small, "--record", str(truth), seal)
    assert beside["track_record"] == scored["record"]
    assert "Track record" in run(small, "--draws", "8", "--record", str(truth), seal).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--open", "x.json", "thaw"), "--open takes no case"),
        (("--open", "x.json", "--score", "y.yaml"), "together"),
        (("--open", "x.json", "--draws", "9"), "--draws asks about a case"),
        (("--score", "y.yaml"), "without sealed forecasts"),
        (("--score", "y.yaml", "x.json", "--view", "liu"), "--view asks about a case"),
        (("thaw", "other"), "'other' after the case"),
        (("thaw", "--record", "y.yaml"), "without sealed forecasts"),
        (("thaw", "--hash", "01234567"), "--hash without --open"),
        (("--open", "nowhere.json"), "no file"),
        (("elmira",), "without a forecast block"),
    ],
)
def test_what_does_not_go_together_is_refused(words: tuple[str, ...], told: str) -> None:
    assert told in refused(*words)


def test_without_a_case_nothing_is_asked() -> None:
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 2
    assert "Missing argument 'CASE'" in done.output


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[2020-04-30, 2020-10-31]", "[2019-12-31]", "forecast.at"),
        ("prior: 0.3..0.7", "prior: 1.3..1.7", "prior"),
        ("prior: rest", "note: none", "prior"),
        ("intensity: 0.5..2", "intensity: -1", "intensity"),
        ("rate: 0.1", "rate: 1.5", "rate"),
        ("among: [a, b]", "among: [a, c]", "among"),
        ("if: [zone]", "if: [zones]", "zone"),
        ("if: [zone]", "if: [enforceable]", "without plan"),
        ("deal: arms == cut and", "deal: army == cut and", "army"),
    ],
)
def test_bad_input_is_refused_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SMALL
    assert told in refused(written(tmp_path, SMALL.replace(old, new, 1)))


def test_classes_that_overlap_or_cannot_be_met_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, SMALL)
    warned = " ".join(answer(file)["warnings"])
    assert "1 state shared with earlier outcomes (1 with 'deal')" in warned
    assert "forecast.outcomes.half: 1 state shared" in warned
    stuck = written(tmp_path, SMALL.replace("levels: [none, some]", "levels: [none, some], moves: down"))
    found = answer(stuck)
    assert "forecast.outcomes.deal: an outcome that cannot be reached" in " ".join(found["warnings"])
    assert found["outcomes"][0]["p"] == pytest.approx([0, 0, 0], abs=1e-14)


def test_a_date_too_many_periods_away_stops_at_a_limit(tmp_path: Path) -> None:
    file = tmp_path / "far.case.yaml"
    file.write_text(SMALL.replace("at: [2020-04-30, 2020-10-31]", "at: [9999-10-31]"))
    done = run(str(file))
    assert isinstance(done.exception, LimitReached)
    assert "months until the last date" in str(done.exception)


def test_types_that_are_drawn_are_not_told_as_taken(tmp_path: Path) -> None:
    file = tmp_path / "thaw.case.yaml"
    file.write_text(SMALL)
    small = ("--draws", "8", "--workers", "1", "--no-drivers", "--no-scenarios")
    told = run(str(file), *small).stdout
    assert "Who Alpha is, is drawn: 'dove' 50 %, 'hawk' 50 %" in told
    assert "is taken as" not in told
    assert "Alpha is taken as 'dove', as asked" in run(str(file), *small, "--type", "a=dove").stdout
    assert "dove" not in run(str(file), *small, "--for", "shared").stdout


def test_an_answer_without_uncertainty_is_told_as_exact(tmp_path: Path) -> None:
    file = tmp_path / "sure.case.yaml"
    sure = {"1..3": "2", "0.3..0.7": "0", "-3..-1": "-1", "-1..0": "-1", "0.5..2": "1"}
    text = SMALL
    for wide, point in sure.items():
        text = text.replace(wide, point)
    file.write_text(text.replace("dove: {prior: 0, ", "dove: {prior: 1, "))
    told = run(str(file), "--workers", "1", "--no-scenarios", "--type", "a=dove").stdout
    assert "the chances are exact" in told
    assert "more draws" not in told
