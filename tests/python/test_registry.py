"""The service with a schema registry: Apicurio, which speaks Confluent's interface, beside the real broker."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import shutil
import subprocess
import threading
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from contacts import pb
from support import ROOT, SAMPLE_EVENTS, Service, create, demo_articles, eventually, free_port, process, produce, read_all, target

APICURIO = "2.6.13.Final"
SCHEMA = (ROOT / "proto/rapporteur/v1/contact.proto").read_text(encoding="utf-8")
MESSAGE = "rapporteur.v1.ContactEvent"


def jar() -> Path:
    """The registry's program, fetched from Maven Central on first use."""
    cache = Path(os.environ.get("RAPPORTEUR_TEST_CACHE", target() / "kafka")).parent / "apicurio" / APICURIO
    found = cache / f"apicurio-registry-app-{APICURIO}-runner.jar"
    if not found.is_file():
        fresh = cache.with_name(f"{APICURIO}.{os.getpid()}")
        fresh.mkdir(parents=True)
        artifact = f"io.apicurio:apicurio-registry-app:{APICURIO}:tar.gz:all"
        get = ["mvn", "-q", "-B"]
        at = f"-Dmdep.useBaseVersion=true -DoutputDirectory={fresh}".split()
        subprocess.run([*get, "dependency:get", "-Dtransitive=false", f"-Dartifact={artifact}"], check=True)
        subprocess.run([*get, "dependency:copy", f"-Dartifact={artifact}", *at], check=True)
        shutil.unpack_archive(next(fresh.glob("*.tar.gz")), fresh)
        fresh.rename(cache)
    return found


class Registry:
    """A running registry."""

    def __init__(self, url: str):
        self.url = url

    def call(self, method: str, path: str, body: dict | None = None) -> tuple[int, object]:
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def register(self, subject: str, schema: str = SCHEMA) -> int:
        status, answer = self.call(
            "POST", f"/subjects/{subject}/versions", {"schemaType": "PROTOBUF", "schema": schema}
        )
        assert status == 200, answer
        return answer["id"]

    def backward(self, subject: str) -> None:
        assert self.call("PUT", f"/config/{subject}", {"compatibility": "BACKWARD"})[0] == 200

    def subjects(self) -> list[str]:
        return self.call("GET", "/subjects")[1]


@pytest.fixture(scope="module")
def registry(tmp_path_factory) -> Registry:
    directory = tmp_path_factory.mktemp("registry")
    port = free_port()
    program = jar()
    command = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dquarkus.http.host=127.0.0.1"]
    command += [f"-Dquarkus.http.port={port}", "-jar", str(program)]
    registry = Registry(f"http://127.0.0.1:{port}/apis/ccompat/v7")
    with process(command, directory / "registry.log", cwd=program.parent) as child:

        def up() -> bool:
            assert child.poll() is None, (directory / "registry.log").read_text()[-3000:]
            try:
                return registry.call("GET", "/subjects")[0] == 200
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                return False

        eventually("the registry is up", up)
        yield registry


@pytest.fixture
def service(brokers, registry, tmp_path) -> Service:
    service = Service(brokers, tmp_path, name="registry")
    create(brokers, service.input, service.output, service.dead, partitions=1)
    service.environment["RAPPORTEUR__SCHEMA_REGISTRY__URL"] = registry.url
    return service


def published(service: Service) -> list:
    articles = demo_articles()
    with service.running():
        produce(service.brokers, service.input, [(a["id"], json.dumps(a).encode()) for a in articles])
        eventually("the articles are read", lambda: service.done(len(articles)))
    return read_all(service.brokers, service.output)


def checked(service: Service, words: str) -> None:
    """`check --connect` says so, and nothing against it. (A young broker has no coordinator for a while.)"""

    def well() -> bool:
        done = service.command("check", "--connect", check=False)
        return done.returncode == 0 and words in done.stdout

    eventually(words, well)


def refused(service: Service) -> str:
    done = service.command("run", check=False)
    assert done.returncode == 8, done.stderr
    return done.stderr


