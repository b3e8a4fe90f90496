"""Ed25519 signatures of heads: a party says that it holds the ledger up to there to be the ledger.

A signature binds its signer to all records up to the head, since the chain binds the head to them.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.agreement.ledger.canonical import canonical
from detente.agreement.ledger.chain import ChainError, Head, parsed
from detente.agreement.ledger.heads import head_line, read_head
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
    signature = base64.b64encode(key.sign(canonical(content))).decode()
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
        head = read_head(json.dumps({k: v for k, v in content.items() if k not in ("by", "key")}))
    except (ChainError, KeyError, AttributeError, TypeError, binascii.Error, UsageError):
        raise UsageError(f"the signed head {shown(text)}", expected) from None
    kinds = _library()
    try:
        kinds.ed25519.Ed25519PublicKey.from_public_bytes(public).verify(raw, canonical(content))
    except (kinds.InvalidSignature, ValueError):
        raise UsageError(f"a signature of {shown(by)} that does not fit", "the head as it was signed") from None
    return Signed(head, str(by), key)


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
    return PREFIX + base64.b64encode(raw).decode()


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
