"""Makes the secrets of a stack once, in AWS's Parameter Store, and changes them. Never shows one."""

import os

from .say import say

# The newest first, where there are several.
TOKEN_KEYS, PERSON_KEY, ORIGIN_SECRET = "token-keys", "person-key", "origin-secret"
DESCRIPTIONS = {
    TOKEN_KEYS: "Signs the links in mails. Older keys stay, so that old links work.",
    PERSON_KEY: "Makes the hashes by which people are found again. Never change it: nobody would be found.",
    ORIGIN_SECRET: "What CloudFront shows the functions.",
}


class Secrets:
    """The three secrets of a stack."""

    def __init__(self, account, stack):
        self.client = account.client("ssm")
        self.folder = f"/daisychain/{stack}"
        self.tags = [{"Key": "daisychain", "Value": stack}]

    def read(self):
        """{name: value}, and a word that is another one whenever a value is."""
        names = {f"{self.folder}/{name}": name for name in DESCRIPTIONS}
        found = self.client.get_parameters(Names=list(names), WithDecryption=True)["Parameters"]
        values = {names[it["Name"]]: it["Value"] for it in found}
        versions = {names[it["Name"]]: it["Version"] for it in found}
        return values, ".".join(str(versions.get(name, 0)) for name in DESCRIPTIONS)

    def make(self):
        """Makes those that are missing."""
        values, _ = self.read()
        for name, description in DESCRIPTIONS.items():
            if name in values:
                continue
            self.client.put_parameter(
                Name=f"{self.folder}/{name}",
                Description=description,
                Value=new(name, []),
                Type="SecureString",
                Tags=self.tags,
            )
            say(f"made {self.folder}/{name}")

    def put(self, name, values):
        assert name != PERSON_KEY, "the person key never changes"
        self.client.put_parameter(
            Name=f"{self.folder}/{name}", Value=",".join(values), Type="SecureString", Overwrite=True
        )

    def add(self, name):
        """Puts a new one before those there are."""
        values = self.read()[0][name].split(",")
        self.put(name, [new(name, values), *values])

    def keep_newest(self, name):
        self.put(name, self.read()[0][name].split(",")[:1])


def new(name, others):
    """A fresh secret; a token key has a number before it that no other has."""
    secret = os.urandom(32).hex()
    if name != TOKEN_KEYS:
        return secret
    used = [int(other.split(":")[0]) for other in others]
    return f"{max(used, default=0) + 1}:{secret}"
