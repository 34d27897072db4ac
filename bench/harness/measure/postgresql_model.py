"""For a model of capacity: events a second by the way to PostgreSQL and the connections that write; what a commit takes here."""

import subprocess

from harness import knobs
from harness.figures import Figures, note
from harness.measure.postgresql import MADE, make_schema, serve_events
from harness.postgres import DefaultCluster

ROUND_TRIPS_MS = (0, 0.2, 0.5, 1, 2, 5)
WRITERS = (1, 2, 4, 8)
INSERT = "INSERT INTO commit_mark (id, made_at) VALUES (gen_random_uuid(), 1);\n"


def has_writers() -> bool:
    told = subprocess.run([knobs.SERVER, "serve", "--help"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return "--writers" in told


def commit_ms(cluster: DefaultCluster, script: str) -> float:
    """Mean of one client that runs this one statement, which is a transaction."""
    path = knobs.DATA / "commit.sql"
    path.write_text(script)
    with cluster.fresh("commit", MADE) as database:
        argv = [database.bin / "pgbench", "-n", "-M", "prepared", "-T", str(max(1, round(knobs.SECONDS))), "-f", path,
                database.dsn]
        told = subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return float(told.split("latency average = ")[1].split()[0])


def run(figures: Figures) -> None:
    with DefaultCluster() as cluster:
        make_schema(cluster)
        for number in range(knobs.RUNS):
            note(f"postgresql_model, run {number + 1} of {knobs.RUNS}")
            figures.add("postgresql_model.commit", "ms", commit_ms(cluster, INSERT), commit_ms(cluster, "SELECT 1;\n"))
            base = None
            for writers in WRITERS if has_writers() else (0,):
                for trip in ROUND_TRIPS_MS:
                    done = serve_events(cluster, trip, writers)
                    base = base or done.many["rate"]
                    note(f"  {writers or 1} writers, {trip:g} ms: SELECT 1 in {done.round_trip:.3f} ms, "
                         f"mean batch {done.batch} events, p99 {done.many['p99_micros'] / 1000:.1f} ms")
                    figures.add(f"postgresql_model.rate_{writers or 1}w_{trip:g}ms", "events/s", done.many["rate"], base)
