"""Loads contacts into DuckDB, and answers three questions about them.

    python warehouse.py contacts.duckdb load --idle 10
    python warehouse.py contacts.duckdb week --on 2022-09-12
    python warehouse.py contacts.duckdb topics
    python warehouse.py contacts.duckdb due --on 2022-09-12

Rows and offsets are written in one transaction of the database and the offsets are read from there at the next
start, so each event is loaded once, however often loading is cut short. An event that is on the topic twice (its
article was) has the same event_id, and one row.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import duckdb
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

import contacts
from contacts import pb

SCHEMA = (Path(__file__).resolve().parent / "schema.sql").read_text(encoding="utf-8")

# Who talked to whom in the seven days up to $on: pairs of parties, each contact once.
WEEK = """
    SELECT one.party AS party, other.party AS other,
           count(DISTINCT l.contact_key) AS contacts,
           string_agg(DISTINCT lower(l.kind), ', ' ORDER BY lower(l.kind)) AS kinds,
           max(l.last_day) AS last
    FROM latest l
    JOIN participants one ON one.event_id = l.event_id
    JOIN participants other ON other.event_id = l.event_id AND one.party < other.party
    WHERE l.status IN ('HELD', 'ONGOING')
      AND l.first_day <= $on AND l.last_day > $on - INTERVAL 7 DAY
    GROUP BY ALL ORDER BY contacts DESC, party, other
"""

# Contacts by topic and month, each contact once a topic.
TOPICS = """
    SELECT strftime(l.first_day, '%Y-%m') AS month, t.code AS topic, count(DISTINCT l.contact_key) AS contacts
    FROM latest l JOIN topics t ON t.event_id = l.event_id
    WHERE l.first_day IS NOT NULL AND l.status IN ('HELD', 'ONGOING', 'PLANNED')
    GROUP BY ALL ORDER BY month, contacts DESC, topic
"""

# Contacts last told as planned whose time has come, or comes within $ahead days.
DUE = """
    SELECT l.first_day AS first, l.last_day AS last, lower(l.kind) AS kind,
           CASE WHEN l.last_day < $on THEN 'overdue' WHEN l.first_day <= $on THEN 'now' ELSE 'ahead' END AS due,
           string_agg(coalesce(nullif(p.name, '') || ' (' || p.party || ')', p.party), ' – ' ORDER BY p.position) AS who,
           l.article_title AS article
    FROM latest l JOIN participants p ON p.event_id = l.event_id
    WHERE l.status = 'PLANNED' AND l.first_day <= $on + to_days($ahead::INTEGER)
    GROUP BY ALL ORDER BY first, last, who
