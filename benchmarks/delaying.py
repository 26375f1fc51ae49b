"""A TCP proxy that makes a server seem further away: ``python -m benchmarks.delaying PORT MILLISECONDS``.

Bytes arrive half a round trip after they were sent, in each direction, in order, and as many of them as come: what is
under way does not wait for what was before it. What can't be delivered is not read either, beyond `UNDER_WAY`.

It waits with ``select``, not ``epoll``: epoll rounds a wait up to whole milliseconds, and the delays are that short.
"""

import asyncio
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

UNDER_WAY = 8 * 2**20
"""Bytes in one direction of one connection that are kept at most."""

_AT_ONCE = 65_536
_STOP_WITHIN = 10.0
_PROJECT = Path(__file__).parents[1]


class Line:
    """Bytes under way in one direction."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._parts: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self._changed = asyncio.Event()

    async def put(self, part: bytes) -> None:
        """Sends them off, once there is room. An empty part is the end."""
        while self._size > UNDER_WAY:
            await self._change()
        self._parts.append((time.perf_counter() + self._seconds, part))
        self._size += len(part)
        self._changed.set()

    async def get(self) -> bytes:
        """The next that arrive, as soon as they may; all of them that are due by then."""
        while not self._parts:
            await self._change()
        await asyncio.sleep(self._parts[0][0] - time.perf_counter())
        now, due = time.perf_counter(), [self._parts.popleft()[1]]
        while self._parts and self._parts[0][0] <= now and self._parts[0][1]:
            due.append(self._parts.popleft()[1])
        self._size -= sum(map(len, due))
        self._changed.set()
        return b"".join(due)

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


async def _read(reader: asyncio.StreamReader, line: Line) -> None:
    part = b"first"
    while part:
        try:
            part = await reader.read(_AT_ONCE)
        except ConnectionError:
            part = b""
        await line.put(part)


async def _write(writer: asyncio.StreamWriter, line: Line) -> None:
    while part := await line.get():
        writer.write(part)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def serve(port: int, milliseconds: float) -> asyncio.Server:
    """A proxy for a port of this machine, on a free port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            further, onward = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        there, back = Line(milliseconds / 2000), Line(milliseconds / 2000)
        try:
            async with asyncio.TaskGroup() as directions:
                directions.create_task(_read(reader, there))
                directions.create_task(_write(onward, there))
                directions.create_task(_read(further, back))
                directions.create_task(_write(writer, back))
        except* OSError:
            pass  # somebody left: whoever is still there is told by the end of the connection
        finally:
            for one in (writer, onward):
                one.close()
                with suppress(OSError):
                    await one.wait_closed()

    return await asyncio.start_server(connected, "127.0.0.1", 0)


@contextmanager
def delayed(port: int, milliseconds: float, core: int) -> Iterator[int]:
    """A proxy in a process of its own, on ``core``. Gives its port."""
    command = ["taskset", "-c", str(core), sys.executable, "-m", "benchmarks.delaying", str(port), str(milliseconds)]
    with subprocess.Popen(command, cwd=_PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
            try:
                process.wait(_STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()


def event_loop() -> asyncio.AbstractEventLoop:
    """A loop that can wait for less than a millisecond. It holds fewer than 1,024 sockets, which is enough here."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


async def _main(port: int, milliseconds: float) -> None:
    async with await serve(port, milliseconds) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(_main(int(sys.argv[1]), float(sys.argv[2])))
