"""300 routes at all stages, with traffic, findings, rollbacks and a history, as the console's API tells them."""

import threading
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

NOUNS = ("videos", "artists", "playlists", "downloads", "settings", "users", "genres", "jobs", "webhooks", "thumbnails")
SHAPES = (
    ("GET", "/api/{}"),
    ("POST", "/api/{}"),
    ("GET", "/api/{}/{{id}}"),
    ("PUT", "/api/{}/{{id}}"),
    ("DELETE", "/api/{}/{{id}}"),
    ("GET", "/api/{}/{{id}}/history"),
    ("POST", "/api/{}/{{id}}/refresh"),
    ("GET", "/api/{}/search"),
    ("PATCH", "/api/{}/{{id}}/tags/{{tag}}"),
    ("GET", "/{}"),
)
STAGES = ("legacy", "shadow", "canary", "modern", "retired")
STEPS: list[dict[str, Any]] = [
    {"stage": "legacy", "percent": None},
    {"stage": "shadow", "percent": None},
    *({"stage": "canary", "percent": percent} for percent in (1.0, 5.0, 10.0, 25.0, 50.0)),
    {"stage": "modern", "percent": None},
    {"stage": "retired", "percent": None},
]
BACK = "GET /api/artists/{id}"
"""The route that took itself back."""
DIFFERING = "GET /api/playlists"
"""The route with findings."""
GATED = "GET /api/videos/search"
"""The route whose gate is shut."""
READY = "GET /api/videos"
"""The route whose gate is open."""
CONTROL = '{"id": 7, "title": "Jóga", "year": 1997, "tags": ["a", "b"]}'
CANDIDATE = '{"id": 7, "title": "Joga", "year": 1997, "tags": ["a", "b", "c"]}'
EVIDENCE = {
    "stage": "canary",
    "modern": {"requests": 412, "faults": 9},
    "legacy": {"requests": 8033, "faults": 1},
    "last_minute": {"modern": {"requests": 31, "faults": 9}, "legacy": {"requests": 590, "faults": 0}},
    "faults_in_a_row": 5,
    "e_value": 214.2,
}

Answer = tuple[int, dict[str, Any]]


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def keys(count: int) -> list[tuple[str, str]]:
    """Methods and templates."""
    versions = ("", "-archive", "-shared")
    found = [(m, t.format(noun + version)) for version in versions for noun in NOUNS for m, t in SHAPES]
    return found[:count]


def made_route(place: int, method: str, template: str) -> dict[str, Any]:
    owner = "legacy" if place % 19 == 7 else "modern" if place % 23 == 11 else "both"
    stage, percent = [
        ("legacy", None),
        ("legacy", None),
        ("shadow", None),
        ("canary", 5.0),
        ("canary", 25.0),
        ("modern", None),
    ][place % 6]
    if owner != "both":
        stage, percent = owner, None
    asked = place % 5 != 4
    control = {"requests": 1200 + 37 * place, "faults": place % 3, "p50_ms": 18.0 + place, "p95_ms": 90.0 + 2 * place}
    candidate = {"requests": 60 + 7 * place, "faults": 0, "p50_ms": 3.2 + place / 40, "p95_ms": 14.0 + place / 9}
    compared = owner == "both" and stage in {"shadow", "canary"}
    return {
        "key": f"{method} {template}",
        "method": method,
        "template": template,
        "owner": owner,
        "stage": stage,
        "percent": percent,
        "mirror": None,
        "mirrored": 10.0 if stage == "shadow" else 0.0,
        "group": "checkout" if place % 50 == 3 else "",
        "requires": [],
        "latch": None,
        "relation": "equal",
        "demands": "equal" if owner == "both" else None,
        "reason": "As planned.",
        "updated_by": "grace",
        "updated_at": ago(hours=3 + place / 10),
        "auto": place % 40 == 9,
        "traffic": {
            "legacy": control if asked and owner != "modern" and stage != "modern" else None,
            "modern": candidate if asked and owner != "legacy" and stage in {"canary", "modern"} else None,
        },
        "agreement": {"compared": 3012, "alike": 3012, "findings": 0, "waived": 0, "until": ago(minutes=2)}
        if compared
        else None,
    }


