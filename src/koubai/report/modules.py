"""The pages' JavaScript modules: those that the package has, or that a source checkout builds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from koubai.errors import MissingExtraError

# What is built from web/, and the name that each module exports: the viewer of a scene, and the
# playground.
EXPORTS = {"viewer": "mount", "play": "mountPlay"}
BUILT = {name: Path(__file__).with_name(f"{name}.js") for name in EXPORTS}
_WEB = Path(__file__).parents[3] / "web"
_PLAIN = {"NO_COLOR": "1", "FORCE_COLOR": "0"}
_INSTALL, _BUILD = ["ci", "--no-audit", "--no-fund"], ["run", "build"]


@cache
def module_source(name: str) -> str:
    """The module "viewer" or "play" as text, to stand in a page, with what it exports by its name.

    An installed koubai has it. A source checkout builds both when one is first needed, or their
    sources have changed since. Raises MissingExtraError where that cannot be done.
    """
    if is_stale():
        build()
    return inline(BUILT[name].read_text(encoding="utf-8"), EXPORTS[name])


def inline(module: str, wanted: str) -> str:
    """A module's text to stand in a page: `wanted` by its name, no export, no end of element."""
    body, exported = module.rsplit("export", 1)
    names = exported.strip().strip("{};").split(",")
    [local] = [
        name.split(" as ")[0].strip() for name in names if name.split(" as ")[-1].strip() == wanted
    ]
    text = body if local == wanted else f"{body}\nconst {wanted} = {local};\n"
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def build() -> None:
    """Builds the modules from `web/`: npm ci, then npm run build.

    Raises MissingExtraError where there is no Node 20, or where the build fails.
    """
    npm = shutil.which("npm")
    if npm is None or _node_version() < (20,):
        raise MissingExtraError(
            "the pages have to be built from web/, for which Node 20 or newer is missing: install "
            "it (apt-get install nodejs npm, or from nodejs.org), or install a released koubai"
        )
    sys.stderr.write("koubai: building the pages from web/, this once\n")
    for command in (_INSTALL, _BUILD) if _lacks_packages() else (_BUILD,):
        found = subprocess.run(  # noqa: S603
            [npm, *command], cwd=_WEB, env=os.environ | _PLAIN, capture_output=True, text=True
        )
        if found.returncode:
            raise MissingExtraError(
                f"the pages cannot be built: npm {' '.join(command)} in {_WEB} failed:\n"
                f"{(found.stderr or found.stdout).strip()[-2000:]}"
            )
    for name, built in BUILT.items():
        fresh = built.with_suffix(".tmp")
        shutil.copyfile(_WEB / "dist" / f"{name}.js", fresh)
        fresh.replace(built)  # in one step: another process may be reading it


def _lacks_packages() -> bool:
    """Whether the packages that the lock file names are not those that are installed."""
    installed = _WEB / "node_modules" / ".package-lock.json"
    wanted = _WEB / "package-lock.json"
    return not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime


def is_stale() -> bool:
    """Whether they have to be built: one is missing, or older than what it is made from."""
    if not all(built.exists() for built in BUILT.values()):
        return True
    built = min(built.stat().st_mtime for built in BUILT.values())
    sources = (*_WEB.glob("*.*"), *(_WEB / "src").rglob("*.*"))
    return any(source.stat().st_mtime > built for source in sources)


def _node_version() -> tuple[int, ...]:
    node = shutil.which("node")
    if node is None:
        return (0,)
    text = subprocess.run([node, "--version"], capture_output=True, text=True).stdout  # noqa: S603
    return tuple(int(part) for part in text.strip().lstrip("v").split(".")[:2] if part.isdigit())
