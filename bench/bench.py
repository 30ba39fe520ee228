"""Builds the same generated stories with `daisy`, with Hugo and with the floor, in turn; prints what each took.

    python3 bench/bench.py --hugo .tools/bench-venv/bin/hugo [--stories 1000 10000] [--runs 5]

Every tool builds the same site three ways: cold (nothing kept), warm (nothing changed), and with one body edited. The
tools take turns within each run, so that a slow moment of the machine falls on all of them. Writes a Markdown table to
the standard output and to bench/results.md in cargo's target folder.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import stories

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
MOMENTS = ["cold", "warm", "one edit"]


class Tool:
    """A program and the site it builds. `caches` is all that a cold build must not find."""

    def __init__(self, name, site, command, caches, link, section):
        self.name, self.site, self.command, self.caches = name, site, command, caches
        self.link, self.section = link, section
        self.seconds = {moment: [] for moment in MOMENTS}
        self.memory = {moment: 0 for moment in MOMENTS}

    def story(self, story):
        return self.site / "content/stories" / f"{story.name}.md"

    def write_stories(self, count):
        (self.site / "content/stories").mkdir(parents=True, exist_ok=True)
        (self.site / "content/_index.md").write_text("---\ntitle: Stories\n---\n\nEvery story counts.\n")
        (self.site / "content/stories/_index.md").write_text(f"---\ntitle: All stories\n{self.section}---\n\nNewest first.\n")
        for story in stories.stories(count):
            self.story(story).write_text(f"---\n{front(story)}---\n\n{story.body(self.link)}")

    def forget(self):
        for cache in self.caches:
            shutil.rmtree(self.site / cache, ignore_errors=True)

    def run(self, moment=None):
        """Builds once; seconds and peak memory go under `moment`."""
        log = self.site / "log.txt"
        with open(log, "wb") as out:
            start = time.perf_counter()
            process = subprocess.Popen(self.command, cwd=self.site, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"error: {self.name} failed with {process.returncode}\n{log.read_text()[-4000:]}")
        if moment:
            self.seconds[moment].append(took)
            self.memory[moment] = max(self.memory[moment], usage.ru_maxrss / 1024)

    def produced(self):
        files = [path for path in (self.site / "dist").rglob("*") if path.is_file()]
        return len(files), sum(path.stat().st_size for path in files)


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def front(story):
    """What stands between the dashes, the same for every tool."""
    return f"title: {quoted(story.title)}\ndate: {story.date}\nauthor: {story.author}\ntags: {quoted(story.tags)}\n"


def make_tools(args, folder, extra):
    daisy = folder / "daisy"
    shutil.copytree(HERE / "sites/daisy", daisy)
    (daisy / "themes/daisy/styles").mkdir()
    shutil.copy(HERE / "sites/main.css", daisy / "themes/daisy/styles/main.css")
    tools = [Tool("daisy", daisy, [args.daisy, "build", "--root", ".", "--quiet"], ["dist", ".daisy"],
                  lambda name: f"{name}.md", "paginate_by: 50\n")]

    hugo = folder / "hugo"
    shutil.copytree(HERE / "sites/hugo", hugo)
    (hugo / "assets").mkdir()
    shutil.copy(HERE / "sites/main.css", hugo / "assets/main.css")
    # Hugo always builds anew; `--cleanDestinationDir` is what makes its output as true to the content as daisy's.
    tools.append(Tool("Hugo", hugo, [args.hugo, "--quiet", "--destination", "dist", "--cleanDestinationDir", "--cacheDir", str(hugo / "cache")],
                      ["dist", "cache", "resources"], lambda name: f"/stories/{name}/", ""))

    floor = folder / "floor"
    floor.mkdir()
    tools.append(Tool("floor", floor, [args.floor, "content", "dist", str(extra)], ["dist"],
                      lambda name: f"/stories/{name}/", ""))
    return tools


def edit(tool, count, run):
    """Adds a sentence to the body of a story in the middle."""
    path = tool.story(stories.Story(count // 2, count))
    path.write_text(f"{path.read_text()}\nA sentence that run {run} added.\n")


def measure(args, count, folder):
    tools = make_tools(args, folder, 0)
    for tool in tools:
        tool.write_stories(count)
        tool.run()
    # The floor writes as many bytes as daisy does.
    floor, daisy = tools[2], tools[0]
    floor.command[-1] = str(max(0, (daisy.produced()[1] - floor.produced()[1]) // count))

    for run in range(args.runs):
        for tool in tools:
            tool.forget()
            tool.run("cold")
        for tool in tools:
            tool.run("warm")
        for tool in tools:
            edit(tool, count, run)
            tool.run("one edit")
    return tools


def mebibytes(size):
    # A child begins with the memory of the Python that starts it, so less than that cannot be seen.
    return f"{size:.0f} MiB" if size > 24 else "under 24 MiB"


def table(count, tools):
    rows = [f"### {count:,} stories", "",
            "| | cold | warm | one edit | peak memory, cold | one edit | files | MB |", "|---|---|---|---|---|---|---|---|"]
    middle = lambda tool, moment: statistics.median(tool.seconds[moment])
    for tool in tools:
        spans = " | ".join(f"{middle(tool, moment):.3f} s ({min(tool.seconds[moment]):.3f}–{max(tool.seconds[moment]):.3f})"
                           for moment in MOMENTS)
        files, size = tool.produced()
        rows.append(f"| {tool.name} | {spans} | {mebibytes(tool.memory['cold'])} | {mebibytes(tool.memory['one edit'])} | {files:,} | {size / 1e6:.1f} |")
    daisy = tools[0]
    for other in tools[1:]:
        ratios = " | ".join(f"{middle(other, moment) / middle(daisy, moment):.2f}×" for moment in MOMENTS)
        memory = " | ".join(f"{other.memory[moment] / daisy.memory[moment]:.2f}×" if other.memory[moment] > 24 else ""
                            for moment in ("cold", "one edit"))
        rows.append(f"| {other.name} ÷ daisy | {ratios} | {memory} | | |")
    return "\n".join(rows) + "\n"


def preface(args, folder):
    said = lambda *command: subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()
    disk = subprocess.run(["df", "--output=fstype", folder], capture_output=True, text=True).stdout.split()[-1]
    return "\n".join([
        "# What a build takes", "",
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, {disk}, load {os.getloadavg()[0]:.1f} at the start; median of {args.runs} runs (fastest–slowest), all in one session.", "",
        f"- {said(args.daisy, '--version')[-1]}", f"- {said(args.hugo, 'version')[-1]}",
        "- floor: `generator/examples/floor.rs` reads, pulldown-cmark, writes as many bytes as daisy; it keeps nothing, so warm is cold.",
        "- Both make a page a story, its list and that of each of forty tags in parts of fifty, a feed, a sitemap, a home page and a stylesheet.", "", ""])


def main():
    metadata = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"],
                              cwd=ROOT, capture_output=True, check=True).stdout
    target = pathlib.Path(json.loads(metadata)["target_directory"])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hugo", required=True)
    parser.add_argument("--daisy", default=str(target / "release/daisy"))
    parser.add_argument("--floor", default=str(target / "release/examples/floor"))
    parser.add_argument("--stories", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", help="a folder to build in (default: the RAM disk, or a temporary folder)")
    args = parser.parse_args()
    for program in ("hugo", "daisy", "floor"):
        setattr(args, program, str(pathlib.Path(getattr(args, program)).absolute()))
    work = args.work or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else None)

    with tempfile.TemporaryDirectory(prefix="daisychain-bench-", dir=work) as folder:
        report = preface(args, folder)
        print(report, end="", flush=True)
        for count in args.stories:
            section = table(count, measure(args, count, pathlib.Path(tempfile.mkdtemp(dir=folder))))
            print(section, flush=True)
            report += section + "\n"
    results = target / "bench/results.md"
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(report)
    print(f"written to {results}", file=sys.stderr)


main()
