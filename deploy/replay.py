"""After a table was restored: has everybody forgotten in it who asked to be forgotten since. Reads the former table;
uses `daisy inbox`."""

from .account import Account
from .command import daisy
from .keys import PERSON_KEY, TOKEN_KEYS, Secrets
from .say import say, stop

# What follows the form's name in the key of an erasure.
ERASED = "#ERASED"


def replay(options):
    if not options.old or not options.table:
        stop("two tables must be named", "make replay STACK=daisy OLD=the-former-table TABLE=the-restored-one")
    account = Account()
    keys, _ = Secrets(account, options.stack).read()
    environment = {"DAISYCHAIN_TOKEN_KEYS": keys[TOKEN_KEYS], "DAISYCHAIN_PERSON_KEY": keys[PERSON_KEY]}
    inbox = (options.daisy, "inbox", "--store", f"dynamodb:{options.table}")
    # Erasures are noted by hash, and the restored table may be older than the last upgrade.
    daisy(*inbox, "upgrade", root=options.root, environment=environment)
    # A form may be gone from the site since, so the table is asked for all, whichever form it is.
    found = account.client("dynamodb").get_paginator("scan").paginate(
        TableName=options.old,
        ProjectionExpression="pk, sk",
        FilterExpression="contains(pk, :erased)",
        ExpressionAttributeValues={":erased": {"S": ERASED}},
    )
    count = 0
    for form, person in erasures(item for page in found for item in page["Items"]):
        # Whoever is not in the restored table is erased already: exit code 1.
        daisy(*inbox, "erase", form, person, root=options.root, environment=environment, fine=(0, 1))
        count += 1
    say(f"{count} erasures of the last 40 days are done in {options.table} too")


def erasures(items):
    """(form, hash of the person) of each erasure among the keys of a table."""
    keys = ((item["pk"]["S"], item["sk"]["S"]) for item in items)
    return [(key.removesuffix(ERASED), person) for key, person in keys if key.endswith(ERASED)]