def test_events_carry_the_id_of_the_registered_schema_and_confluents_client_reads_them(service, registry):
    checked(service, f"{service.output}-value is to be registered")
    records = published(service)
    assert len(records) == SAMPLE_EVENTS
    status, told = registry.call("GET", f"/subjects/{service.output}-value/versions/latest")
    assert status == 200 and told["schemaType"] == "PROTOBUF"
    known = registry.register(f"{service.output}-value")
    headers = [dict(record.headers()) for record in records]
    assert {h["content-type"] for h in headers} == {f"application/vnd.confluent.protobuf; proto={MESSAGE}".encode()}
    # Without a registry of its own: it would ask for schemas as serialized descriptors, which Apicurio does not give.
    read = ProtobufDeserializer(pb.ContactEvent, {"use.deprecated.format": False})
    for record, header in zip(records, headers):
        value = record.value()
        assert value[0] == 0 and int.from_bytes(value[1:5], "big") == known
        event = read(value, SerializationContext(record.topic(), MessageField.VALUE))
        assert event.event_id.encode() == header["ce_id"]
    # A second start finds what the first has registered.
    checked(service, f"{service.output}-value, id {known}")


def test_without_a_registry_values_are_plain_and_the_content_type_names_the_message(service):
    del service.environment["RAPPORTEUR__SCHEMA_REGISTRY__URL"]
    records = published(service)
    assert len(records) == SAMPLE_EVENTS
    for record in records:
        assert dict(record.headers())["content-type"] == f"application/protobuf; proto={MESSAGE}".encode()
        assert pb.ContactEvent.FromString(record.value()).event_id


@pytest.mark.parametrize(
    ("strategy", "subject"),
    [("record-name", MESSAGE), ("topic-record-name", "{topic}-" + MESSAGE)],
)
def test_a_schema_that_must_not_be_registered_is_looked_up(service, registry, strategy, subject):
    service.environment["RAPPORTEUR__SCHEMA_REGISTRY__REGISTER"] = "false"
    service.environment["RAPPORTEUR__SCHEMA_REGISTRY__SUBJECT"] = strategy
    subject = subject.format(topic=service.output)
    assert subject not in registry.subjects()
    words = refused(service)
    assert subject in words and "schema_registry.register = true" in words
    assert subject not in registry.subjects()
    known = registry.register(subject)
    assert {int.from_bytes(r.value()[1:5], "big") for r in published(service)} == {known}


def test_a_schema_that_is_not_backward_compatible_is_refused_before_anything_is_written(service, registry):
    subject = f"{service.output}-value"
    registry.register(subject, SCHEMA.replace("string contact_key = 2;", "int64 contact_key = 2;"))
    registry.backward(subject)
    articles = demo_articles()
    produce(service.brokers, service.input, [(a["id"], json.dumps(a).encode()) for a in articles])
    words = refused(service)
    assert "409" in words and subject in words and "not compatible" in words
    assert read_all(service.brokers, service.output) == []


def test_a_later_schema_that_only_adds_is_taken_beside_the_old(service, registry):
    subject = f"{service.output}-value"
    first = registry.register(subject)
    registry.backward(subject)
    later = SCHEMA.replace("Extractor extractor = 13;", "Extractor extractor = 13;\n  string later = 14;")
    second = registry.register(subject, later)
    assert first != second
    # This version still writes with its own schema.
    assert {int.from_bytes(r.value()[1:5], "big") for r in published(service)} == {first}


def test_it_waits_for_a_registry_that_is_away(service, tmp_path):
    port = free_port()
    service.environment["RAPPORTEUR__SCHEMA_REGISTRY__URL"] = f"http://127.0.0.1:{port}"
    with service.running():
        eventually("it says that it waits", lambda: "schema registry does not answer" in service.log.read_text())
        with pytest.raises(urllib.error.HTTPError, match="503"):
            service.page("/readyz")
    assert service.command("check", "--connect", check=False).returncode == 8


def test_a_registry_that_asks_for_a_password_is_named_with_the_remedy(service, tmp_path):
    secret = uuid.uuid4().hex

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    service.environment["RAPPORTEUR__SCHEMA_REGISTRY__URL"] = f"http://127.0.0.1:{server.server_address[1]}"
    service.environment["RAPPORTEUR__SCHEMA_REGISTRY__USERNAME"] = "alice"
    service.environment["RAPPORTEUR__SCHEMA_REGISTRY__PASSWORD"] = secret
    words = refused(service)
    assert "401" in words and "schema_registry.password" in words and secret not in words
    assert secret not in service.command("check", "--print").stdout
    server.shutdown()
    server.server_close()
