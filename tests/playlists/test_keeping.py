"""Playlists are in every backup, and stand in order when it is brought back."""

import pytest

from fastapi_app.config import Config
from fastapi_app.models import User, UserRole
from tests.backup.test_round_trip import bring_back, contents, save
from tests.playlists.lists import entry, playlist
from tests.search.libraries import artist, put, video, writing

RULES = {"genres": ["Électro"], "sort": "artist"}


@pytest.mark.long
def test_a_backup_brings_back_every_playlist_entry_and_rule(config: Config) -> None:
    anna = User(id=1, username="anna", email="a@example.org", password_hash="x", role=UserRole.USER)
    put(config, artist(1, "Björk"), *(video(number, f"Song {number}", 1) for number in range(1, 4)), anna)
    put(config, playlist(1, "Söndag", user_id=1), playlist(2, is_dynamic=True, auto_update=True, filter_criteria=RULES))
    put(config, entry(1, 3, 7), entry(2, 1, 7), entry(5, 2, -3))
    before = contents(config)
    path, _ = save(config)
    with writing(config) as session:
        session.delete(session.get_one(User, 1))
    assert contents(config)["playlist_entries"] != before["playlist_entries"]
    bring_back(config, path)
    after = contents(config)
    assert [after[table] for table in ("playlists", "playlist_entries")] == [
        before[table] for table in ("playlists", "playlist_entries")
    ]
    assert len(after["playlist_entries"]) == 4
