"""Sends a marked reply to each form as a resident would, sees it stored, mailed and erased. Uses the public
address, the table, and `daisy inbox`."""

import html.parser
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from .account import Account
from .build import FUNCTIONS
from .command import daisy
from .keys import PERSON_KEY, TOKEN_KEYS, Secrets
from .say import say, step
from .stack import Stack

WORDS = "Smoke test: please ignore"
# Amazon's own letter box for tests, which takes every mail, in the sandbox too.
LETTER_BOX = "success+{}@simulator.amazonses.com"
# The box that no person sees.
TRAP = "company"
PATIENCE = 30


class Failed(Exception):
    """What was not as it should be."""


class Questions(html.parser.HTMLParser):
    """The boxes of a form in a page."""

    def __init__(self, page):
        super().__init__()
        self.boxes = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag in ("input", "textarea"):
            self.boxes.append({"tag": tag, **dict(attributes)})

    def answers(self, address):
        """One answer to each question, every text marked."""
        answers = {}
        for box in self.boxes:
            name, kind = box.get("name", ""), box.get("type", "text")
            if not name or name == TRAP or name.endswith("_other") or box.get("inputmode") == "numeric":
                continue
            if kind == "hidden":
                answers[name] = box.get("value", "")
            elif kind in ("radio", "checkbox"):
                answers.setdefault(name, box.get("value", "on"))
            elif kind == "tel":
                answers[name] = "01632 960000"
            elif kind == "email" or box.get("autocapitalize") == "none":
                answers[name] = address
            else:
                answers[name] = WORDS
        return answers


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
        """Status, headers and page; of another address than the site's where `at` says so."""
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


class Table:
    """The stack's table, as far as a test looks into it."""

    def __init__(self, account, name):
        self.client = account.client("dynamodb")
        self.name = name

    def body(self, key, sort):
        """What an item holds, as it stands; None where there is none."""
        keys = {"pk": {"S": key}, "sk": {"S": sort}}
        item = self.client.get_item(TableName=self.name, Key=keys, ConsistentRead=True).get("Item")
        return item and item["body"]["S"]

    def stored(self, form, reference):
        """The name of what a reference leads to, and the key of its item."""
        for sort, key in (("reference", f"{form}#SUB#"), ("person", f"{form}#PERSON#")):
            if name := self.body(f"{form}#REF#{reference}", sort):
                name = name.strip('"')
                return name, (key + name, "reply" if sort == "reference" else "person")
        raise Failed(f"the reference {reference} was given, but nothing is stored under it")

    def owed(self, name):
        """In which lists mails about something still are."""
        found = set()
        for outbox in ("waiting", "failed"):
            pages = self.client.get_paginator("query").paginate(
                TableName=self.name,
                IndexName="lists",
                KeyConditionExpression="#list = :list",
                ExpressionAttributeNames={"#list": "list"},
                ExpressionAttributeValues={":list": {"S": f"OUTBOX#{outbox}"}},
            )
            if any(f'"about":"{name}"' in item["body"]["S"] for page in pages for item in page["Items"]):
                found.add(outbox)
        return found


def smoke(options):
    account = Account()
    outputs = Stack(account, options.stack).outputs()
    keys, _ = Secrets(account, options.stack).read()
    environment = {"DAISYCHAIN_TOKEN_KEYS": keys[TOKEN_KEYS], "DAISYCHAIN_PERSON_KEY": keys[PERSON_KEY]}
    visitor, table = Visitor(outputs, options.through), Table(account, outputs["Table"])

    def erase(form, address):
        store = f"dynamodb:{table.name}"
        daisy(
            *(options.daisy, "inbox", "--store", store, "erase", form, address),
            root=options.root,
            environment=environment,
        )

    step(f"The site at {outputs['SiteUrl']}")
    failed = [look(begin, visitor), look(missing, visitor), look(closed, visitor, outputs["ApiUrl"])]
    for form in FUNCTIONS:
        step(f"The form `{form}`")
        failed.append(look(try_form, visitor, table, form, erase))
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
    status, _, _ = visitor.ask(f"/api/{FUNCTIONS[0]}", at=api)
    if status != 403:
        raise Failed(f"a function answers {status} to who comes past CloudFront; run `make deploy` again")
    say("fine    nobody comes past CloudFront")


def try_form(visitor, table, form, erase):
    address = LETTER_BOX.format(os.urandom(3).hex())
    status, _, page = visitor.ask(f"/api/{form}")
    if status != 200:
        raise Failed(f"/api/{form} answers {status}; was the site published?")
    status, headers, page = visitor.ask(f"/api/{form}", Questions(page).answers(address))
    reference = urllib.parse.parse_qs(urllib.parse.urlsplit(headers.get("Location", "")).query).get("reference")
    if status != 303 or not reference:
        raise Failed(f"a reply is answered with {status}: {problems(page)}")
    status, _, page = visitor.ask(headers["Location"])
    if status != 200 or reference[0] not in page:
        raise Failed("the page of thanks does not say the reference")
    say(f"fine    sent, and thanked for: {reference[0]}")

    name, (key, sort) = table.stored(form, reference[0])
    if address not in (table.body(key, sort) or ""):
        raise Failed("what is stored is not what was sent")
    say("fine    stored")
    try:
        mailed(table, name)
    finally:
        # Whatever became of its mails, a test leaves nothing behind.
        erase(form, address)
        if address in (table.body(key, sort) or ""):
            raise Failed("the reply is still there after it was erased")
        say("fine    erased")


def mailed(table, name):
    for _ in range(PATIENCE):
        owed = table.owed(name)
        if not owed:
            say("fine    mailed")
            return
        time.sleep(1)
    raise Failed(
        f"after {PATIENCE} seconds mails are still {' and '.join(sorted(owed))}; is the sender verified, "
        "and the team's address too while the account is in the sandbox? (docs/deploy.md, \"Mail\")"
    )


def problems(page):
    """The words of a page that says what is wrong."""
    begin = page.find("error-summary")
    text = page[begin : page.find("</ul>", begin)] if begin >= 0 else page[:300]
    return " ".join(text.replace("<", " <").split())[:300]
