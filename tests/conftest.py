"""What every test may count on."""

import re
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import settings
from starlette.routing import BaseRoute

from fastapi_app import app as application
from fastapi_app.app import Product
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.route import endpoints
from fastapi_app.schema import upgrade
from fastapi_app.unmatched import RouteMap

settings.register_profile("short", max_examples=10, deadline=None, derandomize=True)
settings.register_profile("whole", max_examples=300, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    """Few examples, the same in every run, where the long tests are left out; many and new ones with them."""
    settings.load_profile("short" if "not long" in config.getoption("markexpr", "") else "whole")


FIRST = (
    "tests/golden/test_corpus.py",
    "tests/parity/test_parity.py",
    "tests/operations/test_up.py",
    "tests/examples/test_httpbin.py",
    "tests/parity/test_random_requests.py",
    "tests/jobs/test_workers.py",
    "tests/pages/test_accounts.py",
    "tests/adoption/test_quirks.py",
)
"""Files of which one alone takes a minute or so: begun last, they would keep one process busy while others are done."""


DOUBLES = re.compile(
    r"tests/parity/test_parity\.py::test_reads"
    r"|tests/examples/test_httpbin\.py::test_every_endpoint"
    r"|tests/router/test_bridge_.*\[(.*-)?h11\b"
    r"|tests/legacy_flask/test_nobody_slips_through\.py.*\[reader"
    r"|tests/legacy_flask/test_access\.py::test_a_role_reaches.*\[(USER|MANAGER)\]"
    r"|tests/identity/test_one_identity\.py.*\[(legacy-legacy|modern-modern)"
    r"|tests/identity/test_secrets\.py::test_nothing_tells_a_secret\[legacy"
    r"|tests/operations/test_up\.py::test_the_worker_runs_jobs"
    r"|tests/operations/test_web\.py::test_the_application_is_prepared_once"
    r"|tests/jobs/test_workers\.py::test_a_stop_hands"
    r"|tests/backup/.*\[mariadb\]"
    r"|tests/migration_flags/test_(upgrade|sql)\.py.*mariadb"
    r"|tests/fastapi_app/(auth/)?test_mariadb_(tokens|guessing|discovery|playlists|edits)\.py"
    r"|tests/(fastapi_app/test_(user|video)_concurrency|jobs/test_api_concurrency)\.py"
    r"|tests/pages/test_(artists|settings)_browser\.py"
    r"|tests/progress/test_behind_proxy\.py"
    r"|tests/legacy_flask/test_front_door\.py::test_the_modules_that_build.*\[legacy_flask\.wsgi"
    r"|tests/(adoption/test_zero_dates|identity/test_no_inline_code)\.py.*\[legacy"
    r"|tests/adoption/test_(variants\.py.*-sqlite\]|copying\.py::test_every_quirk|paths\.py.*\[legacy)"
    r"|tests/fastapi_app/auth/test_guessing\.py::test_(a_flood_is_bounded|an_address_is_stopped_whatever)"
    r"|tests/(search/test_search\.py.*\[large mariadb|fastapi_app/test_video_page\.py.*\[mariadb)"
    r"|tests/hybrid/test_sudden_death\.py.*\[legacy"
    r"|tests/pages/test_browser\.py::test_(a_video_plays|the_keyboard_alone|a_server_that_went)"
)
"""Left to the long tests: what others prove as well, on the other database, parser or side."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
    for item in items:
        if DOUBLES.search(item.nodeid):
            item.add_marker(pytest.mark.long)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Ends with what long tests counted and gave to `record_property`."""
    counted = [report for report in terminalreporter.getreports("passed") if report.user_properties]
    if counted:
        terminalreporter.write_sep("=", "figures")
    for report in counted:
        figures = ", ".join(f"{figure} {what}" for what, figure in report.user_properties)
        terminalreporter.write_line(f"{report.nodeid.removeprefix('tests/')}: {figures}")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The event loop that the product runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file with the tables of this version, made once."""
    folder = tmp_path_factory.mktemp("new")
    engine = blocking_engine(Config(data_dir=folder, database_url="", db_host=""))
    upgrade(engine)
    engine.dispose()
    return folder / "mvidarr.db"


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Passwords that take a quarter of a second are for guessers; the tests' own take a millisecond."""
    gensalt = bcrypt.gensalt
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bcrypt, "gensalt", lambda _rounds=12, prefix=b"2b": gensalt(4, prefix))
        yield


@pytest.fixture(scope="session", autouse=True)
def routes_built_once() -> Iterator[None]:
    """FastAPI reads every signature for each application that it builds. They are the same in all tests."""
    include_router = FastAPI.include_router
    known: dict[int, list[BaseRoute]] = {}

    def include(app: FastAPI, router: APIRouter) -> None:
        if id(router) not in known:
            already = len(app.router.routes)
            include_router(app, router)
            known[id(router)] = app.router.routes[already:]
        else:
            app.router.routes.extend(known[id(router)])

    maps: dict[tuple[int, ...], tuple[list[BaseRoute], RouteMap]] = {}

    def mapped(routes: list[BaseRoute]) -> RouteMap:
        key = tuple(map(id, routes))
        if key not in maps:
            maps[key] = routes, RouteMap(endpoints(routes))
        return maps[key][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Product, "include_router", include)
        patch.setattr(application, "endpoints", list)
        patch.setattr(application, "RouteMap", mapped)
        yield
