"""Live progress: what is told about jobs, to whom, and over which sockets. `docs/live-progress.md` has the messages."""
