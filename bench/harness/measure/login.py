"""What people who log in cost those who send events: hashing a password takes a processor some ten milliseconds."""

from harness import knobs, load
from harness.figures import Figures, note
from harness.logins import Logins, make_user
from harness.server import fresh_database, versioner

A_SECOND = 10
SLICES = 3  # of the load with and without, in turn: what the logins cost is no larger than what a disk does between two runs


def measure(port: int, backwards: bool) -> tuple[float, float]:
    """Events a second, alone and with logins."""
    alone = with_logins = 0.0
    for turn in range(SLICES):
        for logs_in in sorted((False, True), reverse=backwards == (turn % 2 == 0)):
            if not logs_in:
                alone += load.single_events(port, knobs.SECONDS / SLICES)["rate"] / SLICES
                continue
            with Logins(port, A_SECOND) as logins:
                with_logins += load.single_events(port, knobs.SECONDS / SLICES)["rate"] / SLICES
            note(f"  {logins.count / logins.seconds:.1f} logins a second")
    return alone, with_logins


def run(figures: Figures) -> None:
    for number in range(knobs.RUNS):
        note(f"login, run {number + 1} of {knobs.RUNS}")
        with fresh_database("login") as path, versioner(path) as server:
            make_user(server.port)
            load.single_events(server.port, 1)
            alone, with_logins = measure(server.port, number % 2 == 1)
        figures.add("login.ingest", "events/s", with_logins, alone, aim="ratio ≥ 0.90")
