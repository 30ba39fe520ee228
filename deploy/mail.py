"""The sender of emails: its SES identity and DNS records. Uses SES; reads a file."""

import pathlib

from . import domain as dns
from .account import identity
from .console import say, stop

# The functions refuse these domains too.
FREEMAIL = pathlib.Path(__file__).resolve().parents[1] / "functions/src/mail/freemail.txt"


def refuse_freemail(address):
    """Stops if the sender is at a public email provider: such emails would bounce."""
    lines = FREEMAIL.read_text(encoding="utf-8").splitlines()
    domain = address.rsplit("@", 1)[-1].lower().rstrip(".")
    if domain in [line for line in lines if not line.startswith("#")]:
        stop(
            f"emails cannot be sent from {address}: {domain} does not let others send in its name (DMARC), so emails from "
            "Amazon bounce or end in spam folders",
            "use a sender at a domain of your own, such as FROM=hello@our-street.org.uk",
            f"{address} can still be the address that residents see and that gets notices: `organisation:`, `notify:`, TEAM=",
            'if you have no domain, see "Email" in docs/deploy.md',
        )


class Sender:
    """The address that emails come from, and the SES identity for it."""

    def __init__(self, account, address, domain, stack):
        self.client = account.client("sesv2")
        self.address = address
        own = address.rsplit("@", 1)[-1].lower()
        self.zone = dns.zone_of(account, own)
        # A domain can sign its emails (DKIM) if its DNS can be changed; an address only needs one click.
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
            say(f"the account already sends from {self.identity}; it is used as it is")
        return {"MailFrom": self.address, "MailIdentity": self.identity, "MakeMailIdentity": "yes" if make else "no"}

    def finish(self, mail_set, notes):
        """After the deployment: sends the identity's bounces and complaints to the stack, and notes what is left to do."""
        if self.known is not None and not self.is_the_stacks:
            self.client.put_email_identity_configuration_set_attributes(
                EmailIdentity=self.identity, ConfigurationSetName=mail_set
            )
        now = self.read() or {}
        if now.get("VerifiedForSendingStatus"):
            return
        if "@" in self.identity:
            notes.add(f"Open the email from Amazon to {self.identity}, and follow its link to verify the sender.")
            return
        tokens = now.get("DkimAttributes", {}).get("Tokens", [])
        records = {f"{token}._domainkey.{self.identity}": f"{token}.dkim.amazonses.com" for token in tokens}
        if self.zone:
            self.zone.put(records)
            say(f"added the DNS records that sign emails from {self.identity}")
            return
        lines = "\n".join(f"    CNAME  {name}\n        →  {value}" for name, value in records.items())
        notes.add(f"Sign emails from {self.identity}. Add these records to its DNS:\n{lines}")
