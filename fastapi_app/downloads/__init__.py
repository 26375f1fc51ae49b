"""Films fetched with yt-dlp: what is asked for, how it is fetched, proven and put in its place."""
