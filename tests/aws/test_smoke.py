"""`make smoke` must fail for everything that can go wrong with a form. Uses a fake site, table and log."""

import contextlib
import io
import json
import re
import sys
import unittest
import urllib.parse

from template import ROOT

sys.path.insert(0, str(ROOT))
from deploy import forms, records, smoke  # noqa: E402

# A page with a form from the generator's kept outputs, with an added contact field.
GENERATED = ROOT / "generator/tests/sites/form-languages/expected/visit/index.html"
CONTACT = '<input name="contact" type="text" spellcheck="false" autocapitalize="none" value="">'
PAGE = GENERATED.read_text(encoding="utf-8").replace('<div class="trap"', f'{CONTACT}<div class="trap"')
NAME = "visit"
REPLY = "01KBAAAAAA0123456789ABCDEF"
REFERENCE = "7KMB-2XQ4"
HOME = '<html><a href="/visit/">Visit us</a></html>'
THANKS = f"<html>Thank you: {REFERENCE}</html>"


class Site:
    """A site with one form, its store and its logs. Arguments change what should be."""

    site = "https://daisy.example"

    def __init__(self, **otherwise):
        self.pages = {"/": (200, HOME), "/visit/": (200, PAGE), "/api/visit": (404, "")}
        self.answer = (303, {"Location": f"/api/visit/thanks?reference={REFERENCE}"}, "")
        self.thanks = (200, THANKS)
        self.is_stored, self.held, self.is_newsletter, self.changes_words = True, None, False, False
        self.sent, self.skipped = ["notice", "acknowledgement"], []
        self.error, self.queue, self.is_erased = None, set(), True
        self.pages.update(otherwise.pop("pages", {}))
        assert set(otherwise) <= set(vars(self)), otherwise
        vars(self).update(otherwise)
        self.posted, self.erased = None, []

    # As `smoke.Visitor`.
    def ask(self, path, answers=None):
        if answers is not None:
            self.posted = answers
            return self.answer
        if urllib.parse.urlsplit(path).path == "/api/visit/thanks":
            return self.thanks[0], {}, self.thanks[1]
        status, page = self.pages.get(path, (404, "<html>Not here</html>"))
        return status, {}, page

    # As `records.Table`.
    def find(self, form, reference):
        if not self.is_stored or (form, reference) != (NAME, REFERENCE):
            return None
        body = {"held": self.held, "submission": [] if self.changes_words else self.posted}
        if self.is_newsletter:
            return records.Record(form, "person", "a-hash", json.dumps({**body, "mailed": [1_469_918_176_385]}))
        return records.Record(form, "reply", REPLY, json.dumps(body))

    def holds(self, *_):
        return not (self.erased and self.is_erased)

    # As `records.Log`.
    def mails(self, prefix, _since):
        events = [("mail_sent", letter) for letter in self.sent]
        events += [("mail_skipped", letter) for letter in self.skipped]
        found = [{"event": event, "letter": letter, "id": f"{prefix}X"} for event, letter in events]
        if self.error:
            found.append({"event": "mail_again", "id": f"{prefix}Y", "error": self.error})
        return found

    def erase(self, *words):
        self.erased.append(words)

    def queued(self, _):
        return self.queue

    def run(self):
        """Runs the test of the form and returns its output. Raises what made it fail."""
        with contextlib.redirect_stdout(io.StringIO()) as said:
            smoke.FormTest(self, self, self, self.erase, timeout=0).run(NAME)
        return said.getvalue()


def page(form):
    return {"/visit/": (200, f"<html>{form}</html>")}


