"""An account without the right to make triggers is upgraded all the same."""

from pathlib import Path

from sqlalchemy import text
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.models import Setting
from fastapi_app.schema import SchemaState, upgrade
from tests.search.libraries import SECRET, artist, opened, put, video
from tests.servers.mariadb import start_mariadb

RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER, REFERENCES"


def test_without_triggers_beginnings_are_found(tmp_path: Path) -> None:
    with start_mariadb(tmp_path / "server") as server:
        server.create_database("plain")
        server.execute("CREATE USER small@'127.0.0.1' IDENTIFIED BY 'word'")
        server.execute(f"GRANT {RIGHTS} ON plain.* TO small@'127.0.0.1'")
        address = f"mysql://small:word@127.0.0.1:{server.port}/plain"
        config = Config(data_dir=tmp_path, database_url=address, secret_key=SECRET)
        with opened(config) as engine:
            assert upgrade(engine).after.state is SchemaState.CURRENT
            with engine.connect() as connection:
                assert not connection.execute(text("SHOW TABLES LIKE 'search%'")).all()
        put(config, Setting(id=1, key="require_authentication", value="false"), artist(1, "Nova"))
        put(config, video(1, "Star"), video(2, "Far star"))
        with TestClient(create_app(config)) as client:
            found = client.get("/api/search", params={"q": "star"}).json()["videos"]["items"]
        assert [item["title"] for item in found] == ["Star"]
