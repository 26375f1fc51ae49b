"""Uploads: whatever is sent and whatever fails, neither rows nor files are lost."""

import asyncio
import gc
import threading
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from anyio import create_task_group, to_thread
from PIL import Image
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.config import Config
from fastapi_app.media.files import write_whole
from fastapi_app.models import Artist
from fastapi_app.thumbnails import files, replacing, rules
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist
from tests.fastapi_app.thumbnails.shelf import OLD, URL, form, on_disk, put, row
from tests.parity import pictures

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


async def test_an_upload_is_kept_in_four_sizes_and_the_old_files_go(open_client: Client, rows: Rows) -> None:
    old = put(open_client, OLD, b"old")
    rows(artist(name="Björk Ågren", thumbnail_path=OLD, thumbnail_url="http://x/y.jpg"))
    answer = (await open_client.post(f"{URL}/upload", **form(pictures.jpeg(640, 480)))).json()
    assert answer["message"] == "Thumbnail uploaded successfully for Björk Ågren"
    assert answer["sizes_generated"] == ["small", "medium", "large", "original"]
    sizes = answer["metadata"]["sizes"]
    assert {name: one["size"] for name, one in sizes.items()} == {
        "small": [150, 113],
        "medium": [300, 225],
        "large": [600, 450],
        "original": [640, 480],
    }
    kept = await row(open_client)
    assert (kept.thumbnail_url, kept.thumbnail_source) == (None, "manual")
    assert kept.thumbnail_path == answer["thumbnail_path"] == sizes["medium"]["path"]
    assert kept.thumbnail_metadata == answer["metadata"]
    assert not old.exists()
    assert on_disk(open_client) == sorted(one["path"].removeprefix("data/") for one in sizes.values())
    for name, one in sizes.items():
        sent = await open_client.get(f"{URL}/{name}")
        assert (sent.headers["content-type"], len(sent.content)) == ("image/jpeg", one["file_size"])
        with Image.open(BytesIO(sent.content)) as image:
            assert list(image.size) == one["size"]


@pytest.mark.parametrize("name", pictures.unreadable())
async def test_a_bad_upload_leaves_the_old_picture_and_no_files(open_client: Client, rows: Rows, name: str) -> None:
    put(open_client, OLD, b"old")
    rows(artist(thumbnail_path=OLD))
    answer = await open_client.post(f"{URL}/upload", **form(pictures.unreadable()[name], name))
    assert answer.status_code == 400, answer.text
    assert (await row(open_client)).thumbnail_path == OLD
    assert on_disk(open_client) == ["thumbnails/artists/old.jpg"]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "No thumbnail file provided"),
        ({"json": {"thumbnail": "x"}}, "No thumbnail file provided"),
        ({"data": {"thumbnail": "x"}}, "No thumbnail file provided"),
        (form(pictures.jpeg(), field="file"), "No thumbnail file provided"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, "No thumbnail file provided"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}}, "No thumbnail file prov"),
        (form(pictures.jpeg(), "a.txt"), "Invalid file type"),
        (form(pictures.jpeg(), "noext"), "Invalid file type"),
    ],
)
async def test_forms_without_a_picture(open_client: Client, rows: Rows, sent: dict[str, Any], error: str) -> None:
    rows(artist())
    answer = await open_client.post(f"{URL}/upload", **sent)
    assert (answer.status_code, error in answer.json()["error"]) == (400, True)


async def test_a_body_that_ends_inside_the_file_leaves_none_open(open_client: Client, rows: Rows) -> None:
    """Starlette's parser neither complains nor closes it; a file left open would be a warning, and so an error."""
    rows(artist())
    begun = b'--b\r\nContent-Disposition: form-data; name="thumbnail"; filename="a.jpg"\r\n\r\n\xff\xd8 half'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await open_client.post(f"{URL}/upload", content=begun, headers=kind)
    assert answer.status_code == 400
    gc.collect()


async def test_a_large_upload_is_refused_before_it_is_read(open_client: Client, rows: Rows) -> None:
    rows(artist())
    limit = 10 * 2**20
    for extra in (1, 2**20):
        answer = await open_client.post(f"{URL}/upload", **form(bytes(limit + extra)))
        assert (answer.status_code, answer.json()) == (413, {"error": f"The request is larger than {limit} bytes"})
    assert on_disk(open_client) == []


async def test_a_large_upload_without_a_length_is_cut_off(open_client: Client, rows: Rows) -> None:
    rows(artist())
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="thumbnail"; filename="a.jpg"\r\n\r\n'
        while sent < 64 * 2**20:
            sent += 2**20
            yield bytes(2**20)

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = await open_client.post(f"{URL}/upload", content=endless(), headers=headers)
    assert (answer.status_code, sent < 16 * 2**20) == (413, True)


