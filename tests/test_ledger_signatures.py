"""Signed heads: they fit, they are bound to every word, keys are kept."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from detente.agreement.ledger.canonical import canonical
from detente.agreement.ledger.chain import Head
from detente.agreement.ledger.signatures import make_key, read_signed, sign
from detente.base.errors import UsageError

HEAD = Head("oil-for-freeze", 3, "ab" * 32, 1_000_000)


def test_a_signed_head_is_read_back_with_its_key(tmp_path: Path) -> None:
    public = make_key(tmp_path / "us.key")
    assert stat.S_IMODE((tmp_path / "us.key").stat().st_mode) == 0o600
    found = read_signed(sign(HEAD, "us", tmp_path / "us.key") + "\n")
    assert (found.head, found.by, found.key) == (HEAD, "us", public)
    assert make_key(tmp_path / "dprk.key") != public


@pytest.mark.parametrize("field", ["agreement", "seq", "hash", "recorded_at", "by", "key", "signature"])
def test_any_changed_field_is_found(tmp_path: Path, field: str) -> None:
    make_key(tmp_path / "us.key")
    make_key(tmp_path / "other.key")
    content = json.loads(sign(HEAD, "us", tmp_path / "us.key"))
    other = json.loads(sign(Head("x", 4, "cd" * 32, 2_000_000), "dprk", tmp_path / "other.key"))
    content[field] = other[field]
    with pytest.raises(UsageError, match="does not fit"):
        read_signed(canonical(content).decode())


@pytest.mark.parametrize(
    "text",
    ["", "{}", "3:" + "ab" * 32, '{"by":1,"key":2,"signature":3}', '{"by":"a","key":"ed25519:?","signature":""}'],
)
def test_what_is_no_signed_head(text: str) -> None:
    with pytest.raises(UsageError, match="signed head"):
        read_signed(text)


def test_keys_are_never_overwritten_and_other_files_are_no_keys(tmp_path: Path) -> None:
    make_key(tmp_path / "a.key")
    before = (tmp_path / "a.key").read_bytes()
    with pytest.raises(UsageError, match="is there"):
        make_key(tmp_path / "a.key")
    assert (tmp_path / "a.key").read_bytes() == before
    (tmp_path / "text").write_text("no key")
    for name in ("text", "missing", "."):
        with pytest.raises(UsageError):
            sign(HEAD, "us", tmp_path / name)
    with pytest.raises(UsageError):
        make_key(tmp_path / "no" / "folder")
