"""Puts the console together. Connects to nothing."""

from router.console.access import Access
from router.console.board import Board
from router.console.console import Console
from router.console.events import Events
from router.console.moves import Moves
from router.console.questions import Questions
from router.console.surroundings import Surroundings
from router.console.waivers import Waivers
from router.mirror.apart import Apart


def build_console(access: Access, login: str | None, surroundings: Surroundings) -> Console:
    """The console of one router. Stores are asked in one thread of its own: who looks never holds up who is served."""
    thread = Apart("strangler-console")
    board = Board(surroundings, thread)
    questions = Questions(surroundings, board, access, thread)
    moves, waivers = Moves(surroundings, board, thread), Waivers(surroundings, board, thread)
    events = Events(lambda: surroundings.flags.picture.snapshot.epoch)
    return Console(
        access,
        login,
        thread,
        events,
        questions={"state": questions.state, "route": questions.route, "history": questions.history},
        changes={
            "moves": moves.move,
            "rollbacks": moves.roll_back,
            "mirror": moves.mirror,
            "kill": moves.kill,
            "auto": moves.auto,
            "waivers": waivers.make,
            "waivers/withdraw": waivers.withdraw,
        },
    )
