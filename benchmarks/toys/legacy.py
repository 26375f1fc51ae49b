"""A small blocking Flask application: JSON, a page from a template, an upload; and as many further routes as wanted."""

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader

ROWS = 50
RECORD = {"id": 97, "title": "Song of the river", "year": 1984, "genres": ["Rock", "Pop"], "duration": 241}
PAGE = """<!doctype html><title>{{ title }}</title><table>
{% for row in rows %}<tr><td>{{ row.id }}</td><td>{{ row.title }}</td><td>{{ row.year }}</td></tr>
{% endfor %}</table>
"""


def create_legacy(further: int = 0) -> Flask:
    """The application. ``further`` routes are ``/api/noun<n>/<int:item_id>``."""
    app = Flask("toy", static_folder=None)
    app.jinja_loader = DictLoader({"page.html": PAGE})

    @app.get("/json")
    def record() -> ResponseReturnValue:
        return jsonify(RECORD)

    @app.get("/page")
    def page() -> ResponseReturnValue:
        return render_template("page.html", title="Videos", rows=[RECORD] * ROWS)

    @app.post("/upload")
    def upload() -> ResponseReturnValue:
        return jsonify(received=len(request.files["file"].read()))

    def noun(item_id: int) -> ResponseReturnValue:
        return jsonify({**RECORD, "id": item_id})

    for number in range(further):
        app.add_url_rule(f"/api/noun{number}/<int:item_id>", f"noun{number}", noun)
    return app
