"""The dashboard and the alerts name metrics and labels that there are, in queries that Prometheus can read."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from fastapi_app.jobs.health import Link, Load, Overview
from fastapi_app.jobs.metrics import JobMetrics
from fastapi_app.jobs.presence import Role
from fastapi_app.jobs.states import Queue, State
from fastapi_app.metrics import RequestMetrics
from tests.operations.processes import PROJECT
from tests.router.test_metrics import NAMES

DEPLOY = PROJECT / "deploy"
ALERTS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana/dashboards/mvidarr.json").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
FROM_OUTSIDE = {"instance", "job", "le"}

FUNCTIONS = {"rate", "increase", "delta", "histogram_quantile", "vector", "topk", "sum", "max", "min", "count"}
WORDS = {"by", "and", "or", "unless", "on"}
TOKEN = re.compile(
    r'(?P<text>"[^"]*")|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<range>\[(?:\d+[smhd]|\$__rate_interval)\])'
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[!=<>]=|=~|!~|[-+*/<>=(){},])|(?P<space>\s+)"
)


class Unreadable(AssertionError):
    """A query that Prometheus would refuse."""


@dataclass
class Query:
    """The metrics of a query, and all labels that it names."""

    metrics: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)


def read(text: str) -> Query:
    """As much of PromQL as is used here. Raises `Unreadable`."""
    found, opened, listing, last = Query(), [""], False, ""
    for kind, value in tokens(text):
        if kind == "sign" and value in "({":
            listing = value == "(" and last in {"by", "on"}
            opened.append("list" if listing else value)
        elif kind == "sign" and value in ")}":
            if {"list": ")", "(": ")", "{": "}"}.get(opened.pop()) != value:
                raise Unreadable(f"{text}: {value} closes nothing")
        elif kind == "name" and opened[-1] in {"list", "{"}:
            found.labels.add(value)
        elif kind == "name" and value not in FUNCTIONS | WORDS:
            found.metrics.add(value)
        elif kind == "range" and last != "}" and last not in found.metrics:
            raise Unreadable(f"{text}: a range of nothing")
        last = value
    if opened != [""] or last in {*"+-*/,<>", "and", "or", "by"}:
        raise Unreadable(f"{text}: ends too early")
    return found


def tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise Unreadable(f"{text}: what is {text[at : at + 10]!r}?")
        at = match.end()
        if match.lastgroup != "space":
            yield match.lastgroup, match[0]


def samples(family: str, kind: str) -> set[str]:
    ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(kind, ("",))
    return {family + end for end in ends}


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """Every sample that there is, with its labels."""
    counters = ("requests", "fallbacks", "fallbacks_refused", "overrides", "rollbacks", "identity_flips", "shadow")
    kinds = dict.fromkeys(
        (f"strangler_{name}" for name in (*counters, "shadow_dropped", "dry_runs", "observer_errors")), "counter"
    )
    kinds |= dict.fromkeys(("strangler_request_duration_seconds", "strangler_wsgi_queue_wait_seconds"), "histogram")
    found = {
        sample: set(labels) for name, labels in NAMES.items() for sample in samples(name, kinds.get(name, "gauge"))
    }
    for metric in the_products():
        labels = {label for sample in metric.samples for label in sample.labels}
        found |= dict.fromkeys(samples(metric.name, metric.type), labels)
    return found | {"up": {"job", "instance"}}


def the_products() -> list[Metric]:
    registry = CollectorRegistry()
    RequestMetrics(registry).observe("GET", "/", 200, 0.1)
    jobs = JobMetrics(registry)
    load = Load(Queue.DOWNLOADS, dict.fromkeys(State, 1), 1, 2.0)
    jobs.show(Overview(Link.ANSWERS, (load,)))
    return list(registry.collect())


def queries() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
    notes = [one["expr"] for one in DASHBOARD["annotations"]["list"]]
    return [*panels, *notes, *(rule["expr"] for rule in RULES)]


@pytest.mark.parametrize("text", queries())
def test_every_query_names_metrics_and_labels_that_there_are(text: str, known: dict[str, set[str]]) -> None:
    query = read(text)
    assert query.metrics
    assert query.metrics <= set(known), query.metrics - set(known)
    assert query.labels <= FROM_OUTSIDE.union(*(known[metric] for metric in query.metrics))


@pytest.mark.parametrize(
    "text", ["sum(", "sum(a))", "sum(a}", 'a{b="c"', "rate([5m])", "a +", "a ? b", "sum by (a", "a{b='c'}"]
)
def test_a_query_that_prometheus_would_refuse_is_found(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


def test_alerts_say_what_happened_and_how_urgent_it_is() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names) >= 15
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
        for label in re.findall(r"\$labels\.(\w+)", str(rule["annotations"])):
            assert label in read(rule["expr"]).labels, rule["alert"]


def test_states_and_roles_in_queries_are_ours() -> None:
    text = "\n".join(queries())
    assert set(re.findall(r'role="(\w+)"', text)) <= set(Role)
    for states in re.findall(r'mvidarr_jobs\{state(?:=|!~)"([\w|]+)"', text):
        assert set(states.split("|")) <= set(State)


def test_panels_lie_beside_each_other_and_have_ids_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_compose_serves_what_lies_here_to_this_machine_only() -> None:
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    for name in ("prometheus", "grafana"):
        service = services[name]
        assert service["profiles"] == ["monitoring"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert not source.startswith("./") or (PROJECT / source).is_dir()
    scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    assert scraped[0]["static_configs"][0]["targets"] == [f"web:{services['web']['environment']['MVIDARR_PORT']}"]
    provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/mvidarr.yml").read_text())["providers"][0]
    assert any(volume.endswith(f":{provider['options']['path']}:ro") for volume in services["grafana"]["volumes"])


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on PATH")
def test_promtool_reads_the_rules() -> None:
    command = ["promtool", "check", "rules", str(DEPLOY / "prometheus/alerts.yml")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
