"""What the tests of the picture routes share: files on disk, forms, rows."""

from pathlib import Path
from typing import Any

from fastapi_app.models import Artist
from tests.fastapi_app.conftest import Client

URL = "/api/artists/1/thumbnail"
OLD = "data/thumbnails/artists/old.jpg"


def put(client: Client, stored: str, content: bytes) -> Path:
    path = client.config.data_dir / stored.removeprefix("data/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def on_disk(client: Client) -> list[str]:
    folder = client.config.data_dir / "thumbnails"
    return sorted(str(path.relative_to(folder.parent)) for path in folder.rglob("*") if path.is_file())


def form(content: bytes, name: str = "pic.jpg", field: str = "thumbnail") -> dict[str, Any]:
    return {"files": {field: (name, content, "application/octet-stream")}}


async def row(client: Client, row_id: int = 1, model: type[Any] = Artist) -> Any:
    async with client.state["database"].reading() as session:
        return await session.get(model, row_id)
