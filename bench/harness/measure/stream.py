"""The live stream: how soon listeners have what was acknowledged, one of them and a thousand; next to plain writes of as many bytes to as many
connections."""

from harness import knobs, load
from harness.figures import Figures, note
from harness.server import fresh_database, versioner

EVENT_BYTES = 1100  # about what the load's events are in the stream
# Listeners, events, and the pause between two of them: longer than a thousand take.
ROUNDS = {"latency": (1, 300, (20, 50)), "latency_1000": (1000, 60, (100, 200))}


def measure_latency(figures: Figures) -> None:
    with fresh_database("stream") as path, versioner(path) as server:
        load.streamed_latency(server.port, 10, (20, 50), 1)
        for name, (listeners, events, pause) in ROUNDS.items():
            taken = load.streamed_latency(server.port, events, pause, listeners)
            floor = load.streamed_floor(events, pause, listeners, EVENT_BYTES)
            aim = "value < 10 ms" if listeners == 1 else ""
            figures.add(f"stream.{name}", "ms", taken["p50_micros"] / 1000, floor["p50_micros"] / 1000, aim=aim)
            figures.add(f"stream.{name}_p99", "ms", taken["p99_micros"] / 1000, floor["p99_micros"] / 1000)


def run(figures: Figures) -> None:
    for number in range(knobs.RUNS):
        note(f"stream, run {number + 1} of {knobs.RUNS}")
        measure_latency(figures)
