"""Checks that values repeated in Python, Rust, the template, the Makefile and the documentation are the same."""

import argparse
import re
import sys
import unittest
from unittest import mock

from template import ROOT, raw

sys.path.insert(0, str(ROOT))
import deploy.__main__ as command_line  # noqa: E402
from deploy import build, campaign, keys, records  # noqa: E402


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def found(path, pattern):
    """The group of a pattern that must match exactly once in a file."""
    matches = re.findall(pattern, text(path))
    assert len(matches) == 1, f"{pattern!r} is {len(matches)} times in {path}"
    return matches[0]


class Constants(unittest.TestCase):
    def test_numbers_in_documents_match_the_code(self):
        parameters = raw()["Parameters"]
        retention = {it["Properties"]["RetentionInDays"] for it in raw()["Resources"].values()
                     if it["Type"] == "AWS::Logs::LogGroup"}
        (days,) = retention
        limit = found("functions/src/settings.rs", r"MAIL_LIMIT: u64 = (\d+);")
        visitor = int(found("functions/src/settings.rs", r"visitor_limit: (\d+),"))
        erasures = found("functions/src/store/dynamodb/replies.rs", r"ERASURE_NOTE_LIFETIME: Millis = (\d+) \* DAY;")
        glibc = "GLIBC_" + ".".join(map(str, build.GLIBC))
        for path, sentence in (
            ("functions/template.yaml", f"MailsPerHour:\n    Type: Number\n    Default: {limit}\n"),
            ("docs/deploy.md", f"maximum number of emails an hour; {limit} by default"),
            ("docs/deploy.md", f"above which the team is told; {parameters['MonthlyBudget']['Default']} by default"),
            ("docs/deploy.md", f"Amazon Linux 2023 has\n{glibc},"),
            ("docs/deploy.md", f"noted in the table for {erasures} days"),
            ("docs/data.md", f"| {erasures} days |"),
            ("deploy/replay.py", f"erasures of the last {erasures} days"),
            ("docs/security.md", f"logs are deleted after {days} days"),
            ("docs/security.md", f"a visitor's {visitor + 1}st reply in an hour is held"),
        ):
            self.assertIn(sentence, text(path), path)

    def test_retry_delays_match_the_code(self):
        waits = found("functions/src/mail/queue.rs", r"const RETRY_DELAYS: \[Millis; 4\] = \[(.*)\];")
        self.assertEqual(waits, "MINUTE, 10 * MINUTE, HOUR, 6 * HOUR")
        for path in ("docs/deploy.md", "docs/forms.md", "docs/replies.md"):
            self.assertRegex(text(path), r"(a|one) minute,\s+ten\s+minutes,\s+an\s+hour\s+and\s+six\s+hours", path)

    def test_functions_match_the_binaries(self):
        built = re.findall(r'\[\[bin\]\]\nname = "(\w+)"', text("functions/Cargo.toml"))
        codes = [name.removesuffix("Code").lower() for name in raw()["Parameters"] if name.endswith("Code")]
        self.assertEqual(sorted(build.FUNCTIONS), sorted(built))
        self.assertEqual(sorted(build.FUNCTIONS), sorted(codes))

    def test_examples_are_the_same_when_deploying_and_publishing(self):
        rust = text("generator/src/check/placeholder.rs")
        numbers = re.search(r"const NUMBERS: .*? = \[(.*?)\];", rust, re.S)[1]
        numbers = {(begin, int(free)) for begin, free in re.findall(r'\("(\d+)", (\d)\)', numbers)}
        domains = re.search(r"const DOMAINS: .*?=\s+\[(.*?)\];", rust, re.S)[1]
        self.assertEqual(set(campaign.EXAMPLE_NUMBERS), numbers)
        self.assertEqual(set(campaign.EXAMPLE_DOMAINS), set(re.findall(r'"([a-z.]+)"', domains)))

    def test_secrets_have_the_same_names_in_the_template(self):
        names = set(re.findall(r"parameter/daisychain/\$\{AWS::StackName\}/([a-z-]+)", text("functions/template.yaml")))
        self.assertEqual(names, set(keys.DESCRIPTIONS))

    def test_keys_of_items_match_the_functions(self):
        store = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "functions/src/store").rglob("*.rs"))
        for kind, program in (("REF", "records"), ("SUB", "records"), ("PERSON", "records"), ("ERASED", "replay")):
            self.assertRegex(text(f"deploy/{program}.py"), rf'[#"]{kind}[#"]')
            self.assertRegex(store, rf"\{{(form)?\}}#{kind}\b")
        for name in ("waiting", "failed"):
            self.assertIn(f'"OUTBOX#{name}"', store)

    def test_every_make_option_exists_and_is_documented(self):
        options = dict(re.findall(r"\$\(call deploy_option,(\w+),([a-z]+)\)", text("Makefile")))
        flags = set()
        with mock.patch.object(sys, "argv", ["deploy", "deploy", "--stack", "daisy"]):
            add = argparse._ActionsContainer.add_argument

            def note(self, *names, **settings):
                flags.update(name.removeprefix("--") for name in names)
                return add(self, *names, **settings)

            with mock.patch.object(argparse._ActionsContainer, "add_argument", note):
                command_line.arguments()
        self.assertLessEqual(set(options.values()), flags)
        of_deploy = re.search(r"\ndeploy: .*?\n\n", text("Makefile"), re.S)[0]
        for name in re.findall(r"deploy_option,(\w+)", of_deploy):
            self.assertIn(f"`{name}=", text("docs/deploy.md"))

    def test_every_alarm_is_documented_and_counted(self):
        resources = raw()["Resources"]
        alarms = [name.removesuffix("Alarm") for name, it in resources.items() if it["Type"] == "AWS::CloudWatch::Alarm"]
        table = re.search(r"## Alarms\n(.*?)\n## ", text("docs/deploy.md"), re.S)[1]
        rows = set(re.findall(r"^\| `(?:…)?(\w+)` \|", table, re.M))
        for alarm in alarms:
            self.assertTrue(any(alarm.endswith(row) for row in rows), alarm)
        for row in rows:
            self.assertTrue(any(alarm.endswith(row) for alarm in alarms), row)
        filters = {it["Properties"]["MetricTransformations"][0]["MetricName"] for it in resources.values()
                   if it["Type"] == "AWS::Logs::MetricFilter"}
        self.assertIn(f"CloudWatch: {len(alarms)} alarms, {len(filters)} metrics", text("docs/deploy.md"))


if __name__ == "__main__":
    unittest.main()
