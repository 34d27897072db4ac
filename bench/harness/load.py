"""Runs the load generators and the bare loop; each prints a line "figures name=value …", which becomes a dict."""

import itertools
import os
import subprocess
from pathlib import Path

from harness import knobs
from harness.figures import note
from harness.server import KEY

_runs = itertools.count(1)


def new_run() -> str:
    """A label that no load has had on any database of this benchmark: its versions are new everywhere."""
    return f"r{os.getpid()}x{next(_runs)}"


def _figures(argv: list, seconds: float) -> dict[str, float]:
    done = subprocess.run(
        [str(a) for a in argv], env={**os.environ, "BENCH_KEY": KEY}, stdout=subprocess.PIPE, text=True, timeout=seconds + 120
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("figures ")), None)
    if done.returncode or not line:
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}:\n{done.stdout}")
    figures = {name: float(value) for name, value in (word.split("=") for word in line.split()[1:])}
    if figures.get("failed"):
        raise RuntimeError(f"{figures['failed']:.0f} requests failed:\n{done.stdout}")
    if not figures["requests"]:
        raise RuntimeError(f"nothing was answered:\n{done.stdout}")
    figures["rate"] = figures["requests"] / figures["micros"] * 1e6
    return figures


def single_events(port: int, seconds: float, order: str = "") -> dict[str, float]:
    """64 keep-alive connections, one event a request. "fleet": what is under way at one time concerns many products."""
    threads = knobs.WRK_THREADS
    return _figures(
        ["wrk", "--latency", f"-t{threads}", f"-c{knobs.CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s",
         knobs.BENCH / "load" / "events.lua", f"http://127.0.0.1:{port}/", "--", new_run(), threads, order], seconds,
    )


def one_at_a_time(port: int, seconds: float) -> dict[str, float]:
    return _figures([knobs.BUILD / "client", "events", port, new_run(), seconds], seconds)


def get(port: int, path: str, count: int) -> dict[str, float]:
    return _figures([knobs.BUILD / "client", "get", port, path, count], 60)


def ask(port: int, path: str, count: int, header: str, status: int = 200) -> dict[str, float]:
    """With one more header."""
    return _figures([knobs.BUILD / "client", "ask", port, path, count, header, status], 60)


def bare_matrix(location: str | Path, count: int) -> dict[str, float]:
    return _figures([knobs.BUILD / "bare_matrix", location, count], 60)


def bulk(port: int, seconds: float = 0, events: int = 0, lines: int = knobs.BULK_LINES, notify: bool = False) -> dict[str, float]:
    connections = knobs.BULK_CONNECTIONS if not events or events > 100_000 else 1
    limit = seconds or 3600
    told = "true" if notify else "false"
    return _figures([knobs.BUILD / "client", "bulk", port, new_run(), lines, connections, seconds, events, told], limit)


def notified_latency(port: int, receiver_port: int, events: int, pause_ms: tuple[int, int]) -> dict[str, float]:
    """From an event's acknowledgement to the request at the receiver, each event after a pause of that length."""
    return _figures([knobs.BUILD / "notified", "latency", port, new_run(), events, *pause_ms, receiver_port], 60)


def replay(receiver_port: int, connections: int, seconds: float) -> dict[str, float]:
    """The receiver's last request, sent to it again and again with nothing around it."""
    return _figures([knobs.BUILD / "notified", "replay", receiver_port, connections, seconds], seconds)


def streamed_latency(port: int, stream_port: int, events: int, pause_ms: tuple[int, int], listeners: int) -> dict[str, float]:
    """From an event's acknowledgement by one server to its arrival at each listener of the live stream of another, or the same."""
    return _figures([knobs.BUILD / "streamed", "latency", port, stream_port, new_run(), events, *pause_ms, listeners], 60)


def streamed_floor(events: int, pause_ms: tuple[int, int], listeners: int, size: int) -> dict[str, float]:
    """The same by a thread that writes to each connection, with nothing around it."""
    return _figures([knobs.BUILD / "streamed", "floor", events, *pause_ms, listeners, size], 60)


def warn_of_other_statements() -> None:
    """The bare loop is a reference only while it runs the server's statements: their texts are in the server's program."""
    program = knobs.SERVER.read_bytes()
    for name in ("bare", "bare_matrix"):
        texts = subprocess.run([knobs.BUILD / name, "--statements"], check=True, stdout=subprocess.PIPE).stdout.splitlines()
        for text in (text for text in texts if text not in program):
            note(f"WARNING: bench/bare does not follow src/store/, ratios to the bare loop mislead: {text.decode()}")


def bare(database: Path, batch: int, seconds: float, warm_events: int = 6000) -> dict[str, float]:
    """The same rows by the same statements, `batch` events in one transaction, with nothing around them."""
    return _figures([knobs.BUILD / "bare", database, new_run(), batch, seconds, warm_events], seconds)
