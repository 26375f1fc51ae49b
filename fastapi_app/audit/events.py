"""The events of the audit trail. 0.9's names where it had one; it only ever wrote them to a log."""

from enum import StrEnum


class Event(StrEnum):
    """What happened."""

    LOGIN = "login"
    LOGIN_REFUSED = "login_refused"
    LOGOUT = "logout"
    LOCKED = "account_locked"
    UNLOCKED = "account_unlocked"
    SESSION_REVOKED = "session_revoked"
    ALL_SESSIONS_REVOKED = "all_sessions_revoked"
    TOKENS_ISSUED = "tokens_issued"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a name, not a secret
    TOKEN_REPLAYED = "token_replayed"  # noqa: S105 - a name, not a secret
    KEY_CREATED = "api_key_created"
    KEY_REVOKED = "api_key_revoked"
    KEY_REFUSED = "api_key_refused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name, not a secret
    PASSWORD_CHANGE_REFUSED = "password_change_refused"  # noqa: S105 - a name, not a secret
    PASSWORD_RESET_ASKED = "password_reset_asked"  # noqa: S105 - a name, not a secret
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a name, not a secret
    SECOND_FACTOR_PREPARED = "2fa_prepared"
    SECOND_FACTOR_ENABLED = "2fa_enabled"
    SECOND_FACTOR_DISABLED = "2fa_disabled"
    SECOND_FACTOR_REFUSED = "2fa_refused"
    BACKUP_CODE_USED = "2fa_backup_code_used"
    BACKUP_CODES_RENEWED = "2fa_backup_codes_regenerated"
    USER_CREATED = "user_created"
    USER_DELETED = "user_deleted"
    USER_ROLE_CHANGED = "user_role_changed"
    USER_ACTIVATED = "user_activated"
    USER_DEACTIVATED = "user_deactivated"
    USER_UNLOCKED = "user_unlocked"
    PREFERENCES_CHANGED = "user_preferences_updated"
    CREDENTIALS_CHANGED = "credentials_changed"
    ACCESS_DENIED = "access_denied"
    GATE_CHANGED = "gate_changed"
    SETTING_CHANGED = "setting_changed"
    BACKUP_ASKED = "backup_asked"
    BACKUP_BROUGHT = "backup_brought"
    BACKUP_DOWNLOADED = "backup_downloaded"
    BACKUP_RESTORED = "backup_restored"
    BACKUP_DELETED = "backup_deleted"
