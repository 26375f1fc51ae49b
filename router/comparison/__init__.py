"""Two answers to one request, compared. Pure: parity, the mirror and the tests ask the same questions of answers."""
