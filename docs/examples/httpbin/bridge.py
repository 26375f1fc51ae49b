"""Step one: the same application under an ASGI server. ``uvicorn bridge:app``"""

from legacy import app as legacy

from router import WSGIBackend

app = WSGIBackend(legacy)
