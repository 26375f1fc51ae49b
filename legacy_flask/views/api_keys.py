"""The routes of API keys."""

import secrets
from typing import Any

from flask import Blueprint, Response, jsonify

from fastapi_app.models import ApiKey, User, now
from legacy_flask import api_keys
from legacy_flask.access import Access, reach, requires
from legacy_flask.audit import Event, record
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import Conflict, Forbidden, NotFound
from legacy_flask.fields import query_number
from legacy_flask.gate import login_required
from legacy_flask.request_values import json_body, query
from legacy_flask.row_id import may_exist
from legacy_flask.visitor import Visitor, find_visitor, refuse_keys

blueprint = Blueprint("api_keys", __name__, url_prefix="/api/keys")

_SHOWN = 12  # characters of a key that lists tell


@blueprint.get("")
@requires(Access.READ)
def list_keys() -> Response:
    """One's own keys, the newest first. Administrators may ask for somebody's, or for all."""
    visitor = _person()
    asked = query().get("user_id", "")
    owner: int | None = visitor.user_id
    if asked:
        owner = None if asked == "all" else query_number(asked, "user_id")
    if owner != visitor.user_id and reach(visitor.role) < Access.ADMINISTER:
        raise Forbidden("Your account may not do this")
    with transaction() as session:
        rows = session.query(ApiKey, User.username).join(User, ApiKey.user_id == User.id)
        rows = rows.filter(ApiKey.revoked_at.is_(None)).order_by(ApiKey.id.desc())
        if owner is not None:
            rows = rows.filter(ApiKey.user_id == owner)
        found = [_told(key, username) for key, username in rows]
    return jsonify(keys=found, total=len(found))


@blueprint.post("")
@requires(Access.READ)
def create_key() -> Response:
    """A new key of one's own. It is in this answer and nowhere else: only its hash is kept."""
    visitor = _person()
    refuse_keys(visitor)
    wish = api_keys.read_wish(json_body(), now())
    if not api_keys.may_give(visitor.role, wish.role):
        raise Forbidden("A key may not do more than its user")
    key = "mvk_" + secrets.token_urlsafe(32)
    with transaction() as session:
        # Locked, so that keys made at once are counted one by one.
        session.query(User.id).filter(User.id == visitor.user_id).with_for_update().one()
        owned = (ApiKey.user_id == visitor.user_id, ApiKey.revoked_at.is_(None))
        if session.query(ApiKey).filter(*owned).count() >= api_keys.MOST:
            raise Conflict(f"There are {api_keys.MOST} keys already: revoke one")
        row = ApiKey(
            user_id=visitor.user_id,
            name=wish.name,
            prefix=key[:_SHOWN],
            key_hash=api_keys.digest(key),
            role=wish.role,
            created_at=now(),
            expires_at=wish.expires_at,
        )
        session.add(row)
        session.flush()
        record(session, Event.KEY_CREATED, **_by(visitor, row), role=row.role)
        told = _told(row, visitor.username)
    response = jsonify(success=True, message="API key created", key=key, api_key=told)
    response.status_code = 201
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.delete("/<int:key_id>")
@requires(Access.READ)
def revoke_key(key_id: int) -> Response:
    """Ends a key at once. One's own; administrators may end anybody's."""
    visitor = _person()
    refuse_keys(visitor)
    with transaction() as session:
        live = session.query(ApiKey).filter(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
        row = live.with_for_update().first() if may_exist(key_id) else None
        if row is None or (row.user_id != visitor.user_id and reach(visitor.role) < Access.ADMINISTER):
            raise NotFound("API key not found")
        row.revoked_at = now()
        record(session, Event.KEY_REVOKED, **_by(visitor, row))
    return jsonify(success=True, message="API key revoked")


def _person() -> Visitor:
    """The visitor. Raises LoginRequired for nobody, whom an open gate let pass."""
    visitor = find_visitor()
    if visitor is None:
        raise login_required()
    return visitor


def _by(visitor: Visitor, row: ApiKey) -> dict[str, Any]:
    return {"user_id": visitor.user_id, "username": visitor.username, "subject": f"key {row.id}"}


def _told(row: ApiKey, username: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "user_id": row.user_id,
        "username": username,
        "name": row.name,
        "prefix": row.prefix,
        "role": row.role,
        "created_at": iso(row.created_at),
        "expires_at": iso(row.expires_at),
        "last_used_at": iso(row.last_used_at),
        "last_used_ip": row.last_used_ip,
    }
