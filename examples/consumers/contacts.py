"""What the examples share: reading the topic of contacts, and the few words to tell an event in.

A value is a plain protobuf message, or, where the service uses a schema registry, the same message behind
Confluent's frame: a zero byte, four bytes of schema id, the message's index. No protobuf message begins with a
zero byte, so both are told apart by their first byte and no registry needs to be asked.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, Message

try:
    from rapporteur.v1 import contact_pb2 as pb
except ModuleNotFoundError as missing:
    raise SystemExit("no protobuf classes yet: run `python generate.py` first") from missing


@dataclass(frozen=True)
class Read:
    """An event and where it stands in Kafka."""

    event: pb.ContactEvent
    topic: str
    partition: int
    offset: int


def arguments(description: str) -> argparse.ArgumentParser:
    """The options that every example has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--brokers", default="localhost:9092", help="host:port, several separated by commas")
    parser.add_argument("--topic", default="contacts", help="topic of the events")
    parser.add_argument("--max", type=int, metavar="N", help="end after N events")
    parser.add_argument(
        "--idle", type=float, metavar="SECONDS", help="end when nothing has come for so long; else it goes on for ever"
    )
    return parser


def consumer(brokers: str, group: str, **more: object) -> Consumer:
    """A consumer that sees committed events only, and commits nothing by itself."""
    return Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": group,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            **more,
        }
    )


def unframed(value: bytes) -> bytes:
    """The message itself, without the frame of a schema registry."""
    if not value or value[0] != 0:
        return value
    # After magic byte and id: how many indexes (zigzag varint; 0 stands for the first message), then these.
    count, at = _varint(value, 5)
    for _ in range(count >> 1):
        _, at = _varint(value, at)
    return value[at:]


def _varint(value: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        if at >= len(value):
            raise ValueError("the frame of a schema registry ends too early")
        byte = value[at]
        result |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return result, at


def events(source: Consumer, most: int | None = None, idle: float | None = None) -> Iterator[Read]:
    """Events as they come. Ends after `most` of them, or after `idle` seconds without one."""
    seen, last = 0, time.monotonic()
    while most is None or seen < most:
        record = source.poll(0.5)
        if record is None:
            if idle is not None and time.monotonic() - last >= idle:
                return
            continue
        if error := record.error():
            if error.fatal() or error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise KafkaException(error)
            # Brokers away or a topic not there yet: the client goes on trying, and so do we.
            print(f"kafka: {error}", file=sys.stderr)
            continue
        if record.value() is None:
            # The tombstone of a compacted topic.
            continue
        last = time.monotonic()
        seen += 1
        yield read(record)


def read(record: Message) -> Read:
    """The event in a record."""
    event = pb.ContactEvent.FromString(unframed(record.value()))
    return Read(event, record.topic(), record.partition(), record.offset())


def party(participant: pb.Participant) -> str:
    """Code of the state or organisation that a participant stands for."""
    return participant.country or participant.organization


def kind(event: pb.ContactEvent) -> str:
    """The kind in short: PHONE_CALL."""
    return pb.ContactKind.Name(event.kind).removeprefix("CONTACT_KIND_")


def status(event: pb.ContactEvent) -> str:
    """The status in short: HELD."""
    return pb.ContactStatus.Name(event.status).removeprefix("CONTACT_STATUS_")


def office(participant: pb.Participant) -> str:
    """The office in short: FOREIGN_MINISTER."""
    return pb.Office.Name(participant.office).removeprefix("OFFICE_")


def who(event: pb.ContactEvent) -> str:
    """All participants on one line."""
    return " – ".join(f"{p.name} ({party(p)})" if p.name else party(p) for p in event.participants)


def plain(text: str) -> str:
    """A text on one line, without the control characters that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)
