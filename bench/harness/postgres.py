"""Throw-away PostgreSQL clusters, never as root: one that is set up well, on a unix socket only, for the peer of `peer`; and one
as Debian sets it up, for what is measured on PostgreSQL itself."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from harness import knobs
from harness.figures import note
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
    """Its own folder and socket, stopped by its own pid.   with Cluster() as c: c.dsn"""

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


class Database:
    """One of a DefaultCluster; for the peer, what a Cluster is."""

    def __init__(self, server: str, name: str) -> None:
        self.bin = binaries()
        self.dsn = f"{server}/{name}"
        self.port, self.name = int(server.rsplit(":", 1)[1]), name

    def at_port(self, port: int) -> str:
        """The same by another way."""
        return self.dsn.replace(f":{self.port}/", f":{port}/")

    def ask(self, sql: str) -> str:
        argv = [self.bin / "psql", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.dsn, "-c", sql]
        return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def run(self, sql: str) -> None:
        self.ask(sql)

    def run_file(self, path: Path) -> None:
        subprocess.run([self.bin / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.dsn, "-f", path], check=True)


class DefaultCluster:
    """Of tools/postgresql-cluster: Debian's settings, durable, on a port of 127.0.0.1.   with DefaultCluster() as c: c.log"""

    TOOL = knobs.ROOT / "tools" / "postgresql-cluster"

    def __init__(self) -> None:
        self.folder = knobs.DATA / f"cluster-{os.getpid()}"
        self.log = self.folder / "server.log"

    def __enter__(self) -> "DefaultCluster":
        try:
            argv = [self.TOOL, "start", "--durable", self.folder]
            self.server = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout.strip().rsplit("/", 1)[0]
            self.maintenance = Database(self.server, "postgres")
            settings = ", ".join(f"'{name}'" for name in ("fsync", "synchronous_commit", "shared_buffers", "max_wal_size"))
            note("  " + self.maintenance.ask(
                f"SELECT string_agg(name || ' ' || current_setting(name), ', ') FROM pg_settings WHERE name IN ({settings})"))
        except BaseException:
            self.__exit__()
            raise
        return self

    @contextlib.contextmanager
    def fresh(self, name: str, template: str = "template1", settings: tuple = ()):
        """A Database that is gone afterwards, when the disk has nothing left to do of what was before."""
        self.maintenance.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        for setting in settings:
            self.maintenance.run(f"ALTER DATABASE {name} SET {setting}")
        self.maintenance.run("CHECKPOINT")
        os.sync()
        try:
            yield Database(self.server, name)
        finally:
            self.maintenance.run(f"DROP DATABASE {name} WITH (FORCE)")

    def __exit__(self, *_) -> None:
        if (self.folder / "data").exists():
            subprocess.run([self.TOOL, "stop", self.folder], check=True)
