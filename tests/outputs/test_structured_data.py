"""Checks structured data against Google's requirements for `Organization`, `Article` and `BreadcrumbList`, as they were in the
autumn of 2026:

- https://developers.google.com/search/docs/appearance/structured-data/organization (changed 2026-09-08): nothing is
  required; a logo is at least 112 pixels wide and high; a telephone number has a country code.
- https://developers.google.com/search/docs/appearance/structured-data/article: nothing is required; headline, image,
  author and both dates are recommended. A date without a zone is read in Google's; each author is separate, with only a
  name; an author that is an organisation has an address; an image has at least 50,000 pixels.
- https://developers.google.com/search/docs/appearance/structured-data/breadcrumb (changed 2026-09-08): at least two items;
  each has a position, a name and an address, which is optional for the last, the page itself.

The theme includes everything recommended that a site can know, so these tests require it. Names of properties are those of
https://schema.org/Organization, …/Article and …/BreadcrumbList."""

import json
import re
import unittest
from datetime import datetime
from urllib.parse import urlsplit

from sites import picture, sites

TYPES = ("Organization", "Article", "BreadcrumbList")


def blocks(page):
    """The structured data blocks of a page, parsed."""
    return [json.loads(text) for text in page.xpath("//script[@type='application/ld+json']/text()")]


class Shape:
    """Checks one block; `wrong` lists all problems."""

    def __init__(self, site, address, block):
        self.site, self.address, self.wrong = site, address, []
        if block.get("@context") != "https://schema.org":
            self.say("@context", block.get("@context"))
        known = {"Organization": self.organization, "Article": self.article, "BreadcrumbList": self.breadcrumbs}
        known.get(block.get("@type"), lambda _: self.say("@type", block.get("@type")))(block)

    def say(self, key, value):
        self.wrong.append(f"{key}: {value!r}")

    def keys(self, thing, required, optional):
        for key in required:
            if key not in thing:
                self.say(key, "missing")
        for key in thing:
            if key not in (*required, *optional) and not key.startswith("@"):
                self.say(key, "no such property")

    def text(self, thing, key):
        value = thing.get(key)
        if value is not None and not (isinstance(value, str) and value.strip() == value != ""):
            self.say(key, value)

    def whole_address(self, key, value):
        parts = urlsplit(value) if isinstance(value, str) else None
        if not parts or parts.scheme not in ("http", "https") or not parts.netloc or not value.isascii():
            self.say(key, value)
        elif value.startswith(f"{self.site.base_url}/"):
            self.site.file(value)

    def picture(self, key, value, least):
        self.whole_address(key, value)
        found = picture(self.site.file(value))
        width, height = map(int, found["Composite:ImageSize"].split("x"))
        if not least(width, height):
            self.say(key, f"{width}x{height}")

    def organization(self, block):
        self.keys(block, ["name", "url"], ["logo", "email", "telephone", "sameAs", "address", "description"])
        for key in ("name", "email", "telephone", "description"):
            self.text(block, key)
        self.whole_address("url", block.get("url"))
        if not re.fullmatch(r"[+][0-9 ]{8,}", block.get("telephone", "+44 1632 960123")):
            self.say("telephone", block["telephone"])
        if "address" in block:
            place = block["address"]
            if place.get("@type") != "PostalAddress":
                self.say("address", place)
            self.text(place, "streetAddress")
        if "logo" in block:
            self.picture("logo", block["logo"], lambda width, height: min(width, height) >= 112)
        for address in block.get("sameAs", []):
            self.whole_address("sameAs", address)

    def article(self, block):
        # A story's image is optional.
        self.keys(block, ["headline", "author", "datePublished", "dateModified"], ["image", "publisher", "mainEntityOfPage"])
        self.text(block, "headline")
        # At least 50,000 pixels.
        for address in block.get("image", []):
            self.picture("image", address, lambda width, height: width * height >= 50_000)
        authors = block.get("author", [])
        for who in [*(authors if isinstance(authors, list) else [authors]), block.get("publisher", {})]:
            if who.get("@type") not in ("Person", "Organization"):
                self.say("author", who)
            self.text(who, "name")
            if "name" not in who:
                self.say("name", "missing")
            if re.search(r", | & | and |^by ", who.get("name", "")) and who.get("@type") == "Person":
                self.say("name", who["name"])
            if who.get("@type") == "Organization":
                self.whole_address("url", who.get("url"))
        days = [self.day(key, block.get(key)) for key in ("datePublished", "dateModified")]
        if None not in days and days[1] < days[0]:
            self.say("dateModified", "before datePublished")
        self.whole_address("mainEntityOfPage", block.get("mainEntityOfPage"))

    def day(self, key, value):
        # ISO 8601 with a time zone.
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", str(value)):
            self.say(key, value)
            return None
        return datetime.fromisoformat(value)

    def breadcrumbs(self, block):
        self.keys(block, ["itemListElement"], [])
        steps = block.get("itemListElement", [])
        if len(steps) < 2:
            self.say("itemListElement", "fewer than two steps")
        for number, step in enumerate(steps, 1):
            if step.get("@type") != "ListItem" or step.get("position") != number:
                self.say("itemListElement", step)
            self.text(step, "name")
            if not step.get("name"):
                self.say("name", "missing")
            # The last item is the page itself, whose address is optional.
            if number < len(steps) or "item" in step:
                self.whole_address("item", step.get("item"))


