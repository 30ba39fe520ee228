"""Finds the forms of a page and fills them in as a browser does. Pure."""

import html.parser
import urllib.parse

# Elements without an end tag (HTML Living Standard, "Void elements").
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
NOT_SENT = ("submit", "button", "reset", "image", "file")
PHONE = "01632 960000"  # reserved by Ofcom for use in drama
POSTCODE = "CV1 1AA"


class Control:
    """One control of a form."""

    def __init__(self, tag, attributes, hidden):
        self.attributes = attributes
        self.name = attributes.get("name", "")
        self.kind = attributes.get("type", "text") if tag == "input" else tag
        self.value = attributes.get("value", "")
        # Not visible to people, such as the honeypot.
        self.hidden = hidden

    def is_for(self, *tokens):
        """Whether the type or `autocomplete` is one of these."""
        return self.kind in tokens or self.attributes.get("autocomplete") in tokens

    def takes_address(self):
        # A field for a phone number or an email address is not `type=email`, but has this attribute.
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
        """Whether the first contact field takes an email address."""
        contacts = (it for it in self.controls if it.is_for("tel") or it.takes_address())
        first = next(contacts, None)
        return first is not None and first.takes_address()

    def filled_in(self, address, text):
        """[(name, value)] as a browser sends them if every question is answered: `text` in text fields, and the first
        choice. Hidden controls and honeypots keep the page's values."""
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
            # The field for another answer than the choices stays empty too.
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
    """The forms and links of a page."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links = [], []
        self.form = None
        # The open elements, each with whether it hides its content from people.
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
            # The first option with a value.
            select = self.form.controls[-1]
            select.value = select.value or attributes.get("value", "")
        elif tag in ("input", "textarea", "select") and self.form:
            self.form.controls.append(Control(tag, attributes, hidden))
        if tag not in VOID:
            self.open.append((tag, hidden))

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        # An element that is not closed ends with its parent.
        if any(tag == name for name, _ in self.open):
            while self.open.pop()[0] != tag:
                pass


def form_for(page, name):
    """The form of a page that is sent to `/api/NAME`, or None."""
    sent = (form for form in Page(page).forms if form.method == "post" and form.path() == f"/api/{name}")
    return next(sent, None)


def pages_linked_from(page, site):
    """The paths of pages of the same site that a page links to, each once, in order."""
    host = urllib.parse.urlsplit(site).netloc
    parts = (urllib.parse.urlsplit(urllib.parse.urljoin(f"{site}/", link)) for link in Page(page).links)
    paths = (it.path for it in parts if it.netloc == host and it.scheme in ("http", "https"))
    return list(dict.fromkeys(path for path in paths if path.endswith("/") and not path.startswith("/api/")))
