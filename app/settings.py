"""The environment, read once."""

import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(Exception):
    """A setting cannot be used; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """What the environment says about this installation."""

    database_url: str
    data: Path
    host: str
    port: int
    base_url: str
    smtp_url: str
    sender: str
    secret_file: Path
    demo: bool
    trusted_proxy: str
    pool: int
    log_level: str

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")


def is_loopback(host: str) -> bool:
    """Whether an address can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read(environment: dict[str, str] | None = None) -> Settings:
    """Read the settings; raises SettingsError where they contradict each other."""
    env = dict(os.environ) if environment is None else environment
    data = Path(env.get("VOTUM_DATA") or Path(__file__).parent.parent / ".data").absolute()
    host = env.get("HOST") or "127.0.0.1"
    port = _port(env.get("PORT") or "8000")
    return Settings(
        database_url=env.get("DATABASE_URL", ""),
        data=data,
        host=host,
        port=port,
        base_url=(env.get("VOTUM_BASE_URL") or f"http://{host}:{port}").rstrip("/"),
        smtp_url=env.get("VOTUM_SMTP_URL", ""),
        sender=env.get("VOTUM_SENDER") or "Votum <votum@localhost>",
        secret_file=Path(env.get("VOTUM_SECRET_FILE") or data / "secret"),
        demo=env.get("VOTUM_DEMO", "") == "1",
        trusted_proxy=env.get("VOTUM_TRUSTED_PROXY", ""),
        pool=_pool(env.get("VOTUM_POOL") or "10"),
        log_level=_log_level(env.get("LOG_LEVEL") or "INFO"),
    )


def refuse_public_demo(settings: Settings) -> None:
    """The demo signs anybody in with one click, so it must not leave this machine."""
    if settings.demo and not is_loopback(settings.host):
        raise SettingsError(
            f"VOTUM_DEMO=1 is refused on the address {settings.host}: the demo lets anybody sign in "
            "as anybody. Unset VOTUM_DEMO, or serve on 127.0.0.1."
        )


def _pool(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= 100:
        raise SettingsError(f"VOTUM_POOL must be a number of connections from 2 to 100, not {text!r}.")
    return int(text)


def _log_level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise SettingsError(f"LOG_LEVEL must be one of {', '.join(LEVELS)}, not {text!r}.")
    return text.upper()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise SettingsError(f"PORT must be a number from 0 to 65535, not {text!r}.")
    return int(text)


SETTINGS = read()
