"""The cookies with which YouTube is asked."""

from flask import Blueprint, Response, current_app, jsonify

from legacy_flask import cookie_file
from legacy_flask.access import Access, requires
from legacy_flask.configuration import current_settings
from legacy_flask.errors import Unavailable
from legacy_flask.views.metube import unsuccessful

blueprint = Blueprint("metube_cookies", __name__, url_prefix="/api/metube/cookies")


@blueprint.post("/upload")
@requires(Access.CONFIGURE)
def upload() -> Response:
    """Keeps a file of cookies in Netscape's format. What was there stays until the new one is whole."""
    with unsuccessful():
        content = cookie_file.received()
    try:
        cookie_file.write(content, current_settings())
    except OSError as error:
        raise _unwritable(error) from None
    return jsonify(success=True, message="Cookies uploaded successfully", filename=cookie_file.NAME)


@blueprint.get("/status")
@requires(Access.READ)
def status() -> Response:
    """Whether there are cookies, and since when. Never what they say."""
    found = cookie_file.status(current_settings())
    if found is None:
        return jsonify(success=True, cookies_available=False, message="No cookies file uploaded")
    return jsonify(success=True, cookies_available=True, path=cookie_file.STORED, **found)


@blueprint.delete("/delete")
@requires(Access.CONFIGURE)
def delete() -> Response:
    """Removes the cookies."""
    try:
        removed = cookie_file.remove(current_settings())
    except OSError as error:
        raise _unwritable(error) from None
    return jsonify(success=True, message="Cookies deleted successfully" if removed else "No cookies file to delete")


def _unwritable(error: OSError) -> Unavailable:
    current_app.logger.error("the folder of the cookies can't be written: %s", error.strerror)
    return Unavailable("The data folder can't be written")
