"""How bytes become requests: as the server's own, but what cannot be read at all gets our headers, too."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.main import HEADERS


class Protocol(HttpToolsProtocol):
    """The server's protocol with our headers on the refusals that reach no application."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request."""
        usual = self.server_state.default_headers
        self.server_state.default_headers = [*usual, *HEADERS]
        try:
            super().send_400_response(msg)
        finally:
            self.server_state.default_headers = usual
