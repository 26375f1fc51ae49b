"""The proxy delays: by as much as it was told, each byte in its place, and does not narrow what passes."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from benchmarks import delaying
from benchmarks.delaying import delayed, event_loop, serve

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def run(talk: Awaitable[None]) -> None:
    async def within() -> None:
        async with asyncio.timeout(20):
            await talk
            while len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110  # the proxy's own, which end by themselves
                await asyncio.sleep(0.005)

    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(within())


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65_536):
        writer.write(part)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def through(milliseconds: float, talk: Talk = echo) -> AsyncIterator[int]:
    async with (
        await asyncio.start_server(talk, "127.0.0.1", 0) as server,
        await serve(server.sockets[0].getsockname()[1], milliseconds) as proxy,
    ):
        yield proxy.sockets[0].getsockname()[1]


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("milliseconds", [0.0, 2.0, 10.0])
def test_a_round_trip_takes_as_long_as_it_was_told(milliseconds: float) -> None:
    async def talk() -> None:
        async with through(milliseconds) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            found = []
            for _ in range(20):
                began = time.perf_counter()
                writer.write(b"x")
                await reader.readexactly(1)
                found.append((time.perf_counter() - began) * 1000)
            await closed(writer)
            assert min(found) >= milliseconds
            assert sorted(found)[5] < milliseconds + 3

    run(talk())


def test_every_byte_arrives_in_its_place_and_many_are_under_way_at_once() -> None:
    """Eight megabytes there and back at 20 ms: one part of 64 KiB per round trip would take more than two seconds."""
    content = bytes(range(256)) * 32_768

    async def talk() -> None:
        async with through(20.0) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            began = time.perf_counter()
            writer.write(content)
            writer.write_eof()
            assert await reader.read(-1) == content
            assert time.perf_counter() - began < 2
            await closed(writer)

    run(talk())


def test_what_nobody_reads_is_not_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sends without end to a server that does not read: the proxy takes no more than it may."""
    monkeypatch.setattr(delaying, "UNDER_WAY", 100_000)
    leave = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's
        await leave.wait()
        writer.close()

    async def talk() -> None:
        async with through(1.0, silent) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            sent = [0]

            async def send() -> None:
                for _ in range(2_000):
                    writer.write(bytes(65_536))
                    await writer.drain()
                    sent[0] += 65_536

            with pytest.raises(TimeoutError):
                await asyncio.wait_for(send(), 0.5)
            assert sent[0] < 60 * 2**20
            leave.set()
            writer.transport.abort()

    run(talk())


def test_many_connections_don_t_wait_for_each_other() -> None:
    async def ask(port: int, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{number:04}".encode())
        assert await reader.readexactly(4) == f"{number:04}".encode()
        await closed(writer)

    async def talk() -> None:
        async with through(50.0) as port:
            began = time.perf_counter()
            await asyncio.gather(*(ask(port, number) for number in range(40)))
            assert time.perf_counter() - began < 1.5  # one after the other: two seconds

    run(talk())


def test_a_server_that_is_gone_ends_the_connection() -> None:
    async def talk() -> None:
        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            gone = server.sockets[0].getsockname()[1]
        async with await serve(gone, 1.0) as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.sockets[0].getsockname()[1])
            assert await reader.read() == b""
            await closed(writer)

    run(talk())


def test_it_runs_in_a_process_of_its_own() -> None:
    async def talk() -> None:
        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with delayed(port, 5.0, core=0) as proxy:
                reader, writer = await asyncio.open_connection("127.0.0.1", proxy)
                writer.write(b"x")
                assert await reader.readexactly(1) == b"x"
                await closed(writer)

    run(talk())
