"""The command line as pipelines meet it: whole processes, from the fork to their end."""

import json
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import Callable

from harness import knobs
from harness.figures import Figures, note
from harness.process import Child
from harness.server import KEY, commit_counters, fresh_database, versioner

PROCESSES = 200  # of each kind in each run, in turn
EVENTS = 40
EVENT = {"product_name": "checkout", "environment_name": "production", "status": "success"}

# A pipeline's step without the program: one POST, and an exit code that says how it ended.
FETCH = """
const [url, body] = process.argv.slice(1);
const headers = { authorization: `Bearer ${process.env.VERSIONER_API_KEY}`, "content-type": "application/json" };
fetch(url, { method: "POST", headers, body }).then((answer) => { if (!answer.ok) throw new Error(`status ${answer.status}`); });
"""


def milliseconds(argv: list, folder: Path, port: int = 0) -> float:
    """In an environment of its own: neither a CI system nor a configuration of whoever runs the benchmark is found there."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "VERSIONER_API_KEY": KEY, "VERSIONER_API_URL": f"http://127.0.0.1:{port}"}
    started = time.monotonic()
    done = subprocess.run([str(a) for a in argv], env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, errors="replace", timeout=60)
    taken = (time.monotonic() - started) * 1000
    if done.returncode:
        raise RuntimeError(f"{argv[0]} {argv[1]} ended with {done.returncode}:\n{done.stderr[-1000:]}")
    return taken


def medians(count: int, *measures: Callable[[int], float]) -> list[float]:
    """In turn, so that all of them meet the same machine."""
    rounds = [[measure(i) for measure in measures] for i in range(count)]
    return [statistics.median(column) for column in zip(*rounds)]


def measure_version(figures: Figures, folder: Path) -> None:
    value, reference = medians(
        PROCESSES,
        lambda i: milliseconds([knobs.SERVER, "version"], folder),
        lambda i: milliseconds(["/bin/true", "version"], folder),
    )
    figures.add("cli.version", "ms", value, reference, aim="value < 5 ms")


def measure_track(figures: Figures, server: Child, folder: Path, run: int) -> None:
    flags = ["--product", EVENT["product_name"], "--environment", EVENT["environment_name"], "--status", EVENT["status"]]
    url = f"http://127.0.0.1:{server.port}/deployment-events/"

    def track(i: int) -> float:
        return milliseconds([knobs.SERVER, "track", "deployment", *flags, "--version", f"1.{run}.{2 * i}"], folder, server.port)

    def fetch(i: int) -> float:
        body = json.dumps({**EVENT, "version": f"1.{run}.{2 * i + 1}"})
        return milliseconds([shutil.which("node"), "-e", FETCH, url, body], folder, server.port)

    before, _ = commit_counters(server)
    value, reference = medians(EVENTS, track, fetch)
    stored = commit_counters(server)[0] - before
    if stored != 2 * EVENTS:
        raise RuntimeError(f"{2 * EVENTS} events were sent, and {stored:.0f} stored")
    figures.add("cli.track", "ms", value, reference, aim="value < 15 ms, ratio ≤ 0.33")


def run(figures: Figures) -> None:
    with fresh_database("cli") as path, versioner(path) as server:
        for number in range(knobs.RUNS):
            note(f"cli, run {number + 1} of {knobs.RUNS}")
            measure_version(figures, path.parent)
            measure_track(figures, server, path.parent, number)
