"""The server on PostgreSQL: next to a FastAPI service and to pgbench on the same PostgreSQL; and with a longer way to it."""

import contextlib
from dataclasses import dataclass

from harness import knobs, load, pgbench
from harness.delay import Delay, round_trip_ms
from harness.figures import Figures, note
from harness.measure.peer import peer_events
from harness.peer import FOLDER
from harness.postgres import Database, DefaultCluster
from harness.server import MeanBatch, versioner
from harness.statements import Seen, read_log, statements_an_event

MADE = "made"  # the database that has the schema, the account and a few events
FLEET = "fleet"  # the order of events: what is under way at one time concerns nearly as many products
DELAYS = {"delayed_rate": 1.0, "delayed_rate_2ms": 2.0}  # milliseconds there and back


@dataclass
class Served:
    many: dict[str, float]
    one: dict[str, float]
    batch: int
    round_trip: float  # ms


def writers_flags(writers: int) -> list[str]:
    return ["--writers", str(writers)] if writers else []


@contextlib.contextmanager
def way_to(database: Database, delay_ms: float | None):
    """None: straight there; 0: through the program that makes a way longer, which costs something too."""
    if delay_ms is None:
        yield database.dsn
        return
    with Delay(database, delay_ms) as delay:
        yield delay.dsn


def make_schema(cluster: DefaultCluster) -> None:
    """And the environments, which a fleet has long since."""
    cluster.maintenance.run(f"CREATE DATABASE {MADE}")
    with versioner(Database(cluster.server, MADE).dsn) as server:
        load.one_at_a_time(server.port, 1)


def see_statements(cluster: DefaultCluster, writers: int = knobs.WRITERS) -> Seen:
    """What the server really runs for the load's events: each load begins with new versions, and a long enough one completes some
    where others are current."""
    with cluster.fresh("seen", MADE, ("log_statement = 'all'", "log_parameter_max_length = 0")) as database:
        cluster.log.write_bytes(b"")
        with versioner(database.dsn, *writers_flags(writers)) as server:
            for seconds in (4, 4, 8, 16, 32):
                load.single_events(server.port, seconds, FLEET)
                if int(database.ask("SELECT count(*) FROM environment_state WHERE current_rollout = 'upgrade'")):
                    break
        seen = read_log(cluster.log)
    manner = "together" if seen.interleaved else "one after the other"
    note(f"  {seen.writers} connections write, events {manner}; statements an event: "
         f"{seen.an_event:.2f}, of pgbench {statements_an_event():.2f}")
    return seen


def count_events(database: Database) -> int:
    return int(database.ask("SELECT count(*) FROM event"))


def check_stored(database: Database, before: int, loads: list[dict[str, float]]) -> None:
    said, stored = sum(done["requests"] for done in loads), count_events(database) - before
    if stored < said:
        raise RuntimeError(f"{said:.0f} events were acknowledged, and {stored} are there")


def serve_events(
    cluster: DefaultCluster, delay_ms: float | None = None, writers: int = knobs.WRITERS, order: str = FLEET, single: bool = False
) -> Served:
    """On a database of its own, warmed up, with the statistics that autovacuum would take a minute later."""
    with (
        cluster.fresh("served", MADE) as database,
        way_to(database, delay_ms) as dsn,
        versioner(dsn, *writers_flags(writers)) as server,
    ):
        trip, before = round_trip_ms(database, dsn), count_events(database)
        loads = [load.single_events(server.port, 3, order)]
        database.run("VACUUM ANALYZE")
        loads.append(load.single_events(server.port, 1, order))
        with MeanBatch(server) as batch:
            loads.append(many := load.single_events(server.port, knobs.SECONDS, order))
        one = load.one_at_a_time(server.port, min(3, knobs.SECONDS)) if single else {}
        check_stored(database, before, loads)
    return Served(many, one, batch.size, trip)


def pgbench_events(cluster: DefaultCluster, seen: Seen, batch: int) -> float:
    with cluster.fresh("floor", MADE) as database:
        database.run(pgbench.CATALOG)
        pgbench.run(database, seen, batch, 2)
        database.run("VACUUM ANALYZE")
        return pgbench.run(database, seen, batch, knobs.SECONDS)


def peer_on(cluster: DefaultCluster, workers: int, seconds: float) -> tuple[dict, dict]:
    with cluster.fresh("peer") as database:
        database.run_file(FOLDER / "schema.sql")
        return peer_events(database, workers, seconds, FLEET)


def better_workers(cluster: DefaultCluster) -> int:
    rates = {workers: peer_on(cluster, workers, 3)[0]["rate"] for workers in (1, 2)}
    note("  the peer's workers and rates: " + ", ".join(f"{w}: {rate:.0f}/s" for w, rate in rates.items()))
    return max(rates, key=rates.get)


def measure_ways(cluster: DefaultCluster, figures: Figures, straight: Served) -> None:
    clumped = serve_events(cluster, order="")
    figures.add("postgresql.rate_clumped", "events/s", clumped.many["rate"], straight.many["rate"])
    undelayed = serve_events(cluster, 0)
    figures.add("postgresql.rate_through_delay", "events/s", undelayed.many["rate"], straight.many["rate"])
    for name, delay in DELAYS.items():
        done = serve_events(cluster, delay)
        note(f"  SELECT 1 in {undelayed.round_trip:.3f} ms, with {delay:g} ms more on the way in {done.round_trip:.3f}; "
             f"mean batch: {undelayed.batch} and {done.batch} events")
        aim = "ratio ≥ 0.50" if name == "delayed_rate" else ""
        figures.add(f"postgresql.{name}", "events/s", done.many["rate"], undelayed.many["rate"], aim=aim)


def run(figures: Figures) -> None:
    with DefaultCluster() as cluster:
        make_schema(cluster)
        seen = see_statements(cluster)
        workers = better_workers(cluster)
        for number in range(knobs.RUNS):
            note(f"postgresql, run {number + 1} of {knobs.RUNS}")
            theirs, their_one = peer_on(cluster, workers, knobs.SECONDS)
            ours = serve_events(cluster, single=True)
            note(f"  mean batch: {ours.batch} events")
            floor = pgbench_events(cluster, seen, ours.batch)
            rate = ours.many["rate"]
            figures.add("postgresql.rate_of_peer", "events/s", rate, theirs["rate"], aim="ratio ≥ 3")
            figures.add("postgresql.rate_of_pgbench", "events/s", rate, floor, aim="ratio ≥ 0.60")
            figures.add("postgresql.p99", "ms", ours.many["p99_micros"] / 1000, theirs["p99_micros"] / 1000)
            figures.add("postgresql.single_latency", "ms", ours.one["p50_micros"] / 1000, their_one["p50_micros"] / 1000)
            measure_ways(cluster, figures, ours)
