"""Builds the pages' modules into the wheel: an installed koubai needs no Node."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ModulesHook(BuildHookInterface[Any]):
    """Puts them into a wheel, or fails. An editable install builds them when they are needed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel is packed."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        # By its file: the rest of its room needs NumPy, which is not there when a wheel is made.
        modules = runpy.run_path(str(Path(self.root) / "src/koubai/report/modules.py"))
        if modules["is_stale"]():
            modules["build"]()
        for built in modules["BUILT"].values():
            build_data["artifacts"].append(f"/{built.relative_to(self.root).as_posix()}")
