"""Checks the files for hosts: each header once, the same policy as in pages, every redirect."""

import unittest

import lxml.html

from sites import sites


def headers(path):
    """A `_headers` file: for each pattern, its headers in order."""
    found, pattern = {}, None
    for line in path.read_text().splitlines():
        if line.startswith("  "):
            name, value = line.strip().split(": ", 1)
            found[pattern].append((name, value))
        else:
            pattern = line
            found[pattern] = []
    return found


def policy(text):
    """The directives of a Content-Security-Policy."""
    return dict(part.strip().split(" ", 1) for part in text.split(";"))


class Hosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.built = [(site, site.build("--for", "netlify", out="netlify")) for site in sites()]

    def test_the_policy_of_every_page_matches_the_header(self):
        for site, out in self.built:
            [sent] = [value for name, value in headers(out / "_headers")["/*"] if name == "Content-Security-Policy"]
            sent = policy(sent)
            # Not supported in a <meta> (CSP Level 3, 3.3).
            self.assertEqual(sent.pop("frame-ancestors"), "'none'")
            self.assertEqual(sent["default-src"], "'self'")
            for address, page in site.pages.items():
                with self.subTest(address=address):
                    [said] = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
                    self.assertEqual(policy(said), sent)
                    before = page.xpath("//meta[@http-equiv='Content-Security-Policy']/preceding-sibling::*")
                    loads = [each for each in before if each.tag in ("link", "script", "style")]
                    self.assertEqual(loads, [], "what comes before a <meta> is not subject to its policy")

    def test_the_policy_blocks_nothing_on_a_page(self):
        for site in sites():
            for address, page in site.pages.items():
                with self.subTest(address=address):
                    self.assertEqual(page.xpath("//*[@style] | //style | //script[not(@type='application/ld+json')]"), [])
                    self.assertEqual([each for each in page.xpath("//*/@*") if each.attrname.startswith("on")], [])
                    loaded = page.xpath("//img/@src | //source/@srcset | //link[@rel='stylesheet' or @rel='icon']/@href")
                    self.assertEqual([each for each in loaded if not each.startswith("/")], [])

    def test_each_header_is_sent_once(self):
        for site, out in self.built:
            everywhere = [name for name, _ in headers(out / "_headers")["/*"]]
            self.assertEqual(len(everywhere), len(set(everywhere)))
            wanted = {"Content-Security-Policy", "Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options"}
            self.assertLessEqual(wanted, set(everywhere))

    def test_files_that_are_cached_forever_are_named_after_their_content(self):
        for site, out in self.built:
            for pattern, said in headers(out / "_headers").items():
                if ("Cache-Control", "public, max-age=31536000, immutable") in said:
                    folder = out / pattern.strip("/*")
                    for path in folder.rglob("*"):
                        self.assertRegex(path.name, r"[0-9a-f]{16}")

    def test_every_old_address_redirects_with_and_without_the_file(self):
        listed_anywhere = 0
        for site, out in self.built:
            listed = {}
            for line in (out / "_redirects").read_text().splitlines():
                old, new, code = line.split(" ")
                self.assertEqual(code, "301!")
                listed[old] = new
            pages = {}
            for path in site.files(".html"):
                page = lxml.html.parse(path)
                refresh = page.xpath("string(//meta[@http-equiv='refresh']/@content)")
                if refresh:
                    pages[site.address(path).removeprefix(site.base_url)] = refresh.removeprefix("0; url=")
                    target = site.base_url + refresh.removeprefix("0; url=")
                    self.assertEqual(page.xpath("//link[@rel='canonical']/@href"), [target])
                    self.assertTrue(page.xpath(f"//a[@href='{refresh.removeprefix('0; url=')}']"))
            self.assertEqual(listed, pages)
            for new in listed.values():
                site.file(site.base_url + new)
            listed_anywhere += len(listed)
        self.assertGreater(listed_anywhere, 1)


if __name__ == "__main__":
    unittest.main()
