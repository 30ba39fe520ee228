"""The AWS account and the limits of a new one. Reads from AWS; changes nothing."""

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .console import say, stop

# AWS always keeps at least this many executions unreserved.
MIN_UNRESERVED = 100
# Executions reserved for each function if the account's limit allows.
RESERVED = 50


class Account:
    """The account and region of the environment's credentials."""

    def __init__(self):
        self.session = boto3.Session()
        self.region = self.session.region_name
        if not self.region:
            stop("no region is set", "`export AWS_REGION=eu-west-2` for London; see docs/deploy.md")
        try:
            identity = self.client("sts").get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            stop(f"not signed in to AWS: {error}", "`aws configure sso`, then `aws sso login`; see docs/deploy.md")
        self.id = identity["Account"]
        self.partition = identity["Arn"].split(":")[1]
        say(f"account {self.id}, region {self.region}, as {identity['Arn'].rsplit('/', 1)[-1]}")

    def client(self, service, region=None):
        return self.session.client(service, region_name=region or self.region)


def reserved_concurrency(account, functions, before, notes):
    """Executions to reserve for each of `functions` functions: 0 if the account's limit is too low, with a note.
    `before` is the total that the stack has reserved so far."""
    settings = account.client("lambda").get_account_settings()["AccountLimit"]
    limit = settings["ConcurrentExecutions"]
    room = settings.get("UnreservedConcurrentExecutions", limit) + before - MIN_UNRESERVED
    if room >= functions * RESERVED:
        return RESERVED
    if limit < MIN_UNRESERVED:
        notes.add(
            f"This account can run {limit} functions at once, as every new account. That is enough for about "
            f"{limit * 10} replies a second.\n"
            "Ask for 1,000, which is free and takes a day or two: AWS console > Service Quotas > AWS Lambda >\n"
            "Concurrent executions > Request increase. Then run `make deploy` again."
        )
    return 0


def first_distribution(account):
    """Warns that AWS may have to verify the account. There is no call for this, but an account with a distribution is
    verified."""
    found = account.client("cloudfront").list_distributions(MaxItems="1")["DistributionList"]
    if found.get("Quantity") or found.get("Items"):
        return
    say("this account has no CloudFront distribution yet. AWS must verify a new account before it can have one, and only")
    say("  creating the stack shows whether it has. To ask for it now, see \"A new account\" in docs/deploy.md")


def mail_sandbox(account, receivers, notes):
    """Adds a note if the account is in the SES sandbox, which only sends to verified addresses, listing `receivers`."""
    client = account.client("sesv2")
    if client.get_account().get("ProductionAccessEnabled"):
        return
    lines = "\n".join(f"    {address}: {verification(client, address)}" for address in receivers)
    notes.add(
        "Amazon only sends your email to verified addresses, as in every new account (\"sandbox\").\n"
        "Replies are stored, but residents get no emails and cannot confirm the newsletter.\n"
        f"The team's addresses are\n{lines}\n"
        "To leave the sandbox, which takes about a day: AWS console > Amazon SES > Get set up > Request production\n"
        "access. Say: transactional email, double opt-in, bounces and complaints are unsubscribed at once.\n"
        "Queued emails are sent once it is granted, if that is within 7 hours. After that, list them with\n"
        "`daisy inbox mails` and send them with `daisy inbox resend`."
    )


def verification(client, address):
    """Describes whether SES sends to an address in the sandbox and, if not, what to do."""
    domain = address.rsplit("@", 1)[-1].lower()
    # A verified domain covers its addresses and subdomains.
    labels = domain.split(".")
    names = [address, *(".".join(labels[place:]) for place in range(len(labels) - 1))]
    found = [it for it in (identity(client, name) for name in names) if it is not None]
    if any(it.get("VerifiedForSendingStatus") for it in found):
        return "verified"
    if found:
        return "not verified yet; open the email that Amazon sent there, or add the records that it asked for"
    return f"not verified; aws sesv2 create-email-identity --email-identity {address}"


def identity(client, name):
    """The SES identity of an address or a domain, or None."""
    try:
        return client.get_email_identity(EmailIdentity=name)
    except client.exceptions.NotFoundException:
        return None
