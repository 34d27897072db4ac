"""Channels and preferences, made through the server's API."""

import http.client
import json

from harness.server import KEY

# A destination on loopback is let through only where the operator says so.
FLAGS = ["--allow-private-destinations", "127.0.0.0/8", "--public-url", "http://127.0.0.1:1"]


def call(port: int, method: str, path: str, body: dict | None = None) -> dict:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status not in (200, 201):
        raise RuntimeError(f"{method} {path} was answered with {answer.status}: {text.decode(errors='replace')[:300]}")
    return json.loads(text)


def make_channel(port: int, name: str, url: str) -> str:
    """Its id."""
    return call(port, "POST", "/notification-channels/", {"name": name, "channel_type": "webhook", "config": {"url": url}})["id"]


def make_preference(port: int, channel: str, filters: dict) -> str:
    """All types of events that the filters let through. Its id."""
    body = {"event_type": "*", "channel_id": channel, "filters": filters}
    return call(port, "POST", "/notification-preferences/", body)["id"]


def change_filters(port: int, preference: str, filters: dict) -> None:
    call(port, "PATCH", f"/notification-preferences/{preference}", {"filters": filters})


def count_waiting(port: int, channel: str) -> int:
    """Those that are due; the server does not count on after ten thousand."""
    return call(port, "GET", f"/notification-channels/{channel}")["waiting"]
