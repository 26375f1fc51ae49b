"""The way in which 0.9 was served: Werkzeug's own server, a thread per connection. ``python -m … PORT``"""

import logging
import sys

from werkzeug.serving import run_simple

from benchmarks.toys.legacy import create_legacy

if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", int(sys.argv[1]), create_legacy(), threaded=True)
