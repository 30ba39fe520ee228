"""Reads the forms of a page, and fills one in, as a browser does. Pure."""

import html.parser
import urllib.parse

# Elements without an end tag (HTML Living Standard, "Void elements").
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
NOT_SENT = ("submit", "button", "reset", "image", "file")
PHONE = "01632 960000"  # Ofcom's numbers for drama
POSTCODE = "CV1 1AA"


class Control:
    """One control of a form, with the attributes that the page gives it."""

    def __init__(self, tag, attributes, hidden):
        self.attributes = attributes
        self.name = attributes.get("name", "")
        self.kind = attributes.get("type", "text") if tag == "input" else tag
        self.value = attributes.get("value", "")
        # Kept from people, as a honeypot is: whoever fills it in is a program.
        self.hidden = hidden

    def is_for(self, *tokens):
        """Whether the browser is told what belongs here, by the type or by `autocomplete`."""
        return self.kind in tokens or self.attributes.get("autocomplete") in tokens

    def takes_address(self):
        # A box for a phone number or an email address is no `type=email`; it says so by this.
        return self.is_for("email") or self.attributes.get("autocapitalize") == "none"


class Form:
    """A form of a page."""

    def __init__(self, attributes):
        self.action = attributes.get("action", "")
        self.method = attributes.get("method", "get").lower()
        self.controls = []

    def path(self):
        return urllib.parse.urlsplit(self.action).path

    def is_answered_by_mail(self):
        """Whether the first thing that reaches the person is an email address."""
        contacts = (it for it in self.controls if it.is_for("tel") or it.takes_address())
        first = next(contacts, None)
        return first is not None and first.takes_address()

    def filled_in(self, address, text):
        """[(name, value)] as a browser sends them, for a person who answers every question: `text` in every box of
        words, the first of the choices. Hidden controls and honeypots keep what the page put there."""
        pairs, chosen = [], set()
        for control in self.controls:
            name = control.name
            if not name or control.kind in NOT_SENT:
                continue
            if control.kind in ("radio", "checkbox"):
                if name not in chosen:
                    chosen.add(name)
                    pairs.append((name, control.value or "on"))
                continue
            # A box for something else than the choices stays empty too.
            other = any(name.startswith(f"{choice}_") for choice in chosen)
            keeps = control.kind in ("hidden", "select") or control.hidden or other
            pairs.append((name, control.value if keeps else answer(control, address, text)))
        return pairs


def answer(control, address, text):
    if control.takes_address():
        return address
    if control.is_for("tel"):
        return PHONE
    if control.is_for("postal-code"):
        return POSTCODE
    if control.attributes.get("inputmode") == "numeric":
        return "2000" if control.name.endswith("year") else "1"
    return text


class Page(html.parser.HTMLParser):
    """The forms of a page, and where its links lead."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links = [], []
        self.form = None
        # The open elements, each with whether it keeps what is in it from people.
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        hidden = attributes.get("aria-hidden") == "true" or "hidden" in attributes
        hidden = hidden or any(is_hidden for _, is_hidden in self.open)
        if tag == "form":
            self.form = Form(attributes)
            self.forms.append(self.form)
        elif tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        elif tag == "option" and self.form and self.form.controls:
            # The first choice that is one.
            select = self.form.controls[-1]
            select.value = select.value or attributes.get("value", "")
        elif tag in ("input", "textarea", "select") and self.form:
            self.form.controls.append(Control(tag, attributes, hidden))
        if tag not in VOID:
            self.open.append((tag, hidden))

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        # What an author forgot to close ends with what is around it.
        if any(tag == name for name, _ in self.open):
            while self.open.pop()[0] != tag:
                pass


def form_for(page, name):
    """The form of a page that is sent to `/api/NAME`; None where it has none."""
    sent = (form for form in Page(page).forms if form.method == "post" and form.path() == f"/api/{name}")
    return next(sent, None)


def pages_linked_from(page, site):
    """The paths of the site's own pages that a page links to, each once, in order."""
    host = urllib.parse.urlsplit(site).netloc
    parts = (urllib.parse.urlsplit(urllib.parse.urljoin(f"{site}/", link)) for link in Page(page).links)
    paths = (it.path for it in parts if it.netloc == host and it.scheme in ("http", "https"))
    return list(dict.fromkeys(path for path in paths if path.endswith("/") and not path.startswith("/api/")))
