"""Background work: its rows, its rules, and what runs it."""
