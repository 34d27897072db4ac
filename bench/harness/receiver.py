"""Where notifications go: load/receiver.c, or a port where nobody listens."""

import contextlib
import socket
import time

from harness import knobs
from harness.process import Child, fetch

PATIENCE = 30  # seconds without anything new


class Receiver(Child):
    """with Receiver() as r: r.url("path")"""

    def __init__(self) -> None:
        super().__init__([knobs.BUILD / "receiver"])

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def report(self) -> dict[str, int]:
        words = fetch(self.port, "/report").decode().split()
        return {name: int(value) for name, value in (word.split("=") for word in words)}

    def await_events(self, count: int) -> dict[str, int]:
        """The report when so many events have come."""
        seen, until = 0, time.monotonic() + PATIENCE
        while (report := self.report())["events"] < count:
            if report["events"] > seen:
                seen, until = report["events"], time.monotonic() + PATIENCE
            if time.monotonic() > until:
                raise RuntimeError(f"{seen} of {count} events came to the receiver, and then none for {PATIENCE} seconds")
            time.sleep(0.1)
        return report


@contextlib.contextmanager
def refused_port():
    """Bound and not listened on: whoever connects is refused, and nobody else can get it."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        yield s.getsockname()[1]
