"""Checks the head of every page: address, translations, icons, sharing metadata."""

import json
import unittest
from urllib.parse import urlsplit

from sites import on_every_page, picture, sites


def canonical(page):
    return page.xpath("//link[@rel='canonical']/@href")


def alternates(page):
    return [(each.get("hreflang"), each.get("href")) for each in page.xpath("//link[@rel='alternate' and @hreflang]")]


class Heads(unittest.TestCase):
    @on_every_page
    def test_every_page_except_404_has_one_canonical_address(self, site, address, page):
        if address.endswith("/404.html"):
            self.assertEqual(canonical(page), [])
            return
        [said] = canonical(page)
        if page.xpath("//*[@class='untranslated']"):
            # An untranslated page points to its original.
            original = site.address(site.file(said))
            self.assertNotEqual(original, address)
            self.assertEqual(canonical(site.pages[original]), [said])
            self.assertFalse(site.pages[original].xpath("//*[@class='untranslated']"))
        else:
            self.assertEqual(said, address)

    @on_every_page
    def test_translations_refer_to_each_other(self, site, address, page):
        said = alternates(page)
        if not said:
            return
        codes = [code for code, _ in said]
        self.assertEqual(len(codes), len(set(codes)))
        self.assertIn((page.get("lang"), *canonical(page)), said, "a page is among its own translations")
        for code, target in said:
            other = site.pages[site.address(site.file(target))]
            self.assertEqual(alternates(other), said, f"{target} does not say the same")
            if code == "x-default":
                self.assertEqual(other.get("lang"), "en-GB")
            else:
                self.assertEqual(other.get("lang"), code)
            self.assertFalse(other.xpath("//*[@class='untranslated']"), f"{target} is no translation")

    def test_some_pages_are_translated_into_each_language(self):
        [_, site] = sites()
        codes = {code for page in site.pages.values() for code, _ in alternates(page)}
        self.assertEqual(codes, {"en-GB", "pa", "pl", "ur", "x-default"})

    @on_every_page
    def test_a_page_has_the_direction_of_its_language(self, site, address, page):
        self.assertEqual(page.get("dir"), "rtl" if page.get("lang") == "ur" else "ltr")

    @on_every_page
    def test_sharing_metadata_is_complete(self, site, address, page):
        said = {each.get("property"): each.get("content") for each in page.xpath("//meta[@property]")}
        if address.endswith("/404.html"):
            self.assertEqual(said, {})
            return
        self.assertEqual([said["og:url"]], canonical(page))
        self.assertEqual(said["og:title"], page.xpath("string(//h1)") or said["og:title"])
        if "og:image" in said:
            found = picture(site.file(said["og:image"]))
            self.assertEqual(found["Composite:ImageSize"], f"{said['og:image:width']}x{said['og:image:height']}")
            self.assertEqual(found["File:MIMEType"], said["og:image:type"])

    @on_every_page
    def test_icons_exist_and_are_square(self, site, address, page):
        for link in page.xpath("//link[@rel='icon' or @rel='apple-touch-icon']"):
            self.square(site, link.get("href"), link.get("sizes"))

    def test_icons_of_the_manifest_exist_and_are_square(self):
        [_, site] = sites()
        for page in site.pages.values():
            self.assertEqual(page.xpath("//link[@rel='manifest']/@href"), ["/manifest.webmanifest"])
        manifest = json.loads((site.out / "manifest.webmanifest").read_text())
        self.assertEqual(manifest["name"], "The kitchen sink")
        # Required by phones to install a site.
        self.assertEqual([icon["sizes"] for icon in manifest["icons"]], ["192x192", "512x512"])
        for icon in manifest["icons"]:
            self.assertEqual(self.square(site, icon["src"], icon["sizes"])["File:MIMEType"], icon["type"])
        self.assertTrue(site.file(site.base_url + manifest["start_url"]))

    def square(self, site, address, sizes):
        self.assertEqual(urlsplit(address).netloc, "")
        path = site.file(site.base_url + address)
        found = picture(path)
        if path.suffix != ".svg":
            width, height = map(int, found["Composite:ImageSize"].split("x"))
            self.assertEqual(width, height, path.name)
            self.assertIn(sizes, (None, f"{width}x{height}"))
        return found


if __name__ == "__main__":
    unittest.main()
