"""Counts the instructions of builds of 1,000 stories, and reports the change.

    python3 bench/instructions.py --daisy target/release/daisy

Uses callgrind with one thread: the count is the same on a busy machine, so it shows changes of a few per cent, which time
does not. The last count is kept in bench/instructions.json; BLESS=1 rewrites it.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import tools

HERE = pathlib.Path(__file__).resolve().parent
KEPT = HERE / "instructions.json"
STORIES = 1000
# Smaller changes come from the order of memory allocations.
NOISE = 0.005


def count(daisy, folder):
    programs = {"daisy": daisy, "hugo": "hugo", "floor": "floor"}
    site = tools.make(programs, folder)[0]
    site.write_stories(STORIES)
    counts = {}
    for scenario in tools.SCENARIOS[:4]:
        site.edit(scenario, STORIES, 0)
        found = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *site.command],
            cwd=site.site, env={**os.environ, "RAYON_NUM_THREADS": "1"}, capture_output=True, text=True)
        instructions = re.search(r"Collected : (\d+)", found.stderr)
        if found.returncode != 0 or not instructions:
            sys.exit(f"error: callgrind failed\n{found.stderr[-2000:]}")
        counts[scenario] = int(instructions[1])
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--daisy", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = count(str(pathlib.Path(args.daisy).absolute()), pathlib.Path(folder))
    if os.environ.get("BLESS"):
        KEPT.write_text(json.dumps(counts, indent=2) + "\n")
    kept = json.loads(KEPT.read_text())
    for scenario, now in counts.items():
        change = now / kept[scenario] - 1
        text = "unchanged" if abs(change) < NOISE else f"{change:+.1%}"
        print(f"{scenario:16} {now / 1e6:8.1f} million instructions, {text}")


main()