class StructuredData(unittest.TestCase):
    def test_every_block_is_valid(self):
        seen = set()
        for site in sites():
            for address, page in site.pages.items():
                for block in blocks(page):
                    with self.subTest(address=address, type=block.get("@type")):
                        seen.add(block.get("@type"))
                        self.assertEqual(Shape(site, address, block).wrong, [])
        self.assertEqual(seen, set(TYPES))

    def test_an_invalid_block_would_be_reported(self):
        [site, _] = sites()
        context = {"@context": "https://schema.org"}
        us = {"@type": "Organization", "name": "Us", "url": f"{site.base_url}/"}
        day = "2020-05-21T00:00:00+01:00"
        story = {"@type": "Article", "headline": "A", "author": [{"@type": "Person", "name": "Rose"}], "publisher": us,
                 "datePublished": day, "dateModified": day, "mainEntityOfPage": f"{site.base_url}/"}
        self.assertEqual(Shape(site, site.base_url, context | story).wrong, [])
        for wrong in (
            {"@type": "Thing"},
            {"@type": "Organization", "url": f"{site.base_url}/"},
            {"@type": "Organization", "name": "A", "url": "/"},
            {"@type": "Organization", "name": "A", "url": f"{site.base_url}/", "telephone": "01632 960123"},
            story | {"datePublished": "2020-05-21"},
            story | {"dateModified": "2020-05-20T00:00:00+01:00"},
            story | {"author": {"@type": "Person"}},
            story | {"author": [{"@type": "Person", "name": "Amina & Tom"}]},
            story | {"author": {"@type": "Organization", "name": "Us"}},
            {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "position": 1, "name": "A"}]},
        ):
            self.assertNotEqual(Shape(site, site.base_url, context | wrong).wrong, [], wrong)

    def test_each_page_has_its_type(self):
        for site in sites():
            for address, page in site.pages.items():
                with self.subTest(address=address):
                    types = [block["@type"] for block in blocks(page)]
                    self.assertEqual(len(types), len(set(types)))
                    canonical = page.xpath("string(//link[@rel='canonical']/@href)")
                    if canonical and site.address(site.file(canonical)) != address:
                        self.assertEqual(types, [], "what is not translated says nothing")
                    elif page.xpath("//meta[@property='og:type' and @content='article']"):
                        self.assertIn("Article", types)
                        article = next(block for block in blocks(page) if block["@type"] == "Article")
                        self.assertEqual(article["mainEntityOfPage"], canonical)
                        self.assertEqual(article["headline"], page.xpath("string(//h1)"))

    def test_the_organisation_is_described(self):
        [_, site] = sites()
        [block] = blocks(site.pages[f"{site.base_url}/"])
        said = {"name", "url", "description", "logo", "email", "telephone", "address", "sameAs"}
        self.assertLessEqual(said, set(block))


if __name__ == "__main__":
    unittest.main()
