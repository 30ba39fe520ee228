"""Counts the instructions that a full build of 1,000 stories takes, and says by how much they moved.

    python3 bench/instructions.py --daisy target/release/daisy

Counted by callgrind with one thread: a count is the same on a busy machine, so that a change of a few in a hundred is
seen, which no clock shows. The last count is kept in bench/instructions.json; BLESS=1 writes it anew.
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
# Whatever moves a count by less is the order in which memory was given out.
NOISE = 0.005


def count(daisy, folder):
    programs = {"daisy": daisy, "hugo": "hugo", "floor": "floor"}
    site = tools.make(programs, folder)[0]
    site.write_stories(STORIES)
    counts = {}
    for moment in tools.MOMENTS[:4]:
        site.edit(moment, STORIES, 0)
        found = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *site.command],
            cwd=site.site, env={**os.environ, "RAYON_NUM_THREADS": "1"}, capture_output=True, text=True)
        instructions = re.search(r"Collected : (\d+)", found.stderr)
        if found.returncode != 0 or not instructions:
            sys.exit(f"error: callgrind failed\n{found.stderr[-2000:]}")
        counts[moment] = int(instructions[1])
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
    for moment, now in counts.items():
        moved = now / kept[moment] - 1
        word = "as it was" if abs(moved) < NOISE else f"{moved:+.1%}"
        print(f"{moment:16} {now / 1e6:8.1f} million instructions, {word}")


main()
