"""The sender of mails: what SES is to verify, and what its DNS must say. Uses SES; reads a file."""

import pathlib

from . import domain as dns
from .account import identity
from .say import say, stop

# The functions refuse the same domains.
FREEMAIL = pathlib.Path(__file__).resolve().parents[1] / "functions/src/mail/freemail.txt"


def refuse_freemail(address):
    """Stops where mails are to come from a mailbox that anybody can have: they would bounce."""
    lines = FREEMAIL.read_text(encoding="utf-8").splitlines()
    domain = address.rsplit("@", 1)[-1].lower().rstrip(".")
    if domain in [line for line in lines if not line.startswith("#")]:
        stop(
            f"mails cannot come from {address}: {domain} lets nobody else send in its name (DMARC), so what Amazon sends "
            "for it bounces or ends in junk",
            "give a sender at a domain of your own, such as FROM=hello@our-street.org.uk",
            f"{address} can stay where residents see it and where replies are told of: `organisation:`, `notify:`, TEAM=",
            'no domain yet? docs/deploy.md, "Mail", says how to come by one',
        )


class Sender:
    """The address that mails come from, and the identity that SES is to verify for it."""

    def __init__(self, account, address, domain, stack):
        self.client = account.client("sesv2")
        self.address = address
        own = address.rsplit("@", 1)[-1].lower()
        self.zone = dns.zone_of(account, own)
        # A domain can sign its mails (DKIM), if its DNS can be written; an address needs one click.
        is_ours = self.zone is not None or (domain and f".{domain}".endswith(f".{own}"))
        self.identity = own if is_ours else address
        self.known = self.read()
        tags = (self.known or {}).get("Tags", [])
        self.is_the_stacks = {"Key": "daisychain", "Value": stack} in tags

    def read(self):
        return identity(self.client, self.identity)

    def parameters(self):
        make = self.known is None or self.is_the_stacks
        if not make:
            say(f"the account sends from {self.identity} already; it is used as it is")
        return {"MailFrom": self.address, "MailIdentity": self.identity, "MakeMailIdentity": "yes" if make else "no"}

    def finish(self, mail_set, notes):
        """After the stack stands: what became of mails is told to it, and what is left is said."""
        if self.known is not None and not self.is_the_stacks:
            self.client.put_email_identity_configuration_set_attributes(
                EmailIdentity=self.identity, ConfigurationSetName=mail_set
            )
        now = self.read() or {}
        if now.get("VerifiedForSendingStatus"):
            return
        if "@" in self.identity:
            notes.add(f"Open the mail that Amazon sent to {self.identity}, and follow its link: it is the sender.")
            return
        tokens = now.get("DkimAttributes", {}).get("Tokens", [])
        records = {f"{token}._domainkey.{self.identity}": f"{token}.dkim.amazonses.com" for token in tokens}
        if self.zone:
            self.zone.put(records)
            say(f"wrote the records by which mails of {self.identity} are signed")
            return
        lines = "\n".join(f"    CNAME  {name}\n        →  {value}" for name, value in records.items())
        notes.add(f"Let mails from {self.identity} be signed. Where its DNS is looked after, add:\n{lines}")
