"""The pure modules, and the quick tests that hold them. The most important first."""

_FLAGS = "tests/migration_flags/test_"
_ROUTER = "tests/router/test_"
_BACK = "tests/router/rollback/test_"
_UP = ("tests/router/promotion/test_gate.py", "tests/router/promotion/test_unattended.py")
_COMPARING = ("compare", "live", "noise", "redaction", "summary", "waiver", "field_waiver", "exactly")
_ALIKE = tuple(f"tests/router/comparison/test_{name}.py" for name in _COMPARING)
_SETS = tuple(
    f"{_FLAGS}{name}.py" for name in ("change", "dependencies", "evaluation", "workers", "transition", "audit")
)
_MEETING = tuple(f"{_ROUTER}{name}.py" for name in ("relation", "meeting", "samples"))

TARGETS: dict[str, tuple[str, ...]] = {
    "migration_flags/bucketing.py": (_FLAGS + "bucketing.py", _FLAGS + "evaluation.py"),
    "migration_flags/planning.py": (_FLAGS + "evaluation.py", _FLAGS + "bucketing.py"),
    "router/decision.py": (_ROUTER + "decision.py",),
    "router/rollback/likelihood.py": (_BACK + "likelihood.py",),
    "router/rollback/sequential.py": (_BACK + "sequential.py", _BACK + "guard.py"),
    "router/rollback/burst.py": (_BACK + "decisions.py",),
    "router/rollback/rate.py": (_BACK + "decisions.py", _BACK + "spate.py"),
    "router/promotion/gate.py": _UP,
    "router/trie.py": (_ROUTER + "trie.py",),
    "router/rollback/spate.py": (_BACK + "spate.py",),
    "router/rollback/tally.py": (_BACK + "decisions.py",),
    "router/rollback/slice.py": (_BACK + "sequential.py",),
    "router/rollback/starts.py": (_BACK + "sequential.py",),
    "router/rollback/once.py": (_BACK + "sequential.py", _BACK + "guard.py"),
    "router/rollback/latency.py": (_BACK + "latency.py",),
    "router/rollback/reservoir.py": (_BACK + "latency.py",),
    "router/rollback/facts.py": (_BACK + "facts.py",),
    "router/rollback/answer.py": (_BACK + "action.py",),
    "router/rollback/probe.py": (_BACK + "action.py",),
    "router/rollback/record.py": (_BACK + "record.py", _BACK + "guard.py", _BACK + "decisions.py", _BACK + "spate.py"),
    "router/rollback/baseline.py": (_BACK + "baseline.py",),
    "router/promotion/step.py": (_UP[0], _BACK + "action.py"),
    "router/promotion/canary.py": _UP,
    "router/promotion/recorded.py": _UP,
    "router/promotion/mirrored.py": _UP,
    "migration_flags/transition.py": _SETS,
    "migration_flags/dependencies.py": _SETS,
    "migration_flags/workers.py": (_FLAGS + "workers.py",),
    "migration_flags/audit.py": (_FLAGS + "audit.py",),
    "router/template.py": (_ROUTER + "template.py",),
    "router/choices.py": (_ROUTER + "choices.py",),
    "router/index.py": (_ROUTER + "index.py",),
    "router/conflict.py": (_ROUTER + "table.py",),
    "router/relation.py": _MEETING,
    "router/meeting.py": _MEETING,
    "router/samples.py": _MEETING,
    "router/verdict.py": (_ROUTER + "verdict.py",),
    "router/burndown.py": (_ROUTER + "burndown.py",),
    "router/comparison/compare.py": _ALIKE,
    "router/comparison/differing.py": _ALIKE,
    "router/comparison/noise.py": _ALIKE,
    "router/comparison/settling.py": _ALIKE,
    "router/comparison/headers.py": _ALIKE,
    "router/comparison/jsonpath.py": _ALIKE,
    "router/comparison/mismatch.py": _ALIKE,
    "router/comparison/rules.py": _ALIKE,
    "router/comparison/waiver.py": _ALIKE,
    "router/comparison/redaction.py": _ALIKE,
    "router/comparison/summary.py": _ALIKE,
    "router/comparison/ledger.py": _ALIKE,
    "router/comparison/answer.py": _ALIKE,
}
