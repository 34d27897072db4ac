"""The whole matrix of a large company, 1,000 products in 12 environments, from each engine: next to the bare reading of its rows."""

import contextlib
import datetime
import urllib.parse
from pathlib import Path

from harness import company, knobs, load
from harness.figures import Figures, note
from harness.postgres import DefaultCluster
from harness.server import fresh_database, versioner

MATRIX = "/environment-state/"
COUNT, AT_COUNT = 100, 20  # requests a run
CHOSEN = ",".join(company.product_name(number * 50) for number in range(20))  # as many as a filter takes
GZIP = "Accept-Encoding: gzip"


def a_month_ago() -> str:
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=30)
    return f"{MATRIX}?at={urllib.parse.quote(then.isoformat())}"


def measure(figures: Figures, name: str, port: int, location: str | Path, aims: dict[str, str]) -> None:
    ways = {
        "whole": lambda: load.get(port, MATRIX, COUNT),
        "gzip": lambda: load.ask(port, MATRIX, COUNT, GZIP),
        "not_modified": lambda: load.ask(port, MATRIX, COUNT, "If-None-Match: *", 304),
        "filtered": lambda: load.get(port, f"{MATRIX}?product={CHOSEN}", COUNT),
        "at": lambda: load.get(port, a_month_ago(), AT_COUNT),
        "at_gzip": lambda: load.ask(port, a_month_ago(), AT_COUNT, GZIP),
    }
    for what, ask in ways.items():
        bare, done = load.bare_matrix(location, COUNT), ask()
        figures.add(f"{name}.{what}", "ms", done["p50_micros"] / 1000, bare["p50_micros"] / 1000, aim=aims.get(what, ""))
        figures.add(f"{name}.{what}_p99", "ms", done["p99_micros"] / 1000, bare["p99_micros"] / 1000)


@contextlib.contextmanager
def on_sqlite():
    with fresh_database("matrix") as path, versioner(path) as server:
        company.fill(server.port, knobs.MATRIX_DEPLOYMENTS)
        yield server.port, path


@contextlib.contextmanager
def on_postgresql():
    with DefaultCluster() as cluster, cluster.fresh("matrix") as database, versioner(database.dsn) as server:
        company.fill(server.port, knobs.MATRIX_DEPLOYMENTS)
        database.run("VACUUM ANALYZE")
        yield server.port, database.dsn


def run(figures: Figures) -> None:
    with on_sqlite() as (sqlite, path), on_postgresql() as (postgresql, dsn):
        for number in range(knobs.RUNS):
            note(f"matrix, run {number + 1} of {knobs.RUNS}")
            measure(figures, "matrix", sqlite, path, {"whole": "value < 20 ms, ratio ≤ 2.5", "at": "value < 200 ms"})
            measure(figures, "matrix_postgresql", postgresql, dsn, {"at": "value < 200 ms"})
