"""Who we are on AWS, and what a new account lacks. Asks AWS; changes nothing."""

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .say import say, stop

# What AWS leaves unreserved at least.
UNRESERVED = 100
# How many of each function are kept free for it where there is room.
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


def reserved_concurrency(account, before, notes):
    """How many of each function may be kept free for it; 0 where the account has no room, which is told. `before` is
    how many were so far."""
    settings = account.client("lambda").get_account_settings()["AccountLimit"]
    limit = settings["ConcurrentExecutions"]
    room = settings.get("UnreservedConcurrentExecutions", limit) + 3 * before - UNRESERVED
    if room >= 3 * RESERVED:
        return RESERVED
    if limit < UNRESERVED:
        notes.add(
            f"This account may run {limit} functions at once, as new ones do. That is enough for some "
            f"{limit * 10} replies a second.\n"
            "Ask for 1,000, which is free and takes a day or two: AWS console > Service Quotas > AWS Lambda >\n"
            "Concurrent executions > Request increase. Then run `make deploy` once more."
        )
    return 0


def mail_sandbox(account, notes):
    """Tells of SES's sandbox, in which mail goes to verified addresses alone."""
    if account.client("sesv2").get_account().get("ProductionAccessEnabled"):
        return
    notes.add(
        "Amazon sends your mail only to addresses that you have verified, as in every new account (\"sandbox\").\n"
        "Replies are stored all the same, but residents get no mail, and nobody can confirm the newsletter.\n"
        "Ask to be let out, which takes about a day: AWS console > Amazon SES > Get set up > Request production\n"
        "access. Say: transactional mail, double opt-in, bounces and complaints are taken off the list at once.\n"
        "Mails that wait are sent when it is granted, if that is within 7 hours; later ones are in\n"
        "`daisy inbox mails`, and `daisy inbox resend` sends them."
    )
