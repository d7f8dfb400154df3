"""Secrets that are handed out once and kept only as hashes."""

import secrets
from hashlib import sha256


def new() -> str:
    """A secret of 256 bits for a link or a cookie."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a secret."""
    return sha256(token.encode()).hexdigest()
