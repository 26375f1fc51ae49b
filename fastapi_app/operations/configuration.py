"""Reading the configuration for a command: pydantic's findings as one sentence that names the variable."""

from pydantic import AliasChoices, ValidationError
from pydantic_core import ErrorDetails

from fastapi_app.config import Config
from fastapi_app.operations.refusal import ConfigurationInvalid

_SHOWN_INPUTS = (int, float)
"""Only what should have been a number is quoted back: texts may be secrets."""


def read() -> Config:
    """The configuration of this process. Raises ConfigurationInvalid."""
    try:
        return Config()
    except ValidationError as error:
        raise ConfigurationInvalid(explain(error.errors(include_url=False)[0])) from None


def explain(finding: ErrorDetails) -> str:
    """One finding as a sentence with the variable, the reason and the fix."""
    reason = finding["msg"].removeprefix("Value error, ")
    if not finding["loc"]:
        return f"{reason}. Correct it in the environment or in .env."
    field = _field(str(finding["loc"][0]))
    name = variables(field)
    if Config.model_fields[field].annotation in _SHOWN_INPUTS:
        should = reason.removeprefix("Input ").partition(",")[0]
        return f"{name} is {finding['input']!r}, but {should}. Correct it in the environment or in .env."
    return f"{name} is not usable: {reason}. Correct it in the environment or in .env."


def variables(field: str) -> str:
    """The environment variables of a field, ours first: `MVIDARR_PORT (or PORT)`."""
    ours, *others = names(field)
    return f"{ours} (or {', '.join(others)})" if others else ours


def names(field: str) -> tuple[str, ...]:
    """Every environment variable that sets `field`, the preferred one first."""
    alias = Config.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (str(alias),) if alias else (f"MVIDARR_{field.upper()}",)


def _field(location: str) -> str:
    return next((field for field in Config.model_fields if location in (field, *names(field))), location)
