"""Creates and rotates the secrets of a stack in the AWS Parameter Store. Never prints one."""

import os

from .console import say

# A parameter with several values has the newest first.
TOKEN_KEYS, PERSON_KEY, ORIGIN_SECRET = "token-keys", "person-key", "origin-secret"
DESCRIPTIONS = {
    TOKEN_KEYS: "Signs the links in emails. Older keys stay, so that old links work.",
    PERSON_KEY: "Makes the hashes that people are found by. Never change it: no one would be found.",
    ORIGIN_SECRET: "Proves to the functions that a request comes from CloudFront.",
}


class Secrets:
    """The three secrets of a stack."""

    def __init__(self, account, stack):
        self.client = account.client("ssm")
        self.folder = f"/daisychain/{stack}"
        self.tags = [{"Key": "daisychain", "Value": stack}]

    def read(self):
        """({name: value}, version). The version changes with any of the values."""
        names = {f"{self.folder}/{name}": name for name in DESCRIPTIONS}
        found = self.client.get_parameters(Names=list(names), WithDecryption=True)["Parameters"]
        values = {names[it["Name"]]: it["Value"] for it in found}
        versions = {names[it["Name"]]: it["Version"] for it in found}
        return values, ".".join(str(versions.get(name, 0)) for name in DESCRIPTIONS)

    def make(self):
        """Creates the missing ones."""
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
            say(f"created {self.folder}/{name}")

    def put(self, name, values):
        assert name != PERSON_KEY, "the person key never changes"
        self.client.put_parameter(
            Name=f"{self.folder}/{name}", Value=",".join(values), Type="SecureString", Overwrite=True
        )

    def add(self, name):
        """Adds a new value before the existing ones."""
        values = self.read()[0][name].split(",")
        self.put(name, [new(name, values), *values])

    def keep_newest(self, name):
        self.put(name, self.read()[0][name].split(",")[:1])


def new(name, others):
    """A new secret; token keys start with an unused number."""
    secret = os.urandom(32).hex()
    if name != TOKEN_KEYS:
        return secret
    used = [int(other.split(":")[0]) for other in others]
    return f"{max(used, default=0) + 1}:{secret}"
