"""Reads the campaign's settings from content/site.yaml."""

import pathlib
import re

import yaml

from .console import stop

# Domains and phone numbers reserved for examples, as in generator/src/check/placeholder.rs: the ends of domains, and the
# first digits of numbers with how many follow.
EXAMPLE_DOMAINS = ("example.com", "example.net", "example.org", "example", "invalid", "test", "localhost")
EXAMPLE_NUMBERS = (
    *((f"01{area}", 3) for area in ("134960", "144960", "154960", "164960", "174960", "184960", "214960", "314960")),
    *((f"01{area}", 3) for area in ("414960", "514960", "614960", "632960", "914980")),
    *((number, 3) for number in ("02079460", "02896496", "02920180", "03069990", "07700900", "08081570", "09098790")),
    # North America, after the area code.
    ("55501", 2),
)

class Campaign:
    """The settings of a campaign."""

    def __init__(self, root):
        path = pathlib.Path(root) / "content" / "site.yaml"
        site = read(path)
        organisation = site.get("organisation") or {}
        self.path = path
        # `chat.ur.yaml` is a translation of `chat.yaml`.
        self.folder = path.parent / "forms"
        self.forms = sorted(file.stem for file in self.folder.glob("*.yaml") if "." not in file.stem)
        self.name = str(organisation.get("name") or site.get("title") or "")
        self.phone = str(organisation.get("phone") or "")
        self.email = str(organisation.get("email") or "")

    def receivers(self):
        """The addresses that get notices of replies, each once."""
        addresses = [str(read(self.folder / f"{form}.yaml").get("notify") or self.email) for form in self.forms]
        return list(dict.fromkeys(addresses))

    def refuse_examples(self):
        """Stops if the phone number or email address is an example: no one would answer."""
        for word, value, example in (
            ("phone", self.phone, is_example_phone(self.phone)),
            ("email", self.email, is_example_mail(self.email)),
        ):
            if not value:
                stop(f"{self.path} has no {word}", f"set the campaign's own under `organisation: {word}:`")
            if example:
                stop(f"the {word} in {self.path} is still the example: {value}", "replace it with your own")


def read(path):
    """A YAML file as a dictionary."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        stop(f"{path} cannot be read: {error}")


def is_example_mail(address):
    domain = address.rsplit("@", 1)[-1].lower()
    return any(f".{domain}".endswith(f".{known}") for known in EXAMPLE_DOMAINS)


def is_example_phone(text):
    digits = re.sub(r"[^0-9+]", "", text)
    # An international number has a country code, often followed by a 0 in brackets.
    digits = re.sub(r"^(\+44|0044)0?", "0", digits)
    ends = {digits, re.sub(r"^(\+?1)?[0-9]{3}(?=[0-9]{7}$)", "", digits)}
    return any(end.startswith(begin) and len(end) == len(begin) + free for begin, free in EXAMPLE_NUMBERS for end in ends)
