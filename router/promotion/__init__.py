"""How a route moves on: the steps, and the evidence that each one asks for."""
