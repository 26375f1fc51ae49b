"""The page of playlists that are watched on YouTube."""
