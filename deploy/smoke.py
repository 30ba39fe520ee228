"""Sends a marked reply to each form as a resident would, and checks that it is stored, mailed and erased. Uses the
public address, the table, the log, and `daisy inbox`."""

import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from .account import Account
from .campaign import Campaign
from .command import daisy
from .forms import form_for, pages_linked_from
from .keys import PERSON_KEY, TOKEN_KEYS, Secrets
from .records import ACKNOWLEDGEMENT, CONFIRMATION, NOTICE, Log, Table
from .say import say, step
from .stack import Stack

WORDS = "Smoke test: please ignore"
# Amazon's mailbox simulator, which takes every mail, in the sandbox too.
MAILBOX = "success+{}@simulator.amazonses.com"
# How many pages are looked at for one that shows a form.
MOST_PAGES = 50
# Seconds until mails must have gone out. The log is some seconds behind.
PATIENCE = 60


class Failed(Exception):
    """What is not as it should be."""


class Visitor:
    """Asks the site as a browser does, without following where an answer leads."""

    def __init__(self, outputs, through):
        self.site = outputs["SiteUrl"]
        # CloudFront's own name for the site, which is right also while the domain does not lead there.
        self.host = outputs["DistributionDomain"]
        self.through = through
        self.sent_from = "same-origin"
        self.opener = urllib.request.build_opener(Stay)

    def ask(self, path, answers=None, at=None):
        """Status, headers and page; of another address than the site's where `at` says so. `answers`, a dictionary or
        pairs, are posted."""
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


class Stay(urllib.request.HTTPRedirectHandler):
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
        # Where nothing was stored there is nobody to erase, which is no failure of this.
        daisy(options.daisy, *words, root=options.root, environment=environment, may_fail=True)

    trial = Trial(visitor, table, Log(account, options.stack), erase)
    step(f"The site at {outputs['SiteUrl']}")
    failed = [look(begin, visitor), look(missing, visitor), look(closed, visitor, outputs["ApiUrl"])]
    for form in Campaign(options.root).forms:
        step(f"The form `{form}`")
        failed.append(look(trial.run, form))
    if any(failed):
        say("\nsomething is not as it should be; docs/deploy.md, \"When something is wrong\"")
        sys.exit(1)
    say("\nall is well")


def look(check, *arguments):
    """Runs a check; true if it failed, which is told."""
    try:
        check(*arguments)
    except Failed as failure:
        say(f"FAILED  {failure}")
        return True
    return False


def begin(visitor):
    status, headers, _ = visitor.ask("/")
    if status != 200:
        raise Failed(f"the first page answers {status}")
    if "frame-ancestors 'none'" not in headers.get("Content-Security-Policy", ""):
        raise Failed("the first page comes without its policy")
    say("fine    the first page, with its policy")


def missing(visitor):
    status, _, page = visitor.ask("/no-such-page/")
    if status != 404 or "<html" not in page:
        raise Failed(f"a page that is not there answers {status}")
    say("fine    a page that is not there has the site's own words")


def closed(visitor, api):
    status, _, _ = visitor.ask("/api/newsletter", at=api)
    if status != 403:
        raise Failed(f"a function answers {status} to who comes past CloudFront; run `make deploy` again")
    say("fine    nobody comes past CloudFront")


class Trial:
    """One reply to each form, from the page that shows it to its erasure."""

    def __init__(self, visitor, table, log, erase, patience=PATIENCE):
        self.visitor, self.table, self.log, self.erase = visitor, table, log, erase
        self.patience = patience

    def run(self, name):
        """Tries one form; raises `Failed`."""
        address = MAILBOX.format(os.urandom(3).hex())
        since = int(time.time() - 60) * 1_000
        form = self.find_form(name)
        record = None
        try:
            reference = self.send(form, address)
            record = self.stored(name, reference, address)
            self.mailed(record, expected_mails(record, form), since)
        finally:
            # Whatever became of it, a test leaves nothing behind.
            self.erase(name, address)
            if record is not None:
                if self.table.holds(record, address):
                    raise Failed("the reply is still there after it was erased")
                say("fine    erased")

    def find_form(self, name):
        """The form as visitors see it: on the home page, on one that it links to, or else on its own."""
        status, _, home = self.visitor.ask("/")
        paths = pages_linked_from(home, self.visitor.site) if status == 200 else []
        for path in ["/", *paths][:MOST_PAGES]:
            page = home if path == "/" else self.visitor.ask(path)[2]
            if form := form_for(page, name):
                say(f"fine    found on {path}")
                return form
        status, _, page = self.visitor.ask(f"/api/{name}")
        form = form_for(page, name) if status == 200 else None
        if form is None:
            raise Failed(f"no page shows the form, and /api/{name} answers {status} without it; was the site published?")
        say(f"fine    found on /api/{name}, since neither the home page nor any page that it links to shows it")
        return form

    def send(self, form, address):
        """Sends it; gives the reference of the page of thanks."""
        status, headers, page = self.visitor.ask(form.path(), form.filled_in(address, WORDS))
        location = headers.get("Location", "")
        reference = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query).get("reference")
        if status != 303 or not reference:
            raise Failed(f"a reply is answered with {status}: {problems(page)}")
        status, _, page = self.visitor.ask(location)
        if status != 200 or reference[0] not in page:
            raise Failed("the page of thanks does not say the reference")
        say(f"fine    sent, and thanked for: {reference[0]}")
        return reference[0]

    def stored(self, name, reference, address):
        record = self.table.find(name, reference)
        if record is None:
            raise Failed(f"the reference {reference} was given, but nothing is stored under it")
        if address not in record.text:
            raise Failed("what is stored is not what was sent")
        say("fine    stored")
        return record

    def mailed(self, record, expected, since):
        """Waits until the mails have gone out."""
        if record.held is not None:
            raise Failed(f"it is held for a person to check, so its mails do not go out: {record.held}")
        for pause in [1] * self.patience + [0]:
            events = self.log.mails(record.mail_prefix(), since)
            sent = {event["letter"] for event in events if event["event"] == "mail_sent"}
            owed = self.table.owed(record)
            if skipped := [event["letter"] for event in events if event["event"] == "mail_skipped"]:
                raise Failed(f"the {' and the '.join(skipped)} had nobody to go to; does the form have a `notify:`?")
            if expected <= sent and not owed:
                say(f"fine    mailed: {', '.join(sorted(expected))}")
                return
            if "failed" in owed:
                break
            time.sleep(pause)
        why = [event["error"] for event in events if "error" in event]
        raise Failed(
            f"not mailed: {', '.join(sorted(expected - sent)) or 'a mail that waits'}"
            + (f"; the last error is `{why[-1]}`" if why else "")
            + "; is the sender verified, and the team's address too while the account is in the sandbox? "
            '(docs/deploy.md, "Mail")'
        )


def expected_mails(record, form):
    """Which mails must follow."""
    if not record.is_reply:
        return {CONFIRMATION}
    return {NOTICE, ACKNOWLEDGEMENT} if form.is_answered_by_mail() else {NOTICE}


def problems(page):
    """The words of a page that says what is wrong."""
    begin = page.find("error-summary")
    text = page[begin : page.find("</ul>", begin)] if begin >= 0 else page[:300]
    return " ".join(text.replace("<", " <").split())[:300]
