"""What each side asks of its visitors: as it is declared, and as it is found by asking. Modern must not ask less."""