class World:
    """``may_move``: the rights of who looks. ``routes`` by key."""

    def __init__(self, count: int = 300) -> None:
        self.lock = threading.Lock()
        self.epoch = 12
        self.killed = False
        self.trouble: str | None = None
        self.may_move = True
        self.routes = {f"{m} {t}": made_route(place, m, t) for place, (m, t) in enumerate(keys(count))}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.waivers: dict[str, list[dict[str, Any]]] = {}
        self.sequence = 400
        if count:
            self._stories()

    def _stories(self) -> None:
        self.routes[READY].update(stage="legacy", percent=None)
        self.routes[GATED].update(owner="both", stage="shadow", percent=None, mirrored=10.0, demands="laxer")
        self.routes[DIFFERING].update(stage="shadow", percent=None, mirrored=10.0)
        self.routes[DIFFERING]["agreement"] = {
            "compared": 2840, "alike": 2791, "findings": 2, "waived": 3, "until": ago(minutes=1),
        }  # fmt: skip
        self.routes[BACK].update(stage="legacy", percent=None)
        self.roll_back(BACK, minutes=3)
        self.epoch = 12

    def roll_back(self, key: str, minutes: float = 0.0) -> None:
        """The route takes itself back from 5 %."""
        latch = {
            "trip": "rate", "at": ago(minutes=minutes), "stage": "canary", "percent": 5.0, "probe_at": None,
            "evidence": EVIDENCE,
        }  # fmt: skip
        with self.lock:
            route = self.routes[key]
            route.update(stage="legacy", percent=None, latch=latch, updated_by="strangler", updated_at=ago())
            self.epoch += 1
            self._row(key, {"stage": "canary", "percent": 5.0}, "strangler", "Too many faults.", gated=False)

    def state(self) -> dict[str, Any]:
        with self.lock:
            both = [route for route in self.routes.values() if route["owner"] == "both"]
            stages = {stage: sum(route["stage"] == stage for route in both) for stage in STAGES}
            return {
                "epoch": self.epoch,
                "at": ago(),
                "killed": self.killed,
                "trouble": self.trouble,
                "frozen": False,
                "version": "1.0.0",
                "here": "w1",
                "you": {"name": "ada", "may_move": self.may_move},
                "window_seconds": 300,
                "workers": self._workers(),
                "stages": stages,
                "owners": {
                    one: sum(route["owner"] == one for route in self.routes.values())
                    for one in ("both", "legacy", "modern")
                },
                "burn_down": burn_down(stages) if self.routes else [{"at": ago(), **stages}],
                "routes": deepcopy(list(self.routes.values())),
            }

    def _workers(self) -> list[dict[str, Any]]:
        return [
            {
                "id": f"w{number}", "host": "node-a" if number < 3 else "node-b", "pid": 4100 + number,
                "epoch": self.epoch - (number == 4), "seconds_ago": 1.2 * number, "current": number != 4,
            }
            for number in (1, 2, 3, 4)
        ]  # fmt: skip

    def detail(self, key: str) -> dict[str, Any] | None:
        with self.lock:
            route = self.routes.get(key)
            if route is None:
                return None
            is_both = route["owner"] == "both"
            return deepcopy(
                {
                    **route,
                    "sentences": [f"{key} is at {route['stage']}.", "The flag names the stage; no rule names a user."],
                    "steps": STEPS,
                    "next": self._next(route) if is_both else None,
                    "findings": findings() if key == DIFFERING else [],
                    "waivers": self.waivers.get(key, []),
                    "evidence": [
                        {
                            "kind": "parity", "at": ago(hours=5), "epoch": 9, "source": "ci",
                            "summary": {"compared": 48, "results": {"bytes": 48}},
                        }
                    ] if key in {READY, GATED} else [],
                    "history": self.rows.get(key, [])[:50],
                }
            )  # fmt: skip

    def history(self, query: dict[str, str]) -> dict[str, Any]:
        with self.lock:
            rows = [row for key, rows in self.rows.items() if query.get("key", key) == key for row in rows]
            rows.sort(key=lambda row: -row["sequence"])
            before = int(query.get("before", 10**9))
            return {"rows": [row for row in rows if row["sequence"] < before][:50], "intact": True}

    def tell(self, name: str, body: dict[str, Any]) -> Answer:
        """A change, as the API answers it."""
        acts: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "moves": self._moves,
            "rollbacks": self._rollbacks,
            "mirror": self._mirror,
            "kill": self._kill,
            "auto": self._auto,
            "waivers": self._waive,
            "waivers/withdraw": self._withdraw,
        }
        with self.lock:
            return acts[name](body)

    def _moves(self, body: dict[str, Any]) -> Answer:
        if body["epoch"] != self.epoch:
            return 409, {"error": "The flags have changed meanwhile.", "epoch": self.epoch}
        percent = body["percent"]
        if body["stage"] == "canary" and not (isinstance(percent, int | float) and 0 <= percent <= 100):
            return 400, {"error": "percent must be 0 to 100", "field": "percent"}
        shut = {key: missing() for key in body["keys"] if key == GATED}
        if body["gated"] and shut:
            return 409, {"error": "The gate refuses it.", "missing": shut}
        return self._set(body, body["gated"])

    def _rollbacks(self, body: dict[str, Any]) -> Answer:
        return self._set(body, gated=False)

    def _set(self, body: dict[str, Any], gated: bool) -> Answer:
        rows, skipped = [], []
        self.epoch += 1
        for key in body["keys"]:
            route = self.routes[key]
            if route["owner"] != "both":
                skipped.append({"key": key, "why": f"Only {route['owner']} has it."})
                continue
            before = {"stage": route["stage"], "percent": route["percent"]}
            mirrored = 10.0 if body["stage"] == "shadow" else 0.0
            route.update(
                stage=body["stage"], percent=body["percent"], latch=None, mirrored=mirrored, updated_at=ago(),
                updated_by="ada", reason=body["reason"],
            )  # fmt: skip
            rows.append(self._row(key, before, "ada", body["reason"], gated=gated))
        return 200, {"epoch": self.epoch, "rows": rows, "skipped": skipped}

    def _row(self, key: str, before: dict[str, Any], actor: str, reason: str, *, gated: bool) -> dict[str, Any]:
        self.sequence += 1
        route = self.routes[key]
        row = {
            "sequence": self.sequence, "at": ago(), "actor": actor, "reason": reason, "key": key,
            "before_stage": before["stage"], "before_percent": before["percent"], "after_stage": route["stage"],
            "after_percent": route["percent"], "epoch": self.epoch, "gated": gated, "before": {}, "after": {},
            "evidence": {},
        }  # fmt: skip
        self.rows.setdefault(key, []).insert(0, row)
        return row

    def _mirror(self, body: dict[str, Any]) -> Answer:
        self.epoch += 1
        for key in body["keys"]:
            self.routes[key].update(mirror=body["percent"], mirrored=body["percent"] or 0.0)
        return 200, {"epoch": self.epoch, "rows": [{} for _ in body["keys"]], "skipped": []}

    def _kill(self, body: dict[str, Any]) -> Answer:
        self.killed = body["on"]
        self.epoch += 1
        return 200, {"epoch": self.epoch}

    def _auto(self, body: dict[str, Any]) -> Answer:
        self.routes[body["key"]]["auto"] = body["on"]
        return 200, {}

    def _waive(self, body: dict[str, Any]) -> Answer:
        latest = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
        if body["expires"] > latest:
            return 400, {"error": f"expires must be {latest} at the latest", "field": "expires"}
        waiver = {
            "id": str(len(self.waivers) + 1), "field": body["field"], "class": body["class"], "owner": "ada",
            "reason": body["reason"], "expires": body["expires"], "from": "console", "withdrawn": False,
        }  # fmt: skip
        self.waivers.setdefault(body["key"], []).append(waiver)
        return 201, {"id": waiver["id"]}

    def _withdraw(self, body: dict[str, Any]) -> Answer:
        for waiver in self.waivers[body["key"]]:
            if waiver["id"] == body["id"]:
                waiver["withdrawn"] = True
        return 200, {}

    def _next(self, route: dict[str, Any]) -> dict[str, Any] | None:
        above = [step for step in STEPS if height(step) > height(route)]
        if len(above) <= 1:
            return None
        lacks = missing() if route["key"] == GATED else []
        used = ["The parity of 2026-11-21T20:11: 48 requests alike, code 1.0.0."]
        return {**above[0], "allowed": not lacks, "missing": lacks, "used": used}


