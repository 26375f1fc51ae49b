"""Is it alive."""

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from legacy_flask.access import Access, requires
from legacy_flask.database import transaction

blueprint = Blueprint("health", __name__, url_prefix="/api/health")

_CORE_TABLES = frozenset({"settings", "artists", "videos", "downloads", "users", "user_sessions"})
_AWAY = "The database does not answer"


@blueprint.get("")
@requires(Access.PUBLIC)
def health() -> tuple[Response, int]:
    """Asks the database for a one. Docker's health check calls this."""
    if _database_answers():
        return jsonify(status="healthy", service="mvidarr"), 200
    return jsonify(status="unhealthy", error=_AWAY), 503


@blueprint.get("/status")
@requires(Access.PUBLIC)
def status() -> tuple[Response, int]:
    """The state of each component, and of all together."""
    is_healthy = _database_answers()
    state = "healthy" if is_healthy else "unhealthy"
    timestamp = datetime.now(UTC).replace(tzinfo=None).isoformat()
    body = jsonify(status=state, components={"database": state, "api": "healthy"}, timestamp=timestamp)
    return body, 200 if is_healthy else 503


@blueprint.get("/database")
@requires(Access.PUBLIC)
def database() -> tuple[Response, int]:
    """Whether the database answers and holds the six tables that nothing works without."""
    try:
        with transaction() as session:
            tables = set(inspect(session.connection()).get_table_names())
    except SQLAlchemyError:
        current_app.logger.warning("the database does not answer")
        return jsonify(status="unhealthy", error=_AWAY), 503
    missing = sorted(_CORE_TABLES - tables)
    if missing:
        return jsonify(status="unhealthy", message=f"Missing tables: {', '.join(missing)}"), 503
    return jsonify(status="healthy", message="Database is accessible and healthy"), 200


def _database_answers() -> bool:
    try:
        with transaction() as session:
            return session.execute(text("SELECT 1")).scalar() == 1
    except SQLAlchemyError:
        current_app.logger.warning("the database does not answer")
        return False
