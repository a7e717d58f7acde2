"""``vivant doctor``: what this machine has, what is cached, and what each role of each profile would need."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from vivant import __version__
from vivant.generation.video_base import hub_names
from vivant.models.bases import BASES, NamedBase, pocket_folder
from vivant.settings.animate import VIDEO_BASE, VIDEO_BASE_NEEDS
from vivant.settings.profiles import EXTRAS, PROFILES, ROLES, SCORERS, Filling, Profile
from vivant.workers import usable_processors

LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "pydantic", "tokenizers", *sum(EXTRAS.values(), ()))

OURS = "pocket/"
"""Models that ship in the package are called so."""


@click.command()
def doctor() -> None:
    """Tell what this machine has, what is cached, and what each profile would need. Downloads nothing."""
    for line in (*_machine(), "", *_libraries(), "", *_all_roles(), "", *_bases(), "", *_video_base()):
        click.echo(line)


def _machine() -> Iterator[str]:
    yield f"vivant      {__version__}"
    yield f"python      {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield f"processors  {usable_processors()}"
    yield f"memory      {_memory()}"
    yield f"free disk   {shutil.disk_usage(Path.cwd()).free / 2**30:.0f} GiB here"
    yield f"gpu         {_gpu()}"


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "unknown"
    return f"{size / 2**30:.0f} GiB"


def _gpu() -> str:
    if importlib.util.find_spec("torch") is None:
        return "unknown without torch: pip install 'vivant[models]'"
    import torch

    if not torch.cuda.is_available():
        return "none that torch can use"
    properties = torch.cuda.get_device_properties(0)
    return f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"


def _libraries() -> Iterator[str]:
    for library in LIBRARIES:
        try:
            yield f"{library:24}{importlib.metadata.version(library)}"
        except importlib.metadata.PackageNotFoundError:
            extra = next(name for name, members in EXTRAS.items() if library in members)
            yield f"{library:24}missing: pip install 'vivant[{extra}]'"


def _all_roles() -> Iterator[str]:
    yield from _roles("vivant compose", ROLES)
    yield ""
    yield from _roles("vivant evaluate score", SCORERS)


def _roles(command: str, table: Mapping[str, Mapping[Profile, Filling]]) -> Iterator[str]:
    yield f"Roles of `{command}`, by profile:"
    for profile in PROFILES:
        yield f"  --profile {profile}"
        for role, fillings in table.items():
            filling = fillings[profile]
            yield f"    {role:11}{filling.name:16}{_state(filling)}"


def _bases() -> Iterator[str]:
    yield "Bases of `vivant generate`:"
    for name, base in BASES.items():
        yield f"  --base {name:9}{_base_state(base)}"


def _video_base() -> Iterator[str]:
    yield "Base of `vivant animate`:"
    found = next((folder for name in hub_names(VIDEO_BASE) if (folder := _cached(name))), None)
    lacking = [name for name in EXTRAS["models"] if importlib.util.find_spec(name) is None]
    state = f"ready, {found}" if found else f"{VIDEO_BASE} is not cached ({VIDEO_BASE_NEEDS})"
    yield "  needs pip install 'vivant[models]'" if lacking else f"  {state}"
    if importlib.util.find_spec("sentencepiece") is None:
        yield "  needs pip install 'vivant[video]': its published vocabulary is a sentencepiece file"


def _base_state(base: NamedBase) -> str:
    if any(importlib.util.find_spec(library) is None for library in EXTRAS["models"]):
        return "needs pip install 'vivant[models]'"
    if base.hub_id is None:
        folder = pocket_folder()
        return f"ready, {folder}" if (folder / "model_index.json").is_file() else "not in this installation"
    found = _cached(base.hub_id)
    return f"ready, {found}" if found else f"{base.hub_id} is not cached ({base.needs})"


def _state(filling: Filling) -> str:
    missing = [name for name in EXTRAS.get(filling.extra, ()) if importlib.util.find_spec(name) is None]
    if missing:
        return f"needs pip install 'vivant[{filling.extra}]'"
    if filling.name in ("language-model", "endpoint"):
        return f"at {_endpoint()}" if os.environ.get("VIVANT_LLM_MODEL") else f"needs {filling.needs}"
    if not filling.model:
        return "ready"
    found = _cached(filling.model)
    if found is None and filling.model.startswith(OURS):
        return "not in this installation"
    return f"ready, {found}" if found else f"{filling.model} is not cached ({filling.needs})"


def _endpoint() -> str:
    return os.environ.get("VIVANT_LLM_BASE_URL", "api.openai.com") + ", model " + os.environ["VIVANT_LLM_MODEL"]


def _cached(model: str) -> Path | None:
    """Where a file or a model of the package or the hub lies on this machine, if it does."""
    if model.startswith(OURS):
        place = pocket_folder().parent / model.removeprefix(OURS)
        return place if place.is_dir() else None
    if model.endswith(".onnx"):
        from vivant.models.weights import BIREFNET, ISNET, cached_weights, default_cache

        spec = next(spec for spec in (ISNET, BIREFNET) if spec.name == model)
        return cached_weights(spec, default_cache())
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    folder = home / "hub" / f"models--{model.replace('/', '--')}"
    return folder if (folder / "snapshots").is_dir() else None
