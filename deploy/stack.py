"""Creates, updates, reads and deletes the stack. Uses CloudFormation and S3."""

import pathlib
import time
import uuid

from botocore.exceptions import ClientError

from .console import say, stop

TEMPLATE = pathlib.Path(__file__).resolve().parents[1] / "functions" / "template.yaml"
# States of a stack whose creation failed: it can only be deleted.
CREATION_FAILED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
# CloudFront's error for an account that AWS has not verified. It only comes when a distribution is created.
UNVERIFIED = "account must be verified before you can add new CloudFront resources"


def code_of(error):
    return error.response["Error"]["Code"]


class CodeBucket:
    """Holds the zips and the template that the stack is created from. One for each account and region."""

    def __init__(self, account):
        self.account = account
        self.client = account.client("s3")
        self.name = f"daisychain-code-{account.id}-{account.region}"

    def make(self):
        try:
            self.client.head_bucket(Bucket=self.name)
            return
        except ClientError as error:
            if code_of(error) not in ("404", "NoSuchBucket"):
                stop(f"the bucket {self.name} cannot be used: {error}")
        # S3 wants the region as a constraint, but refuses `us-east-1`.
        where = {"LocationConstraint": self.account.region}
        options = {} if self.account.region == "us-east-1" else {"CreateBucketConfiguration": where}
        try:
            self.client.create_bucket(Bucket=self.name, **options)
        except self.client.exceptions.BucketAlreadyOwnedByYou:
            pass  # created by an earlier try of this call, whose answer was lost
        self.client.put_public_access_block(
            Bucket=self.name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )
        self.client.put_bucket_tagging(
            Bucket=self.name, Tagging={"TagSet": [{"Key": "daisychain", "Value": "code"}]}
        )
        say(f"created the bucket {self.name} for the functions' code")

    def put(self, key, data):
        self.client.put_object(Bucket=self.name, Key=key, Body=data)
        return key


class Stack:
    """One campaign's stack."""

    def __init__(self, account, name):
        self.client = account.client("cloudformation")
        self.account = account
        self.name = name

    def describe(self):
        """CloudFormation's description of the stack, or None."""
        try:
            return self.client.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise

    def outputs(self):
        stack = self.describe()
        if stack is None:
            stop(f"there is no stack `{self.name}` in {self.account.region}", "run `make deploy`, or set another AWS_REGION")
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def parameters(self):
        """The stack's current parameters, as far as CloudFormation shows them."""
        stack = self.describe() or {}
        return {it["ParameterKey"]: it["ParameterValue"] for it in stack.get("Parameters", [])}

    def resources(self, kind=None):
        """{name in the template: name on AWS}, of all resources or of one type."""
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = [it for page in pages for it in page["StackResourceSummaries"]]
        return {
            it["LogicalResourceId"]: it.get("PhysicalResourceId", "")
            for it in found
            if kind in (None, it["ResourceType"])
        }

    def put(self, code, parameters, template):
        """Creates the stack, or updates it to the template."""
        stack = self.describe()
        if stack and stack["StackStatus"] in CREATION_FAILED:
            self.clear_away()
            stack = None
        key = code.put(f"{self.name}/template.yaml", pathlib.Path(template).read_bytes())
        where = self.account.client("s3").generate_presigned_url("get_object", {"Bucket": code.name, "Key": key})
        arguments = {
            "StackName": self.name,
            # CloudFormation reads the bucket with our own permissions, and refuses a signed address.
            "TemplateURL": where.split("?")[0],
            "Parameters": [{"ParameterKey": name, "ParameterValue": str(it)} for name, it in parameters.items()],
            "Capabilities": ["CAPABILITY_IAM"],
            "Tags": [{"Key": "daisychain", "Value": self.name}],
        }
        try:
            # The token lets CloudFormation recognise a repeated call whose answer was lost.
            token = arguments["ClientRequestToken"] = uuid.uuid4().hex
            if stack is None:
                say(f"creating stack `{self.name}`: about 5 to 10 minutes the first time, most of it CloudFront")
                self.client.create_stack(**arguments)
            else:
                self.client.update_stack(**arguments)
        except ClientError as error:
            if "No updates are to be performed" in error.response["Error"]["Message"]:
                say(f"stack `{self.name}` is up to date")
                return
            if not self.has_begun(token):
                raise
        self.wait({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
        say(f"stack `{self.name}` is ready")

    def has_begun(self, token):
        """Whether CloudFormation has started the change with this token."""
        if self.describe() is None:
            return False
        events = self.client.describe_stack_events(StackName=self.name)["StackEvents"]
        return any(event.get("ClientRequestToken") == token for event in events)

    def wait(self, wanted):
        """Waits until CloudFormation has finished; stops with its reasons if the state is not a wanted one."""
        pause = 0.5
        while True:
            stack = self.describe()
            status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            if not status.endswith("_IN_PROGRESS"):
                break
            time.sleep(pause)
            pause = min(5, pause * 1.2)
        if status in wanted:
            return
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=stack["StackId"])
        reasons = []
        for event in reversed([event for page in pages for event in page["StackEvents"]]):
            reason = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
                say(f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
                reasons.append(reason)
        if any(UNVERIFIED in reason for reason in reasons):
            stop(
                f"AWS has not verified this account for CloudFront yet; stack `{self.name}` ended as {status}",
                "ask for it: https://console.aws.amazon.com/support/home#/case/create > Account and billing, which is free.",
                "Paste the line above that starts with `Distribution`. It takes a day or two",
                "then run the same command again, which continues from here",
            )
        stop(f"stack `{self.name}` ended as {status}", "fix the problem shown above, then run the same command again")

    def clear_away(self):
        """Deletes a stack whose creation failed. Its table, which the template always keeps, is deleted if it is empty."""
        say(f"deleting what is left of a failed attempt to create `{self.name}`")
        tables = self.resources("AWS::DynamoDB::Table").values()
        self.remove()
        client = self.account.client("dynamodb")
        for table in filter(None, tables):
            try:
                if client.scan(TableName=table, Limit=1)["Count"] == 0:
                    client.update_table(TableName=table, DeletionProtectionEnabled=False)
                    client.delete_table(TableName=table)
            except client.exceptions.ResourceNotFoundException:
                pass

    def remove(self):
        self.client.delete_stack(StackName=self.name)
        self.wait({"DELETE_COMPLETE"})
