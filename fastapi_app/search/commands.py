"""`mvidarr db reindex`"""

from rich.console import Console
from rich.progress import Progress

from fastapi_app.caching import building as caching
from fastapi_app.models import WRITES
from fastapi_app.operations import configuration, tables
from fastapi_app.search import building

output = Console(highlight=False, soft_wrap=True)


def reindex() -> None:
    """Make the indexes of searches and the triggers of caches anew. Searches find less until it is done."""
    with (
        tables.current(configuration.read()) as engine,
        engine.execution_options(**{WRITES: True}).connect() as connection,
        Progress(console=output, transient=True, disable=not output.is_terminal) as progress,
    ):
        task = progress.add_task("Indexing", total=None)
        rows = building.build(connection, lambda done, total: progress.update(task, completed=done, total=total))
        caching.build(connection)
        connection.commit()
    output.print(f"Indexed {rows:,} rows.")
