"""A real mail server for tests: what it has taken, and how it answers whom."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

from app import database
from app.records.mails import sending


@dataclass
class PostOffice:
    """answers: what is said to a recipient, or to the data for one, instead of yes."""

    at_the_name: dict[str, str] = field(default_factory=dict)
    at_the_data: dict[str, str] = field(default_factory=dict)
    at_the_sender: str = "250 OK"
    slow: set[str] = field(default_factory=set)
    taken: list[EmailMessage] = field(default_factory=list)
    in_hand: asyncio.Event = field(default_factory=asyncio.Event)
    busy_connections: int = 0

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.at_the_sender

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.at_the_name:
            return self.at_the_name[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        [address] = envelope.rcpt_tos
        if database.DB.pool:
            self.busy_connections += database.DB.pool.get_size() - database.DB.pool.get_idle_size()
        if address in self.at_the_data:
            return self.at_the_data[address]
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.in_hand.set()
        if address in self.slow:
            await asyncio.sleep(3)
        return "250 OK"

    @property
    def recipients(self) -> list[str]:
        return [str(message["To"]) for message in self.taken]


@asynccontextmanager
async def opened(monkeypatch: Any) -> AsyncIterator[PostOffice]:
    """A post office that Votum's mails go to."""
    office, loop = PostOffice(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(office, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setattr(sending, "SETTINGS", replace(sending.SETTINGS, smtp_url=f"smtp://127.0.0.1:{port}"))
    try:
        yield office
    finally:
        server.close()
