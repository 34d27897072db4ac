"""The FastAPI service that does the same job, on a cluster of harness/postgres.py."""

import os
import signal
import subprocess
import time

from harness import knobs
from harness.postgres import Cluster
from harness.process import fetch, free_port, stop_process
from harness.server import KEY

FOLDER = knobs.BENCH / "peers" / "fastapi"
POOL = 8  # connections to the database, shared among the workers: more are slower on two cores
RESET = "TRUNCATE api_key, product, environment, version, deployment, environment_state, event"


class Peer:
    """with Peer(cluster, workers) as p: p.port"""

    def __init__(self, cluster: Cluster, workers: int) -> None:
        self.port = free_port()
        cluster.run(RESET)
        pool = str(POOL // workers)
        with open(knobs.DATA / "peer.log", "w") as log:
            self.process = subprocess.Popen(
                [knobs.PEER_PYTHON, "-m", "uvicorn", "main:app", "--host", "127.0.0.1", "--port", str(self.port), "--loop", "uvloop",
                 "--http", "httptools", "--workers", str(workers), "--no-access-log", "--log-level", "warning"],
                cwd=FOLDER, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, "PEER_DSN": cluster.dsn, "PEER_KEY": KEY, "PEER_POOL": pool, "PYTHONDONTWRITEBYTECODE": "1"},
            )

    def __enter__(self) -> "Peer":
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait(self) -> None:
        for _ in range(100):
            if self.process.poll() is not None:
                break
            try:
                fetch(self.port, "/health")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the peer does not answer: see " + str(knobs.DATA / "peer.log"))

    def __exit__(self, *_) -> None:
        stop_process(self.process, signal.SIGTERM)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # workers that outlived their parent; the group is ours alone
        except ProcessLookupError:
            pass
