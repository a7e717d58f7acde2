"""Imports point one way, from what is used to what uses it, and the help imports next to nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import vivant

ROOT = Path(vivant.__file__).parent
LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(layer.split())
    for layer in (
        "assets errors files types",
        "images progress settings workers",
        "world models",
        "adapters data relations",
        "training generation evaluation",
        "pocket ranking demo",
        "commands",
        "cli",
        "__main__",
    )
)
LEVEL = {room: level for level, layer in enumerate(LAYERS) for room in layer}
FILES = sorted(ROOT.rglob("*.py"))


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module] if node.module != "vivant" else [f"vivant.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import"
        rooms |= {name.split(".")[1] for name in names if name.startswith("vivant.")}
    return rooms - {"__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if room == "__init__":
        assert not imported_rooms(path)
        return
    assert room in LEVEL, f"{room}: give the new room its layer in this test"
    above = {other for other in imported_rooms(path) if LEVEL[other] > LEVEL[room]}
    assert not above, f"{path.name} in {room} imports {above}"


def test_the_help_loads_no_heavy_library():
    code = (
        "import sys; from vivant.cli import vivant; vivant(['--help'], standalone_mode=False);"
        "print(sorted({'numpy', 'cv2', 'pydantic', 'torch', 'PIL', 'rich', 'httpx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "compose" in done.stdout
