"""Builds the viewer into the wheel: an installed koubai needs no Node."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ViewerHook(BuildHookInterface[Any]):
    """Puts viewer.js into a wheel, or fails. An editable install builds it when it is needed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel is packed."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        # By its file: the rest of its room needs NumPy, which is not there when a wheel is made.
        viewer = runpy.run_path(str(Path(self.root) / "src/koubai/report/viewer.py"))
        if viewer["is_stale"]():
            viewer["build"]()
        build_data["artifacts"].append(f"/{viewer['BUILT'].relative_to(self.root).as_posix()}")