def height(step: dict[str, Any]) -> tuple[int, float]:
    return STAGES.index(step["stage"]), step["percent"] or 0.0


def missing() -> list[str]:
    return [
        "The mirror compared 512 of 3000 requests: leave the route at shadow.",
        "The mirror watched for 3 h of 24 h: wait.",
    ]


def burn_down(now: dict[str, int]) -> list[dict[str, Any]]:
    """Forty days in which routes moved up."""
    points = []
    total = sum(now.values())
    for place in range(40):
        part = place / 40
        counts = {stage: int(now[stage] * part) for stage in STAGES if stage != "legacy"}
        counts["shadow"] += int(14 * part * (1 - part) * 4)
        points.append({"at": ago(days=40 - place), "legacy": total - sum(counts.values()), **counts})
    return [*points, {"at": ago(), **now}]


def findings() -> list[dict[str, Any]]:
    target = "GET /api/playlists?page=2"
    whole = {"control": CONTROL, "candidate": CANDIDATE, "target": target, "at": ago(minutes=4)}
    word = {"control": "Jóga", "candidate": "Joga", "target": "GET /api/playlists?page=1", "at": ago(minutes=9)}
    clock = {
        "control": "2026-11-21T10:00:00",
        "candidate": "2026-11-21T10:00:01",
        "target": target,
        "at": ago(minutes=4),
    }
    return [
        {
            "field": "$.items[*]",
            "class": "shape",
            "meaning": "finding",
            "raw": 31,
            "noise": 0,
            "samples": [whole, word],
        },
        {"field": "$.items[*].title", "class": "value", "meaning": "finding", "raw": 18, "noise": 0, "samples": [word]},
        {"field": "$.at", "class": "value", "meaning": "noise", "raw": 2801, "noise": 280, "samples": [clock]},
    ]
