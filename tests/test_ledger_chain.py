"""The chain of a ledger: canonical bytes, every change found, strict reading, published heads."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import rfc8785

from detente.agreement.ledger.canonical import ContentError, canonical, check_content
from detente.agreement.ledger.chain import (
    ChainError,
    Draft,
    Head,
    Header,
    check_draft,
    follow,
    link,
)
from detente.agreement.ledger.heads import head_line, read_head
from detente.agreement.ledger.lines import imported
from detente.agreement.ledger.store import Broken
from detente.agreement.ledger.times import instant_text, seconds_of
from detente.agreement.periods import Interval
from detente.agreement.records import CORRECTIONS, KINDS
from detente.base.errors import UsageError

HEADER = Header("freeze-for-oil", "sha256:" + "0" * 64, 0)
START = HEADER.head()
LETTERS = "aé\u4e2d\U0001f600\"\\/\b\f\n\r\t\x00\x1f\x7f\u2028<>&='+"


def content(rng: Random, depth: int = 0) -> Any:
    kind = rng.randrange(7 if depth < 3 else 4)
    if kind == 0:
        return "".join(rng.choice(LETTERS) for _ in range(rng.randrange(8)))
    if kind == 1:
        return rng.choice([0, -1, 7, 2**53 - 1, -(2**53) + 1])
    if kind == 2:
        return rng.choice([True, False, None])
    if kind == 3:
        return "12.50"
    if kind == 4:
        return [content(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(["a", "b", "ab", "a_b", "a1", "z"]): content(rng, depth + 1) for _ in range(rng.randrange(4))}


def drafts(rng: Random, count: int) -> list[Draft]:
    out = []
    for _ in range(count):
        start = rng.randrange(-(10**9), 2 * 10**9)
        end = start + rng.choice([0, 0, 60, 86_400])
        body = {f"k{n}": content(rng) for n in range(rng.randrange(3))}
        by = tuple(rng.sample(["us", "dprk", "iaea"], rng.randrange(1, 3)))
        evidence = ("GOV/2016/8",) if rng.random() < 0.3 else ()
        out.append(Draft(Interval(start, end), rng.choice([*KINDS, *CORRECTIONS]), "oil", by, evidence, body))
    return out


def chain(seed: int, count: int) -> tuple[list[Draft], list[bytes]]:
    given = drafts(Random(seed), count)
    lines, _ = link(START, given, 1_000)
    return given, lines


def test_canonical_bytes_are_those_of_rfc_8785() -> None:
    rng = Random(1)
    for _ in range(2_000):
        one = {"x": content(rng), "y": content(rng)}
        assert canonical(one) == rfc8785.dumps(one)


def test_records_come_back_as_they_were_drafted_and_hashes_are_by_definition() -> None:
    given, lines = chain(2, 300)
    found = list(follow(lines, START))
    prev = hashlib.sha256(rfc8785.dumps(json.loads(HEADER.line()))).hexdigest()
    for number, (draft, line, (record, hashed)) in enumerate(zip(given, lines, found, strict=True), 1):
        assert (record.seq, record.occurred, record.kind, record.subject) == (number, draft.occurred, draft.kind, "oil")
        assert (record.by, record.evidence) == (draft.by, draft.evidence)
        assert record.body == json.loads(json.dumps(draft.body))
        bare = json.loads(line)
        assert bare.pop("hash") == hashed == hashlib.sha256(rfc8785.dumps(bare)).hexdigest()
        assert bare["prev"] == prev
        prev = hashed


def test_any_changed_byte_is_found() -> None:
    _, lines = chain(3, 6)
    parts = [HEADER.line() + b"\n", *(line + b"\n" for line in lines)]
    whole = b"".join(parts)
    starts = list(itertools.accumulate(map(len, parts), initial=0))
    rng = Random(4)
    for at in range(len(whole)):
        for _ in range(3):
            changed = bytearray(whole)
            changed[at] = (changed[at] + rng.randrange(1, 256)) % 256
            with pytest.raises(Broken) as caught:
                imported(bytes(changed))
            number = bisect.bisect_right(starts, at) - 1
            # It is found at the line that was changed; a changed header may also be told by the record bound to it.
            assert caught.value.error.at == number or (number == 0 and caught.value.error.at == 1)


def check_tampering(seed: int) -> str:
    """Tamper with a random ledger in a random way; the way in which it was found out."""
    rng = Random(seed)
    given, lines = chain(seed, rng.randrange(2, 12))
    _, others = chain(seed + 1, 12)
    n, m = sorted(rng.sample(range(len(lines)), 2))
    at = rng.randrange(len(lines[n]))
    edited = lines[n][:at] + bytes([(lines[n][at] + rng.randrange(1, 256)) % 256]) + lines[n][at + 1 :]
    anew, _ = link(START, [*given[:n], replace(given[n], subject="gas"), *given[n + 1 :]], 1_000)
    way, wrong = rng.choice(
        [
            ("a byte", [*lines[:n], edited, *lines[n + 1 :]]),
            ("a byte more", [*lines[:n], lines[n][:at] + b" " + lines[n][at:], *lines[n + 1 :]]),
            ("order", [*lines[:n], lines[m], *lines[n + 1 : m], lines[n], *lines[m + 1 :]]),
            ("twice", [*lines[:m], lines[n], *lines[m:]]),
            ("another's", [*lines[:n], others[n], *lines[n:]]),
            ("in its place", [*lines[:n], others[n], *lines[n + 1 :]]),
            ("left out", [*lines[:n], *lines[n + 1 :]]),
            ("an edit with its hash", [*lines[:n], anew[n], *lines[n + 1 :]]),
            ("the tail", lines[:m]),
            ("all anew", anew),
        ]
    )
    text = b"".join(line + b"\n" for line in [HEADER.line(), *wrong])
    *_, (last, published) = follow(lines, START)
    if way in ("the tail", "all anew"):
        found = imported(text).head  # the chain itself holds
        assert (found.seq, found.hash) != (last.seq, published)
    else:
        with pytest.raises(Broken):
            imported(text)
    return way


def test_whatever_is_done_to_a_ledger_is_found() -> None:
    assert len({check_tampering(seed) for seed in range(1_000)}) == 10


@pytest.mark.sweep
def test_whatever_is_done_to_other_ledgers_is_found(fresh_seed: int) -> None:
    assert len({check_tampering(fresh_seed * 10_000 + n) for n in range(5_000)}) == 10


def test_any_changed_hash_changes_all_later_ones() -> None:
    given, lines = chain(12, 20)
    before = [hashed for _, hashed in follow(lines, START)]
    for n in range(20):
        changed = [*given[:n], replace(given[n], evidence=(*given[n].evidence, "another")), *given[n + 1 :]]
        after = [hashed for _, hashed in follow(link(START, changed, 1_000)[0], START)]
        assert before[:n] == after[:n]
        assert not set(before[n:]) & set(after[n:])


def test_order_insertion_repetition_and_loss_are_found() -> None:
    _, lines = chain(5, 8)
    wrong = [
        [lines[1], lines[0], *lines[2:]],
        [*lines[:3], lines[2], *lines[3:]],
        [*lines[:3], *lines[4:]],
        lines[1:],
    ]
    for one in wrong:
        with pytest.raises(ChainError):
            list(follow(one, START))
    _, others = chain(6, 8)
    with pytest.raises(ChainError) as caught:
        list(follow([*lines[:4], *others[4:]], START))
    assert caught.value.at == 5
    with pytest.raises(ChainError):  # another agreement's records
        list(follow(lines, Header("another", HEADER.digest, 0).head()))
    assert len(list(follow(lines[:5], START))) == 5  # a tail that was cut is seen only with a published head


def hashed_as_it_stands(bare: bytes) -> bytes:
    """A line of any text whose hash is that of its bytes."""
    hashed = hashlib.sha256(bare).hexdigest()
    at = bare.index(b',"kind"')
    return bare[:at] + b',"hash":"' + hashed.encode() + b'"' + bare[at:]


ODD = {
    "spaces": (b'"seq":1', b'"seq": 1'),
    "a key twice": (b'"body":{}', b'"body":{"a":1,"a":2}'),
    "a field twice": (b'"seq":1', b'"seq":1,"seq":1'),
    "order of keys": (b'"body":{}', b'"body":{"b":1,"a":2}'),
    "half a character": (b'"oil"', b'"\\ud800"'),
    "escaped": (b'"oil"', b'"\\u006fil"'),
    "minus zero": (b'"body":{}', b'"body":{"a":-0}'),
    "float": (b'"body":{}', b'"body":{"a":1.0}'),
    "exponent": (b'"body":{}', b'"body":{"a":1e3}'),
    "infinity": (b'"body":{}', b'"body":{"a":Infinity}'),
    "long number": (b'"body":{}', b'"body":{"a":' + b"9" * 5_000 + b"}"),
    "large number": (b'"body":{}', b'"body":{"a":9007199254740992}'),
    "deep": (b'"body":{}', b'"body":{"a":' + b"[" * 900 + b"]" * 900 + b"}"),
    "very deep": (b'"body":{}', b'"body":{"a":' + b"[" * 60_000 + b"]" * 60_000 + b"}"),
    "a hash in the body": (b'"body":{}', b'"body":{"a":1,"hash":"' + b"0" * 64 + b'","z":1}'),
    "another key": (b'"body":{}', '"body":{"é":1}'.encode()),
    "not UTF-8": (b'"oil"', b'"\xff"'),
}


@pytest.mark.parametrize(("old", "new"), ODD.values(), ids=ODD)
def test_lines_that_hash_rightly_but_are_not_as_they_are_written(old: bytes, new: bytes) -> None:
    bare = bare_line()
    assert len(list(follow([hashed_as_it_stands(bare)], START))) == 1
    assert bare.count(old) == 1
    with pytest.raises(ChainError) as caught:
        list(follow([hashed_as_it_stands(bare.replace(old, new))], START))
    assert caught.value.at == 1


def test_a_body_cannot_hide_the_hash() -> None:
    # The cut falls into the body, whose "hash" then is that of the rest: the outer one would be free to be anything.
    bare = canonical({**json.loads(bare_line()), "hash": "0" * 64, "body": {"a": 1, "z": 1}})
    inner = hashlib.sha256(bare).hexdigest().encode()
    line = bare.replace(b'{"a":1,', b'{"a":1,"hash":"' + inner + b'",')
    with pytest.raises(ChainError, match="the key 'hash'"):
        list(follow([line], START))


REFUSED = {
    "float": b'{"a":1.5}',
    "nan": b'{"a":NaN}',
    "list": b"[1]",
    "nothing": b"",
    "deep": b"[" * 100_000,
    "latin": b'{"a":"\xff"}',
}


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED)
def test_lines_that_are_no_records(line: bytes) -> None:
    with pytest.raises(ChainError):
        list(follow([line], START))
    with pytest.raises(ChainError):
        Header.read(line)


def bare_line() -> bytes:
    """A good record without its hash."""
    content = json.loads(rehashed({}))
    del content["hash"]
    return canonical(content)


def rehashed(change: dict[str, Any]) -> bytes:
    """A line whose chain holds and whose content is wrong."""
    bare = {
        "seq": 1, "recorded_at": "2019-01-29T10:00:00Z", "occurred": "2019-01-29T10:00:00Z", "kind": "claim",
        "subject": "oil", "by": ["us"], "evidence": [], "body": {}, "prev": HEADER.hash, **change,
    }  # fmt: skip
    bare = {k: v for k, v in bare.items() if v is not ...}
    return canonical({**bare, "hash": hashlib.sha256(canonical(bare)).hexdigest()})


WRONG: dict[str, dict[str, Any]] = {
    "week": {"occurred": "2019-W05-2T10:00:00Z"},
    "other digits": {"occurred": "2019-01-29T1\u0660:00:00Z"},
    "long ago": {"occurred": "1752-12-31T23:59:59Z"},
    "late": {"occurred": "9999-01-01T00:00:00Z"},
    "mapping": {"occurred": {"2019-01-28T10:00:00Z": 1, "2019-01-29T10:00:00Z": 1}},
    "no length": {"occurred": ["2019-01-29T10:00:00Z", "2019-01-29T10:00:00Z"]},
    "no subject": {"subject": ""},
    "prev list": {"prev": [HEADER.hash]},
    "seq": {"seq": 2},
    "seq text": {"seq": "1"},
    "seq true": {"seq": True},
    "kind": {"kind": "claims"},
    "kind list": {"kind": ["claim"]},
    "subject": {"subject": 3},
    "by": {"by": "us"},
    "evidence": {"evidence": {}},
    "by number": {"by": [3]},
    "evidence list": {"evidence": [["x"]]},
    "body": {"body": []},
    "missing": {"body": ...},
    "further": {"more": 1},
    "time": {"occurred": "2019-01-29 10:00:00"},
    "no day": {"occurred": "2019-02-29T10:00:00Z"},
    "no hour": {"occurred": "2019-01-29T24:00:00Z"},
    "offset": {"occurred": "2019-01-29T10:00:00+01:00"},
    "backwards": {"occurred": ["2019-01-29T10:00:00Z", "2019-01-28T10:00:00Z"]},
    "three": {"occurred": ["2019-01-29T10:00:00Z"] * 3},
    "recorded": {"recorded_at": None},
    "before the opening": {"recorded_at": "1969-12-31T23:59:59Z"},
}


def test_the_line_that_the_wrong_ones_differ_from_is_right() -> None:
    assert len(list(follow([rehashed({})], START))) == 1


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_wrong_fields_are_found_though_the_hashes_hold(change: dict[str, Any]) -> None:
    with pytest.raises(ChainError) as caught:
        list(follow([rehashed(change)], START))
    assert caught.value.at == 1
    assert next(iter(change)) in caught.value.found or "prev" in change or "recorded" in caught.value.found


def draft(**changes: Any) -> Draft:
    return Draft(**{"occurred": Interval(0, 0), "kind": "claim", "subject": "oil", "by": ("us",), **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "claims"},
        {"subject": ""},
        {"subject": "x" * 5_000},
        {"subject": "\ud800"},
        {"body": {"hash": "1"}},
        {"body": {"a": {"prev": "1"}}},
        {"body": {"é": "1"}},
        {"body": {"a": 1.5}},
        {"body": {"a": 2**53}},
        {"body": {"a": [[[[[[[[[[1]]]]]]]]]]}},
        {"body": {"a": ["x"] * 2_000}},
        {"by": (3,)},
        {"occurred": Interval(5, 4)},
        {"occurred": Interval(10**13, 10**13)},
        {"body": {f"k{n}": "x" * 4_000 for n in range(60)}},
    ],
)
def test_drafts_that_cannot_be_recorded(changes: dict[str, Any]) -> None:
    with pytest.raises(ContentError):
        link(START, [draft(), draft(**changes)], 0)


def test_a_draft_that_can() -> None:
    check_draft(draft(body={"value": "12.5", "ref": 3, "holds": "yes", "list": [True, None]}))
    check_content({"a": []})


def test_times_go_both_ways_and_records_are_never_before_the_last() -> None:
    rng = Random(8)
    for _ in range(500):
        seconds = rng.randrange(-6_000_000_000, 250_000_000_000)
        assert seconds_of(instant_text(seconds)) == seconds
    assert instant_text(-1) == "1969-12-31T23:59:59Z"
    lines, head = link(START, [draft()], 500)
    later, _ = link(head, [draft()], 100)  # the clock went back
    records = [r for r, _ in follow([*lines, *later], START)]
    assert [r.recorded_at for r in records] == [500, 500]


def test_published_heads_are_read_back() -> None:
    _, lines = chain(9, 3)
    *_, (last, hashed) = follow(lines, START)
    head = Head(HEADER.agreement, last.seq, hashed, last.recorded_at)
    assert read_head(head_line(head)) == head
    short = read_head(f"{head.seq}:{head.hash}\n")
    assert (short.seq, short.hash) == (head.seq, head.hash)
    for text in ("", "3", "3:abc", "{}", '{"seq":1}', "x:" + "0" * 64, head_line(head).replace('"seq":3', '"seq":3.0')):
        with pytest.raises(UsageError):
            read_head(text)


def test_exported_text_must_be_whole() -> None:
    _, lines = chain(10, 3)
    whole = HEADER.line() + b"\n" + b"".join(line + b"\n" for line in lines)
    found = imported(whole)
    assert found.header == HEADER
    assert len(found.records) == 3
    assert found.head.hash == found.hashes[-1]
    assert found.signed == ()
    wrong = {
        "its end": whole[:-1],
        "byte order": b"\xef\xbb\xbf" + whole,
        "found no record": whole + b"\n",
        "Windows": whole.replace(b"\n", b"\r\n"),
        "''": b"\n",
        "cut off": b"",
    }
    for told, text in wrong.items():
        with pytest.raises(Broken, match=told):
            imported(text)


def test_what_is_broken_is_told_with_its_line_and_how_many_follow() -> None:
    _, lines = chain(11, 9)
    lines[3] = lines[3].replace(b'"oil"', b'"gas"')
    with pytest.raises(Broken) as caught:
        imported(HEADER.line() + b"\n" + b"".join(line + b"\n" for line in lines), "sent.jsonl")
    (problem,) = caught.value.problems()
    assert (problem.file, problem.line, problem.column) == ("sent.jsonl", 5, 1)
    assert "record 4" in problem.found
    assert "5 records after it" in problem.fix


def test_headers_have_one_form() -> None:
    line = HEADER.line()
    assert Header.read(line) == HEADER
    for old, new in (
        (b'"ledger":1', b'"ledger":2'),
        (b'"ledger":1', b'"ledger":true'),
        (b'"ledger":1', b'"ledger":1,"more":1'),
        (b",", b", "),
        (b'"freeze-for-oil"', b"3"),
        (b'"freeze-for-oil"', b'"\\ud800"'),
        (b"1970-01-01T", b"1970-01-01 "),
        (b"1970-01-01T00:00:00Z", b"1970-W01-4T00:00:00Z"),
    ):
        assert old in line
        with pytest.raises(ChainError) as caught:
            Header.read(line.replace(old, new))
        assert caught.value.at == 0
    with pytest.raises(ContentError):
        Header("\ud800", "", 0).line()


def test_the_page_about_ledgers_shows_one_that_holds() -> None:
    page = (Path(__file__).parent.parent / "docs" / "ledger.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("{")]
    found = imported("".join(f"{line}\n" for line in lines[:3]).encode())
    assert [r.kind for r in found.records] == ["sign", "verify"]
    assert read_head(lines[3]) == found.head
    prev = hashlib.sha256(lines[0].encode()).hexdigest()  # as the page says it is checked
    for line in lines[1:3]:
        content = json.loads(line)
        stated = content.pop("hash")
        assert content["prev"] == prev
        prev = hashlib.sha256(rfc8785.dumps(content)).hexdigest()
        assert stated == prev
