"""Asks both sides the same, on throwaway copies, and tells where they differ."""
