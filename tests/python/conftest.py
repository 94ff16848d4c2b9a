"""One broker, and one run of the service over the sample articles, for all tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support import ROOT, Service, create, demo_articles, eventually, kafka, produce  # noqa: E402

CONSUMERS = ROOT / "examples/consumers"


def pytest_configure() -> None:
    """The classes are made anew from the schema as it stands."""
    subprocess.run([sys.executable, str(CONSUMERS / "generate.py")], check=True)


@pytest.fixture(scope="session")
def brokers(tmp_path_factory) -> str:
    """A real broker."""
    with kafka(tmp_path_factory.mktemp("kafka")) as address:
        yield address


@pytest.fixture(scope="session")
def service(brokers, tmp_path_factory) -> Service:
    """The service, running, with the sample articles and a dead letter behind it."""
    service = Service(brokers, tmp_path_factory.mktemp("service"))
    create(brokers, service.input, service.output, partitions=2)
    create(brokers, service.dead, partitions=1)
    articles = demo_articles()
    records = [(a["id"], json.dumps(a, ensure_ascii=False).encode()) for a in articles]
    with service.running():
        produce(brokers, service.input, [*records, ("broken", b"no article")])
        eventually("the sample articles are read", lambda: service.done(len(articles) + 1))
        yield service


@pytest.fixture(scope="session")
def contacts(service) -> str:
    """Topic with the contacts of the sample articles."""
    return service.output
