"""Signed heads: they fit, they are bound to every word, keys are kept."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from detente.agreement.ledger.canonical import canonical
from detente.agreement.ledger.chain import Head
from detente.agreement.ledger.lines import exported, imported
from detente.agreement.ledger.signatures import Signer, make_key, read_signed, sign, signatures
from detente.agreement.ledger.store import Broken, Ledger
from detente.base.errors import MissingExtra, UsageError
from tests.ledger_places import CLAIM, opened

pytestmark = pytest.mark.usefixtures("closed")
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


def test_any_changed_byte_of_a_signed_head_is_found(tmp_path: Path) -> None:
    make_key(tmp_path / "us.key")
    text = sign(HEAD, "us", tmp_path / "us.key").encode()
    assert read_signed(text.decode()).head == HEAD
    for at in range(len(text)):
        for by in (1, 2, 64):
            changed = bytearray(text)
            changed[at] ^= by
            with pytest.raises(UsageError):
                read_signed(changed.decode(errors="replace"))


def signed_ledger(folder: Path) -> tuple[Ledger, dict[str, str]]:
    """Records of dprk, us and dprk, iaea, dprk; dprk signed the second head, us the first and the last."""
    keys = {name: make_key(folder / name) for name in ("dprk", "us")}
    ledger = opened(folder / "x")
    for by, signers in ((("dprk",), ["us"]), (("us", "dprk"), ["dprk"]), (("iaea",), []), (("dprk",), ["us"])):
        ledger.append([replace(CLAIM, by=by)])
        for name in signers:
            ledger.keep_signed(sign(ledger.head(), name, folder / name))
    return ledger, keys


def test_who_signed_what_and_what_is_missing(tmp_path: Path) -> None:
    ledger, keys = signed_ledger(tmp_path)
    found = signatures(ledger, {**keys, "japan": "ed25519:none"})
    assert found.wrong == ()
    assert found.signers == (
        Signer("dprk", 2, (keys["dprk"],), True, (1, 2, 4), (4,)),
        Signer("iaea", 0, (), None, (3,), (3,)),
        Signer("japan", 0, (), None, (), ()),
        Signer("us", 4, (keys["us"],), True, (2,), ()),
    )
    assert [s.known for s in signatures(ledger).signers] == [None] * 3


def test_a_signature_by_another_key_counts_for_nothing_where_the_key_is_known(tmp_path: Path) -> None:
    ledger, keys = signed_ledger(tmp_path)
    forged = make_key(tmp_path / "forged")
    ledger.keep_signed(sign(ledger.head(), "dprk", tmp_path / "forged"))
    dprk = signatures(ledger, keys).signers[0]
    assert (dprk.upto, dprk.known, dprk.unsigned) == (2, False, (4,))
    assert dprk.keys == (keys["dprk"], forged)
    assert signatures(ledger).signers[0].upto == 4  # without a known key nobody can tell


def test_signatures_of_another_history_are_told(tmp_path: Path) -> None:
    ledger, _ = signed_ledger(tmp_path)
    head = ledger.head()
    wrong = [
        sign(replace(head, hash="ab" * 32), "us", tmp_path / "us"),
        sign(replace(head, seq=9), "us", tmp_path / "us"),
        sign(replace(head, agreement="another"), "us", tmp_path / "us"),
        sign(replace(head, recorded_at=5), "us", tmp_path / "us"),
        sign(head, "dprk", tmp_path / "dprk").replace('"by":"dprk"', '"by":"japan"'),
        "nonsense",
    ]
    for text in wrong:
        ledger.keep_signed(text)
    found = signatures(ledger)
    assert [text for text, _ in found.wrong] == wrong
    assert found.signers[0].upto == 2
    assert all(reason for _, reason in found.wrong)


def test_signed_heads_go_with_the_export_and_must_stand_at_its_end(tmp_path: Path) -> None:
    ledger, _ = signed_ledger(tmp_path)
    lines = list(exported(ledger))
    assert imported(b"".join(lines)).signed == ledger.signed()
    assert len(ledger.signed()) == 3
    with pytest.raises(Broken, match="signed heads after the records"):
        imported(b"".join([lines[0], *lines[5:], *lines[1:5]]))


def test_without_cryptography_what_to_install_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, _ = signed_ledger(tmp_path)
    bare = opened(tmp_path / "bare")
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    assert signatures(bare).signers == ()
    for act in (lambda: make_key(tmp_path / "new"), lambda: signatures(ledger)):
        with pytest.raises(MissingExtra, match=r"detente\[signatures\]"):
            act()
    assert not (tmp_path / "new").exists()
