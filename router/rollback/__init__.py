"""A route that fails takes itself back: what is watched, what trips, and what is done then."""
