"""What was fixed before the first run is read strictly: a word that means nothing must not be passed over."""

from pathlib import Path

import pytest

from benchmarks.mixes import FILE, read_mixes
from benchmarks.reading import BadPlan


def changed(tmp_path: Path, before: str, after: str) -> Path:
    text = FILE.read_text("utf-8")
    assert before in text
    path = tmp_path / "mixes.toml"
    path.write_text(text.replace(before, after, 1), "utf-8")
    return path


def test_the_plan_is_what_the_design_fixed() -> None:
    mixes = read_mixes()
    assert (mixes.plan.threads, mixes.plan.pool, mixes.plan.overflow) == (10, 10, 20)
    assert (mixes.libraries["fixture"].artists, mixes.libraries["fixture"].videos) == (300, 6_000)
    assert (mixes.libraries["large"].artists, mixes.libraries["large"].videos) == (2_500, 100_000)
    assert mixes.scenario("database-delay").delays == (0.0, 2.0, 10.0)
    assert mixes.scenario("routes").routes == (10, 100, 300, 2_000)
    assert mixes.visitors.p95 == 250.0
    assert set(mixes.controls) == {"werkzeug", "gunicorn"}


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("rounds = 6", "round = 6", "plan.rounds"),
        ("rounds = 6", "retries = 3\nrounds = 6", "plan.retries is not known"),
        ("rounds = 6", "rounds = true", "plan.rounds"),
        ("rounds = 6", "rounds = 0", "plan.rounds is 0"),
        ("minutes = 6.5", 'minutes = "six"', "programs[jobs].minutes"),
        ("threads = 10", 'threads = "ten"', "plan.threads"),
        ("load_core = 1", "load_core = 0", "plan.load_core"),
        ("videos = 6000", "videos = -1", "libraries.fixture.videos"),
        ('server = "werkzeug"', 'server = "apache"', "contenders.werkzeug.server"),
        ('load = "offered"', 'load = "offerd"', "scenarios[list-offered].load"),
        ("share = 0.5", "share = 1.5", "scenarios[list-offered].share"),
        ("share = 0.5", "", "scenarios[list-offered].share"),
        ('libraries = ["large"]', 'libraries = ["huge"]', "scenarios[list-large].libraries"),
        ('databases = ["sqlite", "mariadb"]', 'databases = ["postgres"]', "scenarios[list].databases"),
        ("weight = 3", "weight = 0", "requests[0].weight"),
        ('method = "PUT"', 'method = "PUSH"', "requests[0].method"),
        ('name = "one"', 'name = "list"', "two parts have the name list"),
        ("minutes = 1.8", "", "programs[quick].minutes"),
        ('order = [\n    "bridge", ', "order = [\n", "order names bridge 0 times"),
        ('    "bridge", ', '    "bridge", "bridges", ', "order names 'bridges'"),
        ('contenders = ["werkzeug", ', 'contenders = ["apache", ', "scenarios[mixed].contenders"),
        ("[plan]", "[plan", "mixes.toml"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, before: str, after: str, named: str) -> None:
    with pytest.raises(BadPlan) as told:
        read_mixes(changed(tmp_path, before, after))
    assert named in str(told.value)
