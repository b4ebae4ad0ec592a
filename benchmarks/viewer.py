"""The viewer in Chromium without a GPU: how soon it draws, how fast it turns, how large a page is.

    python benchmarks/viewer.py           prints the table
    python benchmarks/viewer.py --write   and writes it to benchmarks/viewer.md

Each page is opened anew, several times; medians. WebGL is drawn in software, by SwiftShader.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from machine import machine
from playwright.sync_api import sync_playwright

import koubai as kb

FLAGS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--no-sandbox"]  # fmt: skip
ROUNDS, TURNS = 5, 60
DRAWN = "koubai: surface drawn"

TURN = """
async (turns) => {
  const canvas = document.querySelector("[data-figure='valley-surface'] canvas");
  canvas.focus();
  const began = performance.now();
  for (let k = 0; k < turns; k++) {
    canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  return (1000 * turns) / (performance.now() - began);
}
"""


def drawn_after(browser, file):
    """Seconds from the start of the page to its first drawn surface."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    mark = f"performance.getEntriesByName('{DRAWN}')[0]"
    page.wait_for_function(f"() => {mark}")
    seconds = page.evaluate(f"{mark}.startTime") / 1000
    page.close()
    return seconds


def frames(browser, file):
    """Frames a second while the surface turns."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    page.wait_for_function(f"() => performance.getEntriesByName('{DRAWN}')[0]")
    time.sleep(1)
    found = page.evaluate(TURN, TURNS)
    page.close()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write benchmarks/viewer.md")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    run = kb.train(kb.Network([64, 50, 10], hidden="relu"), kb.data.digits(), "adam", 0.003, 50, 30)
    report = run.report(folder / "report.html")
    big = kb.landscape(run, size=101).save(folder / "big.html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        opened = statistics.median(drawn_after(browser, report) for _ in range(ROUNDS))
        opened_big = statistics.median(drawn_after(browser, big) for _ in range(ROUNDS))
        turned = statistics.median(frames(browser, big) for _ in range(ROUNDS))
        version = browser.version
        browser.close()
    rows = [
        ("report of a digits run, whole file", f"{report.stat().st_size / 1e6:.2f} MB", "2.5 MB"),
        ("landscape of 101×101 points", f"{big.stat().st_size / 1e6:.2f} MB", "3 MB"),
        ("opening the report to the first drawn surface", f"{opened:.2f} s", "2.5 s"),
        ("opening the landscape of 101×101", f"{opened_big:.2f} s", "2.5 s"),
        ("turning the surface of 101×101", f"{turned:.0f} frames a second", "20"),
    ]
    text = "\n".join(
        [
            "# The viewer",
            "",
            f"`python benchmarks/viewer.py --write`, on {machine('playwright')}; Chromium "
            f"{version}, 1280×900, WebGL by SwiftShader. Medians of {ROUNDS}.",
            "",
            "| | | to reach |",
            "|---|---|---|",
            *(f"| {what} | {found} | {goal} |" for what, found, goal in rows),
        ]
    )
    print(text)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(text + "\n")


if __name__ == "__main__":
    main()
