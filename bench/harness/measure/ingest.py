"""Single acknowledged events: the rate over 64 connections, and the latency over one; each next to the bare loop in the same run."""

from harness import knobs, load
from harness.figures import Figures, note
from harness.server import MeanBatch, fresh_database, http_floor, make_database, versioner


def serve_events() -> tuple[dict, dict, int]:
    """The load of 64 connections, the load of one, and the mean batch of the first; on a database of its own."""
    with fresh_database("ingest") as path, versioner(path) as server:
        load.single_events(server.port, 1)
        with MeanBatch(server) as batch:
            many = load.single_events(server.port, knobs.SECONDS)
        one = load.one_at_a_time(server.port, knobs.SECONDS / 2)
    return many, one, batch.size


def write_bare(batch: int, seconds: float) -> dict:
    with fresh_database("bare") as path:
        make_database(path)
        return load.bare(path, batch, seconds)


def run(figures: Figures) -> None:
    for number in range(knobs.RUNS):
        note(f"ingest, run {number + 1} of {knobs.RUNS}")
        many, one, batch = serve_events()
        rows = write_bare(batch, knobs.SECONDS)
        row = write_bare(1, knobs.SECONDS / 2)
        with http_floor() as floor:
            bare_http = load.single_events(floor.port, min(3, knobs.SECONDS))
        note(f"  mean batch: {batch} events")
        figures.add("ingest.rate", "events/s", many["rate"], rows["rate"])
        figures.add("ingest.rate_of_http_floor", "events/s", many["rate"], bare_http["rate"])
        figures.add("ingest.p99", "ms", many["p99_micros"] / 1000, rows["p99_micros"] / 1000)
        overhead = one["p50_micros"] - row["p50_micros"]
        figures.add("single.latency", "ms", one["p50_micros"] / 1000, row["p50_micros"] / 1000)
        figures.add("single.overhead", "ms", overhead / 1000, row["p50_micros"] / 1000)
