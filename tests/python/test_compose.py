"""The image and the compose file: linted, and what they run is run here, with a broker of this machine."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from support import PATIENCE, ROOT, Service, binary, eventually, process, produce

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def tool(name: str) -> str:
    """A program of the environment that the tests run in."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def test_the_dockerfile_is_clean():
    done = subprocess.run([tool("hadolint"), str(DEPLOY / "Dockerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_compose_file_is_one():
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_image_is_built_from_files_that_there_are_and_nothing_else_goes_in():
    build = DOCKERFILE.split("FROM gcr.io")[0]
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*)$", build, re.M) for word in line.split()[:-1]]
    let_in = re.findall(r"^!(.*)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.M)
    for path in copied:
        assert (ROOT / path).exists(), path
        assert path in let_in, f"{path} is not let into the build"


def test_the_image_has_what_the_program_takes_in_when_it_is_built():
    """include_str! and the like reach outside src: what they name must be copied, too."""
    let_in = re.findall(r"^!(.*)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.M)
    for source in (ROOT / "src").rglob("*.rs"):
        text = source.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
        for named in re.findall(r'include_(?:str|bytes)!\(\s*"([^"]+)"', text):
            path = (source.parent / named).resolve().relative_to(ROOT)
            assert any(str(path).startswith(allowed) for allowed in let_in), f"{source.name}: {path}"


def test_the_image_runs_as_nobody_and_its_service_on_a_root_that_it_cannot_write():
    runtime = DOCKERFILE.split("FROM gcr.io")[1]
    assert "USER 65532:65532" in runtime and "HEALTHCHECK" in runtime
    for name in ("topics", "rapporteur", "tail"):
        service = SERVICES[name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["user"] == "65532:65532"


def test_what_the_compose_file_mounts_and_names_is_there():
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            assert (DEPLOY / volume.split(":")[0]).exists(), f"{name}: {volume}"
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name}: {port} is open to others"
        needed = service.get("depends_on", {})
        assert set(needed) <= set(SERVICES)
    scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yaml").read_text())["scrape_configs"][0]
    assert scraped["static_configs"][0]["targets"] == ["rapporteur:9464"]
    collector = yaml.safe_load((DEPLOY / "otel/collector.yaml").read_text())
    for pipeline in collector["service"]["pipelines"].values():
        for part in ("receivers", "processors", "exporters"):
            assert set(pipeline[part]) <= set(collector[part])
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text())
    assert source["datasources"][0]["url"] == "http://prometheus:9090"


@contextlib.contextmanager
def started(service: Service, name: str, log: Path):
    with process([binary(), *SERVICES[name]["command"]], log, env=service.environment) as child:
        yield child


def test_its_commands_one_after_the_other_show_contacts_within_a_minute(brokers, tmp_path):
    """topics, rapporteur, feeder and tail with the compose file's settings, save brokers, names and registry."""
    service = Service(brokers, tmp_path, name="compose")
    latest = f"{service.name}.latest"
    settings = {k: str(v) for k, v in SERVICES["rapporteur"]["environment"].items()}
    own = {k: v for k, v in service.environment.items() if k.startswith(("RAPPORTEUR__TOPICS", "RAPPORTEUR__KAFKA"))}
    own["RAPPORTEUR__HTTP__LISTEN"] = f"0.0.0.0:{service.address.rsplit(':', 1)[1]}"
    own["RAPPORTEUR__SCHEMA_REGISTRY__URL"] = ""
    own["RAPPORTEUR__TOPICS__LATEST"] = latest
    service.environment = {**service.environment, **settings, **own}
    service.command(*SERVICES["topics"]["command"])
    articles = (ROOT / "examples/articles.jsonl").read_text(encoding="utf-8").splitlines()
    with started(service, "rapporteur", tmp_path / "run.log"), started(service, "tail", tmp_path / "tail.log"):
        health = DOCKERFILE.split("HEALTHCHECK")[1].splitlines()[0]
        assert 'CMD ["/usr/local/bin/rapporteur", "health"]' in health
        eventually("healthy", lambda: service.command("health", check=False).returncode == 0)
        produce(brokers, service.input, [(None, line.encode()) for line in articles])
        eventually("contacts are shown", lambda: "Jonas Gahr Støre" in (tmp_path / "tail.log").read_text(), PATIENCE)
    shown = (tmp_path / "tail.log").read_text()
    assert "PHONE CALL cancelled" in shown
    assert '"level":"INFO"' in (tmp_path / "run.log").read_text().replace(" ", ""), "the log is JSON"
