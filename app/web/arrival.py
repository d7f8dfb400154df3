"""How bytes become requests: as in the server's own protocol, but with the moment at which each was there."""

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app import clock
from app.web.outside import HEADERS


class Protocol(HttpToolsProtocol):
    """The server's protocol; it notes when a request has arrived, and refuses what is none with our headers."""

    def on_message_complete(self) -> None:
        """Note the moment before anything waits: the first step of a page may come much later on a busy server."""
        cast("dict[str, Any]", self.scope)["arrived"] = clock.now()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request."""
        usual = self.server_state.default_headers
        self.server_state.default_headers = [*usual, *HEADERS]
        try:
            super().send_400_response(msg)
        finally:
            self.server_state.default_headers = usual
