"""The one place that lists the kinds of jobs. The module that runs a kind is named by a string, see `Kind`."""

from fastapi_app.backup.kinds import KINDS as BACKUPS
from fastapi_app.downloads.kinds import KINDS as DOWNLOADS
from fastapi_app.jobs.kinds import Kinds

KINDS = Kinds(*DOWNLOADS, *BACKUPS)
