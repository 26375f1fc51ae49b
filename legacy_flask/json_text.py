"""JSON in the bytes that 0.9 sent."""

import json
from typing import Any

from flask.json.provider import JSONProvider


def _dumps(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _finite(content: Any) -> Any:
    """None in the place of numbers that have no end."""
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and content - content != 0 else content


class CompactJSON(JSONProvider):
    """Keys sorted, no spaces, everything but ASCII escaped; `jsonify` adds one newline at the end."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        del kwargs
        try:
            return _dumps(obj)
        except ValueError:  # an old JSON column may hold 1e999, which JSON can't say back
            return _dumps(_finite(obj))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return json.loads(s, **kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        content = self._prepare_response_obj(args, kwargs)
        return self._app.response_class(f"{self.dumps(content)}\n", mimetype="application/json")
