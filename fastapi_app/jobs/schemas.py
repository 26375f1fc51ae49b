"""What the routes about jobs take and answer."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from fastapi_app.jobs.health import Link
from fastapi_app.jobs.presence import Role
from fastapi_app.jobs.states import Executor, Queue, State


class Progress(BaseModel):
    """What moves while a job runs."""

    job_id: int
    seq: int = Field(description="Grows with every event about the job", examples=[1_000_017])
    state: State
    stage: str | None = Field(examples=["download"])
    percent: float | None = Field(description="0 to 100")
    speed: int | None = Field(description="Bytes a second")
    eta: int | None = Field(description="Seconds")
    bytes_done: int | None
    bytes_total: int | None
    message: str | None
    attempts: int


class Job(Progress):
    """A job."""

    kind: str = Field(examples=["download"])
    subject: str = Field(description="What it is about; one job of a kind is under way for it", examples=["video 12"])
    queue: Queue
    priority: int = Field(description="1, the highest, to 10")
    position: int = Field(description="Among jobs of one priority the lowest is next")
    title: str | None
    artist: str | None
    video_id: int | None
    error_class: str | None = Field(examples=["bot-check"])
    error_message: str | None
    attempt_limit: int
    cancel_requested: bool
    pause_requested: bool
    executor: Executor
    user_id: int | None = Field(description="Whose job it is; null for nobody's")
    due_at: datetime | None = Field(description="Not begun before")
    created_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    updated_at: datetime | None


class FullJob(Job):
    """A job with what came of it."""

    result: Any = Field(description="What a completed job answered")
    error_log: str | None = Field(description="The last lines of whoever knows why it failed")
    heartbeat_at: datetime | None


class JobList(BaseModel):
    """Jobs, the newest first."""

    jobs: list[Job]
    count: int = Field(description="On all pages")
    next: int | None = Field(description="`before` of the next page; null on the last one")


class Submitted(BaseModel):
    """The job that there is now."""

    created: bool = Field(description="False where one was under way for the same already")
    job: FullJob


class Changed(BaseModel):
    """It happened."""

    success: bool
    job: FullJob


class ProgressSince(Progress):
    """Where a job is."""

    changed: bool = Field(description="Whether there is news since the `seq` that was named")


class Result(BaseModel):
    """What a completed job answered, or how far it is."""

    job_id: int
    state: State
    result: Any = Field(default=None, description="Only of a completed job")
    finished_at: datetime | None = None
    percent: float | None = Field(default=None, description="Only of a job that has not ended")


class Changes(BaseModel):
    """Jobs that changed, the longest unchanged first."""

    jobs: list[Job] = Field(description="Some may come twice: of two the one with the greater `seq` counts")
    since: str = Field(description="For the next request", examples=["2026-11-21T21:36:21"])
    complete: bool = Field(description="False where there is more: ask again at once")


class Reordered(BaseModel):
    """Jobs in their new order."""

    success: bool
    jobs: list[FullJob]


class Retried(BaseModel):
    """Failed jobs that were queued again."""

    success: bool
    retried: int
    skipped: int = Field(description="Another job does the same already")
    left: int = Field(description="Failed jobs that were not looked at: ask again")


class Forgotten(BaseModel):
    """Ended jobs that are gone."""

    success: bool
    removed: int


class LastDay(BaseModel):
    """What ended in the last 24 hours."""

    completed: int
    failed: int
    cancelled: int
    success_rate: float | None = Field(description="Completed of completed and failed, 0 to 1; null without any")


class Stats(BaseModel):
    """Numbers of jobs."""

    total: int
    active: int = Field(description="Not ended")
    by_state: dict[State, int]
    by_kind: dict[str, dict[State, int]]
    by_queue: dict[str, dict[State, int]]
    last_day: LastDay


class Kind(BaseModel):
    """A kind of jobs."""

    kind: str = Field(examples=["download"])
    title: str
    queue: Queue
    attempts: int
    deadline_seconds: float
    submittable: bool = Field(description="Whether `POST /api/jobs` takes it")
    options: dict[str, Any] = Field(description="The members of the body beside kind and priority, as a JSON schema")


class Kinds(BaseModel):
    """Every kind of jobs."""

    kinds: list[Kind]


class QueueState(BaseModel):
    """One queue."""

    queue: Queue
    paused: bool
    paused_at: datetime | None
    cause: str | None = Field(description="The error class that paused it, or `user`")
    reason: str | None
    jobs: dict[State, int]
    waiting: int = Field(description="Jobs that need a worker")
    oldest_waiting_seconds: float | None


class Queues(BaseModel):
    """Every queue."""

    queues: list[QueueState]


class QueueChanged(BaseModel):
    """It happened."""

    success: bool
    queue: Queue
    paused: bool
    reason: str | None


class QueueCleared(BaseModel):
    """Waiting jobs that were cancelled."""

    success: bool
    queue: Queue
    cancelled: int


class Finding(BaseModel):
    """Something to do something about."""

    code: str = Field(examples=["no-worker"])
    message: str


class Process(BaseModel):
    """A worker, or beat."""

    name: str
    role: Role
    host: str
    queues: list[str]
    alive: bool
    seen_seconds_ago: float


class WatchedQueue(QueueState):
    """One queue, with what Redis knows of it."""

    tickets: int | None = Field(description="Messages that say there may be work; null while Redis is away")


class JobHealth(BaseModel):
    """How background work fares."""

    status: Literal["healthy", "degraded"]
    findings: list[Finding]
    redis: Link
    waiting: int
    processes: list[Process]
    queues: list[WatchedQueue]


class NewJob(BaseModel):
    """Documents the body of a new job. `GET /api/jobs/kinds` tells the other members of each kind."""

    kind: Literal["download", "playlist-download", "info"]
    video_id: int | None = Field(default=None, description="A download: the video to fetch")
    url: str | None = Field(default=None, description="Where the film, or the playlist, is")
    title: str = ""
    artist: str = ""
    quality: str = ""
    priority: int = Field(default=5, ge=1, le=10, description="1 is the highest")


class NewPriority(BaseModel):
    """Documents the body of a change of priority."""

    priority: int = Field(ge=1, le=10, description="1 is the highest")


class NewOrder(BaseModel):
    """Documents the body of a new order."""

    job_ids: list[int] = Field(min_length=1, max_length=1000, description="Waiting jobs, the first one next")


class PauseReason(BaseModel):
    """Documents the body of pausing a queue."""

    reason: str = Field(default="", max_length=500, description="For people")


class ListQuery(BaseModel):
    """Documents the query of the list."""

    state: str = Field(default="", description="States separated by commas; `active` and `ended` stand for several")
    kind: str = ""
    queue: str = ""
    mine: bool = False
    limit: int = Field(default=50, ge=1, le=200)
    before: int | None = Field(default=None, ge=1, description="Only jobs with a smaller id: `next` of the last answer")


class ProgressQuery(BaseModel):
    """Documents the query of one job's progress."""

    since: int | None = Field(default=None, ge=0, description="The `seq` seen last")


class ChangesQuery(BaseModel):
    """Documents the query of changes."""

    since: str = Field(default="", description="`since` of the last answer, or a moment; else all that is under way")


class HistoryQuery(BaseModel):
    """Documents the query of clearing the history."""

    state: str = Field(default="", description="completed, failed, cancelled, separated by commas; else all")
