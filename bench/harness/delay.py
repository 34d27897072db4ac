"""A longer way to PostgreSQL: load/delay.c between server and database."""

import subprocess

from harness import knobs
from harness.postgres import Database
from harness.process import Child


class Delay(Child):
    """with Delay(database, round_trip_ms) as d: d.dsn"""

    def __init__(self, database: Database, round_trip_ms: float) -> None:
        super().__init__([knobs.BUILD / "delay", database.port, round(round_trip_ms * 500)])
        self.dsn = database.at_port(self.port)


def round_trip_ms(database: Database, dsn: str) -> float:
    """Mean time of a prepared SELECT 1."""
    script = knobs.DATA / "select.sql"
    script.write_text("SELECT 1;\n")
    argv = [database.bin / "pgbench", "-n", "-M", "prepared", "-c", "1", "-T", "1", "-f", script, dsn]
    told = subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return float(told.split("latency average = ")[1].split()[0])
