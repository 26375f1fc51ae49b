"""The pages of playlists."""
