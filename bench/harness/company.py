"""A large company: 1,000 products in 12 environments, every cell filled, and three months of deployments."""

import datetime
import http.client
import json

from harness.figures import note
from harness.server import KEY

PRODUCTS = 1000
ENVIRONMENTS = ("dev", "dev-eu", "test", "integration", "qa-load", "staging", "staging-eu", "production", "production-eu-central",
                "production-us-east", "production-ap-south", "disaster-recovery")
DAYS = 90
FAMILIES = ("accounts", "billing", "catalog", "checkout", "delivery", "identity", "inventory", "ledger", "pricing", "search")
PARTS = ("api", "worker", "gateway", "indexer", "frontend", "scheduler", "importer", "exporter", "mailer", "cache")
FAILING = 20  # every so manieth cell's latest attempt has failed


def product_name(number: int) -> str:
    return f"{FAMILIES[number % 10]}-{PARTS[number // 10 % 10]}-{number // 100}"


def moment(now: datetime.datetime, share: float) -> str:
    return (now - datetime.timedelta(days=DAYS) * (1 - share)).isoformat(timespec="microseconds")


def event(now: datetime.datetime, product: int, place: int, number: int, of: int) -> dict:
    """The number-th release of a product, on its way through the environments in their order."""
    name, last = product_name(product), number == of - 1
    share = (number + (place * PRODUCTS + product) / (len(ENVIRONMENTS) * PRODUCTS)) / of
    failed = last and number > 0 and (product * len(ENVIRONMENTS) + place) % FAILING == 0
    return {
        "kind": "deployment", "product_name": name, "environment_name": ENVIRONMENTS[place],
        "version": f"{1 + product % 7}.{10 + number}.{product % 13}", "status": "failed" if failed else "success",
        "scm_repository": f"example/{name}", "scm_sha": f"{product:08x}{number:08x}" + "0123456789abcdef01234567", "scm_branch": "main",
        "invoke_id": f"{product}-{number}-{place}", "build_url": f"https://ci.example.com/{name}/runs/{number}",
        "source_system": "github", "deployed_by": "octocat", "deployed_by_email": "octocat@example.com",
        "completed_at": moment(now, share),
    }


def bodies(deployments: int, lines: int = 5000):
    """NDJSON for POST /events/bulk, in the order of time. Whole rounds: each release reaches each environment."""
    now = datetime.datetime.now(datetime.timezone.utc)
    releases = max(1, round(deployments / (PRODUCTS * len(ENVIRONMENTS))))
    body: list[str] = []
    for number in range(releases):
        for place in range(len(ENVIRONMENTS)):
            for product in range(PRODUCTS):
                body.append(json.dumps(event(now, product, place, number, releases)))
                if len(body) == lines:
                    yield "\n".join(body).encode()
                    body = []
    if body:
        yield "\n".join(body).encode()


def fill(port: int, deployments: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}
    for body in bodies(deployments):
        connection.request("POST", "/events/bulk?notify=false", body, headers)
        answer = connection.getresponse().read()
        if answer.count(b'"status":200') != body.count(b"\n") + 1:
            raise RuntimeError(f"not all events were taken: {answer[:300]!r}")
    connection.close()
    note(f"  filled with {deployments} deployments")
