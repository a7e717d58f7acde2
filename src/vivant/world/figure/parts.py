"""Whose pixel is it: the layers a figure is painted in, the numbers of its parts, and where each joint can be seen."""

from __future__ import annotations

from vivant.world.puppet import KEYPOINTS, Puppet, Side

LAYERS = ("tail", "back", "far_leg", "far_arm", "torso", "near_leg", "head", "near_arm")
"""In painting order."""
_DETAILS = (
    "ears", "hair", "muzzle", "eyes", "mouth", "glasses", "hat", "hat_band",
    "neckwear", "clothes", "buttons", "skirt", "pack",
    "far_hand", "near_hand", "far_sleeve", "near_sleeve", "far_foot", "near_foot", "far_trouser", "near_trouser",
    "pocket", "tail_tip",
)  # fmt: skip
PART: dict[str, int] = {name: number for number, name in enumerate((*LAYERS, *_DETAILS), 1)}
"""Part to its number, 1 to 31: there is an ink line between two parts, and none within one."""


def _numbers(*names: str) -> frozenset[int]:
    return frozenset(PART[name] for name in names)


HEAD_PARTS = _numbers("head", "ears", "hair", "muzzle", "eyes", "mouth", "glasses", "hat", "hat_band")
_TRUNK = _numbers("torso", "clothes", "buttons", "skirt", "pocket", "neckwear")
_TAIL_ROOT = _TRUNK | _numbers("tail", "tail_tip", "near_leg", "far_leg", "near_trouser", "far_trouser", "pack")
_ARM = {side: _numbers(f"{side}_arm", f"{side}_hand", f"{side}_sleeve") for side in ("near", "far")}
_LEG = {side: _numbers(f"{side}_leg", f"{side}_foot", f"{side}_trouser", "skirt") for side in ("near", "far")}
_OF_SIDE: dict[str, dict[str, frozenset[int]]] = {
    side: {
        "eye": HEAD_PARTS,
        "shoulder": _ARM[side] | _TRUNK,
        "elbow": _ARM[side],
        "hand": _ARM[side],
        "hip": _LEG[side] | _TRUNK,
        "knee": _LEG[side],
        "foot": _LEG[side],
    }
    for side in ("near", "far")
}
_MIDDLE: dict[str, frozenset[int]] = {"nose": HEAD_PARTS, "neck": HEAD_PARTS | _TRUNK, "tail_root": _TAIL_ROOT}


def _parts_of(near: Side) -> dict[str, frozenset[int]]:
    found = {}
    for name in KEYPOINTS:
        side, _, joint = name.partition("_")
        found[name] = _MIDDLE.get(name) or _OF_SIDE["near" if side == near else "far"][joint]
    return found


PARTS_OF: dict[Side, dict[str, frozenset[int]]] = {"left": _parts_of("left"), "right": _parts_of("right")}
"""By the puppet's nearer side: keypoint to the parts on which it counts as seen."""
_LISTS = {near: [parts[name] for name in KEYPOINTS] for near, parts in PARTS_OF.items()}


def visible_parts(puppet: Puppet) -> list[frozenset[int]]:
    """The parts that may show at each keypoint for it to count as visible, in the order of `KEYPOINTS`."""
    return _LISTS[puppet.near]
