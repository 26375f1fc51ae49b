"""The headers that every answer carries."""

from flask import Response, request

from legacy_flask.configuration import current_settings

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-XSS-Protection": "1; mode=block",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(), payment=(), usb=(), magnetometer=(), "
    "accelerometer=(), gyroscope=()",
    "Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'",
}


def add_security_headers(response: Response) -> Response:
    """Also HSTS over https, for as long as configured. Subdomains are never included, they are not ours to bind."""
    response.headers.update(_HEADERS)
    seconds = current_settings().hsts_seconds
    if seconds and request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={seconds}"
    return response
