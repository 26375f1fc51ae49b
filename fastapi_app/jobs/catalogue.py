"""The one place that lists the kinds of jobs. The module that runs a kind is named by a string, see `Kind`."""

from fastapi_app.backup.kinds import KINDS as BACKUPS
from fastapi_app.demo.kinds import KINDS as DEMO
from fastapi_app.downloads.kinds import KINDS as DOWNLOADS
from fastapi_app.jobs.kinds import Kinds
from fastapi_app.nfo.kinds import KINDS as NFO
from fastapi_app.renames.kinds import KINDS as RENAMES

KINDS = Kinds(*DOWNLOADS, *BACKUPS, *DEMO, *NFO, *RENAMES)
