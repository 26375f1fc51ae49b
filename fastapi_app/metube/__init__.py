"""Downloads by the names of 0.9: its address still says MeTube, which it left long ago."""