"""


def connect(path: str) -> duckdb.DuckDBPyConnection:
    """The database, with its tables."""
    database = duckdb.connect(path)
    database.execute("SET TimeZone = 'UTC'")
    database.execute(SCHEMA)
    return database


def load(database: duckdb.DuckDBPyConnection, args) -> int:
    """Loads what is new on the topic; returns how many events came."""
    # Offsets live in the database: the group is only a name, and nothing is committed to it.
    source = contacts.consumer(args.brokers, "warehouse")
    try:
        source.assign(positions(database, source, args.topic))
        batch: list[contacts.Read] = []
        total = 0
        # Waiting for a batch to fill up ends when nothing comes for half a second.
        while args.max is None or total < args.max:
            most = args.batch if args.max is None else min(args.batch, args.max - total)
            batch = list(contacts.events(source, most, 0.5 if total else args.idle))
            if not batch:
                if args.idle is not None:
                    break
                continue
            write(database, batch)
            total += len(batch)
        return total
    finally:
        source.close()


def positions(database: duckdb.DuckDBPyConnection, source: Consumer, topic: str) -> list[TopicPartition]:
    """Where to go on in each partition."""
    known = dict(database.execute("SELECT partition, next FROM offsets WHERE topic = ?", [topic]).fetchall())
    described = source.list_topics(topic, timeout=15).topics[topic]
    if described.error is not None:
        raise SystemExit(f"topic {topic}: {described.error}")
    return [TopicPartition(topic, number, known.get(number, OFFSET_BEGINNING)) for number in described.partitions]


def write(database: duckdb.DuckDBPyConnection, batch: list[contacts.Read]) -> None:
    """A batch of events and the offsets behind them, all or nothing."""
    database.begin()
    try:
        for read in batch:
            event = read.event
            fresh = database.execute(
                f"INSERT INTO contacts VALUES ({', '.join('?' * 19)}) ON CONFLICT DO NOTHING RETURNING event_id",
                contact_row(event),
            ).fetchall()
            if not fresh:
                continue
            for number, participant in enumerate(event.participants):
                database.execute(
                    "INSERT INTO participants VALUES (?, ?, ?, ?, ?, ?, ?)",
                    participant_row(event, number, participant),
                )
            for topic in event.topics:
                database.execute("INSERT INTO topics VALUES (?, ?, ?)", [event.event_id, topic.code, topic.score])
        for read in batch:
            database.execute(
                "INSERT INTO offsets VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next = greatest(next, excluded.next)",
                [read.topic, read.partition, read.offset + 1],
            )
        database.commit()
    except BaseException:
        database.rollback()
        raise


def contact_row(event: pb.ContactEvent) -> list[object]:
    """An event as a row of `contacts`."""
    return [
        event.event_id,
        event.contact_key,
        contacts.kind(event),
        contacts.status(event),
        event.date.start or None,
        event.date.end or None,
        pb.DatePrecision.Name(event.date.precision).removeprefix("DATE_PRECISION_"),
        event.place.name or None,
        event.place.country or None,
        event.confidence,
        event.cameo_code or None,
        event.article.id,
        event.article.url or None,
        event.article.source or None,
        event.article.title or None,
        event.article.language,
        event.article.published_at or None,
        event.extractor.version,
        event.extractor.data_version,
    ]


def participant_row(event: pb.ContactEvent, number: int, participant: pb.Participant) -> list[object]:
    """A participant as a row of `participants`."""
    roles = [pb.ParticipantRole.Name(role).removeprefix("PARTICIPANT_ROLE_") for role in participant.roles]
    return [
        event.event_id,
        number,
        contacts.party(participant),
        participant.name or None,
        contacts.office(participant),
        roles,
        participant.resolved_from_register,
    ]


def week(database: duckdb.DuckDBPyConnection, on: datetime.date) -> duckdb.DuckDBPyRelation:
    """Who talked to whom in the seven days up to a day?"""
    return database.sql(WEEK, params={"on": on})


def by_topic(database: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """How many contacts were there on each topic in each month?"""
    return database.sql(TOPICS)


def due(database: duckdb.DuckDBPyConnection, on: datetime.date, ahead: int = 7) -> duckdb.DuckDBPyRelation:
    """Which planned contacts are due on a day, or within some days after it?"""
    return database.sql(DUE, params={"on": on, "ahead": ahead})


def main(argv: list[str] | None = None) -> int:
    """Loads, or answers."""
    parser = contacts.arguments(__doc__.splitlines()[0])
    parser.add_argument("database", help="DuckDB file")
    parser.add_argument("action", choices=["load", "week", "topics", "due"])
    parser.add_argument("--batch", type=int, default=500, help="most events in one transaction of the database")
    parser.add_argument("--on", type=datetime.date.fromisoformat, default=datetime.date.today(), help="the day asked about")
    parser.add_argument("--ahead", type=int, default=7, help="due: days after --on")
    args = parser.parse_args(argv)
    with connect(args.database) as database:
        match args.action:
            case "load":
                try:
                    print(f"{load(database, args)} events loaded")
                except KeyboardInterrupt:
                    print("interrupted: what was loaded stays")
            case "week":
                week(database, args.on).show(max_rows=1000, max_width=200)
            case "topics":
                by_topic(database).show(max_rows=1000, max_width=200)
            case "due":
                due(database, args.on, args.ahead).show(max_rows=1000, max_width=200)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
