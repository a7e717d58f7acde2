"""What every page that is one HTML file is made of: the frame, pictures inside the file, boxes on a picture."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from importlib import resources

import cv2

from vivant.errors import ImageError
from vivant.types import Box, Image

QUALITY = 82
"""Of JPEG."""
HUES = ("#ffd166", "#7bdff2", "#ff8fab", "#a7e08a", "#cdb4ff", "#ffb27a", "#9ab8ff", "#e6e6e6")
"""Of the boxes: light enough for dark letters, apart from each other on a photo."""
LABEL_ROOM = 0.1
"""Of the picture's height: less than this above a box is too little for its name."""


def document(title: str, body: str, styles: Sequence[str], script: str = "") -> str:
    """A page that needs nothing but itself; the browser refuses anything from outside and any other script.

    Args:
        title: plain text.
        body: HTML.
        styles: names of style sheets in `vivant.assets`, later ones over earlier ones.
        script: name of a script in `vivant.assets`; the empty text is none.
    """
    style = "".join(_asset(name) for name in styles)
    code = _asset(script) if script else ""
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    policy += f"; script-src 'sha256-{digest}'" if code else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}"
        + (f"\n<script>{code}</script>" if code else "")
        + "\n</body>\n</html>\n"
    )


def picture_url(picture: Image, quality: int = QUALITY) -> str:
    """A data URI that holds a picture, HWC RGB uint8, as JPEG.

    Raises:
        ImageError: it cannot be encoded.
    """
    done, buffer = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ImageError(f"a picture of {picture.shape[1]} x {picture.shape[0]} pixels could not be encoded as JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.tobytes()).decode()}"


def box_mark(box: Box, name: str, hue: str) -> str:
    """A frame with its name above, or inside where there is no room above; flush with the side that has more room."""
    inside = " inside" if box.y0 < LABEL_ROOM else ""
    side = "from-right" if box.centre[0] > 0.5 else "from-left"
    place = f"left:{box.x0:.2%};top:{box.y0:.2%};width:{box.width:.2%};height:{box.height:.2%}"
    return f'<i style="{place};--hue:{hue}"><b class="{side}{inside}">{escape(name)}</b></i>'


def _asset(name: str) -> str:
    return resources.files("vivant.assets").joinpath(name).read_text(encoding="utf-8")
