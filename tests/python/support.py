"""What the tests share: Apache Kafka, the service as a process, records in and out, waiting for a condition."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from confluent_kafka import Consumer, KafkaError, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

ROOT = Path(__file__).resolve().parents[2]

# How many events the extractor finds in the sample articles.
SAMPLE_EVENTS = 8
PATIENCE = 90.0


def eventually(what: str, ask: Callable[[], object], patience: float = PATIENCE):
    """Asks until the answer is something; fails when patience is at its end."""
    end = time.monotonic() + patience
    while True:
        answer = ask()
        if answer is not None and answer is not False:
            return answer
        assert time.monotonic() < end, f"{what}: not within {patience:g} s"
        time.sleep(0.1)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def target() -> Path:
    """Where cargo builds."""
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def binary() -> Path:
    """The program under test."""
    named = os.environ.get("RAPPORTEUR_BIN")
    tried = [Path(named)] if named else [target() / profile / "rapporteur" for profile in ("release", "debug")]
    for path in tried:
        if path.is_file():
            return path
    raise AssertionError(f"no rapporteur at {tried}: build it, or name it in RAPPORTEUR_BIN")


def jars() -> Path:
    """Apache Kafka, as the Rust tests fetch it from Maven Central."""
    cache = Path(os.environ.get("RAPPORTEUR_TEST_CACHE", target() / "kafka"))
    found = sorted(path.parent for path in cache.glob("*/complete"))
    assert found, f"no Kafka in {cache}: `cargo test --test stream` fetches it, or name brokers in KAFKA_BROKERS"
    return found[-1]


@contextlib.contextmanager
def process(command: list, log: Path, **more) -> Iterator[subprocess.Popen]:
    """A child that is gone afterwards."""
    with log.open("ab") as out:
        child = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, **more)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextlib.contextmanager
def kafka(directory: Path) -> Iterator[str]:
    """A broker of one node; its `host:port`."""
    named = os.environ.get("KAFKA_BROKERS")
    if named:
        yield named
        return
    java = [
        shutil.which("java") or "java",
        "-Xmx384m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        f"{jars()}/*",
    ]
    port, controller = free_port(), free_port()
    properties = directory / "server.properties"
    properties.write_text(
        f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={directory / "data"}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
""",
        encoding="utf-8",
    )
    subprocess.run(
        [*java, "kafka.tools.StorageTool", "format", "-t", "cmFwcG9ydGV1ci10ZXN0cw", "-c", str(properties)],
        check=True,
        capture_output=True,
        cwd=directory,
    )
    with process([*java, "kafka.Kafka", properties], directory / "kafka.log", cwd=directory) as broker:
        client = AdminClient({"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0})

        def up() -> bool:
            assert broker.poll() is None, (directory / "kafka.log").read_text()[-3000:]
            try:
                return bool(client.list_topics(timeout=2).brokers)
            except Exception:  # not up yet: whatever it says, it is asked again
                return False

        eventually("Kafka is up", up)
        yield f"127.0.0.1:{port}"


class Service:
    """The service as users run it, with topics and a group of its own."""

    def __init__(self, brokers: str, directory: Path, settings: dict[str, str] | None = None, name: str = "test"):
        self.brokers = brokers
        self.name = f"{name}-{uuid.uuid4().hex[:8]}"
        self.input, self.output, self.dead = (f"{self.name}.{part}" for part in ("in", "out", "dead"))
        self.directory = directory
        self.log = directory / f"{self.name}.log"
        self.address = f"127.0.0.1:{free_port()}"
        self.environment = {
            **os.environ,
            "RAPPORTEUR__KAFKA__BROKERS": brokers,
            "RAPPORTEUR__KAFKA__GROUP": self.name,
            "RAPPORTEUR__KAFKA__CONSUMER__STATISTICS_INTERVAL_MS": "500",
            "RAPPORTEUR__TOPICS__INPUT": self.input,
            "RAPPORTEUR__TOPICS__OUTPUT": self.output,
            "RAPPORTEUR__TOPICS__DEAD_LETTERS": self.dead,
            "RAPPORTEUR__HTTP__LISTEN": self.address,
            **(settings or {}),
        }

    def command(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command of the program with this service's settings."""
        done = subprocess.run(
            [str(binary()), *args], env=self.environment, capture_output=True, text=True, timeout=PATIENCE
        )
        assert not check or done.returncode == 0, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen]:
        """Runs the service; it must stop in order."""
        with process([binary(), "run"], self.log, env=self.environment) as child:
            yield child
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                assert child.wait(60) == 0, self.log.read_text()

    def page(self, path: str) -> str:
        """A page of its HTTP server."""
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=10) as answer:
            return answer.read().decode()

    def done(self, articles: int) -> bool:
        """Whether that many articles are committed."""
        try:
            page = self.page("/metrics")
        except (urllib.error.URLError, ConnectionError):
            return False
        counted = [line.rsplit(" ", 1) for line in page.splitlines() if line.startswith("rapporteur_articles_total{")]
        return sum(int(number) for _, number in counted) >= articles


def demo_articles() -> list[dict]:
    """The sample articles of `rapporteur demo`."""
    lines = (ROOT / "tests/gold/demo.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["article"] for line in lines]


def produce(brokers: str, topic: str, records: list[tuple[str | None, bytes]], headers: list | None = None) -> None:
    """Writes records and waits until all are confirmed."""
    producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True})
    failed: list[KafkaError] = []
    for key, value in records:
        producer.produce(
            topic, value, key, headers=headers, on_delivery=lambda error, _: failed.append(error) if error else None
        )
    assert producer.flush(30) == 0
    assert not failed, failed


def create(brokers: str, *topics: str, partitions: int = 2) -> None:
    """Makes topics."""
    admin = AdminClient({"bootstrap.servers": brokers})
    made = admin.create_topics([NewTopic(topic, partitions, 1) for topic in topics], operation_timeout=30)
    for future in made.values():
        future.result(30)
    for topic in topics:
        eventually(f"leaders of {topic}", lambda topic=topic: led(admin, topic) == partitions)


def led(admin: AdminClient, topic: str) -> int:
    """How many partitions of a topic have a leader."""
    known = admin.list_topics(topic, timeout=10).topics[topic]
    return sum(partition.leader >= 0 for partition in known.partitions.values())


def read_all(brokers: str, topic: str) -> list[Message]:
    """All committed records of a topic."""
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"reader-{uuid.uuid4()}",
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
    )
    try:
        partitions = eventually(
            f"partitions of {topic}", lambda: consumer.list_topics(topic, timeout=10).topics[topic].partitions
        )
        consumer.subscribe([topic])
        ended: set[int] = set()
        found: list[Message] = []
        end = time.monotonic() + PATIENCE
        while len(ended) < len(partitions):
            assert time.monotonic() < end, f"{topic}: only {ended} of {set(partitions)} were read to their ends"
            record = consumer.poll(0.5)
            if record is None:
                continue
            if record.error() is None:
                found.append(record)
            elif record.error().code() == KafkaError._PARTITION_EOF:
                ended.add(record.partition())
        return found
    finally:
        consumer.close()
