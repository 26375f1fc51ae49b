"""0.9's routes of the scheduler. Beat keeps time; what these routes turn is a setting that it reads each minute."""

from datetime import datetime

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Setting
from legacy_flask import schedule_rules as rules
from legacy_flask.access import Access, requires
from legacy_flask.beat import beat_is_gone
from legacy_flask.configuration import current_settings
from legacy_flask.database import transaction
from legacy_flask.views.video_downloads import download_all_wanted

blueprint = Blueprint("scheduler", __name__, url_prefix="/api/settings/scheduler")


@blueprint.get("/status")
@requires(Access.READ)
def status() -> Response:
    """Whether it is on, and when wanted videos are downloaded next."""
    with transaction() as session:
        settings = _settings(session)
    gone = beat_is_gone(current_settings().redis_url)
    local_now = datetime.now()  # noqa: DTZ005  the settings are in the server's local time
    return jsonify(scheduler=rules.status(settings, local_now, beat_is_gone=gone))


@blueprint.post("/start")
@requires(Access.CONFIGURE)
def start() -> Response:
    """Also where it is on already. Whether it does anything is another setting."""
    _turn(on=True)
    return jsonify(message="Scheduler started successfully")


@blueprint.post("/stop")
@requires(Access.CONFIGURE)
def stop() -> Response:
    """Also where it is off already. It stays off until somebody starts it."""
    _turn(on=False)
    return jsonify(message="Scheduler stopped successfully")


@blueprint.post("/reload")
@requires(Access.CONFIGURE)
def reload() -> Response:
    """Nothing is to be done: the settings are read whenever they are needed."""
    return jsonify(message="Scheduler reloaded successfully")


@blueprint.post("/trigger")
@requires(Access.MODIFY)
def trigger() -> Response:
    """Hands in as many wanted videos as the schedule would, whether it is on or not."""
    with transaction() as session:
        limit = rules.most(_settings(session))
    result = download_all_wanted(limit)
    for one in result["results"]:
        one.pop("download_id", None)  # 0.9 named no downloads here
    return jsonify(message="Scheduled download triggered successfully", result=result)


def _turn(*, on: bool) -> None:
    with transaction() as session:
        value = rules.switched(_settings(session), on=on)
        row = session.query(Setting).filter(Setting.key == rules.SWITCH).with_for_update().first()
        if value is None:
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(Setting(key=rules.SWITCH, value=value, description=rules.DESCRIPTION))
        else:
            row.value = value


def _settings(session: Session) -> dict[str, str | None]:
    """The settings of the schedule, one by one as in 0.9."""
    names = (rules.ENABLED, rules.TIME, rules.DAYS, rules.MOST, rules.SWITCH)
    return {name: session.query(Setting.value).filter(Setting.key == name).scalar() for name in names}
