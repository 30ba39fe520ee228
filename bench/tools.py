"""The tools that are measured, each with its own site in which it does the same work. Reads and writes files; runs the tools."""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request

import stories

SITES = pathlib.Path(__file__).resolve().parent / "sites"
# Daisy's built-in theme. The other tools' templates produce the same pages.
THEME = SITES.parent.parent / "themes/daisy"
SCENARIOS = ["full build", "nothing changed", "one body", "one title", "base template"]
# Saves that are measured with a running server.
EDITS = 10
SERVER_TIMEOUT_SECONDS = 120
# Characters of a story's start that are its summary.
SUMMARY_LENGTH = 200


class Tool:
    """A program and the site that it builds.

    `caches`: deleted before a full build. `base`: the template of every page, with a footer, that is edited; without one,
    only full builds are measured. `section`: front matter of the page that lists the stories; `front`: returns the front
    matter of a story; `summary`: the front matter key of a summary. `max_stories`: the largest site that is measured;
    `once`: measure one run only. `uncounted`: the end of paths that the other tools do not write."""

    def __init__(self, name, site, command, caches, link, section="", base=None, serve=None, front=None, summary="summary",
                 max_stories=None, once=False, uncounted=".daisychain"):
        self.name, self.site, self.command, self.caches = name, site, command, caches
        self.link, self.section, self.base = link, section, base
        self.serve, self.front, self.summary = serve, front or plain_front, summary
        self.max_stories, self.once, self.uncounted = max_stories, once, uncounted
        self.seconds = {scenario: [] for scenario in SCENARIOS}
        self.memory = {}
        self.saves = []

    def story(self, number, count):
        return self.site / "content/stories" / f"{stories.name(number % count)}.md"

    def write_stories(self, count):
        (self.site / "content/stories").mkdir(parents=True, exist_ok=True)
        words = "Every story, the newest first."
        (self.site / "content/stories/_index.md").write_text(f"---\ntitle: All stories\n{self.summary}: {words}\n{self.section}---\n\n{words}\n")
        for story in stories.stories(count):
            body = story.body(self.link)
            self.story(story.number, count).write_text(f"---\n{self.front(story, body)}---\n\n{body}")

    def clear_caches(self):
        for cache in self.caches:
            shutil.rmtree(self.site / cache, ignore_errors=True)

    def run(self, scenario=None):
        """Builds once; records seconds and peak memory under `scenario`."""
        log = self.site / "log.txt"
        with open(log, "wb") as out:
            start = time.perf_counter()
            process = subprocess.Popen(self.command, cwd=self.site, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"error: {self.name} failed with {process.returncode}\n{log.read_text()[-4000:]}")
        if scenario:
            self.seconds[scenario].append(took)
            self.memory[scenario] = max(self.memory.get(scenario, 0), usage.ru_maxrss / 1024)

    def median(self, scenario):
        return statistics.median(self.seconds[scenario]) if self.seconds[scenario] else None

    def cache_bytes(self):
        """The size of daisy's cache."""
        return (self.site / ".daisy/cache").stat().st_size

    def output_size(self):
        """The number of files and bytes in `dist`."""
        files = [path for path in (self.site / "dist").rglob("*") if path.is_file() and not str(path).endswith(self.uncounted)]
        return len(files), sum(path.stat().st_size for path in files)

    def edit(self, scenario, count, run):
        """Makes the scenario's edit, different in each run."""
        path = self.story(count // 2, count)
        if scenario == "one body":
            path.write_text(f"{path.read_text()} A sentence that run {run} added.\n")
        elif scenario == "one title":
            path.write_text(re.sub(r'^title: "', f'title: "{run} ', path.read_text(), count=1, flags=re.M))
        elif scenario == "base template":
            path = self.site / self.base
            if not path.exists():
                # The built-in theme has to be copied to be edited.
                shutil.copytree(THEME, self.site / "themes/daisy")
            before, end, after = path.read_text().partition("</footer>")
            if not end:
                sys.exit(f"error: {path} has no footer to edit")
            path.write_text(f"{before}<p>Run {run}</p>{end}{after}")

    def watch_edits(self, count):
        """Starts the tool's server and records the seconds from each of `EDITS` saves until the page shows it."""
        port = free_port()
        log = self.site / "serve.txt"
        with open(log, "wb") as out:
            command = [word.replace("PORT", str(port)) for word in self.serve]
            process = subprocess.Popen(command, cwd=self.site, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
            try:
                address = f"http://127.0.0.1:{port}/stories/{stories.name(count // 2)}/"
                poll(address, b"<main", process, log)
                wait_until_idle(process)
                for edit in range(EDITS):
                    marker = f"Saved for the {edit}th time in {port}."
                    path = self.story(count // 2, count)
                    path.write_text(f"{path.read_text().rstrip()} {marker}\n")
                    self.saves.append(poll(address, marker.encode(), process, log))
                    wait_until_idle(process)
                status = open(f"/proc/{process.pid}/status").read() if os.path.exists("/proc") else ""
                peak = re.search(r"VmHWM:\s+(\d+) kB", status)
                self.memory["serve"] = int(peak[1]) / 1024 if peak else 0
            finally:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()


def wait_until_idle(process):
    """Waits until a server is idle, so that its background work does not count for the next edit."""
    if not os.path.exists("/proc"):
        time.sleep(3)
        return
    ticks = lambda: sum(map(int, pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    before, quiet = ticks(), 0
    while quiet < 4:
        time.sleep(0.25)
        now = ticks()
        quiet = quiet + 1 if now - before <= 1 else 0
        before = now


def poll(address, wanted, process, log):
    """The seconds until the page contains `wanted`."""
    start = time.perf_counter()
    while time.perf_counter() - start < SERVER_TIMEOUT_SECONDS:
        with contextlib.suppress(OSError, urllib.error.URLError, http.client.HTTPException):
            if wanted in urllib.request.urlopen(address, timeout=10).read():
                return time.perf_counter() - start
        if process.poll() is not None:
            sys.exit(f"error: the server ended\n{log.read_text()[-4000:]}")
        time.sleep(0.002)
    sys.exit(f"error: {address} never had {wanted!r}\n{log.read_text()[-4000:]}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def plain_front(story, _body):
    """Front matter for every tool except Zola."""
    return f"title: {quoted(story.title)}\ndate: {story.date}\nauthor: {story.author}\ntags: {quoted(story.tags)}\n"


def zola_front(story, body):
    """Front matter with Zola's keys. In Zola's favour it includes what Zola cannot compute: related stories, and a summary
    from the start of the body (Zola could take it from a marker in the text, which takes a fifth more time)."""
    summary = textwrap.shorten(body.split("\n\n", 1)[0], SUMMARY_LENGTH, placeholder="…")
    related = [{"path": to_address(other.name), "title": other.title} for other in stories.related(story.count)[story.number]]
    return (f"title: {quoted(story.title)}\ndescription: {quoted(summary)}\ndate: {story.date}\nauthors: {quoted([story.author])}\n"
            f"taxonomies: {quoted({'tags': story.tags})}\nextra: {quoted({'related': related})}\n")


def to_address(name):
    return f"/stories/{name}/"


def copy_theme_files(site, pieces, styles):
    """Copies what a tool's site shares with the theme: drawings, style sheets, icons."""
    shutil.copytree(SITES / "pieces", site / pieces)
    shutil.copytree(THEME / "styles", site / styles)
    shutil.copytree(THEME / "static", site / "static")
    shutil.copytree(SITES / "static", site / "static", dirs_exist_ok=True)


def bundle_styles(site):
    """Bundles the style sheets for Zola, with their hash: Zola's own Sass could, but reads the result for each page to hash it."""
    imported = lambda match: (site / "parts" / match[1]).read_text()
    text = re.sub(r'@import "(.+)";', imported, (site / "parts/main.css").read_text()).encode()
    (site / "static/styles").mkdir()
    (site / "static/styles/main.css").write_bytes(text)
    settings = site / "zola.toml"
    digest = base64.b64encode(hashlib.sha384(text).digest()).decode()
    settings.write_text(f'{settings.read_text()}\n[extra.styles]\nhash = "{digest}"\n')


def make(programs, folder):
    """All available tools, `daisy` first and the floor last, each with a site in `folder`."""
    tools = []

    def add(name, **settings):
        site = folder / name.lower()
        shutil.copytree(SITES / "pages", site / "content")
        if (SITES / name.lower()).is_dir():
            shutil.copytree(SITES / name.lower(), site, dirs_exist_ok=True)
        tools.append(Tool(name, site, **settings))
        return site

    add("daisy", command=[programs["daisy"], "build", "--root", ".", "--quiet"],
        serve=[programs["daisy"], "serve", "--root", ".", "--port", "PORT"],
        caches=["dist", ".daisy", "themes"], base="themes/daisy/templates/components/site.html", link=lambda name: f"{name}.md",
        section="page_template: story.html\npaginate_by: 50\nfeed: true\n")

    # Hugo always does a full build; only with `--cleanDestinationDir` does it delete outdated files, as daisy does.
    cache = str(folder / "hugo/cache")
    site = add("Hugo", command=[programs["hugo"], "--quiet", "--destination", "dist", "--cleanDestinationDir", "--cacheDir", cache],
               serve=[programs["hugo"], "server", "--bind", "127.0.0.1", "--port", "PORT", "--disableLiveReload", "--cacheDir", cache],
               caches=["dist", "cache", "resources"], base="layouts/_partials/footer.html", link=to_address)
    copy_theme_files(site, "layouts/_partials/pieces", "assets/styles")

    if programs.get("eleventy"):
        site = add("Eleventy", command=["node", programs["eleventy"], "--quiet"], caches=["dist"], link=to_address,
                   max_stories=10_000, once=True)
        copy_theme_files(site, "_includes/pieces", "styles")

    if programs.get("zola"):
        # With `--fast`, Zola's server does not update lists, tags and feeds, so it is measured without. `--debounce` removes
        # the second that it waits after a save.
        site = add("Zola", command=[programs["zola"], "build"],
                   serve=[programs["zola"], "serve", "--interface", "127.0.0.1", "--port", "PORT", "--output-dir", "served", "--force", "--debounce", "10"],
                   caches=["dist"], base="templates/base.html", link=to_address, front=zola_front, summary="description",
                   # It passes all stories of a tag to each page of its list, which would take minutes for 50,000.
                   max_stories=10_000,
                   # It always writes a redirect for page 1 of each list.
                   uncounted="/page/1/index.html",
                   section="page_template: story.html\nsort_by: date\npaginate_by: 50\ngenerate_feeds: true\n")
        copy_theme_files(site, "templates/pieces", "parts")
        bundle_styles(site)
        for page in (site / "content").glob("*.md"):
            page.write_text(page.read_text().replace("\nsummary: ", "\ndescription: "))
    add("floor", command=[programs["floor"], "content", "dist", "0"], caches=["dist"], link=to_address)
    return tools
