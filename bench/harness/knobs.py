"""Where things are, and how long the benchmark may take: all from the environment, with defaults for `make bench`."""

import os
import pathlib

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
BUILD = pathlib.Path(os.environ.get("BENCH_BUILD", ROOT / "build" / "bench")).resolve()  # the benchmark's own programs
SERVER = pathlib.Path(os.environ.get("BENCH_SERVER", ROOT / "build" / "versioner")).resolve()
DATA = pathlib.Path(os.environ.get("BENCH_DIR", BUILD / "data")).resolve()  # databases: on a real disk, or fsync costs nothing

SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))  # of each timed load
RUNS = int(os.environ.get("BENCH_RUNS", "5"))  # the medians are over these
CONNECTIONS = 64
WRK_THREADS = int(os.environ.get("BENCH_WRK_THREADS", "1"))
BULK_LINES = int(os.environ.get("BENCH_BULK_LINES", "1000"))
BULK_CONNECTIONS = int(os.environ.get("BENCH_BULK_CONNECTIONS", "2"))
IDLE_CONNECTIONS = int(os.environ.get("BENCH_IDLE_CONNECTIONS", "5000"))
MATRIX_DEPLOYMENTS = int(os.environ.get("BENCH_MATRIX_DEPLOYMENTS", "200000"))  # behind the matrix of 1,000 products
WRITERS = int(os.environ.get("BENCH_WRITERS", "0"))  # connections that write to PostgreSQL; 0: the server's own choice
PEER_PYTHON = os.environ.get("BENCH_PEER_PYTHON", "/usr/bin/python3")  # the one that Debian's packages belong to


def growth_sizes() -> list[int]:
    """Stored events at which growth is measured; the first is what the others are compared with."""
    if "BENCH_EVENTS" in os.environ:
        return [int(size) for size in os.environ["BENCH_EVENTS"].split(",")]
    return [10_000, 1_000_000] + ([5_000_000] if os.environ.get("BENCH_FULL") == "1" else [])
