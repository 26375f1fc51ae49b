"""Stylesheets, scripts, pictures."""

from pathlib import Path

from flask import Blueprint, Response
from werkzeug.security import safe_join

from legacy_flask.access import Access, requires
from legacy_flask.configuration import current_settings
from legacy_flask.errors import NotFound
from legacy_flask.file_answer import answer_file

blueprint = Blueprint("static_files", __name__)


@blueprint.get("/static/<path:filename>", endpoint="static")
@requires(Access.PUBLIC)
def static_file(filename: str) -> Response:
    """A file of the static folder."""
    path = _find(current_settings().static_folder, filename)
    if path is None:
        raise NotFound("Not found")
    return answer_file(path, path.name)


def _find(root: Path, filename: str) -> Path | None:
    """The file of that name; None for a folder, for nothing, and for whatever lies outside once links are followed."""
    joined = safe_join(str(root), filename)
    if joined is None or "\0" in filename:
        return None
    try:
        real, home = Path(joined).resolve(), root.resolve()
        is_inside = real.is_relative_to(home) and real.is_file()
    except (OSError, RuntimeError, ValueError):
        return None
    return root / real.relative_to(home) if is_inside else None
