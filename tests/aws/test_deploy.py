"""Runs a campaign through its stages on an emulated AWS: `make deploy`, `smoke`, another deploy, new secrets, a domain,
`destroy`. The functions' zips run with the template's environment."""

import contextlib
import html
import io
import json
import re
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from unittest import mock

from botocore.exceptions import ClientError

import emulated
import emulator
import load
from emulator import STACK, VOLUNTEERS, Campaign, client, items, link, mails, outputs, resource, secret
from template import ROOT, Template

sys.path.insert(0, str(ROOT))
from deploy import account, build, campaign, console, domain, forms, keys, mail, records, smoke, stack  # noqa: E402

# The schedule's event.
SCHEDULE = json.loads((ROOT / "functions/tests/events/schedule.json").read_text())
# Signs up while the account is in the sandbox.
WAITS = "rose@street.coop"


class Lifecycle(unittest.TestCase):
    """Each test continues where the previous one ended, in the order of names."""

    @classmethod
    def setUpClass(cls):
        if not emulator.ENDPOINT:
            raise AssertionError("run this by `tests/aws/with-ministack`, which starts an emulated AWS")
        cls.folder = tempfile.TemporaryDirectory()
        cls.campaign = Campaign(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run(self, result=None):
        # Later steps depend on this one.
        if result.failures or result.errors:
            self.__class__.__unittest_skip__ = True
            self.__class__.__unittest_skip_why__ = "an earlier step failed"
        return super().run(result)

    def visitor(self):
        return smoke.Visitor(outputs(), emulator.ENDPOINT)

    def test_01_examples_are_refused(self):
        said = self.campaign.run("deploy", "--root", str(ROOT), fails=True)
        self.assertIn("the phone in content/site.yaml is still the example: 01632 960123", said.replace(f"{ROOT}/", ""))
        self.assertEqual(client("cloudformation").list_stacks()["StackSummaries"], [])

    def test_01b_a_sender_at_a_public_provider_is_refused(self):
        said = self.campaign.run("deploy", "--from", "connecting@gmail.com", fails=True)
        self.assertIn("emails cannot be sent from connecting@gmail.com", said)
        self.assertEqual(client("cloudformation").list_stacks()["StackSummaries"], [])

    def test_02_a_failed_first_attempt_says_why_and_leaves_nothing(self):
        template = self.campaign.template.read_text(encoding="utf-8")
        # An alarm with two kinds of metric is refused late, after the table has been created.
        broken = template.replace("MetricName: OldestMail\n", 'MetricName: OldestMail\n      Metrics: [{ Id: a, Expression: "1" }]\n')
        self.campaign.template.write_text(broken, encoding="utf-8")
        said = self.campaign.run("deploy", "--budget", "0", fails=True)
        self.assertIn(f"stack `{STACK}` ended as ROLLBACK_COMPLETE", said)
        self.assertRegex(said, r"OldestMailAlarm \(AWS::CloudWatch::Alarm\): .*Metrics")
        self.campaign.template.write_text(template, encoding="utf-8")

    def test_03_the_limits_of_a_new_account_are_explained(self):
        client("sesv2").put_account_details(
            ProductionAccessEnabled=False, MailType="TRANSACTIONAL", WebsiteURL="https://daisy.coop"
        )
        said = self.campaign.run("deploy", "--budget", "0", "--team", "team@daisy.coop")
        self.assertIn("deleting what is left of a failed attempt", said)
        # Its empty table was deleted too.
        self.assertEqual(client("dynamodb").list_tables()["TableNames"].count(outputs()["Table"]), 1)
        self.assertEqual(len([t for t in client("dynamodb").list_tables()["TableNames"] if t.startswith(STACK)]), 1)
        self.assertIn(f"The campaign is at {outputs()['SiteUrl']}", said)
        self.assertIn("Request production", said)
        self.assertIn("     hello@daisy.coop: verified\n", said.replace("         ", "     "))
        self.assertIn(f"{VOLUNTEERS}: not verified; aws sesv2 create-email-identity --email-identity {VOLUNTEERS}\n", said)
        self.assertIn("this account has no CloudFront distribution yet", said)
        self.assertIn("Open the email from Amazon to team@daisy.coop", said)
        # In the sandbox a resident's email is not sent.
        status, _, _ = self.visitor().ask("/api/newsletter", {"email": WAITS})
        self.assertEqual(status, 303)
        self.assertNotIn(WAITS, [receiver for mail in mails() for receiver in mail["To"]])
        # Neither is a notice to an unverified address, and the smoke test says why.
        with self.assertRaises(smoke.Failed) as failed:
            self.trial("volunteer", timeout=5)
        self.assertIn("not sent: notice; the last error is `ses: MessageRejected`", str(failed.exception))
        client("sesv2").put_account_details(
            ProductionAccessEnabled=True, MailType="TRANSACTIONAL", WebsiteURL="https://daisy.coop"
        )

    def test_04_a_reply_is_stored_emailed_about_and_erased(self):
        before = len(mails())
        said = self.campaign.run("smoke")
        self.assertIn("all checks passed", said)
        self.assertIn("ok      requests that bypass CloudFront are refused", said)
        for page in ("/", "/chat/", "/volunteer/"):
            self.assertIn(f"ok      found on {page}\n", said)
        # SES has sent the emails of each form.
        new = mails()[before:]
        receivers = sorted(mail["To"][0].split("+")[0] for mail in new)
        self.assertEqual(receivers, sorted([*["hello@daisy.coop"] * 2, VOLUNTEERS, *["success"] * 4]))
        notices = [mail["BodyText"] for mail in new if mail["To"][0] in ("hello@daisy.coop", VOLUNTEERS)]
        self.assertTrue(all(smoke.TEXT in text for text in notices))
        self.assertIn("Do you want our latest news?", [mail["Subject"] for mail in new])
        # Only counters, definitions and the hashes of erased subscribers are left.
        kept = [item for item in items(outputs()["Table"]) if "simulator.amazonses.com" in str(item)]
        self.assertEqual(kept, [])

    def trial(self, form, timeout):
        """Runs the smoke test of one form, without the command."""
        store = f"dynamodb:{outputs()['Table']}"
        erase = lambda *words: self.campaign.daisy("inbox", "--store", store, "erase", *words)  # noqa: E731
        table, log = records.Table(emulator, outputs()["Table"]), records.Log(emulator, STACK)
        with contextlib.redirect_stdout(io.StringIO()):
            smoke.FormTest(self.visitor(), table, log, erase, timeout).run(form)

    def test_04b_a_held_reply_fails_the_smoke_test(self):
        """Fills in the honeypot, as if the smoke test did not recognise it."""
        seen = property(lambda _: False, lambda *_: None)
        for form in ("newsletter", "volunteer", "chat"):
            with mock.patch.object(forms.Control, "hidden", seen, create=True), self.assertRaises(smoke.Failed) as failed:
                self.trial(form, timeout=5)
            self.assertIn("the reply is held for review", str(failed.exception))

    def test_05_what_visitors_get(self):
        visitor, wanted = self.visitor(), Template().resources["Headers"]["Properties"]
        status, headers, page = visitor.ask("/")
        self.assertEqual(status, 200)
        security = wanted["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        self.assertEqual(headers["Content-Security-Policy"], policy)
        # The same policy as in the page, and as `daisy build --for …` writes for other hosts.
        self.assertIn(policy.removesuffix("; frame-ancestors 'none'"), html.unescape(page))
        # The same headers as `daisy build --for …` writes for other hosts.
        settings = self.campaign.root / "content/site.yaml"
        before = settings.read_text(encoding="utf-8")
        settings.write_text(f"{before}forms_url: {visitor.site}\n", encoding="utf-8")
        self.campaign.daisy("build", "--for", "nginx", "--base-url", visitor.site)
        settings.write_text(before, encoding="utf-8")
        lines = (self.campaign.root / ".daisy/nginx.conf").read_text(encoding="utf-8")
        said = dict(re.findall(r'^add_header ([A-Za-z-]+) "(.*)" always;$', lines, re.M))
        self.assertGreaterEqual(len(said), 6)
        self.assertEqual({name: headers[name] for name in said}, said)
        style = page.split('href="/styles/')[1].split('"')[0]
        _, headers, _ = visitor.ask(f"/styles/{style}")
        self.assertIn("immutable", headers["Cache-Control"])
        status, headers, _ = visitor.ask("/about")
        self.assertEqual((status, headers["Location"]), (301, "/about/"))
        # An old address redirects with a status, not with its page.
        status, headers, _ = visitor.ask("/rose/")
        self.assertEqual((status, headers["Location"]), (301, "/stories/rose/"))
        status, _, page = visitor.ask("/releases/current.json")
        self.assertEqual(status, 404)

    def test_06_requests_that_bypass_cloudfront_are_refused(self):
        url = f"{emulator.ENDPOINT}/_aws/execute-api/{resource('Api')}/$default/api/chat"
        for headers in ({}, {"x-origin-secret": "wrong"}):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(url, headers=headers))
            self.assertEqual(refused.exception.code, 403)
        shown = urllib.request.Request(url, headers={"x-origin-secret": secret("origin-secret")})
        self.assertEqual(urllib.request.urlopen(shown).status, 200)

    def test_07_a_refused_form_keeps_its_answers(self):
        """A function's 403 or 404 must not be replaced with the site's own page."""
        foreign = smoke.Visitor({**outputs(), "SiteUrl": "https://evil.example"}, emulator.ENDPOINT)
        foreign.sent_from = "cross-site"
        status, _, page = foreign.ask("/api/chat", {"name": "Rose of the hill", "contact": "rose@daisy.coop"})
        self.assertEqual(status, 400)
        self.assertIn("Rose of the hill", page)
        status, _, page = self.visitor().ask("/api/newsletter/leave?token=nonsense")
        self.assertEqual(status, 404)
        self.assertIn("<h1>This link is incomplete</h1>", page)

    def test_07b_a_form_without_a_function_of_its_own_is_answered(self):
        """Other forms go to their own functions."""
        visitor, name = self.visitor(), "Rose of the hill"
        status, headers, _ = visitor.ask("/api/lunch", {"name": name, "contact": "rose@daisy.coop"})
        self.assertEqual(status, 303)
        self.assertEqual(visitor.ask(headers["Location"])[0], 200)
        (stored,) = [it for it in items(outputs()["Table"]) if it["pk"]["S"].startswith("lunch#SUB#")]
        self.assertIn(name, stored["body"]["S"])
        self.assertIn("new#", stored["list"]["S"])
        # Invalid answers are shown again, and an unknown form is not found.
        status, _, page = visitor.ask("/api/lunch", {"name": name, "contact": "nowhere"})
        self.assertEqual(status, 422)
        self.assertIn(name, page)
        self.assertEqual(visitor.ask("/api/dinner", {"name": name})[0], 404)
        # Its function refuses other forms.
        event = json.loads((ROOT / "functions/tests/events/chat-post.json").read_text())
        event["headers"]["x-origin-secret"] = secret("origin-secret")
        answer = client("lambda").invoke(FunctionName=resource("Enquiry"), Payload=json.dumps(event))
        self.assertEqual(json.load(answer["Payload"])["statusCode"], 404)

    def test_08_another_deploy_changes_nothing(self):
        before = {name: secret(name) for name in keys.DESCRIPTIONS}
        said = self.campaign.run("deploy")
        self.assertIn(f"stack `{STACK}` is up to date", said)
        self.assertIn("nothing to publish", said)
        self.assertNotIn("Left for you to do", said)
        self.assertEqual({name: secret(name) for name in keys.DESCRIPTIONS}, before)

    def test_08b_a_change_is_published_and_rolled_back(self):
        page = self.campaign.root / "content/about.md"
        words = page.read_text(encoding="utf-8")
        publish = ["publish", "--stack", STACK, "--yes"]
        page.write_text(words + "\nThis is a mistake.\n", encoding="utf-8")
        said = self.campaign.daisy(*publish)
        self.assertRegex(said, r"pages: 1 changed, \d+ unchanged\n  changed: /about/\n")
        self.assertIn("This is a mistake.", self.visitor().ask("/about/")[2])
        said = self.campaign.daisy(*publish, "--rollback")
        self.assertIn("returning to the release", said)
        self.assertNotIn("This is a mistake.", self.visitor().ask("/about/")[2])
        page.write_text(words, encoding="utf-8")
        self.assertIn("nothing to publish", self.campaign.daisy(*publish))

    def test_09_a_bounce_ends_a_subscription(self):
        address = "success+bounced@simulator.amazonses.com"
        status, _, _ = self.visitor().ask("/api/newsletter", {"email": address})
        self.assertEqual(status, 303)
        event = json.loads((ROOT / "functions/tests/events/bounce.json").read_text())
        event["detail"]["bounce"]["bouncedRecipients"][0]["emailAddress"] = address
        # The emulator does not report bounces through a configuration set: check that the rule matches such an event, and
        # pass the event to its target.
        rule = client("events").describe_rule(Name=resource("Feedback"))
        for name, takes in ((resource("MailSet"), True), ("another-campaign", False)):
            event["detail"]["mail"]["tags"]["ses:configuration-set"] = [name]
            asked = client("events").test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))
            self.assertIs(asked["Result"], takes, name)
        self.invoke("Feedback", event)
        self.assertEqual(self.state_of(address), "bounced")

    def invoke(self, rule, event):
        """Invokes the function that a rule calls."""
        (target,) = client("events").list_targets_by_rule(Rule=resource(rule))["Targets"]
        done = client("lambda").invoke(FunctionName=target["Arn"], Payload=json.dumps(event))
        self.assertEqual((done["StatusCode"], json.load(done["Payload"])), (200, None))

    def state_of(self, address):
        people = [item for item in items(outputs()["Table"]) if item["sk"]["S"] == "person" and "list" in item]
        bodies = [json.loads(item["body"]["S"]) for item in people]
        return next((body["state"] for body in bodies if body["email"] == address), None)

    def eventually(self, holds, words):
        """Waits until a condition holds. The timeout only ends a test that hangs."""
        limit = time.monotonic() + 600
        while not holds():
            self.assertLess(time.monotonic(), limit, f"timed out after ten minutes: {words}")
            time.sleep(0.1)

    def test_09b_an_earlier_table_gets_the_index_due(self):
        def indexes():
            table = client("dynamodb").describe_table(TableName=outputs()["Table"])["Table"]
            return sorted(index["IndexName"] for index in table["GlobalSecondaryIndexes"])

        template = self.campaign.template.read_text(encoding="utf-8")
        self.campaign.template.write_text(emulated.without_due(template), encoding="utf-8")
        self.campaign.run("deploy")
        self.assertEqual(indexes(), ["lists"])
        # An unconfirmed re-subscription, as the earlier version stored it.
        month = 30 * 24 * 3600 * 1000
        since, hashed = int(time.time() * 1000) - month, "0" * 64
        person = {"form": "newsletter", "hash": hashed, "reference": "2345-6789", "email": None, "state": "pending"}
        person |= {"nonce": "1", "nonce_until": since, "definition": "1", "since": since, "mailed": [since]}
        person |= {"expires": None, "before": "unsubscribed", "version": 3}
        item = {"pk": f"newsletter#PERSON#{hashed}", "sk": "person", "body": json.dumps(person)}
        item |= {"list": "newsletter#PEOPLE#pending", "rank": f"{since:015}#{hashed}"}
        item = {name: {"S": value} for name, value in item.items()} | {"version": {"N": "3"}}
        client("dynamodb").put_item(TableName=outputs()["Table"], Item=item)

        self.campaign.template.write_text(template, encoding="utf-8")
        said = self.campaign.run("deploy")
        self.assertEqual(indexes(), ["due", "lists"])
        self.assertIn("upgraded replies: 0; upgraded subscribers: 1", said)
        self.invoke("EveryMinute", SCHEDULE)
        stored = {(it["pk"]["S"], it["sk"]["S"]): it for it in items(outputs()["Table"])}
        person = json.loads(stored[item["pk"]["S"], "person"]["body"]["S"])
        self.assertEqual((person["state"], person["version"]), ("unsubscribed", 4))

    def test_10_the_schedule_sends_queued_emails(self):
        # The second try is due a minute after the first: move the queued emails' due time.
        waiting = [item for item in items(outputs()["Table"]) if item.get("list") == {"S": "OUTBOX#waiting"}]
        for item in waiting:
            mail = json.loads(item["body"]["S"])
            mail["due"] -= 60_000
            item.update(due={"N": str(mail["due"])}, body={"S": json.dumps(mail)})
            client("dynamodb").put_item(TableName=outputs()["Table"], Item=item)
        self.invoke("EveryMinute", SCHEDULE)
        self.assertIn(WAITS, [receiver for mail in mails() for receiver in mail["To"]])

    def test_11_secrets_are_rotated_while_the_site_is_used(self):
        asked = {"email": "success+keys@simulator.amazonses.com"}
        self.assertEqual(self.visitor().ask("/api/newsletter", asked)[0], 303)
        path = link(mails()[-1], "confirm")
        old = {name: secret(name) for name in keys.DESCRIPTIONS}
        self.campaign.run("deploy", "--rotate", "token-keys")
        self.assertTrue(secret("token-keys").endswith("," + old["token-keys"]))
        self.assertTrue(secret("token-keys").startswith("2:"))
        # An earlier link still works.
        self.assertEqual(self.visitor().ask(path, {})[0], 200)
        self.assertEqual(self.state_of(asked["email"]), "active")

        self.campaign.run("deploy", "--rotate", "origin-secret")
        self.assertNotEqual(secret("origin-secret"), old["origin-secret"])
        self.assertNotIn(",", secret("origin-secret"))
        self.assertEqual(secret("person-key"), old["person-key"])
        self.assertEqual(self.visitor().ask("/api/chat")[0], 200)
        url = f"{emulator.ENDPOINT}/_aws/execute-api/{resource('Api')}/$default/api/chat"
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(url, headers={"x-origin-secret": old["origin-secret"]}))
        self.assertEqual(refused.exception.code, 403)

    def test_12_many_replies_at_once_while_the_store_fails(self):
        """If one store call in twenty fails, acknowledged replies are stored exactly once."""
        with emulator.faulty_store() as address:
            whole = self.campaign.template.read_text(encoding="utf-8")
            self.campaign.template.write_text(emulated.with_store_at(whole, address), encoding="utf-8")
            self.campaign.run("deploy", "--mails", "100000")
            host = emulator.ENDPOINT.split("//")[1]
            run = load.Load(host, f"/_aws/execute-api/{resource('Api')}/$default/api/chat", secret("origin-secret"))
            run.run()
            with urllib.request.urlopen(f"{address}/calls") as answer:
                calls, failed = map(int, answer.read().split())
            self.campaign.template.write_text(whole, encoding="utf-8")
            self.campaign.run("deploy")
        words = f"{len(run.acknowledged)} replies, {run.retries} retries; {failed} of {calls} calls failed"
        print(f"({words})", end=" ", flush=True)
        self.assertGreater(failed, calls * 0.03, words)
        self.assertEqual((run.failed, len(run.acknowledged)), ([], load.REPLIES), words)
        stored, references = {}, {}
        for item in items(outputs()["Table"]):
            key = item["pk"]["S"]
            if key.startswith("chat#SUB#"):
                reply = json.loads(item["body"]["S"])
                (contact,) = reply["submission"]["answers"]["contact"]
                self.assertNotIn(contact, stored, "a reply is stored twice")
                stored[contact] = reply["reference"]
            elif key.startswith("chat#REF#"):
                references[key.removeprefix("chat#REF#")] = item["body"]["S"]
        self.assertEqual({contact: stored.get(contact) for contact in run.acknowledged}, run.acknowledged)
        self.assertEqual(set(stored) - set(run.acknowledged), set())
        self.assertLessEqual(set(run.acknowledged.values()), set(references))

    def test_13_erasures_are_repeated_in_a_restored_table(self):
        visitor, old = self.visitor(), outputs()["Table"]
        address = "asha@street.coop"
        forms = ("chat", "lunch")  # with and without its own function
        for form in forms:
            self.assertEqual(visitor.ask(f"/api/{form}", {"name": "Asha", "contact": address})[0], 303)
        client("dynamodb").restore_table_to_point_in_time(
            SourceTableName=old, TargetTableName="daisy-restored", UseLatestRestorableTime=True
        )
        held = lambda table: [item for item in items(table) if address in str(item)]  # noqa: E731
        self.eventually(lambda: len(held("daisy-restored")) == len(forms), "the table is restored")
        for form in forms:
            self.campaign.daisy("inbox", "--store", f"dynamodb:{old}", "erase", form, address)
        self.assertEqual((len(held(old)), len(held("daisy-restored"))), (0, len(forms)))
        self.campaign.run("replay", "--old", old, "--table", "daisy-restored")
        self.assertEqual(held("daisy-restored"), [])
        # Earlier subscribers are still there; the restored table is used from now on.
        self.campaign.run("deploy", "--table", "daisy-restored")
        self.assertEqual(outputs()["Table"], "daisy-restored")
        self.assertEqual(self.state_of("success+bounced@simulator.amazonses.com"), "bounced")
        self.assertIn("all checks passed", self.campaign.run("smoke"))

    def test_14_an_own_domain(self):
        client("route53").create_hosted_zone(Name="daisy.coop", CallerReference="1")
        said = self.campaign.run("deploy", "--domain", "www.daisy.coop")
        self.assertIn("The campaign is at https://www.daisy.coop", said)
        (certificate,) = client("acm", "us-east-1").list_certificates()["CertificateSummaryList"]
        self.assertEqual(certificate["DomainName"], "www.daisy.coop")
        records = client("route53").list_resource_record_sets(HostedZoneId=self.zone())["ResourceRecordSets"]
        ours = {record["Type"] for record in records if record["Name"].rstrip(".") == "www.daisy.coop"}
        self.assertEqual(ours, {"A", "AAAA"})
        config = client("cloudfront").get_distribution(Id=outputs()["DistributionId"])["Distribution"]
        self.assertEqual(config["DistributionConfig"]["Aliases"]["Items"], ["www.daisy.coop"])
        # Another deploy keeps it, and the forms use the new address.
        self.assertIn("is up to date", self.campaign.run("deploy"))
        self.assertIn("all checks passed", self.campaign.run("smoke"))

    def zone(self):
        (zone,) = client("route53").list_hosted_zones()["HostedZones"]
        return zone["Id"].rsplit("/", 1)[-1]

    def test_15_destroy_asks_and_keeps_what_people_sent(self):
        table, bucket = outputs()["Table"], outputs()["Bucket"]
        later = time.time() + 3600

        def lasting():
            """The number of items that do not expire during the test: counters do after minutes."""
            return sum(float(item.get("expires", {}).get("N", "inf")) > later for item in items(table))

        before = lasting()
        self.assertGreater(before, 100)
        # Without an answer, nothing is deleted.
        said = self.campaign.run("destroy", asks=True, fails=True)
        self.assertIn("nothing was changed", said)
        self.assertEqual(self.visitor().ask("/")[0], 200)
        said = self.campaign.run("destroy")
        self.assertIn(f"the table {table} with every reply", said)
        self.assertEqual(lasting(), before)
        self.assertTrue(secret("person-key"))
        self.assertNotIn(bucket, [it["Name"] for it in client("s3").list_buckets()["Buckets"]])
        self.assertIn("there is no stack", self.campaign.run("destroy", fails=True))


