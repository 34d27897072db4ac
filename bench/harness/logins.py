"""People who log in with the right password, so many a second, while something else is measured."""

import http.client
import json
import threading
import time

from harness.channels import call

EMAIL, PASSWORD = "ada@example.com", "a benchmark's password"


def make_user(port: int) -> None:
    """By the one-time link that the admin's key gets for a new user."""
    link = call(port, "POST", "/users", {"email": EMAIL, "role": "developer"})["password_link"]["url"]
    call(port, "POST", "/session/password", {"token": link.rsplit("#", 1)[1], "password": PASSWORD})


class Logins:
    """with Logins(port, 10) as l: … ; then l.count and l.seconds. A login that is refused ends the benchmark."""

    def __init__(self, port: int, a_second: float) -> None:
        self.port, self.pause = port, 1 / a_second
        self.count, self.trouble = 0, ""
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Logins":
        self.begun = time.monotonic()
        self.thread.start()
        return self

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body, headers = json.dumps({"email": EMAIL, "password": PASSWORD}), {"Content-Type": "application/json"}
        while not self.ended.wait(max(0, self.begun + self.count * self.pause - time.monotonic())):
            connection.request("POST", "/session", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                self.trouble = f"a login was answered with {answer.status}: {text[:300]!r}"
                break
            self.count += 1
        connection.close()

    def __exit__(self, *_) -> None:
        self.ended.set()
        self.thread.join()
        self.seconds = time.monotonic() - self.begun
        if self.trouble:
            raise RuntimeError(self.trouble)
