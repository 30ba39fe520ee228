"""Checks that the site that uses every feature does: every key of front matter and `site.yaml`, every component, every kind of
file. And that nothing private is published."""

import json
import re
import subprocess
import unittest

import yaml

from sites import KITCHEN_SINK, REPOSITORY, daisy, sites


def sources():
    return {path: path.read_text() for path in sorted((KITCHEN_SINK / "content").rglob("*.md"))}


class KitchenSink(unittest.TestCase):
    def test_it_uses_every_key(self):
        words = [daisy(), "schema", "--root", KITCHEN_SINK]
        schema = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
        said = set()
        for text in sources().values():
            said |= set(yaml.safe_load(text.split("---")[1]))
        self.assertEqual(set(schema["properties"]) - said, set())

    def test_it_calls_every_component(self):
        folder = REPOSITORY / "themes/daisy/templates"
        components = set()
        for path in folder.rglob("*.html"):
            defined = re.findall(r"\{%-? component ([a-z_]+)\((.*)%\}", path.read_text())
            components |= {name.replace("_", "-") for name, rest in defined if '{"for": "templates"}' not in rest}
        called = set(re.findall(r"<([a-z-]+)[ >]", " ".join(sources().values())))
        self.assertGreater(len(components), 10)
        self.assertEqual(components - called, set())

    def test_every_form_is_on_a_page(self):
        [_, site] = sites()
        for form in (KITCHEN_SINK / "content/forms").glob("*.yaml"):
            name = form.name.split(".")[0]
            self.assertTrue(any(page.xpath(f"//form[@action='/api/{name}']") for page in site.pages.values()), name)

    def test_plurals_follow_the_rules_of_each_language(self):
        [_, site] = sites()

        def said(address):
            return [text for text in site.pages[site.base_url + address].xpath("//p/text()") if "Rose" in text]

        self.assertEqual(said("/our-team/")[:2], ["1 story by Rose", "2 stories by Rose"])
        self.assertEqual(
            said("/pl/our-team/"), ["1 historia, Rose", "2 historie, Rose", "5 historii, Rose", "22 historie, Rose"]
        )

    def test_nothing_private_is_published(self):
        [_, site] = sites()
        for path in site.files(".html", ".xml", ".txt"):
            self.assertNotIn("Nobody sees this", path.read_text(), path)
        drafts = site.build("--drafts", out="drafts")
        for name, title in (("draft", "draft"), ("soon", "before its day"), ("over", "after its day")):
            self.assertIn(f"Nobody sees this {title}", (drafts / name / "index.html").read_text())

    def test_an_unreviewed_translation_is_not_shown(self):
        [_, site] = sites()
        [page] = [site.pages[f"{site.base_url}/pl/chat/"]]
        self.assertTrue(page.xpath("//*[@class='untranslated']"))
        self.assertEqual(page.xpath("string(//h1)"), "Have a chat")


if __name__ == "__main__":
    unittest.main()
