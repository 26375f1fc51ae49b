"""docs/adopting.md names commands, variables and sentences that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from fastapi_app import cli
from fastapi_app.config import Config
from fastapi_app.schema import SchemaState

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "adopting.md").read_text("utf-8")
COMPOSE = (PROJECT / "docker-compose.yml").read_text("utf-8")
FINDINGS = {"database", "data folder", "films", "login", "media roots", "secret key", "port", "Redis"}


def commands(command: Any, before: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The words of every command below `command`."""
    children: dict[str, Any] | None = getattr(command, "commands", None)
    if children is None:
        return {before}
    return {found for name, child in children.items() for found in commands(child, (*before, name))}


def named_commands() -> set[tuple[str, ...]]:
    known = {path[0] for path in every_command()}
    found = re.findall(r"\bmvidarr ((?:[a-z-]+)(?: [a-z-]+)?)", PAGE)
    return {tuple(words.split()) for words in found if words.split()[0] in known}


def every_command() -> set[tuple[str, ...]]:
    return commands(typer.main.get_command(cli.app))


def variables() -> set[str]:
    """Every environment variable that the configuration reads."""
    named = {f"MVIDARR_{name.upper()}" for name in Config.model_fields}
    for field in Config.model_fields.values():
        alias = field.validation_alias
        named |= {str(one) for one in getattr(alias, "choices", [alias]) if one}
    return named


def test_every_command_exists() -> None:
    known = every_command()
    assert len(named_commands()) >= 5
    for words in named_commands():
        assert any(words[: len(path)] == path for path in known), words


def test_every_variable_is_read() -> None:
    named = set(re.findall(r"\b(?:MVIDARR|DB|MARIADB)_[A-Z_]+\b", PAGE))
    of_compose = set(re.findall(r"\$\{(\w+)", COMPOSE))
    assert named - variables() - of_compose == set()
    assert {"DB_HOST", "MVIDARR_DATA_DIR", "MVIDARR_MEDIA_ROOTS"} <= named


def test_what_the_check_says_is_quoted_as_it_is() -> None:
    assert f"> {SchemaState.ADOPTABLE.value}" in PAGE
    quoted = ("neither ours nor those of MVidarr 0.9.", "The tables were made by a newer version")
    assert all(any(text in state.value for state in SchemaState) for text in quoted)


def test_every_finding_of_the_doctor_is_one_that_it_makes() -> None:
    table = PAGE.split("| it says |")[1].split("\n\n")[0]
    named = {row.split(":")[0].strip("| ") for row in table.splitlines() if ":" in row}
    assert named == FINDINGS
    source = (PROJECT / "fastapi_app" / "operations" / "doctor.py").read_text("utf-8")
    assert all(f'"{name}"' in source for name in FINDINGS)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", PAGE))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (PROJECT / "docs" / link).exists()


def test_the_services_of_the_compose_file_are_named_right() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    assert {"web", "mariadb", "redis"} <= services.keys()
    assert services["web"]["command"] == ["mvidarr", "up"]
