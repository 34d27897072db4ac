"""NDJSON bodies on POST /events/bulk, next to the bare loop with the server's own batch."""

from harness import knobs, load
from harness.figures import Figures, note
from harness.measure.ingest import write_bare
from harness.server import MeanBatch, fresh_database, versioner


def run(figures: Figures) -> None:
    for number in range(knobs.RUNS):
        note(f"bulk, run {number + 1} of {knobs.RUNS}")
        with fresh_database("bulk") as path, versioner(path) as server:
            load.bulk(server.port, events=6000)
            with MeanBatch(server) as batch:
                stored = load.bulk(server.port, seconds=knobs.SECONDS)
        note(f"  mean batch: {batch.size} events")
        rows = write_bare(batch.size, knobs.SECONDS)
        figures.add("bulk.rate", "events/s", stored["rate"], rows["rate"])
