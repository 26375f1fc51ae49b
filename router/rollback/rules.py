"""The numbers of all trips in one value."""

from dataclasses import dataclass, field

from router.rollback.burst import BurstRule
from router.rollback.latency import LatencyRule
from router.rollback.probe import ProbeRule
from router.rollback.rate import RateRule
from router.rollback.sequential import SequentialRule
from router.rollback.spate import SpateRule


@dataclass(frozen=True, slots=True)
class RollbackRules:
    """When a route is taken back, and when it is tried again."""

    burst: BurstRule = field(default_factory=BurstRule)
    rate: RateRule = field(default_factory=RateRule)
    spate: SpateRule = field(default_factory=SpateRule)
    sequential: SequentialRule = field(default_factory=SequentialRule)
    latency: LatencyRule = field(default_factory=LatencyRule)
    probe: ProbeRule = field(default_factory=ProbeRule)
