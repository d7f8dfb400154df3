"""The product's application with a watch beside it: how long its event loop was held at once.

What is measured is the processor time of the loop's own thread between two beats, so that what others do on the machine
(or a thread beside the loop) does not count. GET /longest starts the watch anew and answers milliseconds.
"""

import asyncio
import time
from typing import Any

from app.main import served as product

BEAT = 0.001


class Watch:
    """The longest stretch between two beats since it was last asked."""

    longest = last = 0.0
    loop: asyncio.AbstractEventLoop | None = None

    def beat(self) -> None:
        now = time.thread_time()
        self.longest, self.last = max(self.longest, now - self.last), now
        asyncio.get_running_loop().call_later(BEAT, self.beat)

    def asked(self) -> float:
        if self.loop is None:
            self.loop, self.last = asyncio.get_running_loop(), time.thread_time()
            self.beat()
        longest, self.longest = self.longest, 0.0
        return longest * 1000


def served() -> Any:
    """What uvicorn runs."""
    inner, watch = product(), Watch()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") != "/longest":
            await inner(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": f"{watch.asked():.2f}".encode()})

    return application