class FormTest(unittest.TestCase):
    def test_a_form_that_works(self):
        site = Site()
        said = site.run()
        for words in ("found on /visit/", REFERENCE, "stored", "emailed: acknowledgement, notice", "erased"):
            self.assertIn(f"{words}", said)
        (form, address), = site.erased
        self.assertEqual(form, NAME)
        self.assertRegex(address, r"^success\+[0-9a-f]{6}@simulator\.amazonses\.com$")

    def test_a_newsletter_that_works(self):
        self.assertIn("emailed: confirmation", Site(is_newsletter=True, sent=["confirmation"]).run())

    def test_a_form_that_is_on_no_page_is_tested_on_its_own(self):
        pages = {"/visit/": (404, ""), "/api/visit": (200, PAGE)}
        self.assertIn("found on /api/visit", Site(pages=pages).run())

    def test_what_goes_wrong_is_a_failure(self):
        problem = '<div class="error-summary"><ul><li>Enter your name</li></ul></div>'
        other = "<form method=post action=/api/other><input name=name></form>"
        for words, otherwise in (
            # Held: stored and thanked for like any other, but no emails are sent.
            ("the reply is held for review, so no emails are sent: a link", {"held": "a link"}),
            # Thanked for but not stored.
            (f"nothing is stored under the reference {REFERENCE}", {"is_stored": False}),
            ("the stored reply is not what was sent", {"changes_words": True}),
            # No thank-you page.
            ("sending the form gives 422: error-summary", {"answer": (422, {}, problem)}),
            ("sending the form gives 503", {"answer": (503, {}, "")}),
            ("sending the form gives 200", {"answer": (200, {}, "<html>Welcome</html>")}),
            ("sending the form gives 303", {"answer": (303, {"Location": "/"}, "")}),
            ("the thank-you page does not show the reference", {"thanks": (200, "<html>Thank you</html>")}),
            ("the thank-you page does not show the reference", {"thanks": (404, THANKS)}),
            # Emails: none, one of two, still queued, failed, no recipient.
            ("not sent: acknowledgement, notice;", {"sent": []}),
            ("not sent: acknowledgement;", {"sent": ["notice"]}),
            ("not sent: notice;", {"sent": ["acknowledgement"], "queue": {"waiting"}}),
            ("not sent: a queued email;", {"queue": {"waiting"}}),
            ("the last error is `ses: MessageRejected`", {"sent": [], "queue": {"failed"}, "error": "ses: MessageRejected"}),
            ("the acknowledgement had no recipient", {"sent": ["notice"], "skipped": ["acknowledgement"]}),
            ("not sent: confirmation;", {"is_newsletter": True, "sent": []}),
            # A page without the form.
            ("no page shows the form, and /api/visit answers 404", {"pages": page("<p>Coming soon</p>")}),
            ("no page shows the form", {"pages": page(other)}),
            ("no page shows the form", {"pages": page(other.replace("other", "visit").replace("post", "get"))}),
            ("no page shows the form, and /api/visit answers 200", {"pages": {**page(""), "/api/visit": (200, other)}}),
            ("no page shows the form", {"pages": {"/": (503, "")}}),
            # Not really erased.
            ("the reply is still there after it was erased", {"is_erased": False}),
        ):
            with self.subTest(words, **otherwise):
                site = Site(**otherwise)
                with self.assertRaises(smoke.Failed) as failed:
                    site.run()
                self.assertIn(words, str(failed.exception))
                # Once something was sent, it is always erased.
                self.assertEqual(len(site.erased), 1 if site.posted else 0)

    def test_a_failure_is_printed_and_returned(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertTrue(smoke.check(Site(held="a link").run))
            self.assertFalse(smoke.check(lambda: None))
        self.assertIn("FAILED  the reply is held", said.getvalue())


class FilledIn(unittest.TestCase):
    def filled_in(self, controls):
        (form,) = forms.Page(f"<form method=post action=/api/visit>{controls}</form>").forms
        return form.filled_in("a@simulator.example", "Words")

    def test_the_generators_own_form(self):
        """The digest is sent along and the honeypot left empty, whatever it is called in functions/src/form.rs."""
        (form,) = forms.Page(PAGE).forms
        source = (ROOT / "functions/src/form.rs").read_text(encoding="utf-8")
        honeypot = re.search(r'pub const HONEYPOT_FIELD: &str = "(\w+)";', source)[1]
        sent = form.filled_in("a@simulator.example", "Words")
        self.assertEqual([name for name, _ in sent], ["_form", "name", "day", "contact", honeypot])
        sent = dict(sent)
        self.assertRegex(sent["_form"], r"^[0-9a-f]{64}$")
        self.assertEqual((sent["name"], sent["day"], sent[honeypot]), ("Words", "Monday", ""))

    def test_hidden_controls_keep_their_values(self):
        for around in ("<div aria-hidden=true>{}</div>", "<div hidden>{}</div>", "<p aria-hidden=true><b><i>{}</b></p>"):
            box = '<input name=email2 type=email value="">'
            self.assertEqual(self.filled_in(around.format(box) + "<input name=n>"), [("email2", ""), ("n", "Words")])
        self.assertEqual(self.filled_in('<input name=token type=hidden value="&lt;1">'), [("token", "<1")])

    def test_each_kind_of_question_gets_a_fitting_answer(self):
        for controls, wanted in (
            ("<input name=a type=email>", [("a", "a@simulator.example")]),
            ("<input name=a autocapitalize=none>", [("a", "a@simulator.example")]),
            ("<input name=a type=tel>", [("a", forms.PHONE)]),
            ("<input name=a autocomplete=postal-code>", [("a", forms.POSTCODE)]),
            ("<textarea name=a>\n</textarea>", [("a", "Words")]),
            ("<select name=a><option value=''>Choose<option value=x>X<option value=y>Y</select>", [("a", "x")]),
            ("<input name=a type=checkbox value=yes>", [("a", "yes")]),
            ("<input name=a type=radio value=x><input name=a type=radio value=y>", [("a", "x")]),
            ("<input name=a type=checkbox value=x><input name=a_other>", [("a", "x"), ("a_other", "")]),
            (
                "".join(f"<input name=a_{part} inputmode=numeric>" for part in ("day", "month", "year")),
                [("a_day", "1"), ("a_month", "1"), ("a_year", "2000")],
            ),
            ("<button name=a>Send</button><input type=submit name=b><input type=text>", []),
        ):
            self.assertEqual(self.filled_in(controls), wanted)

    def test_a_form_is_acknowledged_if_the_first_contact_is_an_email_address(self):
        for controls, wanted in (
            ("<input type=email>", True),
            ("<input autocapitalize=none>", True),
            ("<input type=tel><input type=email>", False),
            ("<input name=a>", False),
        ):
            (form,) = forms.Page(f"<form>{controls}</form>").forms
            self.assertIs(form.is_answered_by_mail(), wanted)

    def test_a_page_can_have_several_forms(self):
        two = '<form method=post action="/api/a"><input name=x></form><form method=post action="https://b.example/api/b"><input name=y></form>'
        for name, control in (("a", "x"), ("b", "y")):
            form = forms.form_for(two, name)
            self.assertEqual([it.name for it in form.controls], [control])
        self.assertIsNone(forms.form_for(two, "c"))

    def test_only_pages_of_the_same_site_are_searched(self):
        links = ("/chat/", "https://daisy.example/about/#us", "/chat/?x=1", "https://other.example/x/", "mailto:a@b.cd")
        text = "".join(f'<a href="{link}">x</a>' for link in (*links, "/styles/main.css", "/api/chat/", "tel:1", "#top"))
        self.assertEqual(forms.pages_linked_from(text, "https://daisy.example"), ["/chat/", "/about/", "/"])


class Records(unittest.TestCase):
    def test_ids_of_emails_start_with_the_time_of_the_reply_or_sign_up(self):
        # The specification's example (https://github.com/ulid/javascript).
        self.assertEqual(records.ulid_time(1_469_918_176_385), "01ARYZ6S41")
        self.assertEqual(records.Record("visit", "reply", REPLY, "{}").mail_prefix(), REPLY[:10])
        person = records.Record("news", "person", "hash", json.dumps({"mailed": [1, 1_469_918_176_385]}))
        self.assertEqual(person.mail_prefix(), "01ARYZ6S41")

    def test_kinds_of_email_match_the_store(self):
        store = (ROOT / "functions/src/model/queued_mail.rs").read_text(encoding="utf-8")
        words = re.findall(r'MailKind::\w+ => "([a-z]+)",', store)
        # A form causes no answer: members of the team write those.
        caused = sorted(word for word in words if word != "answer")
        self.assertEqual(caused, sorted([records.NOTICE, records.ACKNOWLEDGEMENT, records.CONFIRMATION]))
        queue = (ROOT / "functions/src/mail/queue.rs").read_text(encoding="utf-8")
        for event in ("mail_sent", "mail_skipped", "mail_again", "mail_failed"):
            self.assertIn(f'"{event}"', queue)


if __name__ == "__main__":
    unittest.main()