class Build(unittest.TestCase):
    def test_a_glibc_that_is_too_new_is_found(self):
        symbols = (
            "0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.34) pthread_create\n"
            "0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.2.5) memcpy\n"
            "0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.39) pidfd_spawnp\n"
        )
        self.assertEqual(build.too_new(symbols), [(2, 39)])
        self.assertEqual(build.too_new(symbols.replace("2.39", "2.17")), [])

    def test_arm64_is_used_if_it_can_be_built_for(self):
        x86, arm = build.TARGETS["x86_64"], build.TARGETS["arm64"]
        for host, installed, compiler, wanted, why in (
            (arm, arm, None, "arm64", None),
            (x86, f"{x86}\n{arm}", "/usr/bin/gcc", "arm64", None),
            (x86, f"{x86}\n{arm}", None, "x86_64", "gcc-aarch64-linux-gnu"),
            (x86, x86, "/usr/bin/gcc", "x86_64", "rustup target add aarch64-unknown-linux-gnu"),
        ):
            said = {"rustc": f"rustc 1.95.0\nhost: {host}\n", "rustup": installed}
            with (
                mock.patch.object(build, "output", lambda program, *_: said[program]),
                mock.patch.object(build.shutil, "which", lambda _: compiler),
            ):
                found, reason = build.architecture()
            self.assertEqual(found, wanted)
            self.assertIn(why, reason) if why else self.assertIsNone(reason)
        with mock.patch.object(build, "output", lambda *_: "host: aarch64-apple-darwin\n"), quiet() as errors:
            with self.assertRaises(SystemExit):
                build.architecture()
        self.assertIn("BINARIES=", errors.getvalue())

    def test_the_zips_of_a_release_can_be_used(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as unpacked:
            binaries, unpacked = emulator.pathlib.Path(folder), emulator.pathlib.Path(unpacked)
            with self.assertRaises(SystemExit), quiet() as said:
                build.find(binaries, "chat", unpacked)
            self.assertIn("no `chat`", said.getvalue())
            (binaries / "chat").write_bytes(elf(183))
            self.assertEqual(build.find(binaries, "chat", unpacked), (binaries / "chat", None))
            zipped = build.pack(binaries / "chat")
            (binaries / "chat-0.1.0-arm64.zip").write_bytes(zipped)
            (binaries / "chat").unlink()
            binary, released = build.find(binaries, "chat", unpacked)
            self.assertEqual((binary.read_bytes(), released), (elf(183), zipped))
            (binaries / "chat-0.1.0-x86_64.zip").write_bytes(b"")
            with self.assertRaises(SystemExit), quiet():
                build.find(binaries, "chat", unpacked)

    def test_the_same_binary_makes_the_same_zip(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"\x7fELF")
            file.flush()
            binary = emulator.pathlib.Path(file.name)
            first, second = build.pack(binary), build.pack(binary)
        self.assertEqual(first, second)

    def test_a_binary_that_lambda_cannot_run_is_refused(self):
        for header, words in ((b"MZ" + bytes(30), "not a Linux binary"), (elf(8), "a processor that AWS")):
            with tempfile.NamedTemporaryFile() as file, self.assertRaises(SystemExit), quiet() as said:
                file.write(header)
                file.flush()
                build.built_for(emulator.pathlib.Path(file.name))
            self.assertIn(words, said.getvalue())
        with tempfile.NamedTemporaryFile() as file:
            file.write(elf(183))
            file.flush()
            self.assertEqual(build.built_for(emulator.pathlib.Path(file.name)), "arm64")


def elf(machine):
    return b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little")


def quiet():
    return contextlib.redirect_stderr(io.StringIO())


class Fake:
    """An account with fixed AWS responses, for what the emulator does not support."""

    def __init__(self, **answers):
        self.answers = answers

    def client(self, _service, _region=None):
        return self

    def get_paginator(self, name):
        return mock.Mock(paginate=lambda **_: [self.answers[name]])

    def __getattr__(self, name):
        return lambda **_: self.answers[name]


class FakeMail:
    """SES with some identities, in the sandbox or not."""

    class exceptions:  # noqa: N801
        class NotFoundException(Exception):
            pass

    def __init__(self, identities, production):
        self.identities, self.production = identities, production

    def client(self, _service):
        return self

    def get_account(self):
        return {"ProductionAccessEnabled": self.production}

    def get_email_identity(self, EmailIdentity):  # noqa: N803
        if EmailIdentity not in self.identities:
            raise self.exceptions.NotFoundException
        return self.identities[EmailIdentity]


class NewAccount(unittest.TestCase):
    def reserved(self, limit, unreserved, before=0):
        notes = console.Notes()
        limits = {"ConcurrentExecutions": limit, "UnreservedConcurrentExecutions": unreserved}
        fake = Fake(get_account_settings={"AccountLimit": limits})
        return account.reserved_concurrency(fake, len(build.FUNCTIONS), before, notes), notes.notes

    def test_an_account_limited_to_ten_executions_reserves_none_and_gets_a_note(self):
        reserved, notes = self.reserved(10, 10)
        self.assertEqual(reserved, 0)
        self.assertIn("can run 10 functions at once", notes[0])
        self.assertIn("Service Quotas", notes[0])

    def test_concurrency_is_reserved_if_the_limit_allows(self):
        self.assertEqual(self.reserved(1000, 1000), (50, []))
        self.assertEqual(self.reserved(300, 300), (50, []))
        self.assertEqual(self.reserved(300, 100, before=200), (50, []))
        # A stack with three functions gets a fourth.
        self.assertEqual(self.reserved(300, 150, before=150), (50, []))
        self.assertEqual(self.reserved(299, 149, before=150), (0, []))
        self.assertEqual(self.reserved(299, 299), (0, []))

    def test_the_template_reserves_for_every_function(self):
        resources = Template(ReservedConcurrency="50").resources.values()
        reserving = [each for each in resources if "ReservedConcurrentExecutions" in each.get("Properties", {})]
        self.assertEqual(len(reserving), len(build.FUNCTIONS))

    def test_without_a_distribution_a_warning_says_that_aws_may_have_to_verify_the_account(self):
        for distributions, warns in (({"Quantity": 0}, True), ({"Quantity": 1, "Items": [{}]}, False)):
            with contextlib.redirect_stdout(io.StringIO()) as said:
                account.first_distribution(Fake(list_distributions={"DistributionList": distributions}))
            self.assertEqual("AWS must verify a new account" in said.getvalue(), warns)

    def test_an_account_not_verified_for_cloudfront_gets_help(self):
        """CloudFormation's actual message (https://github.com/aws-samples/aws-cdk-examples/issues/279)."""
        refused = (
            "Your account must be verified before you can add new CloudFront resources. To verify your account, please "
            "contact AWS Support (https://console.aws.amazon.com/support/home#/) and include this error message. (Service: "
            "AmazonCloudFront; Status Code: 403; Error Code: AccessDenied; Request ID: 6d470e8b-9fc5-455b-81aa-2814b0a57118)"
        )
        for reason, words in (
            (refused, "AWS has not verified this account for CloudFront yet"),
            (f"Access denied for operation 'AWS::CloudFront::Distribution: {refused}'", "ask for it: https://console."),
            ("Access denied for operation 'AWS::CloudFront::Distribution'", "fix the problem shown above"),
        ):
            event = {"LogicalResourceId": "Distribution", "ResourceType": "AWS::CloudFront::Distribution"}
            event.update(ResourceStatus="CREATE_FAILED", ResourceStatusReason=reason)
            fake = Fake(
                describe_stacks={"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE", "StackId": "id"}]},
                describe_stack_events={"StackEvents": [event]},
            )
            with contextlib.redirect_stdout(io.StringIO()) as said, quiet() as errors, self.assertRaises(SystemExit):
                stack.Stack(fake, STACK).wait({"CREATE_COMPLETE"})
            self.assertIn(f"Distribution (AWS::CloudFront::Distribution): {reason}", said.getvalue())
            self.assertIn(words, errors.getvalue())
            self.assertIn("the same command again", errors.getvalue())

    def test_in_the_sandbox_verified_addresses_are_listed(self):
        identities = {
            "hello@daisy.coop": {"VerifiedForSendingStatus": True},
            "street.coop": {"VerifiedForSendingStatus": True},
            "pending@hill.coop": {"VerifiedForSendingStatus": False},
            "hill.coop": {"VerifiedForSendingStatus": False},
        }
        receivers = ["hello@daisy.coop", "a@mail.street.coop", "pending@hill.coop", "new@other.coop"]
        notes = console.Notes()
        account.mail_sandbox(FakeMail(identities, production=True), receivers, notes)
        self.assertEqual(notes.notes, [])
        account.mail_sandbox(FakeMail(identities, production=False), receivers, notes)
        for line in (
            "hello@daisy.coop: verified\n",
            "a@mail.street.coop: verified\n",
            "pending@hill.coop: not verified yet; open the email",
            "new@other.coop: not verified; aws sesv2 create-email-identity --email-identity new@other.coop\n",
        ):
            self.assertIn(f"    {line}", notes.notes[0])

    def test_senders_at_public_providers_are_refused(self):
        for address in ("daisy@gmail.com", "Daisy@GMAIL.com", "a@outlook.com", "a@hotmail.co.uk", "a@yahoo.co.uk", "a@icloud.com",
                        "a@gmx.de", "a@web.de", "a@proton.me", "a@btinternet.com", "a@sky.com", "a@talktalk.net"):
            with self.subTest(address), quiet() as errors:
                with self.assertRaises(SystemExit):
                    mail.refuse_freemail(address)
                self.assertIn(f"emails cannot be sent from {address}", errors.getvalue())
                self.assertIn("DMARC", errors.getvalue())
                self.assertIn("FROM=hello@", errors.getvalue())
        for address in ("hello@daisy.coop", "gmail.com@daisy.coop", "a@notgmail.com", "a@gmail.com.daisy.coop"):
            mail.refuse_freemail(address)

    def test_a_change_whose_answer_was_lost_is_recognised(self):
        """CloudFormation refuses the repeated call; its events show which call started the change."""
        exists = ClientError({"Error": {"Code": "AlreadyExistsException", "Message": "Stack [daisy] already exists"}}, "CreateStack")
        for ours in (True, False):
            client = mock.Mock()
            client.describe_stacks.side_effect = [
                ClientError({"Error": {"Code": "ValidationError", "Message": "Stack daisy does not exist"}}, "DescribeStacks"),
                *[{"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}] * 2,
            ]
            tokens = []

            def refuse(ClientRequestToken, **_):  # noqa: N803
                tokens.append(ClientRequestToken)
                raise exists

            client.create_stack.side_effect = refuse
            client.describe_stack_events.side_effect = lambda **_: {
                "StackEvents": [{"ClientRequestToken": tokens[0] if ours else "another"}, {}]
            }
            client.generate_presigned_url.return_value = "https://bucket/template.yaml?signature"
            fake = mock.Mock(client=lambda _service, _region=None: client)
            with contextlib.redirect_stdout(io.StringIO()):
                made = lambda: stack.Stack(fake, STACK).put(mock.Mock(name="code"), {}, emulator.ROOT / "functions/template.yaml")  # noqa: E731
                if ours:
                    made()
                else:
                    self.assertRaises(ClientError, made)

    def test_a_pending_certificate_does_not_block(self):
        record = {"Name": "_x.www.daisy.coop.", "Type": "CNAME", "Value": "_y.acm-validations.aws."}
        pending = {"DomainName": "www.daisy.coop", "Status": "PENDING_VALIDATION", "CertificateArn": "arn:pending"}
        other = {**pending, "DomainName": "other.coop", "Status": "ISSUED", "CertificateArn": "arn:other"}
        fake = Fake(
            list_certificates={"CertificateSummaryList": [pending, other]},
            describe_certificate={"Certificate": {"DomainValidationOptions": [{"ResourceRecord": record}]}},
        )
        notes = console.Notes()
        self.assertEqual(domain.certificate(fake, "www.daisy.coop", None, notes, STACK), "")
        self.assertIn("CNAME  _x.www.daisy.coop.", notes.notes[0])
        self.assertIn("_y.acm-validations.aws.", notes.notes[0])
        issued = Fake(list_certificates={"CertificateSummaryList": [{**pending, "Status": "ISSUED"}]})
        self.assertEqual(domain.certificate(issued, "www.daisy.coop", None, notes, STACK), "arn:pending")

    def test_records_for_dns_elsewhere_are_noted(self):
        notes = console.Notes()
        outputs = {"SiteUrl": "https://www.daisy.coop", "DistributionDomain": "d1.cloudfront.net"}
        domain.note_address("www.daisy.coop", outputs, None, notes)
        self.assertIn("d1.cloudfront.net", notes.notes[0])
        domain.note_address("www.daisy.coop", {**outputs, "SiteUrl": "https://d1.cloudfront.net"}, None, notes)
        self.assertEqual(len(notes.notes), 1)


class Settings(unittest.TestCase):
    def test_examples_are_recognised(self):
        for number in ("01632 960123", "+44 1632 960123", "+44 (0)1632 960123", "0044 1632 960123", "020 7946 0000",
                       "07700 900123", "0117 496 0123", "555 0123", "(415) 555-0123", "+1 415 555 0123"):
            self.assertTrue(campaign.is_example_phone(number), number)
        for number in ("024 7600 0000", "01632 961123", "07700 800123", "+1 415 555 2123", "+49 1632 960123"):
            self.assertFalse(campaign.is_example_phone(number), number)
        for address in ("hello@example.org", "a@mail.example.com", "a@daisy.example", "a@LOCALHOST", "a@x.test"):
            self.assertTrue(campaign.is_example_mail(address), address)
        for address in ("hello@example-street.org", "hello@example.coop", "test@daisy.coop"):
            self.assertFalse(campaign.is_example_mail(address), address)

    def test_a_new_token_key_has_an_unused_number(self):
        first = keys.new(keys.TOKEN_KEYS, [])
        self.assertRegex(first, r"^1:[0-9a-f]{64}$")
        self.assertTrue(keys.new(keys.TOKEN_KEYS, ["7:aa", first]).startswith("8:"))
        self.assertRegex(keys.new(keys.ORIGIN_SECRET, []), r"^[0-9a-f]{64}$")


if __name__ == "__main__":
    unittest.main()
