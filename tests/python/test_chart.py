"""The chart: linted and rendered by Helm's own library, and what comes of it checked against Kubernetes' schemas."""

from __future__ import annotations

from pathlib import Path

import helm_python as helm
import kubernetes_validate
import pytest
import yaml
from support import ROOT, Service

CHART = ROOT / "deploy/helm/rapporteur"
KUBERNETES = "1.34"
EVERYTHING = yaml.safe_load((CHART / "ci/everything-values.yaml").read_text(encoding="utf-8"))
# Resources of operators, whose schemas are not Kubernetes' own.
OPERATORS = {"ServiceMonitor", "PrometheusRule", "ScaledObject", "KafkaTopic"}


def rendered(values: dict, namespace: str = "news") -> dict[tuple[str, str], dict]:
    """All resources, by kind and name."""
    with helm.Chart.load(str(CHART)) as chart:
        files = chart.render(values, name="r", namespace=namespace)
    found = {}
    for path, text in files.items():
        if path.endswith(".yaml"):
            for resource in filter(None, yaml.safe_load_all(text)):
                place = (resource["kind"], resource["metadata"]["name"])
                assert place not in found, place
                found[place] = resource
    return found


def only(resources: dict, kind: str) -> dict:
    found = [resource for (k, _), resource in resources.items() if k == kind]
    assert len(found) == 1, kind
    return found[0]


@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["defaults", "everything"])
def test_the_chart_is_clean(values):
    report = helm.lint(str(CHART), values, strict=True, kube_version=f"v{KUBERNETES}.0")
    assert report["errors"] == []
    assert all(message["severity"] < 2 for message in report["messages"]), report


@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["defaults", "everything"])
def test_what_is_rendered_is_what_kubernetes_takes(values):
    resources = rendered(values)
    for (kind, _), resource in resources.items():
        if kind not in OPERATORS:
            kubernetes_validate.validate(resource, KUBERNETES, strict=True)
    kinds = {kind for kind, _ in resources}
    always = {"Deployment", "Service", "ServiceAccount", "ConfigMap", "PodDisruptionBudget"}
    assert kinds == (always | OPERATORS | {"NetworkPolicy"} if values else always)


def test_a_mistake_would_be_seen():
    deployment = only(rendered({}), "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["readOnly"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, KUBERNETES, strict=True)


def test_the_service_runs_as_nobody_on_a_root_that_it_cannot_write():
    pod = only(rendered({}), "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 65532
    container = pod["containers"][0]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not pod["automountServiceAccountToken"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert len(pod["topologySpreadConstraints"]) == 2


def environment(resources: dict) -> dict[str, str]:
    return next(r for (k, n), r in resources.items() if k == "ConfigMap" and n == "r-rapporteur")["data"]


def test_the_program_takes_the_settings_as_the_chart_hands_them_over(tmp_path):
    service = Service("unused:1", tmp_path)
    resources = rendered(EVERYTHING)
    variables = environment(resources)
    variables["RAPPORTEUR__SCHEMA_REGISTRY__USERNAME"] = "reader"
    for secret in only(resources, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]:
        if "valueFrom" in secret:
            variables[secret["name"]] = "hunter2"
    # A certificate is there when the secret is mounted; here there is none to read.
    del variables["RAPPORTEUR__KAFKA__PROPERTIES__SSL_CA_LOCATION"]
    variables["RAPPORTEUR__KAFKA__PROPERTIES__SASL_MECHANISM"] = "PLAIN"
    variables["RAPPORTEUR__KAFKA__PROPERTIES__SASL_USERNAME"] = "reader"
    service.environment = {k: v for k, v in service.environment.items() if not k.startswith("RAPPORTEUR__")} | variables
    file = tmp_path / "rapporteur.toml"
    file.write_text(resources["ConfigMap", "r-rapporteur-file"]["data"]["rapporteur.toml"], encoding="utf-8")
    service.environment["RAPPORTEUR_CONFIG"] = str(file)
    shown = service.command("check", "--print").stdout
    assert 'brokers = "a:9093,b:9093"' in shown
    assert "max_bytes = 5000000" in shown
    assert '"sasl.password" = "[redacted]"' in shown and "hunter2" not in shown
    assert '"/content"' in shown


def test_no_secret_is_in_the_chart_only_references():
    text = yaml.safe_dump_all(rendered(EVERYTHING).values())
    assert "secretKeyRef" in text
    assert not [r for r in rendered(EVERYTHING) if r[0] == "Secret"]


def test_topics_are_those_that_the_program_would_make():
    topics = {r["spec"]["topicName"]: r["spec"] for (k, _), r in rendered(EVERYTHING).items() if k == "KafkaTopic"}
    assert set(topics) == {"articles", "contacts", "contacts.dead-letters", "contacts.latest"}
    assert topics["contacts"]["config"] == {"cleanup.policy": "delete", "retention.ms": 30 * 86_400_000}
    assert topics["contacts.latest"]["config"]["cleanup.policy"] == "compact"
    assert topics["contacts.dead-letters"]["partitions"] == 1


def test_keda_scales_what_it_names_and_the_deployment_leaves_the_number_to_it():
    resources = rendered(EVERYTHING)
    scaled = only(resources, "ScaledObject")["spec"]
    assert scaled["scaleTargetRef"]["name"] == only(resources, "Deployment")["metadata"]["name"]
    trigger = scaled["triggers"][0]["metadata"]
    assert trigger["topic"] == "articles" and trigger["lagThreshold"] == "20000"
    assert "replicas" not in only(resources, "Deployment")["spec"]


def test_a_setting_that_the_environment_cannot_say_is_refused():
    with pytest.raises(helm.HelmRenderError, match="write it in config"):
        rendered({"settings": {"article": {"title": ["/a", "/b"]}}})


@pytest.mark.parametrize(
    ("copy", "original"),
    [("alerts.yaml", "prometheus/alerts.yaml"), ("dashboard.json", "grafana/rapporteur.json")],
)
def test_the_charts_copies_are_those_beside_it(copy, original):
    assert (CHART / "files" / copy).read_bytes() == (CHART.parents[1] / original).read_bytes()


def test_the_chart_is_of_the_programs_version():
    import tomllib

    version = tomllib.loads(Path(ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]
    assert yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["appVersion"] == version
