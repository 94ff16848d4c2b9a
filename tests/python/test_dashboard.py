"""Rules and dashboard beside the metrics that the service has: by name, and with a real Prometheus."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest
import yaml
from support import ROOT, demo_articles, eventually, free_port, process, produce

RULES = ROOT / "deploy/prometheus/alerts.yaml"
DASHBOARD = ROOT / "deploy/grafana/rapporteur.json"
OURS = re.compile(r"\brapporteur_[a-z0-9_]+")
# One article after the other, so that rates have something to show.
BEATS = 4

prometheus_installed = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="NOT TESTED: prometheus is not installed (Debian: apt-get install prometheus)",
)


def panel_queries() -> list[tuple[str, str]]:
    """Title and query of every target of every panel."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert all(panel["targets"] for panel in panels)
    return [(f"{panel['title']} {target['refId']}", target["expr"]) for panel in panels for target in panel["targets"]]


def rule_queries() -> list[tuple[str, str]]:
    """Name and expression of every rule."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [(rule.get("alert") or rule["record"], rule["expr"]) for group in groups for rule in group["rules"]]


def metrics_of(page: str) -> set[str]:
    """Names of all series of a page."""
    return {line.split("{")[0].split(" ")[0] for line in page.splitlines() if line and not line.startswith("#")}


def test_dashboard_and_rules_name_only_metrics_that_there_are(service):
    # Lag comes with the client's statistics, a moment after the start.
    eventually("lag is told", lambda: "rapporteur_consumer_lag_records{" in service.page("/metrics"))
    there = metrics_of(service.page("/metrics"))
    assert len(there) > 20
    for name, query in panel_queries() + rule_queries():
        own = {metric for metric in OURS.findall(re.sub(r"job:rapporteur_\S+", "", query))}
        assert own <= there, f"{name}: {own - there} is not on /metrics"


def test_recorded_series_are_recorded_somewhere():
    recorded = {name for name, _ in rule_queries() if name.startswith("job:")}
    used = {m for _, query in rule_queries() for m in re.findall(r"job:[a-z0-9_]+:[a-z0-9_]+", query)}
    assert used == recorded


def test_panels_have_places_of_their_own_and_a_data_source_of_the_dashboard():
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["type"] == "row" or panel["datasource"]["uid"] == "${datasource}"
    assert max(x for x, _ in taken) < 24
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_each_alert_has_a_chapter_in_the_runbook():
    runbook = (ROOT / "deploy/README.md").read_text(encoding="utf-8")
    for name, _ in rule_queries():
        assert name.startswith("job:") or f"**{name}**" in runbook, f"deploy/README.md does not tell what to do about {name}"


@prometheus_installed
def test_the_rules_are_sound_and_fire_when_they_should():
    for command in (["check", "rules", "alerts.yaml"], ["check", "config", "prometheus.yaml"], ["test", "rules", "alerts.test.yaml"]):
        done = subprocess.run(["promtool", *command], cwd=RULES.parent, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_every_alert_is_unit_tested_to_fire():
    tests = yaml.safe_load((RULES.parent / "alerts.test.yaml").read_text(encoding="utf-8"))["tests"]
    fired = {t["alertname"] for test in tests for t in test.get("alert_rule_test", []) if t.get("exp_alerts")}
    assert fired == {name for name, _ in rule_queries() if not name.startswith("job:")}


@prometheus_installed
def test_a_real_prometheus_has_data_for_every_panel(service, brokers, tmp_path):
    port = free_port()
    config = tmp_path / "prometheus.yaml"
    scrape = {"job_name": "rapporteur", "static_configs": [{"targets": [service.address]}]}
    config.write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": [str(RULES)],
                "scrape_configs": [scrape],
            }
        )
    )
    command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    command.append(f"--web.listen-address=127.0.0.1:{port}")

    def ask(query: str) -> list:
        url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]["result"]

    def scraped() -> bool:
        try:
            return bool(ask("rapporteur_build_info"))
        except OSError:
            return False

    with process(command, tmp_path / "prometheus.log", cwd=tmp_path):
        eventually("Prometheus has scraped the service", scraped)
        done = len(demo_articles()) + 1
        for beat in range(BEATS):
            articles = [{**a, "id": f"{a['id']}-{beat}"} for a in demo_articles()]
            records = [(a["id"], json.dumps(a).encode()) for a in articles]
            produce(brokers, service.input, [*records, ("broken", b"no article")])
            done += len(records) + 1
            eventually("the articles are read", lambda done=done: service.done(done))
            eventually("and scraped", lambda done=done: float(ask("sum(rapporteur_articles_total)")[0]["value"][1]) >= done, 30)
        missing = []
        for name, query in panel_queries():
            query = query.replace("$__rate_interval", "1m").replace("$job", ".*").replace("$instance", ".*")
            result = ask(query)
            numbers = [sample["value"][1] for sample in result]
            if not numbers or all(number == "NaN" for number in numbers):
                missing.append((name, query, result))
        assert not missing, missing
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/rules", timeout=10) as answer:
            rules = [rule for group in json.load(answer)["data"]["groups"] for rule in group["rules"]]
        assert len(rules) == len(rule_queries())
        assert all(rule["health"] == "ok" for rule in rules), [r for r in rules if r["health"] != "ok"]
        # A healthy service under its own rules: nothing fires.
        assert not [rule["name"] for rule in rules if rule.get("state") == "firing"]
