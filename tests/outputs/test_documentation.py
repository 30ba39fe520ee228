"""Checks that the links between documents lead to files and headings that exist."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def prose(path):
    """A document's lines, by number, without code."""
    fence = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark = re.match(r"\s*(`{3,})", line)
        if mark and fence in (None, mark[1]):
            fence = None if fence else mark[1]
        elif fence is None:
            yield number, line


def anchors(path):
    """The anchors of a document's headings, as GitHub creates them."""
    headings = (line.lstrip("#").strip().lower() for _, line in prose(path) if re.match("#+ ", line))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def links(path):
    """(line, target) of each link to another place in the repository."""
    for number, line in prose(path):
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
            if not re.match(r"[a-z]+:", target):
                yield number, target


class Documentation(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading(self):
        checked, broken = 0, []
        for path in DOCUMENTS:
            for number, target in links(path):
                file, _, anchor = target.partition("#")
                file = (path.parent / file).resolve() if file else path
                checked += 1
                if not file.exists() or anchor and anchor not in anchors(file):
                    broken.append(f"{path.relative_to(ROOT)}:{number}: {target}")
        self.assertEqual(broken, [])
        self.assertGreater(checked, 50)


if __name__ == "__main__":
    unittest.main()
