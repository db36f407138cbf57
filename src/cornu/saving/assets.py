"""Files that layers keep beside their variables, such as vocabularies.

A layer gets a folder to write to or read from. It is a temporary one; in an archive the files are
members below `assets/`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cornu.saving.archive import check_member_name
from cornu.saving.walk import join, walk

__all__ = ["ASSETS", "Assets", "collect_assets", "load_assets"]

ASSETS = "assets"


@dataclass(frozen=True)
class Assets:
    """The assets in an archive.

    Args:
        members: Name, with `assets/`, -> content.
    """

    members: Mapping[str, bytes]

    def has(self, path: str) -> bool:
        """Tell whether there is anything below a path.

        Args:
            path: The path of an object.

        Returns:
            True if there are files for it or for something below it.
        """
        folder = f"{join(ASSETS, path)}/"
        return any(name.startswith(folder) for name in self.members)


def collect_assets(model: Any) -> dict[str, bytes]:
    """Let every object of a model write its assets.

    Args:
        model: The model.

    Returns:
        Name of the member -> content, sorted.
    """
    members: dict[str, bytes] = {}
    for step in walk(model):
        if not hasattr(step.obj, "save_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            step.obj.save_assets(folder)
            for file in sorted(Path(folder).rglob("*")):
                if file.is_file():
                    name = join(join(ASSETS, step.path), file.relative_to(folder).as_posix())
                    members[name] = file.read_bytes()
    return dict(sorted(members.items()))


def load_assets(objects: Mapping[str, Any], assets: Assets) -> None:
    """Let every object read its assets.

    Args:
        objects: Path -> object.
        assets: The assets. Files are written to a temporary folder only, under checked names.
    """
    if not assets.members:
        return
    for path, obj in objects.items():
        if not hasattr(obj, "load_assets") or not assets.has(path):
            continue
        prefix = f"{join(ASSETS, path)}/"
        with tempfile.TemporaryDirectory() as folder:
            for name, data in assets.members.items():
                if name.startswith(prefix):
                    check_member_name(name)
                    file = Path(folder) / name.removeprefix(prefix)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(data)
            obj.load_assets(folder)
