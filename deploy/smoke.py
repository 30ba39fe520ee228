"""Sends a test reply to each form and checks that it is stored, emailed about and erased. Uses the public address, the
table, the logs and `daisy inbox`."""

import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from .account import Account
from .campaign import Campaign
from .command import daisy
from .console import say, step
from .forms import form_for, pages_linked_from
from .keys import PERSON_KEY, TOKEN_KEYS, Secrets
from .records import ACKNOWLEDGEMENT, CONFIRMATION, NOTICE, Log, Table
from .stack import Stack

TEXT = "Smoke test: please ignore"
# Amazon's mailbox simulator, which accepts every email, in the sandbox too.
MAILBOX = "success+{}@simulator.amazonses.com"
# Pages to search for a form.
MAX_PAGES = 50
# How long to wait for emails. The logs are some seconds late.
EMAIL_TIMEOUT_SECONDS = 60


class Failed(Exception):
    """A check failed."""


class Visitor:
    """Sends requests to the site as a browser does, without following redirects."""

    def __init__(self, outputs, through):
        self.site = outputs["SiteUrl"]
        # CloudFront's own name for the site works even if the domain does not point there yet.
        self.host = outputs["DistributionDomain"]
        self.through = through
        self.sent_from = "same-origin"
        self.opener = urllib.request.build_opener(NoRedirect)

    def ask(self, path, answers=None, at=None):
        """Status, headers and page, from the site or from the address `at`. Posts `answers`, a dictionary or pairs."""
        data = urllib.parse.urlencode(answers).encode() if answers is not None else None
        request = urllib.request.Request((self.through or at or self.site) + path, data)
        if self.through:
            request.add_header("Host", urllib.parse.urlsplit(at).netloc if at else self.host)
            request.add_header("X-Forwarded-Proto", "https")
        request.add_header("Accept", "text/html")
        if data is not None:
            request.add_header("Origin", self.site)
            request.add_header("Sec-Fetch-Site", self.sent_from)
        try:
            answer = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        except OSError as error:
            raise Failed(f"{request.full_url} does not answer: {error}") from error
        return answer.status, answer.headers, answer.read().decode("utf-8", "replace")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def smoke(options):
    account = Account()
    outputs = Stack(account, options.stack).outputs()
    keys, _ = Secrets(account, options.stack).read()
    environment = {"DAISYCHAIN_TOKEN_KEYS": keys[TOKEN_KEYS], "DAISYCHAIN_PERSON_KEY": keys[PERSON_KEY]}
    visitor, table = Visitor(outputs, options.through), Table(account, outputs["Table"])

    def erase(form, address):
        words = ("inbox", "--store", f"dynamodb:{table.name}", "erase", form, address)
        # If nothing was stored, there is nothing to erase, and `daisy` fails.
        daisy(options.daisy, *words, root=options.root, environment=environment, may_fail=True)

    test = FormTest(visitor, table, Log(account, options.stack), erase)
    step(f"The site at {outputs['SiteUrl']}")
    failed = [
        check(home_page, visitor),
        check(not_found_page, visitor),
        check(api_is_closed, visitor, outputs["ApiUrl"]),
    ]
    for form in Campaign(options.root).forms:
        step(f"The form `{form}`")
        failed.append(check(test.run, form))
    if any(failed):
        say("\nsome checks failed; see \"Problems and solutions\" in docs/deploy.md")
        sys.exit(1)
    say("\nall checks passed")


def check(run, *arguments):
    """Runs a check; if it fails, prints why and returns true."""
    try:
        run(*arguments)
    except Failed as failure:
        say(f"FAILED  {failure}")
        return True
    return False


def home_page(visitor):
    status, headers, _ = visitor.ask("/")
    if status != 200:
        raise Failed(f"the home page answers {status}")
    if "frame-ancestors 'none'" not in headers.get("Content-Security-Policy", ""):
        raise Failed("the home page has no Content-Security-Policy")
    say("ok      home page, with its Content-Security-Policy")


def not_found_page(visitor):
    status, _, page = visitor.ask("/no-such-page/")
    if status != 404 or "<html" not in page:
        raise Failed(f"a page that does not exist answers {status}")
    say("ok      the site's own page for what is not found")


