"""Asks the modern side what legacy was asked, after the visitor has the answer, and compares."""
