"""What pages ask of their visitors, as parameters."""

from typing import Annotated

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.auth.visitor import Visitor

Reader = Annotated[Visitor, require(Access.READ)]
Editor = Annotated[Visitor, require(Access.MODIFY)]
Manager = Annotated[Visitor, require(Access.MANAGE)]
Configurer = Annotated[Visitor, require(Access.CONFIGURE)]
Administrator = Annotated[Visitor, require(Access.ADMINISTER)]
