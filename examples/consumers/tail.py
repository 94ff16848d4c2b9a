"""Prints contacts as they are published, one row each."""

from __future__ import annotations

import uuid

import contacts


def row(event: contacts.pb.ContactEvent) -> str:
    """An event as one row of the table."""
    topics = ",".join(topic.code for topic in event.topics) or "-"
    where = event.place.name or event.place.country or "-"
    cells = [
        f"{event.date.start or 'undated':10}",
        f"{contacts.kind(event):11}",
        f"{contacts.status(event):9}",
        f"{event.confidence:4.2f}",
        f"{where:14}",
        f"{topics:28}",
        contacts.who(event),
    ]
    return contacts.plain("  ".join(cells)).rstrip()


def main(argv: list[str] | None = None) -> int:
    """Prints until interrupted, or as --max and --idle say."""
    parser = contacts.arguments(__doc__)
    parser.add_argument("--new", action="store_true", help="only what comes from now on")
    args = parser.parse_args(argv)
    # A group of its own each time, and nothing committed: whoever reads beside it is not disturbed.
    source = contacts.consumer(
        args.brokers,
        f"tail-{uuid.uuid4()}",
        **{"auto.offset.reset": "latest" if args.new else "earliest"},
    )
    source.subscribe([args.topic])
    print(f"{'date':10}  {'kind':11}  {'status':9}  conf  {'where':14}  {'about':28}  who", flush=True)
    try:
        for read in contacts.events(source, args.max, args.idle):
            print(row(read.event), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        source.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
