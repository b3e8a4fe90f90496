"""What an agreement leaves open: written with its reason, carried into the terms, in the way of nothing but the run."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from detente.agreement.blocks import CommitmentGaps
from detente.agreement.file import AgreementGaps
from detente.agreement.model import Agreement
from detente.agreement.run import run
from detente.agreement.schema import agreement_schema
from detente.base.errors import UsageError
from detente.cli import program

SLOTS = {"actor", "act", "date", "threshold", "verifier", "evidence", "consequence", "decider", "trigger", "access"}
TOP = {"entry", "ratification", "sunset", "exit", "dispute", "review", "order"}
TEXT = """
detente-agreement: 1
name: open
zone: UTC
parties: {a: , b: {name: Second}}
bodies: {v: }
gaps: {sunset: not discussed, order: the case has no plan}
commitments:
  c: {action: {text: Somebody pays.}, gaps: {actor: who pays is not said, verifier: nor who looks}}
  d: {obligors: a, action: {text: Opens the site.}, verification: [{by: v}], gaps: {}}
  e: {obligors: b, action: {text: Answers.}, claim_ok: true, gaps: }
"""


def test_gaps_arrive_in_the_terms() -> None:
    terms = Agreement.from_text(TEXT).terms()
    c, d, e = terms.commitments
    assert c.gaps == {"actor": "who pays is not said", "verifier": "nor who looks"}
    assert c.obligors == ()
    assert c.obligees == ("a", "b")
    assert d.gaps == {}
    assert e.gaps == {}
    assert terms.gaps == {"sunset": "not discussed", "order": "the case has no plan"}


def test_every_slot_can_be_open() -> None:
    assert set(CommitmentGaps.model_fields) == SLOTS
    assert set(AgreementGaps.model_fields) == TOP
    text = TEXT.replace("gaps: {}}", "gaps: {" + ", ".join(f"{s}: x" for s in sorted(SLOTS - {"actor"})) + "}}")
    text = text.replace(
        "gaps: {sunset", "gaps: {" + "".join(f"{s}: x, " for s in sorted(TOP - {"sunset", "order"})) + "sunset"
    )
    agreement = Agreement.from_text(text)
    assert set(agreement.terms().commitments[1].gaps) == SLOTS - {"actor"}
    assert set(agreement.terms().gaps) == TOP
    jsonschema.validate(json.loads(json.dumps(yaml.safe_load(text))), agreement_schema())


def test_what_is_told_to_be_open_is_no_oversight() -> None:
    assert not Agreement.from_text(TEXT).warnings
    (warning,) = Agreement.from_text(TEXT.replace(", verifier: nor who looks", "")).warnings
    assert "nobody who can say that it is fulfilled" in str(warning)


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("gaps: {}", "gaps: {verifier: x}", "a gap of the verifier beside verification"),
        ("gaps: {}", "deadline: 2001-01-01, gaps: {date: x}", "a gap of the date beside deadline"),
        ("gaps: {sunset", "sunset: 2001-01-01\ngaps: {sunset", "a gap of the sunset beside sunset"),
        ("gaps: {sunset", "reviews: [2001-01-01]\ngaps: {review: x, sunset", "a gap of the review beside reviews"),
    ],
)
def test_what_is_said_is_not_open(old: str, new: str, piece: str) -> None:
    (warning,) = Agreement.from_text(TEXT.replace(old, new, 1)).warnings
    assert piece in str(warning)


def test_no_deadline_with_a_reason_may_be_a_gap() -> None:
    assert not Agreement.from_text(TEXT.replace("gaps: {}", "deadline: {none: x}, gaps: {date: x}")).warnings


def test_a_reading_may_fill_a_gap() -> None:
    own = "readings: {b: {commitments: {c: {obligors: a, gaps: {}, claim_ok: true}}}}\n"
    agreement = Agreement.from_text(TEXT + own)
    assert agreement.terms("b").commitments[0].obligors == ("a",)
    assert agreement.terms("b").commitments[0].gaps == {}
    assert agreement.terms("a").commitments[0].gaps["actor"] == "who pays is not said"


def test_nothing_is_run_or_recorded_that_nobody_owes(tmp_path: Path) -> None:
    terms = Agreement.from_text(TEXT).terms()
    with pytest.raises(UsageError, match="who pays is not said"):
        run(terms, [])
    path = tmp_path / "open.agreement.yaml"
    path.write_text(TEXT)
    record = ["track", "record", str(path), "--kind", "sign", "--by", "a", "--occurred", "2000-01-01"]
    told = CliRunner().invoke(program, record)
    assert "'c', of which it is open who owes it (who pays is not said)" in str(told.exception)
    assert not list(tmp_path.glob("*.sqlite"))
    path.write_text(TEXT.replace("c: {action", "c: {obligors: a, action").replace("actor: who pays is not said, ", ""))
    assert CliRunner().invoke(program, record).exit_code == 0
