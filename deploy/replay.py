"""Repeats erasures in a restored table. Reads the previous table; uses `daisy inbox`."""

from .account import Account
from .command import daisy
from .console import say, stop
from .keys import PERSON_KEY, TOKEN_KEYS, Secrets

# Follows the form's name in the key of an erasure.
ERASED = "#ERASED"


def replay(options):
    if not options.old or not options.table:
        stop("replay needs two tables", "make replay STACK=daisy OLD=previous-table TABLE=restored-table")
    account = Account()
    keys, _ = Secrets(account, options.stack).read()
    environment = {"DAISYCHAIN_TOKEN_KEYS": keys[TOKEN_KEYS], "DAISYCHAIN_PERSON_KEY": keys[PERSON_KEY]}
    inbox = (options.daisy, "inbox", "--store", f"dynamodb:{options.table}")
    # Erasures are recorded by hash, and the restored table may be older than the last upgrade.
    daisy(*inbox, "upgrade", root=options.root, environment=environment)
    # The form may have been removed from the site since, so scan for erasures of all forms.
    found = account.client("dynamodb").get_paginator("scan").paginate(
        TableName=options.old,
        ProjectionExpression="pk, sk",
        FilterExpression="contains(pk, :erased)",
        ExpressionAttributeValues={":erased": {"S": ERASED}},
    )
    count = 0
    for form, person in erasures(item for page in found for item in page["Items"]):
        # Exit code 1: the person is not in the restored table.
        daisy(*inbox, "erase", form, person, root=options.root, environment=environment, fine=(0, 1))
        count += 1
    say(f"repeated {count} erasures of the last 40 days in {options.table}")


def erasures(items):
    """(form, hash of the person) of each erasure among the keys of a table."""
    keys = ((item["pk"]["S"], item["sk"]["S"]) for item in items)
    return [(key.removesuffix(ERASED), person) for key, person in keys if key.endswith(ERASED)]
