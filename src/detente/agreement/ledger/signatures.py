"""Ed25519 signatures of heads: a party says that it holds the ledger up to there to be the ledger.

A signature binds its signer to all records up to the head, since the chain binds the head to them: a record is signed
by signing the head that it makes. Signed heads are kept beside the records and go with them when they are exported.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.agreement.ledger.canonical import canonical
from detente.agreement.ledger.chain import Head, follow
from detente.agreement.ledger.entries import ChainError, parsed
from detente.agreement.ledger.heads import head_line, read_head
from detente.agreement.ledger.store import Broken, Ledger
from detente.base.errors import MissingExtra, UsageError, shown

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PREFIX = "ed25519:"
LARGEST_KEY = 10_000


@dataclass(frozen=True, slots=True)
class Signed:
    """A head signed by somebody.

    Attributes:
        head: what was signed.
        by: the party or body that the signer claims to be.
        key: the public key that the signature fits, as ``ed25519:...``.
    """

    head: Head
    by: str
    key: str


@dataclass(frozen=True, slots=True)
class Signer:
    """What one party or body has signed of a ledger.

    Attributes:
        name: of the party or body.
        upto: the last record that its signatures bind it to; 0 = none.
        keys: the public keys that they fit.
        known: whether all of them are the key that it is known by; None if none is known, or it has not signed.
        own: records that name it in ``by``.
        unsigned: those of them that no signature of it covers.
    """

    name: str
    upto: int
    keys: tuple[str, ...]
    known: bool | None
    own: tuple[int, ...]
    unsigned: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Who has signed what of a ledger.

    Attributes:
        signers: in the order of their names: everybody who signed or is named in ``by``, or whose key is known.
        wrong: signed heads that are not of this ledger or do not fit, each with the reason.
    """

    signers: tuple[Signer, ...]
    wrong: tuple[tuple[str, str], ...]


def signatures(ledger: Ledger, keys: Mapping[str, str] | None = None) -> Signatures:
    """Judge the signed heads that are kept with a ledger.

    A key that is not known proves only that one and the same writer signed: anybody can make a key and any name.

    Args:
        ledger: whose chain is checked on the way.
        keys: the public key that each party is known by, from elsewhere than the ledger.

    Raises:
        Broken: the chain does not hold.
        MissingExtra: there are signatures and cryptography is not installed.
    """
    heads, own = {0: ledger.header.head()}, {name: list[int]() for name in keys or {}}
    try:
        for record, hashed in follow(ledger.lines(), heads[0]):
            heads[record.seq] = Head(ledger.header.agreement, record.seq, hashed, record.recorded_at)
            for name in record.by:
                own.setdefault(name, []).append(record.seq)
    except ChainError as error:
        raise Broken(ledger.place, error) from None
    good: dict[str, list[Signed]] = {}
    wrong = []
    for text in ledger.signed():
        try:
            found = read_signed(text)
        except UsageError as error:
            wrong.append((text, error.found))
            continue
        if heads.get(found.head.seq) == found.head:
            good.setdefault(found.by, []).append(found)
        else:
            wrong.append((text, f"a head that this ledger does not have, signed by {shown(found.by)}"))
    names = sorted({*own, *good})
    return Signatures(tuple(_signer(n, good.get(n, []), own.get(n, []), keys or {}) for n in names), tuple(wrong))


def _signer(name: str, signed: list[Signed], own: list[int], keys: Mapping[str, str]) -> Signer:
    """What a party signed: with the key that it is known by, if one is known; by any key otherwise."""
    used = tuple(dict.fromkeys(s.key for s in signed))
    known = None if name not in keys or not used else used == (keys[name],)
    counted = [s.head.seq for s in signed if s.key == keys.get(name, s.key)]
    upto = max(counted, default=0)
    return Signer(name, upto, used, known, tuple(own), tuple(n for n in own if n > upto))


def make_key(path: Path) -> str:
    """Write a new private key to a file that only its owner can read; returns the public key.

    Raises:
        UsageError: the file is there already or cannot be written.
        MissingExtra: cryptography is not installed.
    """
    kinds = _library()
    key = kinds.ed25519.Ed25519PrivateKey.generate()
    data = key.private_bytes(
        kinds.serialization.Encoding.PEM, kinds.serialization.PrivateFormat.PKCS8, kinds.serialization.NoEncryption()
    )
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(
            f"the file {shown(path)}, which is there", "a new file", "Keys are never overwritten."
        ) from None
    except OSError as error:
        raise UsageError(f"the file {shown(path)}", "a file that can be written", str(error).split("] ")[-1]) from None
    return _public(key)


def sign(head: Head, by: str, path: Path) -> str:
    """One line to publish: the head, who signs it, the public key and the signature.

    Raises:
        UsageError: no key there.
        MissingExtra: cryptography is not installed.
    """
    key = _read(path)
    content = {**json.loads(head_line(head)), "by": by, "key": _public(key)}
    signature = _text(key.sign(canonical(content)))
    return canonical({**content, "signature": signature}).decode()


def read_signed(text: str) -> Signed:
    """A signed head whose signature fits its key; whether the key is the party's is another question.

    Raises:
        UsageError: it is none, or the signature does not fit.
        MissingExtra: cryptography is not installed.
    """
    expected = "a line as `track head --sign` prints it"
    try:
        content = parsed(text.strip().encode(errors="replace"), 0)
        signature, by, key = (content.pop("signature"), content["by"], content["key"])
        raw, public = (base64.b64decode(v, validate=True) for v in (signature, key.removeprefix(PREFIX)))
        exact = key == PREFIX + _text(public) and canonical({**content, "signature": _text(raw)}).decode()
        if exact != text.strip() or not isinstance(by, str):  # the same bytes have other texts in base64
            raise UsageError(f"the signed head {shown(text)}", expected)
        head = read_head(json.dumps({k: v for k, v in content.items() if k not in ("by", "key")}))
    except (ChainError, KeyError, AttributeError, TypeError, ValueError):
        raise UsageError(f"the signed head {shown(text)}", expected) from None
    kinds = _library()
    try:
        kinds.ed25519.Ed25519PublicKey.from_public_bytes(public).verify(raw, canonical(content))
    except (kinds.InvalidSignature, ValueError):
        raise UsageError(f"a signature of {shown(by)} that does not fit", "the head as it was signed") from None
    return Signed(head, by, key)


def _read(path: Path) -> Ed25519PrivateKey:
    kinds = _library()
    expected = "a key file as `track keygen` writes it"
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_KEY)
    except OSError as error:
        raise UsageError(f"the key {shown(path)}", expected, str(error).split("] ")[-1]) from None
    try:
        key = kinds.serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError, kinds.UnsupportedAlgorithm):
        raise UsageError(f"the file {shown(path)}, which is no key without password", expected) from None
    if not isinstance(key, kinds.ed25519.Ed25519PrivateKey):
        raise UsageError(f"the file {shown(path)}, a key of another kind", expected)
    found: Ed25519PrivateKey = key
    return found


def _public(key: Ed25519PrivateKey) -> str:
    kinds = _library().serialization
    raw = key.public_key().public_bytes(kinds.Encoding.Raw, kinds.PublicFormat.Raw)
    return PREFIX + _text(raw)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _library() -> Any:
    """What is used of cryptography, which is heavy and not always there."""
    try:
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise MissingExtra("signing", "signatures") from error
    return _Library(serialization, ed25519, InvalidSignature, UnsupportedAlgorithm)


@dataclass(frozen=True)
class _Library:
    serialization: Any
    ed25519: Any
    InvalidSignature: type[Exception]
    UnsupportedAlgorithm: type[Exception]
