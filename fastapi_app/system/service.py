"""How this process is run: by systemd, or by hand."""

import os
import subprocess

from anyio import fail_after, run_process

UNIT = "mvidarr"
_SECONDS = 5.0


async def details() -> str | None:
    """What systemd says of our unit; None where it doesn't run us."""
    try:
        with fail_after(_SECONDS):
            told = await run_process(["systemctl", "is-active", UNIT], check=False, stderr=subprocess.DEVNULL)
    except (OSError, TimeoutError):
        return None
    return reading(told.returncode, told.stdout)


def reading(code: int, output: bytes) -> str | None:
    """The unit and its state, where the unit is active. Pure."""
    return f"{UNIT}: {output.decode(errors='replace').strip()}" if code == 0 else None


def described(unit: str | None) -> dict[str, object]:
    """0.9's words for it."""
    body: dict[str, object] = {"pid": os.getpid(), "uptime": None, "restart_available": False}
    if unit is None:
        return {**body, "service_type": "process"}
    return {**body, "service_type": "systemd", "service_details": unit}
