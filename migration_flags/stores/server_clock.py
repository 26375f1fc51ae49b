"""The database's own clock: workers whose clocks differ are judged by one."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

_CLOCKS = {
    "sqlite": text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"),
    "mysql": text("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%f')"),
    "mariadb": text("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%f')"),
}


def server_now(connection: Connection) -> datetime:
    """Aware, UTC. A database that is not known here is believed to have this machine's clock."""
    clock = _CLOCKS.get(connection.dialect.name)
    if clock is None:
        return datetime.now(UTC)
    return datetime.fromisoformat(str(connection.scalar(clock))).replace(tzinfo=UTC)
