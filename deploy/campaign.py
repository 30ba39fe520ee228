"""Reads what content/site.yaml says of the campaign. Touches the disk."""

import pathlib
import re

import yaml

from .say import stop

# Domains and numbers that are set aside for examples, as in generator/src/publish/examples.rs: the last parts of a
# domain, and the first digits of a number with how many follow them.
EXAMPLE_DOMAINS = ("example.com", "example.net", "example.org", "example", "invalid", "test", "localhost")
EXAMPLE_NUMBERS = (
    *((f"01{area}", 3) for area in ("134960", "144960", "154960", "164960", "174960", "184960", "214960", "314960")),
    *((f"01{area}", 3) for area in ("414960", "514960", "614960", "632960", "914980")),
    *((number, 3) for number in ("02079460", "02896496", "02920180", "03069990", "07700900", "08081570", "09098790")),
    # North America's, with an area code before them.
    ("55501", 2),
)

class Campaign:
    """A campaign's own words."""

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
        """Who is told of replies, each once."""
        told = [str(read(self.folder / f"{form}.yaml").get("notify") or self.email) for form in self.forms]
        return list(dict.fromkeys(told))

    def refuse_examples(self):
        """Residents would ring and write to nobody."""
        for word, value, example in (
            ("phone", self.phone, is_example_phone(self.phone)),
            ("email", self.email, is_example_mail(self.email)),
        ):
            if not value:
                stop(f"{self.path} names no {word}", f"write the campaign's own at `organisation: {word}:`")
            if example:
                stop(f"the {word} in {self.path} is still the example: {value}", "write your own in its place")


def read(path):
    """What a file of YAML holds, as a dictionary."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        stop(f"{path} cannot be read: {error}")


def is_example_mail(address):
    domain = address.rsplit("@", 1)[-1].lower()
    return any(f".{domain}".endswith(f".{known}") for known in EXAMPLE_DOMAINS)


def is_example_phone(text):
    digits = re.sub(r"[^0-9+]", "", text)
    # A number abroad is written with its country's code, and often with a 0 in brackets.
    digits = re.sub(r"^(\+44|0044)0?", "0", digits)
    ends = {digits, re.sub(r"^(\+?1)?[0-9]{3}(?=[0-9]{7}$)", "", digits)}
    return any(end.startswith(begin) and len(end) == len(begin) + free for begin, free in EXAMPLE_NUMBERS for end in ends)
