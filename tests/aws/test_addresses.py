"""Runs the two CloudFront functions in Node, with the events that CloudFront documents
(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html)."""

import json
import subprocess
import unittest

from template import Template


def event(kind, uri, **response):
    return {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": kind,
            "requestId": "EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLEPmPfEXAMPLEu3EqEXAMPLE==",
        },
        "viewer": {"ip": "198.51.100.7"},
        "request": {
            "method": "GET",
            "uri": uri,
            "querystring": {"from": {"value": "mail"}},
            "headers": {"host": {"value": "www.daisy.example"}, "accept": {"value": "*/*"}},
            "cookies": {},
        },
        **response,
    }


def run(name, events):
    """A function's result for each event."""
    code = Template().resources[name]["Properties"]["FunctionCode"]
    program = f"{code}\nconst events = JSON.parse(require('fs').readFileSync(0, 'utf8'));\n"
    program += "console.log(JSON.stringify(events.map((event) => handler(event))));"
    done = subprocess.run(
        ["node", "-e", program], input=json.dumps(events), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


class Addresses(unittest.TestCase):
    def asked(self, *addresses):
        return run("Addresses", [event("viewer-request", address) for address in addresses])

    def test_a_folder_serves_its_index(self):
        for address, made in zip(("/", "/about/"), self.asked("/", "/about/")):
            expected = event("viewer-request", f"{address}index.html")["request"]
            self.assertEqual(made, expected)

    def test_a_file_keeps_its_address(self):
        for address in ("/styles/main.0123456789abcdef.css", "/404.html", "/sitemap.xml", "/a.b/c.txt"):
            self.assertEqual(self.asked(address), [event("viewer-request", address)["request"]])

    def test_a_folder_without_a_slash_redirects_to_the_one_with_it(self):
        for address in ("/about", "/stories/rose", "/%E0%A8%B0", "/a.b/c"):
            (made,) = self.asked(address)
            self.assertEqual(made["statusCode"], 301)
            self.assertEqual(made["headers"], {"location": {"value": f"{address}/"}})

    def test_no_address_redirects_to_another_site(self):
        for address in ("//evil.example", "//evil", "/\\evil", "/\\/evil", "///evil/x", "//evil/"):
            (made,) = self.asked(address)
            leads = made["headers"]["location"]["value"] if "statusCode" in made else made["uri"]
            self.assertRegex(leads, r"^/[^/\\]", address)


class Redirects(unittest.TestCase):
    def answered(self, headers, status=200):
        response = {"statusCode": status, "statusDescription": "OK", "headers": headers, "cookies": {}}
        (made,) = run("Redirects", [event("viewer-response", "/old/index.html", response=response)])
        return made

    def test_an_old_address_redirects(self):
        made = self.answered(
            {"content-type": {"value": "text/html"}, "x-amz-meta-location": {"value": "/stories/rose/"}}
        )
        self.assertEqual((made["statusCode"], made["statusDescription"]), (301, "Moved Permanently"))
        self.assertEqual(
            made["headers"], {"content-type": {"value": "text/html"}, "location": {"value": "/stories/rose/"}}
        )

    def test_the_address_of_a_removed_page_is_gone(self):
        made = self.answered({"content-type": {"value": "text/html"}, "x-amz-meta-status": {"value": "410"}})
        self.assertEqual((made["statusCode"], made["statusDescription"]), (410, "Gone"))
        self.assertEqual(made["headers"], {"content-type": {"value": "text/html"}})

    def test_other_responses_are_not_changed(self):
        headers = {"content-type": {"value": "text/html"}, "etag": {"value": '"1"'}}
        for status in (200, 206, 304):
            made = self.answered(headers, status)
            self.assertEqual((made["statusCode"], made["headers"]), (status, headers))


if __name__ == "__main__":
    unittest.main()
