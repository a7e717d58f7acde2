"""Every extra that an error tells a user to install is one that the package has."""

import re
import tomllib
from pathlib import Path

import vivant

ROOT = Path(vivant.__file__).parent
PYPROJECT = ROOT.parents[1] / "pyproject.toml"


def test_every_extra_that_is_named_exists():
    extras = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py"))
    pages = "\n".join(path.read_text(encoding="utf-8") for path in PYPROJECT.parent.glob("docs/*.md"))
    named = set(re.findall(r'MissingExtraError\(\s*[^,()]+,\s*"(\w+)"', sources))
    installed = {extra for found in re.findall(r"vivant\[([\w,]+)\]", sources + pages) for extra in found.split(",")}
    assert {"models", "rank", "wandb"} <= named
    assert named | installed <= set(extras), (named | installed) - set(extras)
