"""Films one after another: the page, its queue and the captions of its films."""
