"""The playground in Chromium without a GPU: how soon it answers, and how fast a network learns.

    python benchmarks/play.py             prints the table
    python benchmarks/play.py --write     and writes it to benchmarks/play.md
    python benchmarks/play.py --minutes 30    watches the memory for so long, else for 2 minutes

A real `koubai play` process and a real browser, both on this machine. Medians. MNIST is taken where
$KOUBAI_MNIST names its folder.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
import zlib
from pathlib import Path

from machine import machine
from playwright.sync_api import sync_playwright

import koubai as kb

# How it draws is left to Chromium, as on a learner's machine.
FLAGS = ["--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--no-sandbox"]  # fmt: skip
STARTS, CLICKS, CHANGES, SECONDS = 3, 21, 5, 6

DIGITS = {"data": "digits", "hidden": [50], "activations": ["relu"], "batch_size": 32,
          "learning_rate": 0.1}  # fmt: skip
MNIST = {"data": "mnist", "hidden": [50], "activations": ["sigmoid"], "batch_size": 100,
         "learning_rate": 0.1}  # fmt: skip

# Clicks on a button, and waits until the count of iterations on the page is another one.
STEP = """
async (button) => {
  const count = () => document.querySelector('dl.numbers dd').textContent;
  const before = count(), began = performance.now();
  document.querySelector(button).click();
  while (count() === before) await new Promise(requestAnimationFrame);
  return performance.now() - began;
}
"""
# Counts the frames in which that count changes.
WATCH = """
async (seconds) => {
  const told = () => document.querySelector('dl.numbers dd').textContent;
  const count = () => Number(told().replaceAll(/[^0-9]/g, ''));
  const first = count(), began = performance.now();
  let [last, drawn] = [first, 0];
  while (performance.now() - began < 1000 * seconds) {
    await new Promise(requestAnimationFrame);
    if (count() !== last) [last, drawn] = [count(), drawn + 1];
  }
  const passed = (performance.now() - began) / 1000;
  return [drawn / passed, (last - first) / passed];
}
"""


class Play:
    """A playground's process, from its start on."""

    def __init__(self):
        words = [sys.executable, "-m", "koubai", "play", "--no-browser"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.address = re.search(r"http://\S+", self.process.stdout.readline())[0]

    def at(self, network):
        """The address at which a network stands, as a link has it."""
        state = json.dumps({"koubai_play": 1, "network": network, "acts": []}).encode()
        packed = zlib.compress(state, 9, wbits=-15)
        return f"{self.address}#network={base64.urlsafe_b64encode(packed).decode().rstrip('=')}"

    def megabytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


def ready(page):
    page.wait_for_selector(".stepper .step:not(:disabled)")


def started(browser):
    """Seconds from the command to a page that can be used."""
    began = time.perf_counter()
    play = Play()
    page = browser.new_page()
    page.goto(play.address)
    page.get_by_role("button", name="Step", exact=True).click()
    found = time.perf_counter() - began
    page.close()
    play.end()
    return found


def stepped(browser, play, network):
    """Milliseconds from a click on "step" to the changed numbers, once it is warm."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(play.at(network))
    ready(page)
    page.get_by_role("button", name="a mini-batch", exact=True).click()
    found = []
    for _ in range(CLICKS):
        ready(page)
        found.append(page.evaluate(STEP, ".stepper .step"))
    page.close()
    return statistics.median(found[1:])


def changed(browser, play):
    """Seconds from another number of units to the first step of the new network."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(play.at(DIGITS))
    ready(page)
    page.get_by_role("button", name="a mini-batch", exact=True).click()
    found = []
    for units in range(51, 51 + CHANGES):
        began = time.perf_counter()
        page.get_by_label("Units of layer 2").fill(str(units))
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelector('dl.numbers dd').textContent === '0'")
        ready(page)
        page.evaluate(STEP, ".stepper .step")
        found.append(time.perf_counter() - began)
    page.close()
    return statistics.median(found)


def run_on(browser, play):
    """Frames and iterations a second of a network that runs."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(play.at(DIGITS))
    ready(page)
    page.click(".stepper .run")
    time.sleep(2)
    frames, iterations = page.evaluate(WATCH, SECONDS)
    page.click(".stepper .run")
    page.close()
    return frames, iterations


def alone():
    """Iterations a second of the same engine without a page."""
    network = kb.Network([64, 50, 10], hidden="relu")
    learner = kb.Learner(network, kb.data.digits(), "sgd", 0.1, 32)
    learner.step(500)
    first, began = learner.iteration, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        learner.step(256)
    return (learner.iteration - first) / (time.perf_counter() - began)


def remembered(browser, play, minutes):
    """Megabytes of the server, and of the page's heap, a tenth of the time in and at its end."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(play.at(DIGITS))
    ready(page)
    page.click(".stepper .run")
    found = []
    for part in (0.1, 0.9):
        time.sleep(60 * minutes * part)
        heap = page.evaluate("() => performance.memory.usedJSHeapSize / 2 ** 20")
        found.append((play.megabytes(), heap))
    page.close()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write benchmarks/play.md")
    parser.add_argument("--minutes", type=float, default=2.0)
    arguments = parser.parse_args()
    flags = [*FLAGS, "--enable-precise-memory-info"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        start = statistics.median(started(browser) for _ in range(STARTS))
        play = Play()
        bitmaps = stepped(browser, play, {})
        digits = stepped(browser, play, DIGITS)
        mnist = stepped(browser, play, MNIST) if "KOUBAI_MNIST" in os.environ else None
        change = changed(browser, play)
        frames, iterations = run_on(browser, play)
        (early, heap_early), (late, heap_late) = remembered(browser, play, arguments.minutes)
        version = browser.version
        play.end()
        browser.close()
    without = alone()
    rows = [
        ("`koubai play` to a page that can be used", f"{start:.1f} s", "5 s"),
        ("click on “step” to the changed numbers, 12-3-2", f"{bitmaps:.0f} ms", "100 ms"),
        ("the same, 64-50-10", f"{digits:.0f} ms", "100 ms"),
        ("the same, 784-50-10", "–" if mnist is None else f"{mnist:.0f} ms", "100 ms"),
        ("changing the units to the first step", f"{change:.2f} s", "1.5 s"),
        ("running 64-50-10: frames a second", f"{frames:.0f}", "20"),
        ("iterations a second", f"{iterations:,.0f}", "2 000"),
        ("the engine alone", f"{without:,.0f}, {without / iterations:.2f} times", "within 2 times"),
        (f"the server after {arguments.minutes / 10:g} and {arguments.minutes:g} minutes of it",
         f"{early:.0f} and {late:.0f} MiB", "flat"),
        ("the page's heap then", f"{heap_early:.0f} and {heap_late:.0f} MiB", "flat"),
    ]  # fmt: skip
    text = "\n".join(
        [
            "# The playground",
            "",
            f"`python benchmarks/play.py --write`, on {machine('playwright', 'uvicorn')}; Chromium "
            f"{version}, 1280×900, without a graphics card. Medians.",
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
