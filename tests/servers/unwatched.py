"""The hybrid with each route where it was put: nothing is mirrored, falls back, or is taken back. Builds at import.

A password that was compared once is not hashed again: hundreds of logins are asked for, by five people.
"""

import hashlib
from functools import cache

import bcrypt

from fastapi_app.config import Config
from legacy_flask.front_door import build

hashlib.pbkdf2_hmac = cache(hashlib.pbkdf2_hmac)  # type: ignore[assignment]  # a cached function is one
bcrypt.checkpw = cache(bcrypt.checkpw)

app = build(Config(), watched=False)
