"""The example consumers, over a real broker and the events of the real service."""

from __future__ import annotations

import datetime
import http.server
import json
import threading
import uuid
from pathlib import Path

import alert
import contacts as reading
import pytest
import tail
import warehouse
from contacts import pb
from support import SAMPLE_EVENTS, create, produce, read_all

ON = datetime.date(2022, 9, 14)


@pytest.fixture
def events(brokers, contacts) -> list[pb.ContactEvent]:
    return [pb.ContactEvent.FromString(record.value()) for record in read_all(brokers, contacts)]


def test_the_generated_classes_read_what_the_service_writes(events):
    assert len(events) == SAMPLE_EVENTS
    calls = [e for e in events if reading.kind(e) == "PHONE_CALL"]
    assert {reading.status(e) for e in calls} == {"HELD", "CANCELLED"}
    assert all(e.event_id and e.contact_key and len(e.participants) >= 2 for e in events)


def test_spans_count_code_points_of_the_article(events):
    from support import demo_articles

    bodies = {a["id"]: a for a in demo_articles()}
    checked = 0
    for event in events:
        for evidence in event.evidence:
            span = evidence.span
            text = bodies[event.article.id]["body" if span.section == pb.SECTION_BODY else "title"]
            assert text[span.start : span.end] == span.text
            checked += 1
    assert checked > SAMPLE_EVENTS


