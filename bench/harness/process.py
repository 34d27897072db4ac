"""A child process that listens on a port of its own choice, is measured, and is stopped by its own pid."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections import deque

LISTENING = re.compile(r'msg="?listening"? .*?address="?[^ "]*:(\d+)')


class Child:
    """The listening line must come within `patience` seconds; stop() ends the process, and kills it when it does not end."""

    def __init__(self, argv: list, env: dict | None = None, patience: float = 30, **popen) -> None:
        self.name = os.path.basename(str(argv[0]))
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [str(a) for a in argv], env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace", **popen,
        )
        self.tail: deque[str] = deque(maxlen=20)
        self.port = 0
        try:
            self._await_port(patience)
        except BaseException:
            stop_process(self.process, signal.SIGTERM)
            raise
        threading.Thread(target=self._drain, daemon=True).start()

    def _await_port(self, patience: float) -> None:
        timer = threading.Timer(patience, self.process.kill)
        timer.start()
        try:
            for line in self.process.stderr:
                self.tail.append(line)
                if match := LISTENING.search(line):
                    self.port = int(match[1])
                    return
        finally:
            timer.cancel()
        raise RuntimeError(f"{self.name} did not begin to listen:\n" + "".join(self.tail))

    def _drain(self) -> None:
        for line in self.process.stderr:
            self.tail.append(line)

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        stop_process(self.process, signal.SIGTERM)
        if self.process.returncode:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n" + "".join(self.tail))

    def rss_mib(self) -> float:
        with open(f"/proc/{self.process.pid}/status") as status:
            kib = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        return kib / 1024


def stop_process(process: subprocess.Popen, first: int, patience: float = 30) -> None:
    if process.poll() is not None:
        return
    process.send_signal(first)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def exchange(connection: socket.socket, path: str, key: str = "") -> bytes:
    """One GET on a kept connection; the whole answer, which must be a 200 with a Content-Length."""
    authorization = f"Authorization: Bearer {key}\r\n" if key else ""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{authorization}\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        data += (received := connection.recv(65536))
        if not received:
            raise RuntimeError(f"{path}: the connection was closed")
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{path}: {head.decode(errors='replace')}")
    size = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
    while len(body) < size:
        body += connection.recv(65536)
    return body


def fetch(port: int, path: str, key: str = "") -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        return exchange(connection, path, key)
