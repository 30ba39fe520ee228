"""After a table was restored: has everybody forgotten in it who asked to be forgotten since. Reads the former table;
uses `daisy inbox`."""

from .account import Account
from .build import FUNCTIONS
from .command import daisy
from .keys import PERSON_KEY, TOKEN_KEYS, Secrets
from .say import say, stop


def replay(options):
    if not options.old or not options.table:
        stop("two tables must be named", "make replay STACK=daisy OLD=the-former-table TABLE=the-restored-one")
    account = Account()
    keys, _ = Secrets(account, options.stack).read()
    environment = {"DAISYCHAIN_TOKEN_KEYS": keys[TOKEN_KEYS], "DAISYCHAIN_PERSON_KEY": keys[PERSON_KEY]}
    pages = account.client("dynamodb").get_paginator("query")
    count = 0
    for form in FUNCTIONS:
        found = pages.paginate(
            TableName=options.old,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"{form}#ERASED"}},
        )
        for person in [item["sk"]["S"] for page in found for item in page["Items"]]:
            daisy(
                *(options.daisy, "inbox", "--store", f"dynamodb:{options.table}", "erase", form, person),
                root=options.root,
                environment=environment,
            )
            count += 1
    say(f"{count} erasures of the last 40 days are done in {options.table} too")
