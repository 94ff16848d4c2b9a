"""Sends contacts that match rules to a webhook, each contact once a rule.

    python alert.py alerts.toml --state alerts.sqlite

The same contact told by ten outlets is one alert: what was sent is remembered by rule and contact_key. An alert is
sent, then remembered, then the offset committed; a crash between the first two sends it again, with the same
Idempotency-Key. Where the webhook does not take an alert after all tries, the program ends with exit code 1 and the
offset stays: nothing is passed over, the next start goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import time
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass, field, fields

from confluent_kafka import TopicPartition

import contacts
from contacts import pb


class RulesError(Exception):
    """The file of rules is not as it must be."""


class NotTaken(Exception):
    """The webhook does not take an alert."""


@dataclass(frozen=True)
class Rule:
    """What to look for. An empty list asks for nothing."""

    name: str
    parties: list[str] = field(default_factory=list)
    all_parties: list[str] = field(default_factory=list)
    offices: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    min_confidence: float = 0.0
    again_on_status: bool = False

    def matches(self, event: pb.ContactEvent) -> bool:
        """Whether the event is what the rule looks for."""
        parties = {contacts.party(p) for p in event.participants}
        return (
            event.confidence >= self.min_confidence
            and _any(self.parties, parties)
            and set(self.all_parties) <= parties
            and _any(self.offices, {contacts.office(p) for p in event.participants})
            and _any(self.kinds, {contacts.kind(event)})
            and _any(self.statuses, {contacts.status(event)})
            and _any(self.topics, {topic.code for topic in event.topics})
        )

    def identity(self, event: pb.ContactEvent) -> str:
        """What is told only once."""
        parts = [self.name, event.contact_key]
        if self.again_on_status:
            parts.append(contacts.status(event))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _any(wanted: list[str], there: set[str]) -> bool:
    return not wanted or not there.isdisjoint(wanted)


@dataclass(frozen=True)
class Webhook:
    """Where alerts go."""

    url: str
    timeout_s: float = 5.0
    retries: int = 6
    wait_s: float = 0.5
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, alert: dict, identity: str) -> None:
        """Sends an alert, again and again where the other side may yet take it."""
        body = json.dumps(alert, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": identity, **self.headers}
        for attempt in range(self.retries + 1):
            request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")
            pause = self.wait_s * 2**attempt
            try:
                with urllib.request.urlopen(request, timeout=self.timeout_s):
                    return
            except urllib.error.HTTPError as error:
                if error.code not in (408, 425, 429) and error.code < 500:
                    raise NotTaken(f"{self.url} refuses it: {error.code} {error.reason}") from error
                told = error.headers.get("Retry-After", "")
                pause = max(pause, min(float(told), 60.0)) if told.isdigit() else pause
                last = f"{error.code} {error.reason}"
            except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
                last = str(getattr(error, "reason", error))
            if attempt < self.retries:
                print(f"webhook: {last}; trying again in {pause:g} s", file=sys.stderr)
                time.sleep(pause)
        raise NotTaken(f"{self.url} did not take it in {self.retries + 1} tries: {last}")


class Sent:
    """What was sent, on disk."""

    def __init__(self, path: str) -> None:
        self.database = sqlite3.connect(path)
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS sent (identity TEXT PRIMARY KEY, rule TEXT NOT NULL, "
            "contact_key TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)"
        )

    def __contains__(self, identity: str) -> bool:
        return self.database.execute("SELECT 1 FROM sent WHERE identity = ?", [identity]).fetchone() is not None

    def add(self, identity: str, rule: Rule, event: pb.ContactEvent) -> None:
        """Remembers an alert."""
        with self.database:
            self.database.execute(
                "INSERT INTO sent (identity, rule, contact_key) VALUES (?, ?, ?)",
                [identity, rule.name, event.contact_key],
            )


def load_rules(path: str) -> tuple[Webhook, list[Rule]]:
    """The webhook and the rules in a file. A name or value that does not exist is an error, not a rule that never fires."""
    with open(path, "rb") as file:
        told = tomllib.load(file)
    if unknown := set(told) - {"webhook", "rule"}:
        raise RulesError(f"{path}: there is no section {', '.join(sorted(unknown))}")
    webhook = _made(Webhook, told.get("webhook", {}), f"{path}: webhook")
    rules = [_made(Rule, rule, f"{path}: rule {number}") for number, rule in enumerate(told.get("rule", []), 1)]
    if not rules:
        raise RulesError(f"{path}: no [[rule]]")
    names = {
        "offices": [name.removeprefix("OFFICE_") for name in pb.Office.keys()],
        "kinds": [name.removeprefix("CONTACT_KIND_") for name in pb.ContactKind.keys()],
        "statuses": [name.removeprefix("CONTACT_STATUS_") for name in pb.ContactStatus.keys()],
    }
    for rule in rules:
        for key, known in names.items():
            if unknown := set(getattr(rule, key)) - set(known):
                raise RulesError(f"{path}: rule {rule.name!r}: {key}: no such value: {', '.join(sorted(unknown))}")
    return webhook, rules


def _made(kind: type, told: dict, where: str):
    if unknown := set(told) - {f.name for f in fields(kind)}:
        raise RulesError(f"{where}: there is no {', '.join(sorted(unknown))}")
    try:
        return kind(**told)
    except TypeError as error:
        raise RulesError(f"{where}: {error}") from error


def alert_of(rule: Rule, event: pb.ContactEvent) -> dict:
    """What the webhook gets."""
    sentences = [e.span.text for e in event.evidence if e.role == pb.EVIDENCE_ROLE_SENTENCE]
    return {
        "rule": rule.name,
        "text": f"{contacts.kind(event).lower().replace('_', ' ')} {contacts.status(event).lower()}: {contacts.who(event)}",
        "contact_key": event.contact_key,
        "event_id": event.event_id,
        "kind": contacts.kind(event),
        "status": contacts.status(event),
        "date": {"start": event.date.start, "end": event.date.end} if event.HasField("date") else None,
        "participants": [
            {"name": p.name, "party": contacts.party(p), "office": contacts.office(p)} for p in event.participants
        ],
        "topics": [topic.code for topic in event.topics],
        "confidence": round(event.confidence, 4),
        "evidence": sentences,
        "article": {"id": event.article.id, "url": event.article.url, "title": event.article.title},
    }


def main(argv: list[str] | None = None) -> int:
    """Watches the topic."""
    parser = contacts.arguments(__doc__.splitlines()[0])
    parser.add_argument("rules", help="TOML file of rules; see alerts.toml")
    parser.add_argument("--state", default="alerts.sqlite", help="where it is remembered what was sent")
    parser.add_argument("--group", default="alerts", help="consumer group: its offsets say how far the topic is watched")
    args = parser.parse_args(argv)
    try:
        webhook, rules = load_rules(args.rules)
    except (OSError, tomllib.TOMLDecodeError, RulesError) as error:
        print(error, file=sys.stderr)
        return 2
    sent = Sent(args.state)
    source = contacts.consumer(args.brokers, args.group)
    source.subscribe([args.topic])
    try:
        for read in contacts.events(source, args.max, args.idle):
            for rule in rules:
                identity = rule.identity(read.event)
                if rule.matches(read.event) and identity not in sent:
                    webhook.send(alert_of(rule, read.event), identity)
                    sent.add(identity, rule, read.event)
                    print(contacts.plain(f"{rule.name}: {contacts.who(read.event)}"), flush=True)
            source.commit(offsets=[_after(read)], asynchronous=False)
    except NotTaken as error:
        print(f"alert not sent: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    finally:
        source.close()
    return 0


def _after(read: contacts.Read) -> TopicPartition:
    return TopicPartition(read.topic, read.partition, read.offset + 1)


if __name__ == "__main__":
    raise SystemExit(main())
