"""Secrets that are handed out, and what only the server's own secret can make: links that prove themselves, an order.

What a link says is signed and dated, so nothing has to be kept until it is opened.
"""

import hmac
import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from app import clock
from app.settings import SETTINGS

Name = TypeVar("Name", int, str)


def secret() -> str:
    """A new secret of 256 bits for a link or a cookie."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a secret."""
    return sha256(token.encode()).hexdigest()


def sealed(purpose: str, said: Mapping[str, Any], until: datetime) -> str:
    """A text for an address that carries what is said; worth something for this purpose until a moment."""
    return signed(unsigned(purpose, said, until))


def unsigned(purpose: str, said: Mapping[str, Any], until: datetime) -> str:
    """What a sealed text says, without the signature that makes it worth something."""
    return _text(json.dumps([purpose, int(until.timestamp()), dict(said)], separators=(",", ":")).encode())


def signed(text: str) -> str:
    """The sealed text of an unsigned one."""
    return f"{text}.{signature(_data(text))}"


def signature(data: bytes) -> str:
    """What only this server can say of some data."""
    return _text(_signature(data))


def same(given: str, expected: str) -> bool:
    """Whether two signatures are the same, in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def opened(purpose: str, token: str) -> dict[str, Any] | None:
    """What a sealed text says; None where it is not ours, for another purpose, or too old."""
    try:
        body, signature = (_data(part) for part in token.split("."))
    except ValueError:
        return None
    if not hmac.compare_digest(signature, _signature(body)):
        return None
    meant, until, said = json.loads(body)
    return said if meant == purpose and clock.now().timestamp() < until else None


def fresh(text: str) -> bool:
    """Whether an unsigned text is not too old."""
    return clock.now().timestamp() < int(json.loads(_data(text))[1])


def numbered(place: str, names: Iterable[Name]) -> dict[Name, int]:
    """A number from 1 for each name, in an order that is the same at every look and tells nothing without the secret.

    place: where the order stands; another place has another order.
    """
    return {name: number for number, name in enumerate(sorted(set(names), key=partial(_hidden, place)), 1)}


def _hidden(place: str, name: int | str) -> bytes:
    return _signature(f"order {place} {name}".encode())


def fingerprint(purpose: str, said: str) -> str:
    """64 characters that stand for what is said, and tell nobody without the secret what that was."""
    return _signature(f"{purpose} {said}".encode()).hex()


def _data(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _signature(body: bytes) -> bytes:
    return hmac.digest(_secret(SETTINGS.secret_file), body, "sha256")


@cache
def _secret(file: Path) -> bytes:
    """The server's secret; made where there is none yet. All processes of one installation share the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as made:
        made.write(secrets.token_hex(32))
    return file.read_bytes()
