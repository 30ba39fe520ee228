"""Checks every sitemap with the schema of sitemaps.org, and that it lists exactly what search engines should find."""

import unittest
from pathlib import Path

from lxml import etree

from sites import sites

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("sitemap.xsd")))


def sitemaps(site):
    """A site's sitemaps by path, parsed."""
    return {path: etree.parse(path) for path in site.files(".xml") if path.name.startswith("sitemap")}


class Sitemaps(unittest.TestCase):
    def test_sitemaps_are_valid(self):
        for site in sites():
            found = sitemaps(site)
            self.assertTrue(found)
            for path, sitemap in found.items():
                with self.subTest(site=str(site), sitemap=path.name):
                    SCHEMA.validate(sitemap)
                    self.assertEqual(str(SCHEMA.error_log), "")

    def test_the_schema_refuses_an_invalid_sitemap(self):
        for wrong in ("<loc>/about/</loc>", "<loc>https://a.test/é/</loc>", "<lastmod>2020-05-21</lastmod>",
                      "<loc>https://a.test/b/</loc><lastmod>2020-05-21T18:30</lastmod>"):
            sitemap = etree.fromstring(f'<urlset xmlns="{NAMES["s"]}"><url>{wrong}</url></urlset>')
            self.assertFalse(SCHEMA.validate(sitemap), wrong)

    def test_it_lists_every_canonical_page(self):
        for site in sites():
            with self.subTest(site=str(site)):
                listed = []
                for sitemap in sitemaps(site).values():
                    listed += sitemap.xpath("//s:url/s:loc/text()", namespaces=NAMES)
                own = []
                for address, page in site.pages.items():
                    is_part = "/page/" in address
                    hidden = page.xpath("//meta[@name='robots' and contains(@content, 'noindex')]")
                    canonical = page.xpath("string(//link[@rel='canonical']/@href)")
                    if canonical == address and not hidden and not is_part:
                        own.append(address)
                self.assertEqual(sorted(listed), sorted(own))

    def test_its_languages_match_the_page(self):
        for site in sites():
            for sitemap in sitemaps(site).values():
                for url in sitemap.xpath("//s:url", namespaces=NAMES):
                    address = url.xpath("string(s:loc)", namespaces=NAMES)
                    with self.subTest(site=str(site), address=address):
                        page = site.pages[site.address(site.file(address))]
                        links = url.xpath("x:link", namespaces=NAMES)
                        said = [(each.get("hreflang"), each.get("href")) for each in links]
                        shown = page.xpath("//link[@rel='alternate' and @hreflang]")
                        self.assertEqual(said, [(each.get("hreflang"), each.get("href")) for each in shown])

    def test_robots_txt_names_it(self):
        for site in sites():
            robots = (site.out / "robots.txt").read_text().splitlines()
            self.assertIn(f"Sitemap: {site.base_url}/sitemap.xml", robots)


if __name__ == "__main__":
    unittest.main()
