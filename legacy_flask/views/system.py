"""The state of the process, and the end of its log."""

import os
import subprocess

from flask import Blueprint, Response, jsonify

from legacy_flask import system_lines
from legacy_flask.access import Access, requires
from legacy_flask.configuration import current_settings

blueprint = Blueprint("system", __name__, url_prefix="/admin/system")

_UNIT = "mvidarr"
_SECONDS = 5


@blueprint.get("/status/service")
@requires(Access.ADMINISTER)
def service_status() -> Response:
    """By systemd, or by hand."""
    body = {"pid": os.getpid(), "uptime": None, "restart_available": False}
    unit = _unit()
    if unit is None:
        return jsonify(**body, service_type="process")
    return jsonify(**body, service_type="systemd", service_details=unit)


@blueprint.get("/logs/recent")
@requires(Access.ADMINISTER)
def recent_lines() -> Response:
    """The last fifty lines that say something. What looks like a secret is masked."""
    path = current_settings().data_dir / "logs" / "mvidarr.log"
    entries = system_lines.recent(path)
    return jsonify(log_entries=entries, log_file=str(path), entry_count=len(entries))


def _unit() -> str | None:
    try:
        told = subprocess.run(
            ["systemctl", "is-active", _UNIT],  # noqa: S607  wherever PATH has it
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return f"{_UNIT}: {told.stdout.strip()}" if told.returncode == 0 else None
