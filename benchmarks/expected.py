"""How long a part takes, in minutes: what the plan asks for, and what starting and asking cost on two cores. Pure."""

from benchmarks.mixes import PRODUCT, Mixes, Program, Scenario

STARTED = 20.0
"""Seconds until the servers of one setting are there, with their libraries, and gone in the end."""
FILLED = 60.0
"""Seconds until a library of 100,000 videos is filled, once for a run and a database; shared out among its settings."""
ASKING = 2.5
"""Seconds of a round that are neither warm-up nor counted: processes that start, a server that comes to rest."""
STRETCHED = 1.8
"""Times as long that a round lasts on average, because of the slow servers."""
TRIALS = 8
"""Of one search for visitors: what is doubled and halved."""
ALONE = 8.0
"""Seconds until one server has started and stopped."""


def minutes(part: str, mixes: Mixes) -> float:
    """Of one part, by its name."""
    for program in mixes.programs:
        if program.name == part:
            return program.minutes
    for scenario in mixes.scenarios:
        if scenario.name == part:
            return _scenario(scenario, mixes) / 60
    return {"capacity": _capacity, "startup": _startup, "memory": _memory}[part](mixes) / 60


def given_up_after(program: Program) -> float:
    """Seconds."""
    return 60 * (3 * program.minutes + 1)


def _scenario(scenario: Scenario, mixes: Mixes) -> float:
    plan, contenders = mixes.plan, len(mixes.chosen(scenario.contenders))
    is_product = scenario.application == PRODUCT
    settings = len(scenario.delays) * len(scenario.routes)
    settings *= len(scenario.databases) * len(scenario.libraries) if is_product else 1
    counted = plan.seconds * (STRETCHED if is_product and scenario.load == "saturation" else 1.0)
    asking = contenders * plan.rounds * (counted + plan.warm_up + ASKING)
    return settings * (asking + STARTED) + FILLED * ("large" in scenario.libraries)


def _capacity(mixes: Mixes) -> float:
    asked, contenders = mixes.visitors, len(mixes.chosen())
    searches = len(asked.mixes) * contenders * asked.searches
    return len(asked.databases) * (STARTED + searches * TRIALS * (asked.seconds + mixes.plan.warm_up + ASKING))


def _startup(mixes: Mixes) -> float:
    plan = mixes.plan
    return STARTED + len(mixes.chosen()) * plan.rounds * (ALONE + plan.seconds + plan.warm_up)


def _memory(mixes: Mixes) -> float:
    return len(mixes.chosen()) * mixes.plan.rounds * (ALONE / 2 + 2 * mixes.holding.milliseconds / 1000)
