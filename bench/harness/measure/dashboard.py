"""The dashboard in a browser, with 1,000 products in 12 environments: first paint, scrolling, live updates, size, and what Lighthouse says."""

import json
import os
import subprocess

from harness import company, knobs
from harness.figures import Figures, note
from harness.logins import EMAIL, PASSWORD, make_user
from harness.server import KEY, fresh_database, versioner

DEPLOYMENTS = 24_000  # the matrix is full, and here and there the latest attempt has failed
PLACE = (company.product_name(0), company.ENVIRONMENTS[0])  # in sight when the page opens
ROUNDS = {"pages": min(3, knobs.RUNS), "desktop": 3, "phone": 1}
PATIENCE = 300
# Unit and aim of figures by the beginning of their names; what has no aim is for orientation.
ABOUT = {
    "javascript": ("kB", "value < 200 kB"), "first_paint": ("ms", "value < 1000 ms"), "cells_shown": ("ms", "value < 1000 ms"),
    "scroll_blank": ("frames", ""), "lighthouse_phone": ("points", ""), "lighthouse": ("points", "value ≥ 95"), "": ("ms", ""),
}


def measure(figures: Figures, what: str, port: int) -> None:
    environment = {**os.environ, "BENCH_EMAIL": EMAIL, "BENCH_PASSWORD": PASSWORD, "BENCH_KEY": KEY}
    argv = ["node", knobs.BENCH / "dashboard" / "measure.mjs", what, f"http://127.0.0.1:{port}", *PLACE]
    done = subprocess.run([str(word) for word in argv], env=environment, stdout=subprocess.PIPE, text=True, timeout=PATIENCE)
    if done.returncode:
        raise RuntimeError(f"bench/dashboard/measure.mjs {what} ended with {done.returncode}")
    for name, (value, reference) in json.loads(done.stdout.splitlines()[-1]).items():
        unit, aim = next(about for beginning, about in ABOUT.items() if name.startswith(beginning))
        figures.add(f"dashboard.{name}", unit, value, reference, aim=aim)


def run(figures: Figures) -> None:
    with fresh_database("dashboard") as path, versioner(path) as server:
        company.fill(server.port, DEPLOYMENTS)
        make_user(server.port)
        for what, count in ROUNDS.items():
            for number in range(count):
                note(f"dashboard, {what}, run {number + 1} of {count}")
                measure(figures, what, server.port)
