"""Somebody who was let in and listens, over whichever kind of socket."""

from fastapi_app.jobs.event import Event
from fastapi_app.jobs.visibility import View
from fastapi_app.progress.entrance import Entrance
from fastapi_app.progress.news import News
from fastapi_app.progress.outlet import LOGIN_ENDED, Ended, Outlet
from fastapi_app.progress.standing import Proof


class Seat:
    """A listener of the hub and a holder of a socket."""

    def __init__(self, entered: Entrance, outlet: Outlet) -> None:
        self.entered = entered
        self.outlet = outlet

    @property
    def view(self) -> View:
        return self.entered.view

    @property
    def proof(self) -> Proof:
        return self.entered.proof

    def hear(self, news: News) -> None:
        self.outlet.offer(news)

    def told(self, event: Event) -> None:
        self.outlet.told(event)

    def dismiss(self) -> None:
        self.outlet.end(Ended(LOGIN_ENDED, "the login ended or changed"))
