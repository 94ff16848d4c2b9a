"""deploy/asyncapi.yaml beside the program: topics, headers, payload, and the records that it really writes."""

from __future__ import annotations

import json
import re
import tomllib

import jsonschema
import pytest
import yaml
from support import ROOT, Service, create, demo_articles, eventually, produce, read_all

DOCUMENT = yaml.safe_load((ROOT / "deploy/asyncapi.yaml").read_text(encoding="utf-8"))
MESSAGES = DOCUMENT["components"]["messages"]
# The names that the program gives to headers, where it gives them.
WIRE = (ROOT / "src/stream/wire.rs").read_text(encoding="utf-8")


def resolved(part):
    """The same with references inside the document followed."""
    if isinstance(part, dict):
        if "$ref" in part:
            target = DOCUMENT
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return resolved(target)
        return {key: resolved(value) for key, value in part.items()}
    return [resolved(value) for value in part] if isinstance(part, list) else part


def headers_schema(message: str) -> dict:
    return resolved(MESSAGES[message]["headers"])


def constants() -> dict[str, str]:
    return dict(re.findall(r'pub const ([A-Z_]+): &str = "([^"]+)";', WIRE))


def test_headers_are_those_of_the_code():
    names = constants()
    ours = {value for name, value in names.items() if name.startswith("CE_") or name == "CONTENT_TYPE_HEADER"}
    trace = set(re.search(r"TRACE_HEADERS: \[&str; 2\] = \[(.*)\];", WIRE)[1].replace('"', "").split(", "))
    assert set(headers_schema("contactEvent")["properties"]) == ours | trace
    dead = {value for name, value in names.items() if name.startswith("DEAD_")}
    assert set(headers_schema("deadLetter")["properties"]) == dead
    types = [names["CONTENT_TYPE"], names["CONTENT_TYPE_FRAMED"]]
    assert headers_schema("contactEvent")["properties"]["content-type"]["enum"] == types
    assert MESSAGES["contactEvent"]["contentType"] == names["CONTENT_TYPE"]
    assert MESSAGES["contactEvent"]["name"] == names["EVENT_TYPE"]


def test_topics_and_group_are_those_of_the_settings(tmp_path):
    service = Service("unused:1", tmp_path)
    service.environment = {k: v for k, v in service.environment.items() if not k.startswith("RAPPORTEUR__")}
    shown = service.command("check", "--print").stdout
    settings = tomllib.loads("\n".join(line for line in shown.splitlines() if not re.match(r"(settings|data)  ", line)))
    channels = {name: channel["address"] for name, channel in DOCUMENT["channels"].items()}
    assert channels["articles"] == settings["topics"]["input"]
    assert channels["contacts"] == settings["topics"]["output"]
    assert channels["deadLetters"] == settings["topics"]["dead_letters"]
    group = DOCUMENT["operations"]["readArticles"]["bindings"]["kafka"]["groupId"]["const"]
    assert group == settings["kafka"]["group"]


def test_topics_are_described_as_they_are_made(brokers, tmp_path):
    service = Service(brokers, tmp_path, name="described")
    service.environment["RAPPORTEUR__TOPICS__LATEST"] = f"{service.name}.latest"
    service.command("topics", "create", "--replication", "1")
    told = dict(line.split(": ", 1) for line in service.command("topics", "check").stdout.splitlines())
    topics = {"articles": service.input, "contacts": service.output, "deadLetters": service.dead}
    topics["latest"] = f"{service.name}.latest"
    for channel, topic in topics.items():
        kafka = DOCUMENT["channels"][channel]["bindings"]["kafka"]
        kept = kafka["topicConfiguration"]
        if kept["cleanup.policy"] == ["compact"]:
            words = "compacted"
        else:
            words = f"kept {kept['retention.ms'] // 86_400_000} days"
        assert told[topic] == f"{kafka['partitions']} partitions, {words}"


def test_the_payload_is_the_published_schema():
    payload = MESSAGES["contactEvent"]["payload"]
    assert payload["schema"] == (ROOT / "proto/rapporteur/v1/contact.proto").read_text(encoding="utf-8")


def test_the_document_is_of_the_programs_version():
    package = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]
    assert DOCUMENT["info"]["version"] == package["version"]


@pytest.mark.parametrize("article", [*demo_articles(), MESSAGES["article"]["examples"][0]["payload"]])
def test_articles_are_as_described(article):
    jsonschema.validate(article, MESSAGES["article"]["payload"])


def test_what_is_really_written_is_as_described(brokers, tmp_path):
    service = Service(brokers, tmp_path, name="written")
    create(brokers, service.input, service.output, service.dead, partitions=1)
    trace = [("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("tracestate", b"a=b")]
    with service.running():
        records = [(a["id"], json.dumps(a).encode()) for a in demo_articles()]
        produce(brokers, service.input, [*records, ("broken", b"no article")], headers=trace)
        eventually("the articles are read", lambda: service.done(len(records) + 1))
    for topic, message in [(service.output, "contactEvent"), (service.dead, "deadLetter")]:
        written = read_all(brokers, topic)
        assert written
        for record in written:
            headers = {name: value.decode() for name, value in record.headers()}
            jsonschema.validate(headers, headers_schema(message))
            known = set(headers_schema(message)["properties"]) | ({"traceparent", "tracestate"})
            assert set(headers) <= known
            if message == "contactEvent":
                jsonschema.validate(record.key().decode(), MESSAGES[message]["bindings"]["kafka"]["key"])
