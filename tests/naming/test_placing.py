"""Where a download puts its film: by the template, and by default as ever."""

from pathlib import Path

import pytest

from fastapi_app.config import Config
from fastapi_app.downloads.placing import Aim, targets
from fastapi_app.naming.template import parse
from fastapi_app.naming.tokens import Facts

LIBRARY = "data/musicvideos"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "musicvideos").mkdir()
    return Config(data_dir=tmp_path, database_url="", db_host="")


def target(config: Config, template: str, artist: str = "Björk") -> str:
    found = parse(template)
    names = found.path(Facts(artist, "Jóga", 1997).values())
    aim = Aim(LIBRARY, artist, "Jóga", None, names, in_artist_folder=found.begins_with_artist)
    return next(targets(config, aim, ".mp4", lambda _: False))


def test_the_default_is_what_it_was(config: Config) -> None:
    before = next(targets(config, Aim(LIBRARY, "Björk", "Jóga"), ".mp4", lambda _: False))
    assert target(config, "{artist}/{title}") == before == f"{LIBRARY}/Björk/Jóga.mp4"


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("{title}", "Jóga.mp4"),
        ("{artist_first_letter}/{artist}/{title} ({year})", "B/Björk/Jóga (1997).mp4"),
        ("{artist}/{year}/{title}", "Björk/1997/Jóga.mp4"),
    ],
)
def test_a_template_is_followed(config: Config, template: str, path: str) -> None:
    assert target(config, template) == f"{LIBRARY}/{path}"


def test_the_folder_that_an_artist_has_is_used(config: Config) -> None:
    (config.data_dir / "musicvideos" / "Guns 'N' Roses").mkdir()
    assert target(config, "{artist}/{year}/{title}", 'Guns "N" Roses') == f"{LIBRARY}/Guns 'N' Roses/1997/Jóga.mp4"


def test_a_name_that_is_used_gets_a_number(config: Config) -> None:
    (config.data_dir / "musicvideos" / "Jóga.mp4").write_text("another")
    assert target(config, "{title}") == f"{LIBRARY}/Jóga (1).mp4"
