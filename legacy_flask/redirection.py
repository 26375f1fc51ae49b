"""Sending a browser elsewhere."""

from flask import Response, redirect


def redirect_to(location: str) -> Response:
    """302, with a small page for who does not follow."""
    return redirect(location, Response=Response)  # type: ignore[return-value]  # it is the class given
