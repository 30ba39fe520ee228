"""The generators that are measured, each with a site of its own in which it does the same work. Touches the disk."""

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
# What daisy carries in itself, and what the peers' templates are written after.
THEME = SITES.parent.parent / "themes/daisy"
MOMENTS = ["full build", "nothing changed", "one body", "one title", "base template"]
# How many edits are saved while a server looks on.
EDITS = 10
PATIENCE = 120
# As many letters of a story's beginning say what it is about.
SUMMARY = 200


class Tool:
    """A program and the site that it builds. `caches` is all that a full build must not find; `base` is the template
    of every page that is edited, with a footer in it: without one, only full builds are measured. `section` is what the
    stories' own page says between its dashes, `front` gives what a story says there, `summary` is the name under which a
    page says what it is about. It is measured with no more stories than `most`, and `once` where it is slow. A path that
    ends with `uncounted` is no work that others do."""

    def __init__(self, name, site, command, caches, link, section="", base=None, serve=None, front=None, summary="summary",
                 most=None, once=False, uncounted=".daisychain"):
        self.name, self.site, self.command, self.caches = name, site, command, caches
        self.link, self.section, self.base = link, section, base
        self.serve, self.front, self.summary = serve, front or plain_front, summary
        self.most, self.once, self.uncounted = most, once, uncounted
        self.seconds = {moment: [] for moment in MOMENTS}
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
            self.memory[moment] = max(self.memory.get(moment, 0), usage.ru_maxrss / 1024)

    def median(self, moment):
        return statistics.median(self.seconds[moment]) if self.seconds[moment] else None

    def kept(self):
        """How many bytes daisy keeps from one build to the next."""
        return (self.site / ".daisy/cache").stat().st_size

    def produced(self):
        files = [path for path in (self.site / "dist").rglob("*") if path.is_file() and not str(path).endswith(self.uncounted)]
        return len(files), sum(path.stat().st_size for path in files)

    def edit(self, moment, count, run):
        """Changes what the moment is about, each time to something that it never was."""
        path = self.story(count // 2, count)
        if moment == "one body":
            path.write_text(f"{path.read_text()} A sentence that run {run} added.\n")
        elif moment == "one title":
            path.write_text(re.sub(r'^title: "', f'title: "{run} ', path.read_text(), count=1, flags=re.M))
        elif moment == "base template":
            path = self.site / self.base
            if not path.exists():
                # Daisy carries the theme in itself; only a file can be edited.
                shutil.copytree(THEME, self.site / "themes/daisy")
            before, end, after = path.read_text().partition("</footer>")
            if not end:
                sys.exit(f"error: {path} has no footer to edit")
            path.write_text(f"{before}<p>Run {run}</p>{end}{after}")

    def watch_edits(self, count):
        """Starts the tool's server and notes, for each of `EDITS` saves, the seconds until the page has it."""
        port = free_port()
        log = self.site / "serve.txt"
        with open(log, "wb") as out:
            command = [word.replace("PORT", str(port)) for word in self.serve]
            process = subprocess.Popen(command, cwd=self.site, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
            try:
                address = f"http://127.0.0.1:{port}/stories/{stories.name(count // 2)}/"
                poll(address, b"<main", process, log, PATIENCE)
                settle(process)
                for edit in range(EDITS):
                    marker = f"Saved for the {edit}th time in {port}."
                    path = self.story(count // 2, count)
                    path.write_text(f"{path.read_text().rstrip()} {marker}\n")
                    self.saves.append(poll(address, marker.encode(), process, log, PATIENCE))
                    settle(process)
                status = open(f"/proc/{process.pid}/status").read() if os.path.exists("/proc") else ""
                peak = re.search(r"VmHWM:\s+(\d+) kB", status)
                self.memory["serve"] = int(peak[1]) / 1024 if peak else 0
            finally:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()


def settle(process):
    """Waits until a server has nothing to do: what it does behind the page that was asked for is not the next edit's."""
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


def poll(address, wanted, process, log, patience):
    """The seconds until the page has `wanted`."""
    start = time.perf_counter()
    while time.perf_counter() - start < patience:
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
    """What stands between the dashes, the same for every tool but Zola."""
    return f"title: {quoted(story.title)}\ndate: {story.date}\nauthor: {story.author}\ntags: {quoted(story.tags)}\n"


def zola_front(story, body):
    """The same under Zola's names; and ready-made, in its favour, what it does not work out itself: related stories, and
    the beginning of the body as a summary (from marks within the text it would, and take a fifth more time)."""
    summary = textwrap.shorten(body.split("\n\n", 1)[0], SUMMARY, placeholder="…")
    related = [{"path": to_address(other.name), "title": other.title} for other in stories.related(story.count)[story.number]]
    return (f"title: {quoted(story.title)}\ndescription: {quoted(summary)}\ndate: {story.date}\nauthors: {quoted([story.author])}\n"
            f"taxonomies: {quoted({'tags': story.tags})}\nextra: {quoted({'related': related})}\n")


def to_address(name):
    return f"/stories/{name}/"


def dress(site, pieces, styles):
    """Gives a peer what it shares with the theme: drawings that stand on every page, style sheets, icons."""
    shutil.copytree(SITES / "pieces", site / pieces)
    shutil.copytree(THEME / "styles", site / styles)
    shutil.copytree(THEME / "static", site / "static")
    shutil.copytree(SITES / "static", site / "static", dirs_exist_ok=True)


def style_sheet(site):
    """Gives Zola its sheets as one, with the hash: its own Sass makes one too, but reads it for each page to name its hash."""
    take_in = lambda match: (site / "parts" / match[1]).read_text()
    text = re.sub(r'@import "(.+)";', take_in, (site / "parts/main.css").read_text()).encode()
    (site / "static/styles").mkdir()
    (site / "static/styles/main.css").write_bytes(text)
    settings = site / "zola.toml"
    digest = base64.b64encode(hashlib.sha384(text).digest()).decode()
    settings.write_text(f'{settings.read_text()}\n[extra.styles]\nhash = "{digest}"\n')


def make(programs, folder):
    """Every tool that is there, `daisy` first and the floor last, each with a site below `folder`."""
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

    # Hugo always builds anew; `--cleanDestinationDir` is what makes its output as true to the content as daisy's.
    cache = str(folder / "hugo/cache")
    site = add("Hugo", command=[programs["hugo"], "--quiet", "--destination", "dist", "--cleanDestinationDir", "--cacheDir", cache],
               serve=[programs["hugo"], "server", "--bind", "127.0.0.1", "--port", "PORT", "--disableLiveReload", "--cacheDir", cache],
               caches=["dist", "cache", "resources"], base="layouts/_partials/footer.html", link=to_address)
    dress(site, "layouts/_partials/pieces", "assets/styles")

    if programs.get("eleventy"):
        site = add("Eleventy", command=["node", programs["eleventy"], "--quiet"], caches=["dist"], link=to_address,
                   most=10_000, once=True)
        dress(site, "_includes/pieces", "styles")

    if programs.get("zola"):
        # Its server with `--fast` leaves lists, tags and feeds as they were: only the plain one's pages can be trusted.
        # Of its own accord it waits for a second after a save; it is spared that.
        site = add("Zola", command=[programs["zola"], "build"],
                   serve=[programs["zola"], "serve", "--interface", "127.0.0.1", "--port", "PORT", "--output-dir", "served", "--force", "--debounce", "10"],
                   caches=["dist"], base="templates/base.html", link=to_address, front=zola_front, summary="description",
                   # It hands all stories of a tag to each part of its list, and would take minutes to build 50,000.
                   most=10_000,
                   # Of each list it makes a file more, which leads on to its first part, and cannot leave it out.
                   uncounted="/page/1/index.html",
                   section="page_template: story.html\nsort_by: date\npaginate_by: 50\ngenerate_feeds: true\n")
        dress(site, "templates/pieces", "parts")
        style_sheet(site)
        for page in (site / "content").glob("*.md"):
            page.write_text(page.read_text().replace("\nsummary: ", "\ndescription: "))
    add("floor", command=[programs["floor"], "content", "dist", "0"], caches=["dist"], link=to_address)
    return tools
