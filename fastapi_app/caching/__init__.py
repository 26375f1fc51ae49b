"""Answers kept in memory, and never wrong: each is found only under the versions of the tables that it was made of."""
