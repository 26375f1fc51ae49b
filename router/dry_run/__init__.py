"""Asks modern to write before legacy does, takes everything back, and compares what both would have left behind."""
