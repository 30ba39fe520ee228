"""Builds the same generated stories with `daisy` and other tools, taking turns; prints the time and memory of each.

    python3 bench/bench.py --hugo hugo [--eleventy cmd.cjs] [--zola zola] [--stories 1000 10000] [--runs 5]

Measures a full build, a build with nothing changed, builds after an edit of one body, one title and the base template, and
the time from a save until the local server shows it. Tools take turns within each run, so that a slow phase of the machine
affects them all. Daisy uses its built-in theme; the other tools' templates must do the same work: files within 5 %, bytes
within 20 %. Writes tables and a chart to standard output and to bench/ in cargo's target folder.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

import report
import tools

ROOT = pathlib.Path(__file__).resolve().parent.parent


def measure(programs, count, runs, folder):
    """Measures all tools with a number of stories, in one folder."""
    made = tools.make(programs, folder)
    made = [tool for tool in made if count <= (tool.max_stories or count)]
    for tool in made:
        tool.write_stories(count)
    daisy, floor = made[0], made[-1]
    # The floor writes as many bytes as daisy.
    daisy.run()
    floor.run()
    floor.command[-1] = str(max(0, (daisy.output_size()[1] - floor.output_size()[1]) // count))
    for run in range(runs):
        for scenario in tools.SCENARIOS:
            for tool in made:
                if (scenario != "full build" and not tool.base) or (tool.once and run > 0):
                    continue
                if scenario == "full build":
                    tool.clear_caches()
                else:
                    tool.edit(scenario, count, run)
                tool.run(scenario)
    check_same_work(made)
    for tool in made:
        if tool.serve:
            tool.watch_edits(count)
    return made


def check_same_work(made):
    """Exits if a tool does less or more work than daisy."""
    files, size = made[0].output_size()
    for tool in made[1:-1]:
        other_files, other_size = tool.output_size()
        if abs(other_files / files - 1) > 0.05 or abs(other_size / size - 1) > 0.20:
            sys.exit(f"error: {tool.name} does different work: {other_files} files, {other_size} bytes; daisy: {files} files, {size} bytes")


def arguments():
    metadata = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"],
                              cwd=ROOT, capture_output=True, check=True).stdout
    target = pathlib.Path(json.loads(metadata)["target_directory"])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hugo", required=True)
    parser.add_argument("--eleventy", help="Eleventy's cmd.cjs (default: without Eleventy)")
    parser.add_argument("--zola", help="Zola's program (default: without Zola)")
    parser.add_argument("--daisy", default=str(target / "release/daisy"))
    parser.add_argument("--floor", default=str(target / "release/examples/floor"))
    parser.add_argument("--stories", type=int, nargs="+", default=[1000, 10000, 50000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", nargs="+", help="folders to build in (default: the RAM disk, then a temporary folder)")
    args = parser.parse_args()
    args.results = target / "bench"
    args.programs = {name: str(pathlib.Path(path).absolute()) for name in ("daisy", "hugo", "floor", "eleventy", "zola")
                     if (path := getattr(args, name))}
    ram = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    args.work = args.work or [folder for folder in (ram, tempfile.gettempdir()) if folder]
    return args


def main():
    args = arguments()
    text = report.preface(args.programs, args.runs)
    print(text, end="", flush=True)
    charted = None
    for work in args.work:
        disk = subprocess.run(["df", "--output=fstype", work], capture_output=True, text=True).stdout.split()[-1]
        # On a real disk, only measure the size that has performance targets.
        counts = args.stories if work == args.work[0] else [count for count in args.stories if count == 10_000]
        sizes = {}
        for count in counts:
            with tempfile.TemporaryDirectory(prefix="daisychain-bench-", dir=work) as folder:
                runs = max(1, args.runs // 3) if count > 10_000 else args.runs
                made = measure(args.programs, count, runs, pathlib.Path(folder))
                sizes[count] = report.figures(made)
                section = report.table(count, disk, made, runs)
            print(section, flush=True)
            text += section + "\n"
        charted = charted or sizes
        growth = report.growth(sizes)
        print(growth, flush=True)
        text += growth
    args.results.mkdir(parents=True, exist_ok=True)
    (args.results / "results.md").write_text(text)
    (args.results / "results.svg").write_text(report.chart(charted))
    (args.results / "results.json").write_text(json.dumps(charted, indent=1))
    print(f"written to {args.results}", file=sys.stderr)


if platform.system() == "Windows":
    sys.exit("error: memory is measured by wait4, which Windows does not have")
main()
