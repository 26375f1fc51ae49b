"""What the routes of the scheduler answer."""

from typing import Literal

from pydantic import BaseModel, Field


class Message(BaseModel):
    """What was done."""

    message: str


class Handed(BaseModel):
    """One wanted video."""

    video_id: int
    title: str
    artist: str
    success: bool


class Result(BaseModel):
    """What became of the wanted videos."""

    success: bool
    message: str
    success_count: int
    failed_count: int
    total_wanted: int = Field(default=0, description="Absent where nothing is wanted")
    results: list[Handed]


class Triggered(Message):
    """What is downloaded now."""

    result: Result


class Enabled(BaseModel):
    """When wanted videos are downloaded by themselves, in the server's local time."""

    enabled: Literal[True]
    schedule_time: str = Field(examples=["02:00"])
    schedule_days: str = Field(description="daily, weekly (Sunday), a weekday, or several", examples=["daily"])
    max_videos: int = Field(description="At one time")
    next_run: str | None = Field(description="Local, without an offset", examples=["2026-11-22T02:00:00"])
    next_run_human: str | None = Field(examples=["2026-11-22 02:00:00"])
    job_count: int = Field(description="Entries of the schedule, 0 while nothing runs")


class Disabled(BaseModel):
    """Nothing is downloaded by itself."""

    enabled: Literal[False]
    next_run: None
    schedule: str = Field(examples=["Disabled"])


class Scheduler(BaseModel):
    """State of the scheduler."""

    running: bool = Field(description="Whether it is on, and the process that keeps time was seen lately")
    schedule_info: Enabled | Disabled


class Status(BaseModel):
    """State of the scheduler."""

    scheduler: Scheduler
