"""Two answers to one request, compared. Pure."""

from collections.abc import Iterable, Iterator

from tests.golden.comparison import Difference
from tests.parity.ask import Ask
from tests.parity.shape import Shape


def differences(asks: Iterable[Ask], legacy: Iterable[Shape], modern: Iterable[Shape]) -> Iterator[Difference]:
    """`expected` is the legacy side's, `found` the modern side's."""
    for ask, left, right in zip(asks, legacy, modern, strict=True):
        if left.status != right.status:
            yield Difference(ask.name, "status", left.status, right.status)
        for name in left.headers:
            if left.headers[name] != right.headers[name]:
                yield Difference(ask.name, name, left.headers[name], right.headers[name])
        if left.body != right.body:
            yield Difference(ask.name, "body", left.body, right.body)
