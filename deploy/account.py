"""Who we are on AWS, and what a new account lacks. Asks AWS; changes nothing."""

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .say import say, stop

# What AWS leaves unreserved at least.
UNRESERVED = 100
# How many executions are reserved for each function if there is room.
RESERVED = 50


class Account:
    """The account and the region that the environment's credentials are for."""

    def __init__(self):
        self.session = boto3.Session()
        self.region = self.session.region_name
        if not self.region:
            stop("no region is set", "`export AWS_REGION=eu-west-2` for London; docs/deploy.md says more")
        try:
            identity = self.client("sts").get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            stop(f"AWS does not know who you are: {error}", "`aws configure sso`, then `aws sso login`; docs/deploy.md")
        self.id = identity["Account"]
        self.partition = identity["Arn"].split(":")[1]
        say(f"account {self.id}, region {self.region}, as {identity['Arn'].rsplit('/', 1)[-1]}")

    def client(self, service, region=None):
        return self.session.client(service, region_name=region or self.region)


def reserved_concurrency(account, functions, before, notes):
    """How many executions may be reserved for each of so many functions; 0 if the account has no room, which is noted.
    `before` is how many the stack has reserved so far, in all."""
    settings = account.client("lambda").get_account_settings()["AccountLimit"]
    limit = settings["ConcurrentExecutions"]
    room = settings.get("UnreservedConcurrentExecutions", limit) + before - UNRESERVED
    if room >= functions * RESERVED:
        return RESERVED
    if limit < UNRESERVED:
        notes.add(
            f"This account may run {limit} functions at once, as new ones do. That is enough for some "
            f"{limit * 10} replies a second.\n"
            "Ask for 1,000, which is free and takes a day or two: AWS console > Service Quotas > AWS Lambda >\n"
            "Concurrent executions > Request increase. Then run `make deploy` once more."
        )
    return 0


def first_distribution(account):
    """Says beforehand that AWS may want to verify the account: no call tells whether it has, but one that has a
    distribution is verified."""
    found = account.client("cloudfront").list_distributions(MaxItems="1")["DistributionList"]
    if found.get("Quantity") or found.get("Items"):
        return
    say("this account has no CloudFront distribution yet. AWS must verify a new account before it may have one, which can")
    say("  only be seen when the stack is made. docs/deploy.md, \"A new account\", says how to ask for it now")


def mail_sandbox(account, receivers, notes):
    """Tells of SES's sandbox, in which mail goes to verified addresses alone, and whether `receivers` are."""
    client = account.client("sesv2")
    if client.get_account().get("ProductionAccessEnabled"):
        return
    lines = "\n".join(f"    {address}: {verification(client, address)}" for address in receivers)
    notes.add(
        "Amazon sends your mail only to addresses that you have verified, as in every new account (\"sandbox\").\n"
        "Replies are stored all the same, but residents get no mail, and nobody can confirm the newsletter.\n"
        f"The team is told of replies at\n{lines}\n"
        "Ask to be let out, which takes about a day: AWS console > Amazon SES > Get set up > Request production\n"
        "access. Say: transactional mail, double opt-in, bounces and complaints are taken off the list at once.\n"
        "Mails that wait are sent when it is granted, if that is within 7 hours; later ones are in\n"
        "`daisy inbox mails`, and `daisy inbox resend` sends them."
    )


def verification(client, address):
    """Whether SES sends to an address in the sandbox, in words; if not, what is to be done."""
    domain = address.rsplit("@", 1)[-1].lower()
    # A domain that is verified stands for its addresses, and for the domains below it.
    labels = domain.split(".")
    names = [address, *(".".join(labels[place:]) for place in range(len(labels) - 1))]
    found = [it for it in (identity(client, name) for name in names) if it is not None]
    if any(it.get("VerifiedForSendingStatus") for it in found):
        return "verified"
    if found:
        return "not verified yet; open the mail that Amazon sent there, or add the records that it asked for"
    return f"not verified; aws sesv2 create-email-identity --email-identity {address}"


def identity(client, name):
    """What SES has of an address or a domain; None where it knows it not."""
    try:
        return client.get_email_identity(EmailIdentity=name)
    except client.exceptions.NotFoundException:
        return None
