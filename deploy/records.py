"""Looks up what a stack stored and logged about a reply. Reads DynamoDB and CloudWatch Logs."""

import json

# Crockford's base 32, the alphabet of ULIDs.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# The kinds of email that follow a reply or a sign-up, as the functions store and log them.
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
        """Why it is held for review, or None."""
        return self.body.get("held")

    def mail_prefix(self):
        """How the ids of its emails start: the first ten characters of a ULID are its time, which is that of the reply
        or the sign-up."""
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
        """The body of an item, or None."""
        keys = {"pk": {"S": key}, "sk": {"S": sort}}
        item = self.client.get_item(TableName=self.name, Key=keys, ConsistentRead=True).get("Item")
        return item and item["body"]["S"]

    def find(self, form, reference):
        """The record with a reference, or None."""
        for reference_sort, kind, sort in (("reference", "SUB", "reply"), ("person", "PERSON", "person")):
            if name := self.body(f"{form}#REF#{reference}", reference_sort):
                name = json.loads(name)
                body = self.body(f"{form}#{kind}#{name}", sort)
                return body and Record(form, sort, name, body)
        return None

    def holds(self, record, text):
        """Whether a record still contains a text."""
        kind = "SUB" if record.is_reply else "PERSON"
        return text in (self.body(f"{record.form}#{kind}#{record.name}", record.sort) or "")

    def queued(self, record):
        """The states of queued emails about a record: `waiting`, `failed`."""
        return {outbox for outbox in ("waiting", "failed") if self.lists(f"OUTBOX#{outbox}", record.name)}

    def lists(self, name, about):
        """Whether a list of the index `due`, which only has keys, leads to an email about a record."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName="due",
            KeyConditionExpression="#list = :list",
            ExpressionAttributeNames={"#list": "list"},
            ExpressionAttributeValues={":list": {"S": name}},
        )
        keys = [(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]]
        # An email that has been sent meanwhile is gone.
        mails = [json.loads(body) for body in (self.body(*key) for key in keys) if body]
        return any(mail["about"] == about for mail in mails)


class Log:
    """The functions' logs."""

    def __init__(self, account, stack):
        self.client = account.client("logs")
        self.folder = f"/daisychain/{stack}/"

    def mails(self, prefix, since):
        """Events about emails whose ids start with `prefix`, since a time in milliseconds, oldest first."""
        groups = self.client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=self.folder)
        found = []
        for group in [it["logGroupName"] for page in groups for it in page["logGroups"]]:
            pages = self.client.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=since, filterPattern=f'{{ $.id = "{prefix}*" }}'
            )
            found += [(it["timestamp"], read_event(it["message"])) for page in pages for it in page["events"]]
        # Lambda's own lines are not events, and not every emulator filters.
        found = [(at, event) for at, event in found if event and str(event.get("id", "")).startswith(prefix)]
        return [event for _, event in sorted(found, key=lambda it: it[0])]


def read_event(message):
    """The event in a log line, or None."""
    try:
        event = json.loads(message)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
