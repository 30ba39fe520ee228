"""Formats measurements as tables, ratios and a chart. Runs programs only to ask for their versions."""

import os
import platform
import statistics
import subprocess

import tools

# MiB that Python takes before it runs the tool: less cannot be measured.
MIN_MEMORY = 24
COLOURS = {"daisy": "#1a6036", "Hugo": "#b3446c", "Eleventy": "#555555", "Zola": "#b36b1a", "floor": "#8fb8a2"}


def last_line(*command):
    lines = subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()
    return lines[-1] if lines else "?"


def processor():
    try:
        names = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
        return names[0]
    except (OSError, IndexError):
        return platform.machine()


def preface(programs, runs):
    lines = ["# Benchmark", "",
             f"{os.cpu_count()} cores of {processor()}, {platform.system()}, load {os.getloadavg()[0]:.1f} at the start; "
             f"medians of {runs} runs (fastest–slowest), tools taking turns.", "",
             f"- {last_line(programs['daisy'], '--version')}", f"- {last_line(programs['hugo'], 'version')}"]
    if programs.get("eleventy"):
        lines.append(f"- Eleventy {last_line('node', programs['eleventy'], '--version')}, on Node {last_line('node', '--version')}")
    if programs.get("zola"):
        lines.append(f"- {last_line(programs['zola'], '--version')}")
    lines += ["- floor: `generator/examples/floor.rs` reads the stories, parses them with pulldown-cmark, and writes as many bytes and files "
              "as daisy, with as many threads",
              "- Each tool builds the same site as daisy with its built-in theme: a page for each story with menus, breadcrumbs, tags, "
              "neighbours, related stories and metadata; paginated lists of fifty for all stories and for each of forty tags, with "
              "feeds; a sitemap, a home page, a style sheet. The number of files must agree within 5 % and of bytes within 20 %, or "
              "the benchmark stops.", "", ""]
    return "\n".join(lines)


def memory(size):
    if size is None:
        return ""
    return f"{size:.0f} MiB" if size > MIN_MEMORY else f"under {MIN_MEMORY} MiB"


def span(values):
    if not values:
        return ""
    return f"{statistics.median(values):.3f} s ({min(values):.3f}–{max(values):.3f})"


def figures(made):
    """The medians of each tool: seconds and MiB."""
    return {tool.name: {**{scenario: tool.median(scenario) for scenario in tools.SCENARIOS},
                        "save to served": statistics.median(tool.saves) if tool.saves else None,
                        "memory": dict(tool.memory), "edited": bool(tool.base)} for tool in made}


def table(count, disk, made, runs):
    rows = [f"## {count:,} stories, {disk}, {runs} runs", "",
            "| | " + " | ".join(tools.SCENARIOS) + f" | save to served ({tools.EDITS} saves) | peak memory, full build | serve | files | MB |",
            "|---" * (len(tools.SCENARIOS) + 6) + "|"]
    for tool in made:
        files, size = tool.output_size()
        cells = [span(tool.seconds[scenario]) for scenario in tools.SCENARIOS]
        cells += [span(tool.saves), memory(tool.memory.get("full build")), memory(tool.memory.get("serve")), f"{files:,}", f"{size / 1e6:.1f}"]
        rows.append(f"| {tool.name} | " + " | ".join(cells) + " |")
    daisy = figures(made)["daisy"]
    for name, other in figures(made).items():
        if name == "daisy":
            continue
        # A tool without a measurement for this scenario always does a full build.
        ratio = lambda ours, theirs: f"{ours / theirs:.4f} ×" if ours and theirs else ""
        whole = other["full build"]
        cells = [ratio(daisy[scenario], whole if not other["edited"] or scenario == "nothing changed" else other[scenario]) for scenario in tools.SCENARIOS]
        cells.append(ratio(daisy["save to served"], other["save to served"]))
        ours, theirs = daisy["memory"], other["memory"]
        cells += [ratio(ours.get(which), theirs.get(which) if (theirs.get(which) or 0) > MIN_MEMORY else None)
                  for which in ("full build", "serve")]
        rows.append(f"| daisy ÷ {name} | " + " | ".join(cells) + " | | |")
    still = daisy["nothing changed"]
    rows += ["", "Compared with nothing changed: " + ", ".join(
        f"{scenario} {daisy[scenario] / still:.2f} ×" for scenario in tools.SCENARIOS[2:]) + "."]
    rows.append(f"Size of daisy's cache: {made[0].cache_bytes() / 1e6:.1f} MB.")
    return "\n".join(rows) + "\n"


def growth(sizes):
    """Compares the largest site with the next smaller one."""
    if len(sizes) < 2:
        return ""
    smaller, larger = sorted(sizes)[-2:]
    one, other = sizes[smaller]["daisy"], sizes[larger]["daisy"]
    parts = [f"{what} {other[what] / one[what]:.2f} ×" for what in [*tools.SCENARIOS, "save to served"] if one[what] and other[what]]
    parts += [f"memory, {which}, {other['memory'][which] / one['memory'][which]:.2f} ×" for which in ("full build", "serve")]
    return f"{larger:,} stories compared with {smaller:,} ({larger / smaller:.0f} × as many): " + ", ".join(parts) + ".\n\n"


def chart(sizes):
    """An SVG bar chart on a logarithmic scale, of the largest site that all tools were measured on."""
    import math

    most = max(len(each) for each in sizes.values())
    count = max(count for count, each in sizes.items() if len(each) == most)
    bars = []
    for scenario in [*tools.SCENARIOS, "save to served"]:
        for name, each in sizes[count].items():
            if each[scenario]:
                bars.append((scenario, name, each[scenario]))
    scale = lambda seconds: 60 * (math.log10(seconds) + 3)
    height, lines, before = 24, [], None
    for scenario, name, seconds in bars:
        if scenario != before:
            height += 14
            lines.append(f'<text x="8" y="{height + 13}" font-weight="bold">{scenario}</text>')
            before = scenario
        lines.append(f'<rect x="190" y="{height}" width="{max(1, scale(seconds)):.0f}" height="18" fill="{COLOURS[name]}"/>')
        lines.append(f'<text x="{196 + max(1, scale(seconds)):.0f}" y="{height + 13}">{name} {seconds:.3f} s</text>')
        height += 22
    title = f"Seconds for {count:,} stories, on a logarithmic scale"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height + 12}" role="img" aria-label="{title}" '
            f'font-family="sans-serif" font-size="13"><title>{title}</title>\n<rect width="100%" height="100%" fill="#fff"/>\n'
            f'<text x="8" y="20">{title}</text>\n' + "\n".join(lines) + "\n</svg>\n")
