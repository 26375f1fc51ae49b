"""Why a backup can't be made, or not be restored. Each message is for the person who asked.

BackupRefused
├── BackupInvalid      the file is not a whole backup, or was changed
├── BackupNewer        a newer version of MVidarr made it
├── TargetUnfit        the database to restore into is not one
├── JobsRunning        workers are in the middle of something
├── RestoreRunning     somebody else restores at this moment
├── Incomplete         what arrived is not what was saved; it was undone
└── NoSpace            the disk is too small for it
"""

from fastapi_app.operations.refusal import Refusal


class BackupRefused(Refusal):
    """It can't be made, or not be restored. Nothing was changed."""


class BackupInvalid(BackupRefused):
    """The file is not a whole backup, or was changed."""


class BackupNewer(BackupRefused):
    """A newer version of MVidarr made it."""


class TargetUnfit(BackupRefused):
    """The database to restore into is not one of this version."""


class JobsRunning(BackupRefused):
    """Workers are in the middle of something."""


class RestoreRunning(BackupRefused):
    """Somebody else restores at this moment."""


class Incomplete(BackupRefused):
    """What arrived is not what was saved; it was undone."""


class NoSpace(BackupRefused):
    """The disk is too small for it."""
