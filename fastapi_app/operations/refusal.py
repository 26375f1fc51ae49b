"""Reasons why a command stops. Each message is one sentence that says what is wrong and what to do.

Refusal
├── ConfigurationInvalid      a variable holds what it can't mean
├── FolderUnwritable          the data folder, or a part of its path, refuses
├── FolderInUse               another MVidarr works on the same data folder
├── AddressUnavailable        this machine can't listen there
│   └── PortBusy
├── ApplicationUnknown        MVIDARR_APP names nothing that can be served
├── SchemaOutdated            the tables are not those of this version
├── ProgramMissing            redis-server or ffmpeg
├── ProgramFailed             a program that we need ended or never answered
├── LibraryNotEmpty           the demo fills empty libraries only
├── CopyRefused               a library that can't be copied from there, or to there
└── AccountRefused            a user that can't be created or isn't there
"""


class Refusal(Exception):
    """The command can't go on. The message is meant for the person who typed it."""


class ConfigurationInvalid(Refusal):
    """A variable holds what it can't mean."""


class FolderUnwritable(Refusal):
    """The data folder, or a part of its path, refuses."""


class FolderInUse(Refusal):
    """Another MVidarr works on the same data folder."""


class AddressUnavailable(Refusal):
    """This machine can't listen there."""


class PortBusy(AddressUnavailable):
    """Another program listens there."""


class ApplicationUnknown(Refusal):
    """`MVIDARR_APP` names nothing that can be served."""


class SchemaOutdated(Refusal):
    """The tables are not those of this version."""


class ProgramMissing(Refusal):
    """A program that the command needs is not installed."""


class ProgramFailed(Refusal):
    """A program that the command needs ended, or never answered."""


class LibraryNotEmpty(Refusal):
    """The demo fills empty libraries only."""


class CopyRefused(Refusal):
    """A library that can't be copied from there, or to there."""


class AccountRefused(Refusal):
    """A user that can't be created, or isn't there."""
