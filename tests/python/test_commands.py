"""`rapporteur tail` and `rapporteur topics` on a real broker."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from support import SAMPLE_EVENTS, Service, binary, create, demo_articles, eventually, produce, read_all


def events(service, *args: str) -> list[dict]:
    lines = service.command("tail", "--from-beginning", "--format", "json", *args).stdout.splitlines()
    return [json.loads(line) for line in lines]


def test_tail_shows_each_event_of_the_topic_and_ends(service):
    shown = service.command("tail", "--from-beginning").stdout
    records = len(read_all(service.brokers, service.output))
    assert len(re.findall(rf"^{re.escape(service.output)}\[\d+\]@\d+  [0-9a-f]{{32}}$", shown, re.M)) == records
    assert "PHONE CALL cancelled confidence 0.97" in shown
    assert "\x1b" not in shown, "colours are for terminals"


def test_tail_is_in_colour_where_it_is_asked_for(service):
    service.environment["CLICOLOR_FORCE"] = "1"
    try:
        assert "\x1b[" in service.command("tail", "--last", "1").stdout
    finally:
        del service.environment["CLICOLOR_FORCE"]


def test_tail_filters_by_party_kind_status_topic_and_confidence(service):
    everything = events(service)
    assert len(everything) >= SAMPLE_EVENTS
    calls = events(service, "--kind", "phone-call", "--status", "cancelled")
    assert calls and all(e["status"] == "CONTACT_STATUS_CANCELLED" for e in calls)
    for e in events(service, "--party", "jpn"):
        assert "JPN" in {p.get("country") for p in e["participants"]}
    sure = events(service, "--min-confidence", "0.9", "--topic", "energy")
    assert sure and all(e["confidence"] >= 0.9 for e in sure)
    assert events(service, "--party", "PER") == []


def test_tail_shows_no_more_than_asked_for(service):
    assert len(events(service, "--max", "2")) == 2
    last = service.command("tail", "--last", "3", "--format", "json").stdout.splitlines()
    assert len(last) == 3


def test_tail_follows_what_comes(brokers, tmp_path):
    service = Service(brokers, tmp_path, name="follow")
    create(brokers, service.input, service.output, service.dead, partitions=1)
    follow = subprocess.Popen(
        [str(binary()), "tail", "--follow", "--max", str(SAMPLE_EVENTS), "--format", "json"],
        env=service.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with service.running():
            records = [(a["id"], json.dumps(a).encode()) for a in demo_articles()]
            produce(brokers, service.input, records)
            out, _ = follow.communicate(timeout=60)
        assert len(out.splitlines()) == SAMPLE_EVENTS
        assert follow.returncode == 0
    finally:
        follow.kill()


def test_tail_says_what_is_no_event_and_goes_on(service, brokers):
    topic = f"{service.name}.odd"
    create(brokers, topic, partitions=1)
    good = read_all(brokers, service.output)[0].value()
    framed = b"\x00\x00\x00\x00\x07\x00" + good
    produce(brokers, topic, [(None, b"\x00\x00"), (None, b"\xff\xff\xff"), ("k", good), ("k", framed)])
    done = service.command("tail", "--from-beginning", "--kafka-topic", topic, "--format", "json", check=False)
    assert done.returncode == 1
    assert done.stderr.count("no event") == 2
    one, other = done.stdout.splitlines()
    assert one == other


@pytest.mark.parametrize(("topic", "code"), [("there-is-none", 4)])
def test_tail_of_a_topic_that_is_missing_ends_with_a_code(service, topic, code):
    assert service.command("tail", "--kafka-topic", topic, check=False).returncode == code


def test_topics_are_made_for_their_parts_and_checked(brokers, tmp_path):
    service = Service(brokers, tmp_path, name="topics")
    latest = f"{service.name}.latest"
    service.environment["RAPPORTEUR__TOPICS__LATEST"] = latest
    missing = service.command("topics", "check", check=False)
    assert missing.returncode == 4 and missing.stdout.count("missing") == 4
    made = service.command("topics", "create", "--partitions", "3", "--keep-contacts", "90")
    assert made.stdout.count("made") == 4
    again = service.command("topics", "create")
    assert again.stdout.count("was there") == 4
    told = service.command("topics", "check").stdout.splitlines()
    assert told == [
        f"{service.input}: 3 partitions, kept 7 days",
        f"{service.output}: 3 partitions, kept 90 days",
        f"{service.dead}: 1 partitions, kept 14 days",
        f"{latest}: 3 partitions, compacted",
    ]


def test_a_topic_that_would_lose_contacts_is_told(brokers, tmp_path):
    service = Service(brokers, tmp_path, name="wrong")
    create(brokers, service.input, service.output, service.dead, f"{service.name}.latest")
    service.environment["RAPPORTEUR__TOPICS__LATEST"] = f"{service.name}.latest"
    done = service.command("topics", "check", check=False)
    assert done.returncode == 4
    assert "WRONG: cleanup.policy=delete, it must be compact" in done.stdout


def test_the_latest_topic_has_the_same_events_under_the_same_keys(brokers, tmp_path):
    service = Service(brokers, tmp_path, name="latest")
    latest = f"{service.name}.latest"
    service.environment["RAPPORTEUR__TOPICS__LATEST"] = latest
    service.command("topics", "create", "--partitions", "2")
    articles = demo_articles()
    with service.running():
        produce(brokers, service.input, [(a["id"], json.dumps(a).encode()) for a in articles])
        eventually("the articles are read", lambda: service.done(len(articles)))
    told = lambda topic: sorted((r.key(), r.value(), r.partition()) for r in read_all(brokers, topic))
    assert told(latest) == told(service.output)
    assert len(told(latest)) == SAMPLE_EVENTS


def test_health_tells_how_the_service_is(brokers, service, tmp_path):
    assert "polled" in service.command("health").stdout
    eventually("ready", lambda: service.command("health", "--ready", check=False).returncode == 0)
    nobody = Service(brokers, tmp_path, name="nobody")
    assert nobody.command("health", check=False).returncode == 1
    # What listens on all interfaces is asked on this machine's own.
    port = service.address.rsplit(":", 1)[1]
    nobody.environment["RAPPORTEUR__HTTP__LISTEN"] = f"0.0.0.0:{port}"
    assert nobody.command("health").returncode == 0
    nobody.environment["RAPPORTEUR__HTTP__LISTEN"] = ""
    assert nobody.command("health", check=False).returncode == 2
