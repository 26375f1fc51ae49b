"""Legacy, to be asked a second time."""

from router.mirror.limits import MirrorLimits
from router.wsgi import WSGIBackend


def control_of(legacy: WSGIBackend, limits: MirrorLimits | None = None) -> WSGIBackend:
    """The same application behind a bridge of its own: a mirrored request takes no thread from a visitor."""
    threads = (limits or MirrorLimits()).concurrency
    return WSGIBackend(legacy.app, threads=threads, queue=threads, deadline=1.0, streams=1, patience=5.0, grace=0.3)
