"""The contact sheet: every photo, its cutout and the verdict, to be looked at before anything is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

from vivant.errors import ImageError
from vivant.images import fit_within, read_image
from vivant.types import Cutout, Image

PICTURE = 232
"""Side of the two squares of an entry."""
GAP = 12
TEXT = 92
"""Height under the squares: a title, measures, up to three lines of reasons."""
COLUMNS = 3
MOST = 150
"""Entries on one sheet; a JPEG has a largest height, and a person patience."""
PAPER, CARD, INK, PALE = (238, 236, 232), (255, 255, 255), (38, 38, 42), (120, 120, 126)
GREEN, RED = (44, 142, 78), (196, 52, 46)
CHECKS = ((255, 255, 255), (216, 216, 220))
CHECK = 12
CARD_WIDTH, CARD_HEIGHT = 2 * PICTURE + 3 * GAP, PICTURE + TEXT + 2 * GAP


def contact_sheet(
    cutouts: Sequence[Cutout],
    rejects: Sequence[tuple[Path, str]] = (),
    *,
    load: Callable[[Path], Image] = read_image,
) -> Image:
    """Draw all cutouts, accepted and rejected ones, and the photos that gave none.

    Args:
        cutouts: in the order to show.
        rejects: photos that could not be cut at all, each with the reason.
        load: how the source photo of an entry is read; one that fails is drawn as an empty tile.

    Returns:
        HWC uint8 RGB; an empty sheet says that there are no photos.
    """
    good = sum(cutout.quality.accepted for cutout in cutouts)
    shown = min(MOST, len(cutouts) + len(rejects))
    columns = max(1, min(COLUMNS, shown))
    rows = -(-shown // columns)
    width = max(2 * CARD_WIDTH, columns * (CARD_WIDTH + GAP)) + GAP
    sheet = PILImage.new("RGB", (width, 64 + rows * (CARD_HEIGHT + GAP) + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    title = f"{good} of {len(cutouts) + len(rejects)} photos can be used" if shown else "no photos"
    draw.text((2 * GAP, 20), title, fill=INK, font=ImageFont.load_default(24))
    left_out = len(cutouts) + len(rejects) - shown
    if left_out:
        draw.text((width // 2, 26), f"{left_out} more are not shown", fill=PALE, font=ImageFont.load_default(16))
    for index in range(shown):
        is_cutout = index < len(cutouts)
        card = _cutout_card(cutouts[index], load) if is_cutout else _reject_card(*rejects[index - len(cutouts)])
        row, column = divmod(index, columns)
        sheet.paste(card, (GAP + column * (CARD_WIDTH + GAP), 64 + row * (CARD_HEIGHT + GAP)))
    return np.asarray(sheet, dtype=np.uint8)


def _cutout_card(cutout: Cutout, load: Callable[[Path], Image]) -> PILImage.Image:
    quality = cutout.quality
    numbers = f"{cutout.method}   area {quality.area:.0%}   grey {quality.grey_share:.0%}   edge "
    numbers += f"{quality.edge_sharpness:.2f}   confidence {quality.confidence:.2f}"
    if cutout.cut_sides:
        numbers += f"   cut: {', '.join(sorted(cutout.cut_sides))}"
    name = f"{cutout.subject}  {cutout.photo.name}"
    card = _card(name, numbers, list(quality.reasons), accepted=quality.accepted)
    try:
        _paste(card, load(cutout.photo), left=GAP)
    except ImageError as error:
        _note(card, str(error), left=GAP)
    _paste(card, cutout.rgba, left=2 * GAP + PICTURE)
    return card


def _reject_card(photo: Path, reason: str) -> PILImage.Image:
    card = _card(f"{photo.parent.name}  {photo.name}", "", [reason], accepted=False)
    for left in (GAP, 2 * GAP + PICTURE):
        _note(card, "no picture", left=left)
    return card


def _card(name: str, numbers: str, reasons: list[str], *, accepted: bool) -> PILImage.Image:
    card = PILImage.new("RGB", (CARD_WIDTH, CARD_HEIGHT), CARD)
    draw = ImageDraw.Draw(card)
    colour = GREEN if accepted else RED
    draw.rectangle((0, 0, CARD_WIDTH - 1, 4), fill=colour)
    x, y = GAP, PICTURE + 2 * GAP
    _mark(draw, x, y + 2, accepted=accepted)
    font, small = ImageFont.load_default(15), ImageFont.load_default(12)
    verdict = "usable" if accepted else "rejected"
    draw.text((x + 22, y), _shorten(f"{name}: {verdict}", CARD_WIDTH - 60, font), fill=colour, font=font)
    lines = [numbers] if numbers else []
    for line in _wrap("; ".join(reasons), CARD_WIDTH - 2 * GAP, small)[:3]:
        lines.append(line)
    for number, line in enumerate(lines):
        ink = PALE if number == 0 and numbers else INK
        draw.text((x, y + 24 + 16 * number), _shorten(line, CARD_WIDTH - 2 * GAP, small), fill=ink, font=small)
    return card


def _mark(draw: ImageDraw.ImageDraw, x: int, y: int, *, accepted: bool) -> None:
    """A tick or a cross, drawn: the default font has neither, and colour alone is not for every eye."""
    if accepted:
        draw.line([(x + 1, y + 7), (x + 6, y + 12), (x + 15, y + 1)], fill=GREEN, width=3, joint="curve")
    else:
        draw.line([(x + 2, y + 1), (x + 13, y + 12)], fill=RED, width=3)
        draw.line([(x + 13, y + 1), (x + 2, y + 12)], fill=RED, width=3)


def _paste(card: PILImage.Image, picture: Image, *, left: int) -> None:
    """Fit a picture into a square; what has alpha lies on a checkerboard."""
    fitted = fit_within(picture, PICTURE)
    board = _checkerboard() if picture.shape[2] == 4 else PILImage.new("RGB", (PICTURE, PICTURE), CARD)
    height, width = fitted.shape[:2]
    tile = PILImage.fromarray(np.ascontiguousarray(fitted))
    place = ((PICTURE - width) // 2, (PICTURE - height) // 2)
    board.paste(tile, place, tile if picture.shape[2] == 4 else None)
    card.paste(board, (left, GAP))


def _note(card: PILImage.Image, text: str, *, left: int) -> None:
    draw = ImageDraw.Draw(card)
    draw.rectangle((left, GAP, left + PICTURE - 1, GAP + PICTURE - 1), fill=PAPER)
    font = ImageFont.load_default(13)
    for number, line in enumerate(_wrap(text, PICTURE - 2 * GAP, font)[:6]):
        draw.text((left + GAP, GAP + 60 + 18 * number), line, fill=PALE, font=font)


def _checkerboard() -> PILImage.Image:
    y, x = np.mgrid[0:PICTURE, 0:PICTURE] // CHECK
    return PILImage.fromarray(np.array(CHECKS, dtype=np.uint8)[(x + y) % 2])


def _wrap(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _shorten(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    while len(text) > 1 and font.getlength(text) > width:
        text = text[:-2] + "…"
    return text
