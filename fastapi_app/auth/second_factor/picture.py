"""The QR code that an authenticator reads."""

import segno

_SCALE, _BORDER = 6, 4


def qr_code(text: str) -> str:
    """A black and white PNG as a `data:` address. Pure, and takes milliseconds: call it in a thread."""
    return str(segno.make(text, error="m").png_data_uri(scale=_SCALE, border=_BORDER))
