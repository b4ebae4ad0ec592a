"""The viewer's module: the one that the package has, or that a source checkout builds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from koubai.errors import MissingExtraError

BUILT = Path(__file__).with_name("viewer.js")
_WEB = Path(__file__).parents[3] / "web"
_INSTALL, _BUILD = ["ci", "--no-audit", "--no-fund"], ["run", "build"]


@cache
def viewer_source() -> str:
    """The viewer as the text of one JavaScript module, with `mount` among its names.

    An installed koubai has it. A source checkout builds it when it is first needed, or its sources
    have changed since. Raises MissingExtraError where that cannot be done.
    """
    if is_stale():
        build()
    return inline(BUILT.read_text(encoding="utf-8"))


def inline(module: str) -> str:
    """A module's text to stand in a page: `mount` by its name, no export, no end of the element."""
    body, exported = module.rsplit("export", 1)
    names = exported.strip().strip("{};").split(",")
    [local] = [
        name.split(" as ")[0].strip() for name in names if name.split(" as ")[-1].strip() == "mount"
    ]
    text = body if local == "mount" else f"{body}\nconst mount = {local};\n"
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def build() -> None:
    """Builds the viewer from `web/`: npm ci, then npm run build.

    Raises MissingExtraError where there is no Node 20, or where the build fails.
    """
    npm = shutil.which("npm")
    if npm is None or _node_version() < (20,):
        raise MissingExtraError(
            "the viewer has to be built from web/, for which Node 20 or newer is missing: install "
            "it (apt-get install nodejs npm, or from nodejs.org), or install a released koubai"
        )
    sys.stderr.write("koubai: building the viewer from web/, this once\n")
    for command in (_INSTALL, _BUILD) if _lacks_packages() else (_BUILD,):
        found = subprocess.run(  # noqa: S603
            [npm, *command], cwd=_WEB, env=os.environ | {"NO_COLOR": "1"}, capture_output=True,
            text=True,
        )  # fmt: skip
        if found.returncode:
            raise MissingExtraError(
                f"the viewer cannot be built: npm {' '.join(command)} in {_WEB} failed:\n"
                f"{(found.stderr or found.stdout).strip()[-2000:]}"
            )
    fresh = BUILT.with_suffix(".tmp")
    shutil.copyfile(_WEB / "dist" / "viewer.js", fresh)
    fresh.replace(BUILT)  # in one step: another process may be reading it


def _lacks_packages() -> bool:
    """Whether the packages that the lock file names are not those that are installed."""
    installed = _WEB / "node_modules" / ".package-lock.json"
    wanted = _WEB / "package-lock.json"
    return not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime


def is_stale() -> bool:
    """Whether it has to be built: it is missing, or older than what it is made from."""
    if not BUILT.exists():
        return True
    built = BUILT.stat().st_mtime
    sources = (*_WEB.glob("*.*"), *(_WEB / "src").rglob("*.*"))
    return any(source.stat().st_mtime > built for source in sources)


def _node_version() -> tuple[int, ...]:
    node = shutil.which("node")
    if node is None:
        return (0,)
    text = subprocess.run([node, "--version"], capture_output=True, text=True).stdout  # noqa: S603
    return tuple(int(part) for part in text.strip().lstrip("v").split(".")[:2] if part.isdigit())
