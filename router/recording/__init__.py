"""Keeps a sample of real requests as a corpus, without any secret of those who asked."""
