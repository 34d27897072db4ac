"""Whether a full database is slower than an almost empty one: ingest and the matrix at each size, next to the smallest size in the
same run. Each size is filled once; a run works on a copy of the smallest, so that it stays small."""

import contextlib
from pathlib import Path

from harness import knobs, load
from harness.figures import Figures, note
from harness.server import copy_database, fresh_database, versioner

MATRIX = "/environment-state/"
MATRIX_REQUESTS = 200
WARM_SECONDS = 3  # a larger database has more pages to bring into a cache that the start has left empty


def size_name(events: int) -> str:
    for divisor, letter in ((1_000_000, "M"), (1000, "k")):
        if events >= divisor:
            return f"{events / divisor:g}{letter}"
    return str(events)


def fill(path: Path, events: int) -> None:
    with versioner(path) as server:
        done = load.bulk(server.port, events=events)
    note(f"  filled to {size_name(events)} at {done['rate']:.0f} events/s, {path.stat().st_size / 2**20:.0f} MiB")


def measure(path: Path) -> tuple[float, float]:
    with versioner(path) as server:
        load.get(server.port, MATRIX, 20)
        matrix = load.get(server.port, MATRIX, MATRIX_REQUESTS)["p50_micros"] / 1000
        load.single_events(server.port, WARM_SECONDS)
        return load.single_events(server.port, knobs.SECONDS)["rate"], matrix


def run(figures: Figures) -> None:
    sizes = knobs.growth_sizes()
    with contextlib.ExitStack() as stack:
        paths = {size: stack.enter_context(fresh_database(f"growth-{size}")) for size in sizes}
        work = stack.enter_context(fresh_database("growth-copy"))
        for size, path in paths.items():
            fill(path, size)
        for number in range(knobs.RUNS):
            for size in sizes[1:]:
                note(f"growth to {size_name(size)}, run {number + 1} of {knobs.RUNS}")
                copy_database(paths[sizes[0]], work)
                small_rate, small_matrix = measure(work)
                rate, matrix = measure(paths[size])
                figures.add(f"growth.ingest_{size_name(size)}", "events/s", rate, small_rate)
                figures.add(f"growth.matrix_{size_name(size)}", "ms", matrix, small_matrix)
