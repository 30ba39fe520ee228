"""Takes a campaign off AWS: says what goes and what stays, and asks. Uses CloudFormation and S3."""

from .account import Account
from .say import agrees, say, step, stop
from .stack import CodeBucket, Stack


def destroy(options):
    account = Account()
    stack = Stack(account, options.stack)
    outputs = stack.outputs()
    table, folder = outputs["Table"], f"/daisychain/{options.stack}"
    step("What goes")
    say(f"  the site at {outputs['SiteUrl']}, and its files in the bucket {outputs['Bucket']}, with all their versions")
    say("  the functions, what they wrote to their logs, the way in, the alarms, the sender's identity")
    step("What stays, and how it goes")
    say(f"  the table {table} with every reply, reference and consent, and its recovery of 35 days:")
    say(f"    aws dynamodb update-table --table-name {table} --no-deletion-protection-enabled")
    say(f"    aws dynamodb delete-table --table-name {table}")
    say("  the secrets; without the person key nobody in the table is found again:")
    say(f"    aws ssm delete-parameters --names {folder}/token-keys {folder}/person-key {folder}/origin-secret")
    say(f"  the functions' code in {CodeBucket(account).name}, and a certificate, if you have one: they cost nothing worth")
    say("    a word, and other campaigns may use them")
    if not options.yes and not agrees("\nVisitors will find nothing any more.", options.stack):
        stop("nothing was changed", f"type the stack's name, `{options.stack}`, to go on")
    empty(account, outputs["Bucket"])
    say("removing the stack: some 5 to 10 minutes, most of it CloudFront")
    stack.remove()
    say(f"the stack `{options.stack}` is gone; the table {table} is kept")


def empty(account, bucket):
    """Removes every version of every file, without which a bucket cannot go."""
    client = account.client("s3")
    count = 0
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": it["Key"], "VersionId": it["VersionId"]} for it in versions]
        if objects:
            client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            count += len(objects)
    say(f"removed {count} files and former versions from {bucket}")
