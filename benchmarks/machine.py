"""The machine that a benchmark ran on, in words."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def machine(*packages):
    """The processor, its cores, Python, and the versions of these packages."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor()
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    python = f"Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}; {python}, {versions}"
