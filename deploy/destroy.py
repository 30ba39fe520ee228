"""Deletes a campaign's stack, after showing what is deleted and kept. Uses CloudFormation and S3."""

from .account import Account
from .console import agrees, say, step, stop
from .stack import CodeBucket, Stack


def destroy(options):
    account = Account()
    stack = Stack(account, options.stack)
    outputs = stack.outputs()
    table, folder = outputs["Table"], f"/daisychain/{options.stack}"
    step("Deleted")
    say(f"  the site at {outputs['SiteUrl']}, and its files in the bucket {outputs['Bucket']}, with all their versions")
    say("  the functions and their logs, the API, the alarms, the sender's identity")
    step("Kept, with the commands to delete it")
    say(f"  the table {table} with every reply, reference and consent, and its 35 days of recovery:")
    say(f"    aws dynamodb update-table --table-name {table} --no-deletion-protection-enabled")
    say(f"    aws dynamodb delete-table --table-name {table}")
    say("  the secrets; without the person key no one in the table can be found again:")
    say(f"    aws ssm delete-parameters --names {folder}/token-keys {folder}/person-key {folder}/origin-secret")
    say(f"  the functions' code in {CodeBucket(account).name}, and the certificate, if there is one: they cost almost")
    say("    nothing, and other campaigns may use them")
    if not options.yes and not agrees("\nThe site will no longer be available to visitors.", options.stack):
        stop("nothing was changed", f"type the stack's name, `{options.stack}`, to continue")
    empty(account, outputs["Bucket"])
    say("deleting the stack: about 5 to 10 minutes, most of it CloudFront")
    stack.remove()
    say(f"stack `{options.stack}` is deleted; the table {table} is kept")


def empty(account, bucket):
    """Deletes every version of every file; a bucket must be empty to be deleted."""
    client = account.client("s3")
    count = 0
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": it["Key"], "VersionId": it["VersionId"]} for it in versions]
        if objects:
            client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            count += len(objects)
    say(f"deleted {count} files and earlier versions from {bucket}")
