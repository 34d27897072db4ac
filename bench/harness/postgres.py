"""A throw-away PostgreSQL cluster: its own folder, a unix socket only, not as root, stopped by its own pid."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from harness import knobs
from harness.process import stop_process

# What a careful operator sets on a small machine; durability stays on.
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "512MB",
    "wal_buffers": "16MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_connections": "100",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}


def binaries() -> Path:
    found = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists() and int(p.parent.name) >= 15]
    if not found:
        raise RuntimeError("PostgreSQL 15 or newer is not installed")
    return max(found, key=lambda p: int(p.parent.name))


class Cluster:
    """with Cluster() as c: c.dsn"""

    def __init__(self) -> None:
        self.bin = binaries()
        self.as_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        knobs.DATA.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=knobs.DATA))
        self.sockets = Path(tempfile.mkdtemp(prefix="bench-pg-"))  # short: a socket's path has 107 characters at most
        self.dsn = f"postgresql://bench@/postgres?host={self.sockets}"
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Cluster":
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        if self.as_user:
            for folder in (self.folder, self.sockets):
                shutil.chown(folder, "postgres", "postgres")
        subprocess.run(
            [self.bin / "initdb", "-D", self.folder / "data", "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd="/", **self.as_user,
        )
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with open(knobs.DATA / "postgres.log", "w") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.folder / "data", "-k", self.sockets, *options],
                stdout=log, stderr=log, cwd="/", **self.as_user,
            )
        for _ in range(300):
            if self.process.poll() is not None:
                raise RuntimeError("postgres ended: see " + str(knobs.DATA / "postgres.log"))
            if subprocess.run([self.bin / "pg_isready", "-q", "-h", self.sockets]).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError("postgres does not answer")

    def run_file(self, path: Path) -> None:
        subprocess.run([self.bin / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.dsn, "-f", path], check=True)

    def run(self, sql: str) -> None:
        subprocess.run([self.bin / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.dsn, "-c", sql], check=True)

    def __exit__(self, *_) -> None:
        if self.process:
            stop_process(self.process, signal.SIGINT)  # "fast": ends the sessions, writes a checkpoint
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)
