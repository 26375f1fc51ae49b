"""The router's own page, below ``/_strangler/``: it shows every route, and moves it. It goes with the front door."""
