"""Creates or updates a campaign's stack and publishes the site. Every step can be repeated."""

from . import build, domain
from .account import Account, first_distribution, mail_sandbox, reserved_concurrency
from .campaign import Campaign
from .command import daisy
from .console import Notes, say, step, stop
from .keys import ORIGIN_SECRET, PERSON_KEY, TOKEN_KEYS, Secrets
from .mail import Sender, refuse_freemail
from .stack import CodeBucket, Stack

GITHUB = "token.actions.githubusercontent.com"


def deploy(options):
    notes = Notes()
    campaign = Campaign(options.root)
    campaign.refuse_examples()

    step("AWS")
    account = Account()
    stack = Stack(account, options.stack)
    before = stack.parameters()
    address = options.sender or before.get("MailFrom") or campaign.email
    refuse_freemail(address)
    # A stack of an earlier version can have fewer functions.
    functions = sum(f"{name.title()}Code" in before for name in build.FUNCTIONS)
    reserved = int(before.get("ReservedConcurrency", 0)) * functions
    concurrency = reserved_concurrency(account, len(build.FUNCTIONS), reserved, notes)
    first_distribution(account)

    step("The functions")
    binaries = options.binaries or build.build(options.profile)
    architecture, zips = build.zips(binaries)

    step("The stack")
    secrets = Secrets(account, options.stack)
    secrets.make()
    code = CodeBucket(account)
    code.make()
    site = options.domain or before.get("Domain", "")
    zone = domain.zone_of(account, site) if site else None
    sender = Sender(account, address, site, options.stack)
    parameters = {
        **kept(before),
        **given(options),
        **sender.parameters(),
        **repository(account, options.repository or before.get("Repository", ""), before),
        "Phone": campaign.phone,
        "TeamEmail": options.team or before.get("TeamEmail") or campaign.email,
        "Architecture": architecture,
        "CodeBucket": code.name,
        "ReservedConcurrency": concurrency,
        "Domain": site,
        "Certificate": domain.certificate(account, site, zone, notes, options.stack) if site else "",
        "HostedZone": zone.id if zone else "",
        **{
            f"{name.capitalize()}Code": code.put(f"{options.stack}/{name}-{digest[:16]}.zip", data)
            for name, (data, digest) in zips.items()
        },
    }
    Change(stack, code, secrets, parameters, options.template).carry_out(options.rotate)
    outputs = stack.outputs()
    sender.finish(stack.resources("AWS::SES::ConfigurationSet")["MailSet"], notes)
    mail_sandbox(account, campaign.receivers(), notes)
    if site:
        domain.note_address(site, outputs, zone, notes)
    if before.get("TeamEmail") != parameters["TeamEmail"]:
        notes.add(f"Open the email from Amazon to {parameters['TeamEmail']}, and confirm that you want to receive alarms.")

    step("The site")
    daisy(options.daisy, "publish", "--stack", options.stack, *(["--yes"] if options.yes else []), root=options.root)

    step("The replies")
    keys, _ = secrets.read()
    environment = {"DAISYCHAIN_TOKEN_KEYS": keys[TOKEN_KEYS], "DAISYCHAIN_PERSON_KEY": keys[PERSON_KEY]}
    store = f"dynamodb:{outputs['Table']}"
    daisy(options.daisy, "inbox", "--store", store, "upgrade", root=options.root, environment=environment)

    say(f"\nThe campaign is at {outputs['SiteUrl']}")
    say(f"Replies are in the table {outputs['Table']}: `daisy inbox --store dynamodb:{outputs['Table']} list`")
    say(f"To test it: make smoke STACK={options.stack}")
    notes.print()


def kept(before):
    """Options of earlier runs."""
    chosen = ("MonthlyBudget", "MailsPerHour", "RepliesPerSecond", "OtherTable", "PagesUrl")
    return {name: before[name] for name in chosen if name in before}


def given(options):
    """Options of this run."""
    chosen = {
        "MonthlyBudget": options.budget,
        "MailsPerHour": options.mails,
        "OtherTable": options.table,
        "PagesUrl": options.pages,
    }
    return {name: value for name, value in chosen.items() if value is not None}


def repository(account, name, before):
    """The GitHub repository that may publish. An account has one OpenID Connect provider for GitHub, which another stack may own."""
    if not name:
        return {}
    providers = account.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    known = next((it["Arn"] for it in providers if it["Arn"].endswith(GITHUB)), "")

    ours = before.get("Repository") and not before.get("GitHubProvider")
    return {"Repository": name, "GitHubProvider": "" if ours else known}


class Change:
    """The wanted state of the stack."""

    def __init__(self, stack, code, secrets, parameters, template):
        self.stack, self.code, self.secrets = stack, code, secrets
        self.parameters, self.template = parameters, template

    def carry_out(self, rotate):
        """Updates the stack, rotating a secret if asked. The origin secret changes in three steps, so that no request is
        refused: the functions accept both, CloudFront sends the new one, the functions drop the old one."""
        if rotate is None:
            return self.put()
        if self.stack.describe() is None:
            stop("there is no secret to rotate yet", "deploy the stack first, without ROTATE")
        self.secrets.add(rotate)
        say(f"created a new {rotate}")
        if rotate == TOKEN_KEYS:
            return self.put()
        self.put(shown=1)
        self.put()
        self.secrets.keep_newest(ORIGIN_SECRET)
        return self.put()

    def put(self, shown=0):
        values, version = self.secrets.read()
        secret = values[ORIGIN_SECRET].split(",")[shown]
        parameters = {**self.parameters, "OriginSecret": secret, "SecretsVersion": version}
        self.stack.put(self.code, parameters, self.template)
