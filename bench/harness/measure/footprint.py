"""Start to first answer on an existing database, memory at rest, memory with idle connections; next to bare libmicrohttpd."""

import contextlib
import resource
import socket
import time
from pathlib import Path
from typing import Callable

from harness import knobs, load
from harness.figures import Figures, note
from harness.process import Child, exchange, fetch
from harness.server import fresh_database, http_floor, versioner

EXISTING_EVENTS = 20_000


def start_to_answer(start: Callable[[], Child], path: str = "/health") -> tuple[float, float]:
    """Milliseconds from fork to the first answer, and the MiB held after it."""
    with start() as child:
        fetch(child.port, path)
        return (time.monotonic() - child.started) * 1000, child.rss_mib()


def rss_with_idle(start: Callable[[], Child], count: int, path: str = "/health") -> float:
    """MiB held with that many kept connections, each of which has had one answer."""
    with start() as child, contextlib.ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", child.port), timeout=30))
            exchange(connection, path)
        return child.rss_mib()


def allow_open_files() -> None:
    """The children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = knobs.IDLE_CONNECTIONS + 1000
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(hard, wanted), hard))


def fill(path: Path) -> None:
    with versioner(path) as server:
        load.bulk(server.port, events=EXISTING_EVENTS)


def run(figures: Figures) -> None:
    allow_open_files()
    idle = knobs.IDLE_CONNECTIONS
    with fresh_database("footprint") as path:
        fill(path)
        for number in range(knobs.RUNS):
            note(f"footprint, run {number + 1} of {knobs.RUNS}")
            for _ in range(3):
                (started, at_rest), (floor_started, floor_at_rest) = start_to_answer(lambda: versioner(path)), start_to_answer(http_floor)
                figures.add("footprint.start", "ms", started, floor_started)
                figures.add("footprint.rss_at_rest", "MiB", at_rest, floor_at_rest)
            held = rss_with_idle(lambda: versioner(path), idle)
            figures.add(f"footprint.rss_{idle}_idle", "MiB", held, rss_with_idle(http_floor, idle))