def test_tail_prints_a_row_an_event(brokers, contacts, capsys):
    assert tail.main(["--brokers", brokers, "--topic", contacts, "--max", str(SAMPLE_EVENTS), "--idle", "30"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == SAMPLE_EVENTS + 1, lines
    row = next(line for line in lines if "Trudeau" in line)
    assert row.startswith("2022-09-13  PHONE_CALL   CANCELLED  0.97"), row
    assert "Justin Trudeau (CAN) – Fumio Kishida (JPN)" in row


def test_a_value_in_the_frame_of_a_schema_registry_is_read_as_well():
    event = pb.ContactEvent(event_id="x")
    value = event.SerializeToString()
    for frame in [b"\x00\x00\x00\x01\x02\x00", b"\x00\x00\x00\x01\x02\x02\x00", b"\x00\x00\x00\x01\x02\x04\x02\x04"]:
        assert pb.ContactEvent.FromString(reading.unframed(frame + value)) == event
    assert reading.unframed(value) == value
    with pytest.raises(ValueError, match="too early"):
        reading.unframed(b"\x00\x00\x00\x01\x02\x80")


def load(brokers: str, topic: str, path: Path, *more: str) -> None:
    assert warehouse.main([str(path), "load", "--brokers", brokers, "--topic", topic, "--idle", "2", *more]) == 0


def test_each_event_is_loaded_once_however_often_loading_is_cut_short(brokers, contacts, tmp_path, capsys):
    path = tmp_path / "contacts.duckdb"
    load(brokers, contacts, path, "--max", "4", "--batch", "3")
    load(brokers, contacts, path)
    load(brokers, contacts, path)
    loaded = [line for line in capsys.readouterr().out.splitlines() if "loaded" in line]
    assert loaded == ["4 events loaded", f"{SAMPLE_EVENTS - 4} events loaded", "0 events loaded"]
    with warehouse.connect(str(path)) as database:
        count = lambda table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        assert count("contacts") == SAMPLE_EVENTS
        assert count("participants") > 2 * SAMPLE_EVENTS
        assert database.execute("SELECT sum(next) FROM offsets").fetchone()[0] >= SAMPLE_EVENTS
        # The same events at other offsets, as when an article was on the topic twice.
        repeated = [reading.Read(e, contacts, 0, 1000 + i) for i, e in enumerate(events_of(brokers, contacts))]
        warehouse.write(database, repeated)
        assert count("contacts") == SAMPLE_EVENTS


def events_of(brokers: str, topic: str) -> list[pb.ContactEvent]:
    return [pb.ContactEvent.FromString(r.value()) for r in read_all(brokers, topic)]


def test_a_batch_that_fails_leaves_neither_rows_nor_offsets(tmp_path):
    with warehouse.connect(str(tmp_path / "x.duckdb")) as database:
        good = pb.ContactEvent(event_id="a", contact_key="k")
        bad = pb.ContactEvent(event_id="b", contact_key="k")
        bad.date.start = "not a day"
        with pytest.raises(Exception, match="not a day"):
            warehouse.write(database, [reading.Read(good, "t", 0, 0), reading.Read(bad, "t", 0, 1)])
        for table in ("contacts", "offsets"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0


def test_the_warehouse_answers_its_three_questions(brokers, contacts, tmp_path, capsys):
    path = tmp_path / "contacts.duckdb"
    load(brokers, contacts, path)
    with warehouse.connect(str(path)) as database:
        week = warehouse.week(database, ON).fetchall()
        assert ("CAN", "NOR", 1, "meeting", datetime.date(2022, 9, 12)) in week
        # Planned and cancelled contacts are no talks.
        assert not any({"CAN", "DEU"} == {a, b} or {"CAN", "JPN"} == {a, b} for a, b, *_ in week)
        topics = warehouse.by_topic(database).fetchall()
        assert ("2022-09", "energy", 1) in topics
        assert ("2023-05", "energy", 2) in topics
        due = warehouse.due(database, ON).fetchall()
        assert [(d[0], d[3], d[4]) for d in due] == [
            (datetime.date(2022, 9, 15), "ahead", "Mélanie Joly (CAN) – Annalena Baerbock (DEU)")
        ]
        assert warehouse.due(database, datetime.date(2022, 9, 15)).fetchall()[0][3] == "now"
        assert warehouse.due(database, datetime.date(2022, 9, 20)).fetchall()[0][3] == "overdue"
        # A later article tells that it was held: no longer due.
        held = next(e for e in events_of(brokers, contacts) if reading.status(e) == "PLANNED")
        held.event_id, held.status = "later", pb.CONTACT_STATUS_HELD
        held.article.published_at = "2022-09-15T20:00:00Z"
        warehouse.write(database, [reading.Read(held, contacts, 0, 999)])
        assert warehouse.due(database, datetime.date(2022, 9, 20)).fetchall() == []


def test_the_answers_are_printed_as_tables(brokers, contacts, tmp_path, capsys):
    path = tmp_path / "contacts.duckdb"
    load(brokers, contacts, path)
    for question, words in [("week", "NOR"), ("topics", "2022-09"), ("due", "Annalena Baerbock (DEU)")]:
        assert warehouse.main([str(path), question, "--on", "2022-09-14"]) == 0
        assert words in capsys.readouterr().out


class Hook:
    """A webhook that answers with the codes it is told, then with 204."""

    def __init__(self):
        self.codes: list[int] = []
        self.got: list[tuple[int, str, dict]] = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                code = hook.codes.pop(0) if hook.codes else 204
                hook.got.append((code, self.headers["Idempotency-Key"], body))
                self.send_response(code)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def taken(self) -> list[dict]:
        return [body for code, _, body in self.got if code == 204]


@pytest.fixture
def hook():
    hook = Hook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


class Alerts:
    """alert.py with rules and a memory of its own."""

    def __init__(self, brokers: str, topic: str, hook: Hook, directory: Path):
        self.rules = directory / "rules.toml"
        self.base = ["--brokers", brokers, "--topic", topic, "--state", str(directory / "sent.sqlite")]
        self.base += ["--group", f"alerts-{uuid.uuid4()}", "--idle", "4"]
        self.hook = hook

    def run(self, rules: str, *more: str, retries: int = 3) -> int:
        webhook = f'[webhook]\nurl = "{self.hook.url}"\nretries = {retries}\nwait_s = 0.05\n'
        self.rules.write_text(webhook + rules, encoding="utf-8")
        return alert.main([str(self.rules), *self.base, *more])


def told(events: list[pb.ContactEvent]) -> list[tuple[str, bytes]]:
    return [(e.contact_key, e.SerializeToString()) for e in events]


def test_alerts_are_sent_once_a_contact_and_again_only_where_the_status_changes(brokers, contacts, hook, tmp_path):
    topic = f"alerts-{uuid.uuid4().hex[:8]}"
    create(brokers, topic, partitions=1)
    events = events_of(brokers, contacts)
    called_off = next(e for e in events if reading.status(e) == "CANCELLED")
    planned = pb.ContactEvent()
    planned.CopyFrom(called_off)
    planned.event_id, planned.status = "before", pb.CONTACT_STATUS_PLANNED
    outlet = pb.ContactEvent()
    outlet.CopyFrom(called_off)
    outlet.event_id = "another outlet"
    produce(brokers, topic, told([planned, *events, outlet]))
    alerts = Alerts(brokers, topic, hook, tmp_path)
    rules = """
[[rule]]
name = "once"
all_parties = ["JPN", "CAN"]
[[rule]]
name = "changes"
all_parties = ["JPN", "CAN"]
again_on_status = true
[[rule]]
name = "ministers on energy"
offices = ["FOREIGN_MINISTER"]
topics = ["energy"]
statuses = ["PLANNED"]
min_confidence = 0.9
[[rule]]
name = "never"
parties = ["PER"]
"""
    assert alerts.run(rules, "--max", str(len(events) + 2)) == 0
    sent = [(a["rule"], a["status"]) for a in hook.taken()]
    assert sorted(sent) == [
        ("changes", "CANCELLED"),
        ("changes", "PLANNED"),
        ("ministers on energy", "PLANNED"),
        ("once", "PLANNED"),
    ]
    energy = next(a for a in hook.taken() if a["topics"] == ["energy"])
    assert energy["text"] == "meeting planned: Mélanie Joly (CAN) – Annalena Baerbock (DEU)"
    assert energy["date"] == {"start": "2022-09-15", "end": "2022-09-15"}
    assert energy["evidence"] and energy["article"]["id"] == "demo-en-2022-09-12"
    # What comes later about a contact that was told already.
    produce(brokers, topic, told([outlet]))
    assert alerts.run(rules, "--max", "1") == 0
    assert len(hook.taken()) == 4


def test_a_webhook_that_fails_is_tried_again_and_no_alert_is_passed_over(brokers, contacts, hook, tmp_path, capsys):
    alerts = Alerts(brokers, contacts, hook, tmp_path)
    rule = '[[rule]]\nname = "called off"\nstatuses = ["CANCELLED"]\n'
    hook.codes = [503, 500, 429]
    assert alerts.run(rule, retries=1) == 1, "two tries were not enough"
    assert "alert not sent" in capsys.readouterr().err
    assert alerts.run(rule, retries=1) == 0, "the next start goes on where the alert was not taken"
    assert [code for code, _, _ in hook.got] == [503, 500, 429, 204]
    assert len({key for _, key, _ in hook.got}) == 1, "the receiver can tell that it is the same alert"


def test_a_webhook_that_refuses_is_not_asked_again(brokers, contacts, hook, tmp_path, capsys):
    hook.codes = [401]
    alerts = Alerts(brokers, contacts, hook, tmp_path)
    assert alerts.run('[[rule]]\nname = "x"\nstatuses = ["CANCELLED"]\n') == 1
    assert len(hook.got) == 1
    assert "401" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[rule]]\nname = "x"\nstatuses = ["CALLED_OFF"]', "no such value: CALLED_OFF"),
        ('[[rule]]\nname = "x"\noffice = ["ENVOY"]', "there is no office"),
        ("[[rule]]\nparties = []", "name"),
        ("", "no [[rule]]"),
    ],
)
def test_rules_that_could_never_fire_are_refused(text, words, tmp_path, capsys):
    path = tmp_path / "rules.toml"
    path.write_text(f'[webhook]\nurl = "http://localhost:1"\n{text}\n', encoding="utf-8")
    assert alert.main([str(path)]) == 2
    assert words in capsys.readouterr().err


def test_the_rules_of_the_example_can_be_read():
    _, rules = alert.load_rules(str(Path(alert.__file__).with_name("alerts.toml")))
    assert len(rules) == 3
