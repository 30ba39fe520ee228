"""Looks up what a stack stored and logged of one reply. Uses DynamoDB and CloudWatch Logs; changes nothing."""

import json

# Crockford's base 32, in which a ULID is written.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# The mails that follow a reply, and a sign-up for the newsletter; `Letter::word` in functions/src/store.rs.
NOTICE, ACKNOWLEDGEMENT, CONFIRMATION = "notice", "acknowledgement", "confirmation"


class Record:
    """A reply or a subscriber in the table."""

    def __init__(self, form, sort, name, body):
        self.form, self.sort, self.name = form, sort, name
        self.text, self.body = body, json.loads(body)

    @property
    def is_reply(self):
        return self.sort == "reply"

    @property
    def held(self):
        """Why a person should look at it first; None where it was accepted."""
        return self.body.get("held")

    def mail_prefix(self):
        """How the ids of its mails begin: a ULID's first ten characters are its time, and a mail is owed from the
        moment of the reply or the sign-up."""
        return self.name[:10] if self.is_reply else ulid_time(self.body["mailed"][-1])


def ulid_time(millis):
    """The first ten characters of a ULID of that time."""
    return "".join(CROCKFORD[millis >> 5 * place & 31] for place in reversed(range(10)))


class Table:
    """The stack's table."""

    def __init__(self, account, name):
        self.client = account.client("dynamodb")
        self.name = name

    def body(self, key, sort):
        """What an item holds, as it stands; None where there is none."""
        keys = {"pk": {"S": key}, "sk": {"S": sort}}
        item = self.client.get_item(TableName=self.name, Key=keys, ConsistentRead=True).get("Item")
        return item and item["body"]["S"]

    def find(self, form, reference):
        """The record that a reference leads to; None where there is none."""
        for reference_sort, kind, sort in (("reference", "SUB", "reply"), ("person", "PERSON", "person")):
            if name := self.body(f"{form}#REF#{reference}", reference_sort):
                name = json.loads(name)
                body = self.body(f"{form}#{kind}#{name}", sort)
                return body and Record(form, sort, name, body)
        return None

    def holds(self, record, text):
        """Whether a record still has a text in it."""
        kind = "SUB" if record.is_reply else "PERSON"
        return text in (self.body(f"{record.form}#{kind}#{record.name}", record.sort) or "")

    def owed(self, record):
        """In which lists mails about a record still are: `waiting`, `failed`."""
        return {outbox for outbox in ("waiting", "failed") if self.lists(f"OUTBOX#{outbox}", record.name)}

    def lists(self, name, about):
        """Whether a list of the index `due`, which has keys alone, leads to a mail about something."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName="due",
            KeyConditionExpression="#list = :list",
            ExpressionAttributeNames={"#list": "list"},
            ExpressionAttributeValues={":list": {"S": name}},
        )
        keys = [(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]]
        # A mail that has been sent by now is gone.
        mails = [json.loads(body) for body in (self.body(*key) for key in keys) if body]
        return any(mail["about"] == about for mail in mails)


class Log:
    """The functions' logs."""

    def __init__(self, account, stack):
        self.client = account.client("logs")
        self.folder = f"/daisychain/{stack}/"

    def mails(self, prefix, since):
        """What is logged of mails whose ids begin so, since a time in milliseconds: events, the oldest first."""
        groups = self.client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=self.folder)
        found = []
        for group in [it["logGroupName"] for page in groups for it in page["logGroups"]]:
            pages = self.client.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=since, filterPattern=f'{{ $.id = "{prefix}*" }}'
            )
            found += [(it["timestamp"], read_event(it["message"])) for page in pages for it in page["events"]]
        # Lambda's own lines are no events, and not every emulator filters.
        found = [(at, event) for at, event in found if event and str(event.get("id", "")).startswith(prefix)]
        return [event for _, event in sorted(found, key=lambda it: it[0])]


def read_event(message):
    """The event in a line of a log; None where it holds none."""
    try:
        event = json.loads(message)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
