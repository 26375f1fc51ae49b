"""Rehearses a rollback: modern is made to fail for one test user, and what happens is told."""
