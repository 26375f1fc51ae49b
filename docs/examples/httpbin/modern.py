"""The new application. One route has moved: what it has to bring along is what clients of httpbin can see."""

import json

from fastapi import FastAPI, Request, Response


def create_modern() -> FastAPI:
    """The new application, with one route."""
    app = FastAPI()

    @app.get("/user-agent")
    async def user_agent(request: Request) -> Response:
        answer = indented({"user-agent": request.headers.get("user-agent")})
        # httpbin sets these in an `after_request` function, which never sees a route that has moved.
        answer.headers["Access-Control-Allow-Origin"] = request.headers.get("origin", "*")
        answer.headers["Access-Control-Allow-Credentials"] = "true"
        return answer

    return app


def indented(value: object) -> Response:
    """JSON as this Flask application writes it: two blanks of indent, sorted keys, a final newline."""
    return Response(json.dumps(value, indent=2, sort_keys=True) + "\n", media_type="application/json")
