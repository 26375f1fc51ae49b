"""JSON in the bytes that 0.9 sent."""

import json
from typing import Any

from flask.json.provider import JSONProvider


class CompactJSON(JSONProvider):
    """Keys sorted, no spaces, everything but ASCII escaped; `jsonify` adds one newline at the end."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        del kwargs
        return json.dumps(obj, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return json.loads(s, **kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        content = self._prepare_response_obj(args, kwargs)
        return self._app.response_class(f"{self.dumps(content)}\n", mimetype="application/json")
