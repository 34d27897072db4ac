"""The server under test, and the floor of its HTTP part."""

import contextlib
import re
import os
import shutil
from pathlib import Path

from harness import knobs
from harness.process import Child, fetch

KEY = "sk_default_k1_" + "benchmark0" * 4
FLAGS = ["--listen", "127.0.0.1:0", "--rate-limit", "0", "--log-level", "warn", "--max-connections", "6000"]


def versioner(database: Path, *flags: str) -> Child:
    return Child([knobs.SERVER, "serve", "--db", database, *FLAGS, *flags], {"VERSIONER_BOOTSTRAP_API_KEY": KEY})


def http_floor(threads: int = 1) -> Child:
    return Child([knobs.BUILD / "http_floor", threads])


@contextlib.contextmanager
def fresh_database(name: str):
    """A path for a database, in a folder that is gone afterwards; on a disk that has nothing left to do of what was before."""
    folder = knobs.DATA / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.sync()
    try:
        yield folder / "versioner.db"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_database(path: Path) -> None:
    """With the product's schema and account, and nothing else."""
    with versioner(path) as server:
        fetch(server.port, "/health")


def copy_database(source: Path, target: Path) -> None:
    """Of a server that has been stopped: its -wal file is gone or goes along."""
    for suffix in ("", "-wal"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
        if Path(f"{source}{suffix}").exists():
            shutil.copyfile(f"{source}{suffix}", f"{target}{suffix}")
    Path(f"{target}-shm").unlink(missing_ok=True)


def commit_counters(server: Child) -> tuple[float, float]:
    """Events stored and transactions committed so far."""
    text = fetch(server.port, "/metrics", KEY).decode()

    def total(name: str) -> float:
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.M))

    return total("versioner_events_total"), total("versioner_commit_batches_total")


class MeanBatch:
    """Events in one transaction of the server, on the average of a `with` block: what the bare loop is told to do."""

    def __init__(self, server: Child) -> None:
        self.server = server
        self.size = 1

    def __enter__(self) -> "MeanBatch":
        self.before = commit_counters(self.server)
        return self

    def __exit__(self, *_) -> None:
        events, batches = (b - a for a, b in zip(self.before, commit_counters(self.server)))
        if not batches:
            raise RuntimeError("the server's /metrics tell of no transactions")
        self.size = max(1, round(events / batches))
