"""The live stream: how soon listeners have what was acknowledged, one of them and a thousand, on each engine and through another server; next to plain
writes of as many bytes to as many connections."""

from harness import knobs, load
from harness.figures import Figures, note
from harness.postgres import DefaultCluster
from harness.server import fresh_database, versioner

EVENT_BYTES = 1100  # about what the load's events are in the stream
# Listeners, events, and the pause between two of them: longer than a thousand take.
ROUNDS = {"latency": (1, 300, (20, 50)), "latency_1000": (1000, 60, (100, 200))}


def measure(figures: Figures, name: str, port: int, stream_port: int) -> None:
    load.streamed_latency(port, stream_port, 10, (20, 50), 1)
    for what, (listeners, events, pause) in ROUNDS.items():
        taken = load.streamed_latency(port, stream_port, events, pause, listeners)
        floor = load.streamed_floor(events, pause, listeners, EVENT_BYTES)
        aim = "value < 10 ms" if listeners == 1 else ""
        figures.add(f"{name}.{what}", "ms", taken["p50_micros"] / 1000, floor["p50_micros"] / 1000, aim=aim)
        figures.add(f"{name}.{what}_p99", "ms", taken["p99_micros"] / 1000, floor["p99_micros"] / 1000)


def on_sqlite(figures: Figures) -> None:
    with fresh_database("stream") as path, versioner(path) as server:
        measure(figures, "stream", server.port, server.port)


def on_postgresql(figures: Figures, cluster: DefaultCluster) -> None:
    with cluster.fresh("stream") as database, versioner(database.dsn) as server, versioner(database.dsn) as other:
        measure(figures, "stream_postgresql", server.port, server.port)
        measure(figures, "stream_other_server", server.port, other.port)


def run(figures: Figures) -> None:
    with DefaultCluster() as cluster:
        for number in range(knobs.RUNS):
            note(f"stream, run {number + 1} of {knobs.RUNS}")
            on_sqlite(figures)
            on_postgresql(figures, cluster)
