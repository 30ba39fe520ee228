"""Reads what content/site.yaml says of the campaign. Touches the disk."""

import pathlib
import re

import yaml

from .say import stop

# Names and numbers that are set aside for examples (RFC 2606; Ofcom's numbers for drama).
EXAMPLE_MAIL = re.compile(r"@(.*\.)?example(\.[a-z]+)?$")
EXAMPLE_PHONES = ("01632960", "+441632960", "02079460", "+442079460", "08081570", "+448081570")


class Campaign:
    """A campaign's own words."""

    def __init__(self, root):
        path = pathlib.Path(root) / "content" / "site.yaml"
        try:
            site = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, yaml.YAMLError) as error:
            stop(f"{path} cannot be read: {error}")
        organisation = site.get("organisation") or {}
        self.path = path
        self.name = str(organisation.get("name") or site.get("title") or "")
        self.phone = str(organisation.get("phone") or "")
        self.email = str(organisation.get("email") or "")

    def refuse_examples(self):
        """Residents would ring and write to nobody."""
        for word, value, example in (
            ("phone", self.phone, is_example_phone(self.phone)),
            ("email", self.email, bool(EXAMPLE_MAIL.search(self.email.lower()))),
        ):
            if not value:
                stop(f"{self.path} names no {word}", f"write the campaign's own at `organisation: {word}:`")
            if example:
                stop(f"the {word} in {self.path} is still the example: {value}", "write your own in its place")


def is_example_phone(text):
    digits = re.sub(r"[^0-9+]", "", text)
    return digits.startswith(EXAMPLE_PHONES)
