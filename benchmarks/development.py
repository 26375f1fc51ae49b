"""The way in which 0.9 was served: Werkzeug's own server, a thread per connection. ``python -m … PORT IMPORT``"""

import logging
import sys
from importlib import import_module
from typing import Any

from werkzeug.serving import run_simple


def imported(name: str) -> Any:
    """``module:attribute``, called where it ends with ``()``."""
    module, _, attribute = name.removesuffix("()").partition(":")
    found = getattr(import_module(module), attribute)
    return found() if name.endswith("()") else found


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", int(sys.argv[1]), imported(sys.argv[2]), threaded=True)