async def test_an_upload_for_nobody(open_client: Client) -> None:
    for path, field in (("artists/9/thumbnail", "thumbnail"), ("videos/9/thumbnail", "file")):
        answer = await open_client.post(f"/api/{path}/upload", **form(pictures.jpeg(), field=field))
        assert answer.status_code == 404
    assert on_disk(open_client) == []


async def test_an_artist_deleted_meanwhile_leaves_no_files(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(artist())
    work = replacing.in_thread

    async def slowly(*arguments: Any) -> replacing.Made:
        made = await work(*arguments)
        async with open_client.state["database"].writing() as session:
            await session.execute(delete(Artist))
        return made

    monkeypatch.setattr("fastapi_app.thumbnails.artists.in_thread", slowly)
    assert (await open_client.post(f"{URL}/upload", **form(pictures.jpeg()))).status_code == 404
    assert on_disk(open_client) == []


async def test_a_failed_commit_keeps_the_old_picture(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(open_client, OLD, b"old")
    rows(artist(thumbnail_path=OLD))

    async def fail(_session: AsyncSession, *_rest: Any) -> list[str]:
        raise OperationalError("UPDATE", {}, Exception("gone"))

    monkeypatch.setattr(replacing, "_exchange", fail)
    assert (await open_client.post(f"{URL}/upload", **form(pictures.jpeg()))).status_code == 503
    assert (await row(open_client)).thumbnail_path == OLD
    assert on_disk(open_client) == ["thumbnails/artists/old.jpg"]


async def test_a_commit_that_only_seemed_to_fail_keeps_the_new_picture(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(artist())
    exchange = replacing._exchange

    async def commit_and_fail(session: AsyncSession, made: replacing.Made, change: replacing.Change) -> list[str]:
        await exchange(session, made, change)
        await session.commit()
        raise OperationalError("COMMIT", {}, Exception("gone"))

    monkeypatch.setattr(replacing, "_exchange", commit_and_fail)
    assert (await open_client.post(f"{URL}/upload", **form(pictures.jpeg()))).status_code == 503
    assert (await open_client.get(URL)).headers["content-type"] == "image/jpeg"
    assert len(on_disk(open_client)) == 4


async def test_a_visitor_who_leaves_meanwhile_leaves_no_files(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(open_client, OLD, b"old")
    rows(artist(thumbnail_path=OLD))
    begun, left = threading.Event(), threading.Event()
    write = files.write

    def slowly(config: Config, contents: Mapping[str, bytes]) -> None:
        begun.set()
        assert left.wait(10)
        write(config, contents)

    monkeypatch.setattr(files, "write", slowly)
    async with create_task_group() as group:
        group.start_soon(partial(open_client.post, f"{URL}/upload", **form(pictures.jpeg())))
        assert await to_thread.run_sync(begun.wait, 10)
        group.cancel_scope.cancel()
        left.set()
    assert (await row(open_client)).thumbnail_path == OLD
    assert on_disk(open_client) == ["thumbnails/artists/old.jpg"]
    assert (await open_client.post(f"{URL}/upload", **form(pictures.jpeg()))).status_code == 200


async def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(open_client, OLD, b"old")
    rows(artist(thumbnail_path=OLD))
    written: list[Path] = []

    def fills_up(target: Path, content: bytes) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(target)
        write_whole(target, content)

    monkeypatch.setattr(files, "write_whole", fills_up)
    answer = await open_client.post(f"{URL}/upload", **form(pictures.jpeg()))
    assert (answer.status_code, answer.json()) == (503, {"error": "The picture can't be stored at the moment"})
    assert on_disk(open_client) == ["thumbnails/artists/old.jpg"]
    assert (await row(open_client)).thumbnail_path == OLD


async def test_uploads_at_once_leave_one_picture_and_its_files(open_client: Client, rows: Rows) -> None:
    rows(artist())
    sent = [open_client.post(f"{URL}/upload", **form(pictures.jpeg(60 + number, 60))) for number in range(6)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {200}
    kept = await row(open_client)
    assert on_disk(open_client) == sorted(
        path.removeprefix("data/") for path in rules.files_of(kept.thumbnail_path, kept.thumbnail_metadata)
    )


@pytest.mark.parametrize("stored", ["/etc/hostname", "data/secret_key", "data/thumbnails/artists/out.jpg"])
async def test_old_files_outside_the_data_folder_stay(
    open_client: Client, rows: Rows, stored: str, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"private")
    secret = put(open_client, "data/secret_key", b"secret")
    link = open_client.config.data_dir / "thumbnails/artists/out.jpg"
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    rows(artist(thumbnail_path=stored, thumbnail_metadata={"sizes": {"small": {"path": stored}}}))
    assert (await open_client.post(f"{URL}/upload", **form(pictures.jpeg()))).status_code == 200
    assert outside.exists()
    assert secret.exists()
