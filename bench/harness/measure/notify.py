"""Notifications: how soon one leaves, what ten thousand for a dead destination cost those who send events, and how many a second leave;
next to requests straight to the receiver, and to the server without any of them."""

import contextlib

from harness import knobs, load
from harness.channels import FLAGS, change_filters, count_waiting, make_channel, make_preference
from harness.figures import Figures, note
from harness.receiver import Receiver, refused_port
from harness.server import fresh_database, versioner

LATENCY_EVENTS, PAUSE_MS = 300, (20, 50)
RESTED_EVENTS, REST_MS = 5, (1600, 1800)  # longer than the server keeps a channel to itself with nothing to send
WAITING = 10_000
QUEUED, CHANNELS, PRODUCTS = 20_000, 50, 200

# What the dead channel's preference lets through while events are measured; None: there is neither channel nor preference.
DEAD_QUEUES = {"without": None, "dead_queue": {"products": ["some-other-product"]}, "dead_queue_growing": {}}
SLICES = 3  # of the load on each of these, in turn


def measure_latency(figures: Figures) -> None:
    with fresh_database("notify-latency") as path, Receiver() as receiver, versioner(path, *FLAGS) as server:
        make_preference(server.port, make_channel(server.port, "c1", receiver.url("c1")), {})
        load.notified_latency(server.port, receiver.port, 10, PAUSE_MS)
        taken = load.notified_latency(server.port, receiver.port, LATENCY_EVENTS, PAUSE_MS)
        rested = load.notified_latency(server.port, receiver.port, RESTED_EVENTS, REST_MS)
        direct = load.replay(receiver.port, 1, 1)
    p50, p99 = direct["p50_micros"] / 1000, direct["p99_micros"] / 1000
    figures.add("notify.latency", "ms", taken["p50_micros"] / 1000, p50, aim="value < 20 ms")
    figures.add("notify.latency_p99", "ms", taken["p99_micros"] / 1000, p99, aim="value < 200 ms")
    figures.add("notify.latency_rested", "ms", rested["p50_micros"] / 1000, p50)


def check_waiting(port: int, channel: str) -> None:
    """But for the few whose own next try is later, all of them are due."""
    if (waiting := count_waiting(port, channel)) < WAITING * 0.99:
        raise RuntimeError(f"only {waiting} notifications wait for the dead destination")


@contextlib.contextmanager
def without_queue(name: str):
    """The port of a server that has the same events and nothing waiting."""
    with fresh_database(name) as path, versioner(path, *FLAGS) as server:
        load.bulk(server.port, events=WAITING)
        load.single_events(server.port, 1)
        yield server.port


@contextlib.contextmanager
def with_queue(name: str, filters: dict):
    """The port of a server that has events waiting for a destination that refuses connections."""
    with refused_port() as dead, fresh_database(name) as path, versioner(path, *FLAGS) as server:
        channel = make_channel(server.port, "dead", f"http://127.0.0.1:{dead}/")
        preference = make_preference(server.port, channel, {})
        load.bulk(server.port, events=WAITING, notify=True)
        change_filters(server.port, preference, filters)
        check_waiting(server.port, channel)
        load.single_events(server.port, 1)
        yield server.port
        check_waiting(server.port, channel)


def measure_dead_queue(figures: Figures, backwards: bool) -> None:
    """All servers at once and the load on one after the other, forth and back: a difference of a few per cent is smaller than what
    a disk does from one half-minute to the next."""
    rates = dict.fromkeys(DEAD_QUEUES, 0.0)
    with contextlib.ExitStack() as stack:
        ports = {}
        for name, filters in DEAD_QUEUES.items():
            server = without_queue(f"notify-{name}") if filters is None else with_queue(f"notify-{name}", filters)
            ports[name] = stack.enter_context(server)
        for turn in range(SLICES):
            for name in sorted(ports, reverse=backwards == (turn % 2 == 0)):
                rates[name] += load.single_events(ports[name], knobs.SECONDS / SLICES)["rate"] / SLICES
    figures.add("notify.dead_queue", "events/s", rates["dead_queue"], rates["without"], aim="ratio ≥ 0.95")
    figures.add("notify.dead_queue_growing", "events/s", rates["dead_queue_growing"], rates["without"])


def measure_rate(figures: Figures) -> None:
    with fresh_database("notify-rate") as path, Receiver() as receiver, versioner(path, *FLAGS) as server:
        for i in range(CHANNELS):
            products = [f"service-{product:03}" for product in range(i, PRODUCTS, CHANNELS)]
            make_preference(server.port, make_channel(server.port, f"c{i}", receiver.url(f"c{i}")), {"products": products})
        load.bulk(server.port, events=QUEUED, notify=True)
        came = receiver.await_events(QUEUED)
        direct = load.replay(receiver.port, CHANNELS, min(2, knobs.SECONDS))
    if came["requests"] != QUEUED:
        note(f"  {came['requests']} requests came for {QUEUED} events")
    seconds = (came["last_nanos"] - came["first_nanos"]) / 1e9
    figures.add("notify.rate", "requests/s", QUEUED / seconds, direct["rate"], aim="value ≥ 2000 a second")


def run(figures: Figures) -> None:
    for number in range(knobs.RUNS):
        note(f"notify, run {number + 1} of {knobs.RUNS}")
        measure_latency(figures)
        measure_dead_queue(figures, number % 2 == 1)
        measure_rate(figures)