def api_is_closed(visitor, api):
    status, _, _ = visitor.ask("/api/newsletter", at=api)
    if status != 403:
        raise Failed(f"a function answers {status} to a request that bypasses CloudFront; run `make deploy` again")
    say("ok      requests that bypass CloudFront are refused")


class FormTest:
    """Sends a reply to a form, checks it, and erases it."""

    def __init__(self, visitor, table, log, erase, timeout=EMAIL_TIMEOUT_SECONDS):
        self.visitor, self.table, self.log, self.erase = visitor, table, log, erase
        self.timeout = timeout

    def run(self, name):
        """Tests one form; raises `Failed`."""
        address = MAILBOX.format(os.urandom(3).hex())
        since = int(time.time() - 60) * 1_000
        form = self.find_form(name)
        record = None
        try:
            reference = self.send(form, address)
            record = self.stored(name, reference, address)
            self.mailed(record, expected_mails(record, form), since)
        finally:
            # Clean up even if the test failed.
            self.erase(name, address)
            if record is not None:
                if self.table.holds(record, address):
                    raise Failed("the reply is still there after it was erased")
                say("ok      erased")

    def find_form(self, name):
        """The form on the home page, on a page that it links to, or on the form's own page."""
        status, _, home = self.visitor.ask("/")
        paths = pages_linked_from(home, self.visitor.site) if status == 200 else []
        for path in ["/", *paths][:MAX_PAGES]:
            page = home if path == "/" else self.visitor.ask(path)[2]
            if form := form_for(page, name):
                say(f"ok      found on {path}")
                return form
        status, _, page = self.visitor.ask(f"/api/{name}")
        form = form_for(page, name) if status == 200 else None
        if form is None:
            raise Failed(f"no page shows the form, and /api/{name} answers {status} without it; was the site published?")
        say(f"ok      found on /api/{name}, because neither the home page nor a page linked from it has the form")
        return form

    def send(self, form, address):
        """Sends a reply; returns the reference on the thank-you page."""
        status, headers, page = self.visitor.ask(form.path(), form.filled_in(address, TEXT))
        location = headers.get("Location", "")
        reference = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query).get("reference")
        if status != 303 or not reference:
            raise Failed(f"sending the form gives {status}: {problems(page)}")
        status, _, page = self.visitor.ask(location)
        if status != 200 or reference[0] not in page:
            raise Failed("the thank-you page does not show the reference")
        say(f"ok      sent, reference {reference[0]}")
        return reference[0]

    def stored(self, name, reference, address):
        record = self.table.find(name, reference)
        if record is None:
            raise Failed(f"nothing is stored under the reference {reference}")
        if address not in record.text:
            raise Failed("the stored reply is not what was sent")
        say("ok      stored")
        return record

    def mailed(self, record, expected, since):
        """Waits until the emails have been sent."""
        if record.held is not None:
            raise Failed(f"the reply is held for review, so no emails are sent: {record.held}")
        for pause in [1] * self.timeout + [0]:
            events = self.log.mails(record.mail_prefix(), since)
            sent = {event["letter"] for event in events if event["event"] == "mail_sent"}
            queued = self.table.queued(record)
            if skipped := [event["letter"] for event in events if event["event"] == "mail_skipped"]:
                raise Failed(f"the {' and the '.join(skipped)} had no recipient; does the form have a `notify:`?")
            if expected <= sent and not queued:
                say(f"ok      emailed: {', '.join(sorted(expected))}")
                return
            if "failed" in queued:
                break
            time.sleep(pause)
        why = [event["error"] for event in events if "error" in event]
        raise Failed(
            f"not sent: {', '.join(sorted(expected - sent)) or 'a queued email'}"
            + (f"; the last error is `{why[-1]}`" if why else "")
            + "; is the sender verified, and in the sandbox the team's address too? "
            '(see "Email" in docs/deploy.md)'
        )


def expected_mails(record, form):
    """The emails that must be sent."""
    if not record.is_reply:
        return {CONFIRMATION}
    return {NOTICE, ACKNOWLEDGEMENT} if form.is_answered_by_mail() else {NOTICE}


def problems(page):
    """The text of a page's error summary."""
    begin = page.find("error-summary")
    text = page[begin : page.find("</ul>", begin)] if begin >= 0 else page[:300]
    return " ".join(text.replace("<", " <").split())[:300]
