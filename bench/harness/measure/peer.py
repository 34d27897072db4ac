"""The same load on a FastAPI service with asyncpg and PostgreSQL, and on the server, run by run."""

from harness import knobs, load
from harness.figures import Figures, note
from harness.peer import FOLDER, Peer
from harness.postgres import Cluster
from harness.server import fresh_database, versioner


def peer_events(cluster: Cluster, workers: int, seconds: float, order: str = "") -> tuple[dict, dict]:
    with Peer(cluster, workers) as peer:
        load.single_events(peer.port, 3, order)
        cluster.run("VACUUM ANALYZE")  # what autovacuum would do a minute later: plans made on empty tables are bad ones
        load.single_events(peer.port, 1, order)
        return load.single_events(peer.port, seconds, order), load.one_at_a_time(peer.port, min(3, seconds))


def server_events(seconds: float) -> tuple[dict, dict]:
    with fresh_database("peer") as path, versioner(path) as server:
        load.single_events(server.port, 3)
        load.single_events(server.port, 1)
        return load.single_events(server.port, seconds), load.one_at_a_time(server.port, min(3, seconds))


def better_workers(cluster: Cluster) -> int:
    rates = {workers: peer_events(cluster, workers, 5)[0]["rate"] for workers in (1, 2)}
    note("  the peer's workers and rates: " + ", ".join(f"{w}: {rate:.0f}/s" for w, rate in rates.items()))
    return max(rates, key=rates.get)


def run(figures: Figures) -> None:
    with Cluster() as cluster:
        cluster.run_file(FOLDER / "schema.sql")
        workers = better_workers(cluster)
        for number in range(knobs.RUNS):
            note(f"peer, run {number + 1} of {knobs.RUNS}")
            theirs, their_one = peer_events(cluster, workers, knobs.SECONDS)
            ours, our_one = server_events(knobs.SECONDS)
            figures.add("peer.rate", "events/s", ours["rate"], theirs["rate"])
            figures.add("peer.p99", "ms", ours["p99_micros"] / 1000, theirs["p99_micros"] / 1000)
            figures.add("peer.single_latency", "ms", our_one["p50_micros"] / 1000, their_one["p50_micros"] / 1000)
