"""Checks every feed with the schema of RFC 4287 and with a feed reader."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from urllib.parse import quote

import feedparser
from lxml import etree

from sites import sites

SCHEMA = Path(__file__).with_name("atom.rnc")
ATOM = {"atom": "http://www.w3.org/2005/Atom"}


def by_the_schema(paths):
    """Jing's errors for feeds; empty if all are valid."""
    with tempfile.TemporaryDirectory() as folder:
        # Under plain names, because Java may not support the characters of an address.
        copies = [shutil.copy(path, Path(folder) / f"{number}.xml") for number, path in enumerate(paths)]
        said = subprocess.run(["jing", "-c", SCHEMA, *copies], capture_output=True, text=True, check=False)
    return "" if said.returncode == 0 else said.stdout + said.stderr


class Feeds(unittest.TestCase):
    def feeds(self):
        for site in sites():
            paths = [path for path in site.files(".xml") if path.name == "feed.xml"]
            yield site, paths

    def test_the_site_its_sections_terms_and_languages_have_feeds(self):
        [_, (site, paths)] = self.feeds()
        names = {path.relative_to(site.out).parent.as_posix() for path in paths}
        self.assertLessEqual({".", "stories", "tags/neighbours", "ur", "ur/stories", "pa", "pl"}, names)

    def test_feeds_are_valid(self):
        for site, paths in self.feeds():
            with self.subTest(site=str(site)):
                self.assertEqual(by_the_schema(paths), "")

    def test_the_schema_refuses_an_invalid_feed(self):
        with tempfile.TemporaryDirectory() as folder:
            bad = Path(folder) / "bad.xml"
            bad.write_text('<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>a</id></feed>')
            self.assertIn("missing required element", by_the_schema([bad]))

    def test_a_feed_reader_accepts_each(self):
        for site, paths in self.feeds():
            for path in paths:
                with self.subTest(site=str(site), feed=str(path.relative_to(site.out))):
                    read = feedparser.parse(path.read_bytes())
                    self.assertFalse(read.bozo, read.get("bozo_exception"))
                    self.assertEqual(read.version, "atom10")
                    self.assertTrue(read.entries)
                    own = [link.href for link in read.feed.links if link.rel == "self"]
                    self.assertEqual(own, [site.address(path)])
                    # RFC 4287, 4.1.1: the feed has an author, or each entry does.
                    self.assertTrue(read.feed.get("author") or all(entry.get("author") for entry in read.entries))
                    self.assertEqual(read.feed.updated_parsed, max(entry.updated_parsed for entry in read.entries))
                    ids = [entry.id for entry in read.entries]
                    self.assertEqual(len(set(ids)), len(ids))
                    for entry in read.entries:
                        page = site.pages[site.address(site.file(entry.link))]
                        self.assertEqual(page.xpath("string(//h1)"), entry.title)

    def test_each_has_a_language_and_is_linked_from_its_page(self):
        for site, paths in self.feeds():
            for path in paths:
                with self.subTest(site=str(site), feed=str(path.relative_to(site.out))):
                    feed = etree.parse(path).getroot()
                    home = feed.xpath("string(atom:link[@rel='alternate']/@href)", namespaces=ATOM)
                    page = site.pages[site.address(site.file(home))]
                    self.assertEqual(page.get("lang"), feed.get("{http://www.w3.org/XML/1998/namespace}lang"))
                    named = page.xpath("//link[@type='application/atom+xml']/@href")
                    self.assertIn(site.address(path), [site.base_url + quote(address) for address in named])


if __name__ == "__main__":
    unittest.main()
