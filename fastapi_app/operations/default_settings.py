"""The settings of a new installation: 0.9's own rows, except that the doors are shut."""

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_app.models import WRITES, Setting

DEFAULTS: tuple[tuple[str, str, str], ...] = (
    ("app_port", "5000", "Application port"),
    ("app_host", "0.0.0.0", "Application host"),  # noqa: S104  a row that 0.9 shows and nobody reads
    ("downloads_path", "data/downloads", "Downloads directory path"),
    ("music_videos_path", "data/musicvideos", "Music videos directory path"),
    ("thumbnails_path", "data/thumbnails", "Thumbnails directory path"),
    ("metube_host", "localhost", "MeTube host"),
    ("metube_port", "8081", "MeTube port"),
    ("imvdb_api_key", "", "IMVDb API key"),
    ("youtube_api_key", "", "YouTube API key"),
    ("auto_organize_downloads", "true", "Automatically organize downloads by artist"),
    ("video_quality_preference", "best", "Preferred video quality"),
    ("max_concurrent_downloads", "3", "Maximum concurrent downloads"),
    ("enable_notifications", "true", "Enable notifications"),
    ("language", "en", "Application language"),
    ("debug_mode", "false", "Enable debug mode"),
    ("require_authentication", "true", "Require user login to access the application"),
    ("auto_download_schedule_enabled", "false", "Enable scheduled automatic downloads"),
    ("auto_download_schedule_time", "02:00", "Time to run automatic downloads (HH:MM format)"),
    ("auto_download_schedule_days", "daily", "Schedule frequency: daily, weekly, or specific days"),
    ("auto_download_max_videos", "50", "Maximum videos to download per scheduled run"),
    ("spotify_client_id", "", "Spotify client id"),
    ("spotify_client_secret", "", "Spotify client secret"),
    ("spotify_redirect_uri", "http://127.0.0.1:5000/api/spotify/callback", "Spotify OAuth redirect URI"),
)
"""Key, value, description."""


def seed(engine: Engine) -> bool:
    """Writes the defaults when there is no setting at all; whether it did. Of two that start at once, one does."""
    try:
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            if session.scalar(select(func.count()).select_from(Setting)):
                return False
            session.add_all(Setting(key=key, value=value, description=text) for key, value, text in DEFAULTS)
    except IntegrityError:
        return False
    return True
