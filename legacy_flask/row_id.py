"""The id in a path."""

from werkzeug.routing import IntegerConverter

from fastapi_app.models import INTEGER_MAX


class RowId(IntegerConverter):
    """`<int:…>` of at most as many digits as Python reads at once."""

    regex = r"\d{1,4000}"


def may_exist(row_id: int) -> bool:
    """Whether a column can hold this id; SQLite's driver refuses larger ones."""
    return row_id <= INTEGER_MAX
