"""Commands that the loop runs itself: their answers, their limits, and that nothing of them is left."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import uvloop

from benchmarks.toys.commands import Commands, ProgramMissing, Told, ToldTooMuch, TookTooLong, ceiling

Talk = Callable[[Commands], Awaitable[None]]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def within(request: pytest.FixtureRequest) -> Callable[[Talk], None]:
    """Runs a talk in a loop, and looks that no process and no descriptor is left."""

    def run(talk: Talk) -> None:
        async def looked() -> None:
            await asyncio.sleep(0)
            before = left()
            await talk(Commands())
            async with asyncio.timeout(5):
                while left() != before:  # noqa: ASYNC110  # the kernel tells nobody
                    await asyncio.sleep(0.005)

        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(looked())

    return run


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def left() -> tuple[set[str], int]:
    """Our children, servers of other tests among them, and how many descriptors are open."""
    return set(children()), len(list(Path("/proc/self/fd").iterdir()))


def alive(number: int) -> bool:
    """A zombie is not: whoever adopted it may be slow to reap."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


Within = Callable[[Talk], None]


def test_it_tells_the_code_and_all_that_was_said(within: Within) -> None:
    async def talk(commands: Commands) -> None:
        told = await commands.run(("sh", "-c", "echo one; echo two >&2; exit 3"))
        assert told == Told(3, b"one\ntwo\n")
        assert await commands.run(("sh", "-c", "kill -TERM $$")) == Told(-15, b"")

    within(talk)


def test_it_reads_nothing_and_inherits_no_secret(within: Within, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "hunter2")

    async def talk(commands: Commands) -> None:
        assert await commands.run(("cat",)) == Told(0, b"")
        assert b"hunter2" not in (await commands.run(("env",))).output
        ours = os.dup(0)
        assert (await commands.run(("test", "-e", f"/proc/self/fd/{ours}"))).code == 1
        os.close(ours)

    within(talk)


def test_a_missing_program_is_named(within: Within) -> None:
    async def talk(commands: Commands) -> None:
        for _ in range(2):
            with pytest.raises(ProgramMissing, match="no-such-program"):
                await commands.run(("no-such-program", "-x"))

    within(talk)


def test_what_takes_too_long_is_killed_with_what_it_started(within: Within, tmp_path: Path) -> None:
    async def talk(commands: Commands) -> None:
        began = time.perf_counter()
        with pytest.raises(TookTooLong, match=r"0\.3 s"):
            await commands.run(("sh", "-c", f"sleep 60 & echo $! > {tmp_path}/child; wait"), within=0.3)
        assert time.perf_counter() - began < 5
        await asyncio.sleep(0.1)
        assert not alive(int((tmp_path / "child").read_text()))

    within(talk)


def test_one_that_is_cancelled_leaves_nothing(within: Within) -> None:
    async def talk(commands: Commands) -> None:
        before = len(children())
        tasks = [asyncio.create_task(commands.run(("sleep", "60"))) for _ in range(6)]
        await asyncio.sleep(0.2)
        assert len(children()) == before + 2  # the others wait their turn
        for task in tasks:
            task.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in found)
        assert (await commands.run(("echo", "next"))).output == b"next\n"

    within(talk)


def test_many_at_once_get_their_own_answers(within: Within) -> None:
    async def talk(commands: Commands) -> None:
        found = await asyncio.gather(*(commands.run(("echo", str(number))) for number in range(100)))
        assert [int(one.output) for one in found] == list(range(100))

    within(talk)


def test_much_is_told_and_too_much_is_not(within: Within) -> None:
    async def talk(commands: Commands) -> None:
        argv = ("head", "-c", "300000", "/dev/zero")
        assert (await commands.run(argv, most=300_000)).output == bytes(300_000)
        with pytest.raises(ToldTooMuch, match="299999 bytes"):
            await commands.run(argv, most=299_999)
        with pytest.raises(ToldTooMuch):
            await commands.run(("yes",))

    within(talk)


def test_a_child_that_stays_behind_is_not_waited_for(within: Within, tmp_path: Path) -> None:
    async def talk(commands: Commands) -> None:
        began = time.perf_counter()
        told = await commands.run(("sh", "-c", f"sleep 2 & echo $! > {tmp_path}/child; echo done"))
        assert told == Told(0, b"done\n")
        assert time.perf_counter() - began < 1.5

    within(talk)


def test_one_that_closes_its_output_is_waited_for(within: Within) -> None:
    async def talk(commands: Commands) -> None:
        assert await commands.run(("sh", "-c", "exec >&- 2>&-; sleep 0.2; exit 7")) == Told(7, b"")

    within(talk)


def test_without_a_descriptor_for_it_nothing_is_left_either(within: Within, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_number: int) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "pidfd_open", refused)

    async def talk(commands: Commands) -> None:
        with pytest.raises(OSError, match="Too many"):
            await commands.run(("sleep", "60"))

    within(talk)


def test_where_the_system_has_none_a_thread_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")

    async def talk() -> None:
        commands = Commands()
        assert await commands.run(("sh", "-c", "echo one; echo two >&2; exit 3")) == Told(3, b"one\ntwo\n")
        with pytest.raises(TookTooLong):
            await commands.run(("sleep", "60"), within=0.1)
        with pytest.raises(ToldTooMuch):
            await commands.run(("echo", "much"), most=4)

    asyncio.run(talk())


def test_the_ceiling_is_a_rate() -> None:
    began, before = time.perf_counter(), children()
    assert 5 < ceiling([("true",), ("echo", "x")], seconds=0.2) < 100_000
    assert time.perf_counter() - began < 5
    assert children() == before
