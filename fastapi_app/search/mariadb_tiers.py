"""The tiers of words on MariaDB.

FULLTEXT ranks every row that matches before it hands out the first: what half the library has takes seconds. So it is
asked for rare words only. Of common ones a row of the index is asked by `LIKE`; where all are common, the newest rows
are looked through, and a page is full soon. Which words are common is told by a sample.
"""

import math
from collections.abc import Iterator, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.search.kinds import TABLES, TITLES, Kind, index_of
from fastapi_app.search.tiers import COLUMNS, Tier, better, is_begun
from fastapi_app.search.words import Wanted, padded

SAMPLE = 400
"""How many rows are asked, evenly spread."""

COMMON = 0.02
"""Words in a larger share of the rows are common."""

WIDE = 0.1
"""Words in a larger share are not worth asking FULLTEXT for where there are rarer ones: it reads them all."""

FAR = 10_000
"""How many rows may be looked through to fill a page."""


async def begins(
    session: AsyncSession, kind: Kind, wanted: Wanted, after: tuple[str, int] | None, limit: int
) -> list[tuple[str, int]]:
    """Titles and ids of rows whose title begins with the text, from the index of titles."""
    title, table = TITLES[kind], TABLES[kind]
    continued = f"AND {title} >= :title AND ({title} > :title OR id > :id) " if after else ""
    query = text(
        f"SELECT {title}, id FROM {table} WHERE {title} LIKE :beginning {continued}"  # noqa: S608
        f"ORDER BY {title}, id LIMIT :limit"
    )
    values: dict[str, object] = {"beginning": _beginning(wanted), "limit": limit}
    if after:
        values |= {"title": after[0], "id": after[1]}
    return [(row[0], row[1]) for row in await session.execute(query, values)]


async def ids(
    session: AsyncSession, kind: Kind, wanted: Wanted, tier: Tier, before: int | None, limit: int
) -> list[int]:
    """At most `limit` ids below `before`, the highest first, without those of better tiers.

    A small index is looked through. Of a large one, words that are all common are not looked for in descriptions: they
    would be in thousands of them.
    """
    size, shares = await _shares(session, kind, wanted, tier)
    rare = rare_of(shares, limit) if size > FAR else []
    if tier is Tier.ANYWHERE and size > FAR and min(shares) > COMMON:
        return []
    index, table = index_of(kind), TABLES[kind]
    terms = _terms(wanted, begun=is_begun(tier))
    values: dict[str, object] = {"beginning": _beginning(wanted), "limit": limit, "before": before}
    conditions = [f"NOT {table}.{TITLES[kind]} LIKE :beginning"]
    if before is not None:
        conditions.append(f"{index}.id < :before")
    if rare:
        columns = ", ".join(f"{index}.{column}" for column in COLUMNS[tier])
        conditions.append(f"MATCH ({columns}) AGAINST (:expression IN BOOLEAN MODE)")
        values["expression"] = " ".join(_operand(wanted, place, begun=is_begun(tier)) for place in rare)
    common = [place for place in range(len(terms)) if place not in rare]
    conditions += _having(index, "w", common, COLUMNS[tier])
    values |= {f"w{place}": terms[place] for place in common}
    for other in better(tier):
        other_terms = _terms(wanted, begun=is_begun(other))
        conditions.append(f"NOT ({' AND '.join(_having(index, 'x', range(len(terms)), COLUMNS[other]))})")
        values |= {f"x{place}": term for place, term in enumerate(other_terms)}
    query = text(
        f"SELECT {index}.id FROM {index} STRAIGHT_JOIN {table} ON {table}.id = {index}.id "  # noqa: S608
        f"WHERE {' AND '.join(conditions)} ORDER BY {index}.id DESC LIMIT :limit"
    )
    return list((await session.execute(query, values)).scalars())


def rare_of(shares: Sequence[float], limit: int) -> Sequence[int]:
    """The places of the words to ask FULLTEXT for. None where a page is full sooner by looking through the rows."""
    if min(shares) > COMMON and limit <= FAR * math.prod(shares):
        return []
    return [place for place, share in enumerate(shares) if share <= max(WIDE, min(shares))]


async def _shares(session: AsyncSession, kind: Kind, wanted: Wanted, tier: Tier) -> tuple[int, list[float]]:
    """About how many rows there are, and in what share of them each word is, 0 to 1: told by a sample."""
    terms = _terms(wanted, begun=is_begun(tier))
    index = index_of(kind)
    lowest, highest = (await session.execute(text(f"SELECT MIN(id), MAX(id) FROM {index}"))).one()  # noqa: S608
    if lowest is None:
        return 0, [0.0] * len(terms)
    if highest - lowest <= FAR:
        return highest - lowest + 1, [0.0] * len(terms)
    asked = ", ".join(map(str, range(lowest, highest + 1, max((highest - lowest) // SAMPLE, 1))))
    sums = ", ".join(f"SUM({having})" for having in _having(index, "w", range(len(terms)), COLUMNS[tier]))
    query = text(f"SELECT COUNT(*), {sums} FROM {index} WHERE id IN ({asked})")  # noqa: S608
    values = {f"w{place}": term for place, term in enumerate(terms)}
    found, *counts = (await session.execute(query, values)).one()
    return highest - lowest + 1, [float(count or 0) / max(found, 1) for count in counts]


def _having(index: str, prefix: str, places: Sequence[int], columns: tuple[str, ...]) -> Iterator[str]:
    """A condition for each word: one of the columns has it."""
    for place in places:
        yield "(" + " OR ".join(f"{index}.{column} LIKE :{prefix}{place}" for column in columns) + ")"


def _terms(wanted: Wanted, *, begun: bool) -> list[str]:
    """The patterns of the words in a row of the index, which holds words between spaces."""
    patterns = [f"% {padded(word)} %" for word in wanted.words]
    if begun:
        patterns[-1] = f"% {wanted.words[-1]}%"
    return patterns


def _operand(wanted: Wanted, place: int, *, begun: bool) -> str:
    word = wanted.words[place]
    return f"+{word}*" if begun and place == len(wanted.words) - 1 else f"+{padded(word)}"


def _beginning(wanted: Wanted) -> str:
    escaped = "".join("\\" + char if char in "\\%_" else char for char in wanted.text)
    return f"{escaped}%"
