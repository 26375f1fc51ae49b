"""What the routes of playlists ask of their visitors, as parameters.

Reading is for whoever reads the library, having playlists of one's own for whoever may change things in it. Which
playlists that reaches is decided by `standing`.
"""

from typing import Annotated

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.auth.visitor import Visitor

Reader = Annotated[Visitor, require(Access.READ)]
Modifier = Annotated[Visitor, require(Access.MODIFY)]
