"""Ledgers in a file and in a database: one interface for both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from detente.agreement.ledger.canonical import ContentError
from detente.agreement.ledger.chain import ChainError, Head, follow
from detente.agreement.ledger.lines import exported, imported, take_in
from detente.agreement.ledger.signatures import make_key, sign, signatures
from detente.agreement.ledger.store import Broken, Overtaken, records, verify
from detente.agreement.periods import Interval
from detente.base.errors import UsageError
from tests.ledger_places import CLAIM, HEADER, opened, share

pytestmark = pytest.mark.usefixtures("closed")


def test_records_are_kept_and_found_again(place: str) -> None:
    ledger = opened(place)
    assert ledger.head().seq == 0
    assert ledger.head().hash == HEADER.hash
    first = ledger.append([CLAIM, CLAIM])
    assert [r.seq for r in first] == [1, 2]
    again = opened(place, None)
    assert again.header == HEADER
    third = again.append([replace(CLAIM, kind="verify", by=("iaea",))])
    found = records(again)
    assert found == (*first, *third)
    assert found[0].body == CLAIM.body
    assert records(again, 2) == first
    assert again.head().seq == 3
    assert verify(again).holds


def test_a_batch_is_recorded_whole_or_not_at_all(place: str) -> None:
    ledger = opened(place)
    ledger.append([CLAIM])
    with pytest.raises(ContentError):
        ledger.append([CLAIM, replace(CLAIM, kind="nonsense")])
    assert ledger.head().seq == 1
    ledger.append([CLAIM])  # it is usable as before
    assert verify(ledger).holds
    ledger.close()


def test_a_decision_on_an_old_head_is_refused(place: str) -> None:
    one, other = opened(place), opened(place)
    head = one.head()
    other.append([CLAIM])
    with pytest.raises(Overtaken):
        one.append([CLAIM], expected=head.hash)
    assert one.head().seq == 1
    one.append([CLAIM], expected=one.head().hash)
    assert one.head().seq == 2


def test_a_published_head_tells_what_the_chain_alone_does_not(place: str, tmp_path: Path) -> None:
    ledger = opened(place)
    ledger.append([CLAIM, CLAIM])
    published = ledger.head()
    assert verify(ledger, published).published == "same"
    ledger.append([CLAIM])
    assert verify(ledger, published).published == "extended"
    later = ledger.head()
    # The same ledger without its last record, and one written anew with other words: both hold, and are found out.
    for name, drafts in (("cut", [CLAIM, CLAIM]), ("anew", [CLAIM, CLAIM, replace(CLAIM, subject="oil")])):
        other = opened(str(tmp_path / name))
        other.append(drafts[:2])
        if drafts[2:]:
            other.append(drafts[2:])
        assert verify(other).holds
        found = verify(other, later)
        assert found.published == "missing"
        assert not found.holds


def test_what_is_exported_can_be_imported_and_taken_in(place: str, tmp_path: Path) -> None:
    ledger = opened(place)
    ledger.append([CLAIM, replace(CLAIM, occurred=Interval(0, 86_400))])
    early = imported(b"".join(exported(ledger)))
    ledger.append([replace(CLAIM, kind="verify", by=("iaea",))], ledger.head().hash)
    late = imported(b"".join(exported(ledger)), "sent.jsonl")
    assert late.header == HEADER
    assert late.head == ledger.head()
    assert late.records == records(ledger)
    assert list(late.lines) == list(ledger.lines())
    copy = opened(tmp_path / "copy")
    assert [take_in(copy, found) for found in (early, late, early, late)] == [2, 1, 0, 0]
    assert list(copy.lines()) == list(ledger.lines())
    assert verify(copy, ledger.head()).published == "same"


def test_another_history_is_not_taken_in(place: str, tmp_path: Path) -> None:
    ledger, other = opened(place), opened(tmp_path / "other")
    ledger.append([CLAIM, CLAIM])
    other.append([CLAIM, replace(CLAIM, subject="oil"), CLAIM])
    with pytest.raises(UsageError, match="differ from those here"):
        take_in(ledger, imported(b"".join(exported(other))))
    elsewhere = opened(tmp_path / "elsewhere", replace(HEADER, opened=99))
    with pytest.raises(UsageError, match="another ledger"):
        take_in(ledger, imported(b"".join(exported(elsewhere))))
    lines = list(other.lines())
    with pytest.raises(Broken, match="record 3"):  # lines that do not follow are refused whoever hands them over
        ledger.take(lines[2:], ledger.head().hash)
    with pytest.raises(Overtaken):
        ledger.take(lines[2:], HEADER.hash)
    assert ledger.head().seq == 2
    assert verify(ledger).holds


def test_published_heads_are_compared_whole(place: str) -> None:
    ledger = opened(place)
    ledger.append([CLAIM])
    head = ledger.head()
    assert verify(ledger, Head("", head.seq, head.hash, 0)).published == "same"  # the short form
    for wrong in (replace(head, agreement="x"), replace(head, recorded_at=7), replace(head, seq=2)):
        assert verify(ledger, wrong).published == "missing"
    assert verify(ledger, HEADER.head()).published == "extended"


def test_a_large_batch_is_kept_in_order(place: str) -> None:
    ledger = opened(place)
    ledger.append([CLAIM])
    ledger.append([replace(CLAIM, subject=f"c{n}") for n in range(4_100)])  # more than are written or read at a time
    assert [r.subject for r in records(ledger)][1:] == [f"c{n}" for n in range(4_100)]
    assert len(records(ledger, 2_500)) == 2_500
    assert verify(ledger).head.seq == 4_101


def test_a_name_that_cannot_be_written_makes_no_ledger(tmp_path: Path) -> None:
    for name in ("\ud800", "x" * 5_000):
        with pytest.raises(UsageError):
            opened(tmp_path / "x", replace(HEADER, agreement=name))
    assert not (tmp_path / "x").exists()


def test_another_agreements_ledger_is_refused(tmp_path: Path) -> None:
    opened(tmp_path / "x")
    with pytest.raises(UsageError, match="oil-for-freeze"):
        opened(tmp_path / "x", replace(HEADER, agreement="another"))


def test_threads_share_a_ledger_each_with_its_own_connection(place: str) -> None:
    assert share(place, 4, 15) == []  # they also make it together
    ledger = opened(place)
    assert ledger.head().seq == 120
    assert verify(ledger).holds


def test_signed_heads_are_kept_and_exported(place: str, tmp_path: Path) -> None:
    ledger = opened(place)
    ledger.append([CLAIM])
    make_key(tmp_path / "key")
    text = sign(ledger.head(), "dprk", tmp_path / "key")
    ledger.keep_signed(text)
    ledger.keep_signed(text)
    assert ledger.signed() == (text,)
    found = imported(b"".join(exported(ledger)))
    assert found.signed == (text,)
    copy = opened(tmp_path / "copy")
    take_in(copy, found)
    assert signatures(copy) == signatures(ledger)
    assert signatures(ledger).signers[0].upto == 1


def test_the_chain_of_a_ledger_is_bound_to_its_header(tmp_path: Path) -> None:
    ledger = opened(tmp_path / "x")
    ledger.append([CLAIM])
    for other in (replace(HEADER, opened=101), replace(HEADER, digest="other"), replace(HEADER, agreement="other")):
        with pytest.raises(ChainError):
            list(follow(ledger.lines(), other.head()))
