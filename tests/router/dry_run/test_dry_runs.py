"""Dry runs of writes over two toys and one real database: nothing of them may stay, and one answer goes out."""
