"""The kind of jobs of this folder."""

from fastapi_app.demo.payload import Demo
from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.states import Queue

DEMO = Kind(
    "demo",
    Queue.MAINTENANCE,
    Demo,
    "fastapi_app.demo.filling",
    "fill_library",
    "Demo library",
    deadline=900.0,
)
KINDS = (DEMO,)
SUBJECT = "library"
