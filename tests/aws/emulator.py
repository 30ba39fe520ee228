"""An emulated AWS and a campaign to deploy to it, for the tests of `make deploy`."""

import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import urllib.request

import boto3

import emulated
from template import ROOT

sys.path.insert(0, str(ROOT))
from deploy.build import FUNCTIONS, pack  # noqa: E402

ENDPOINT = os.environ.get("DAISYCHAIN_TEST_DYNAMODB", "")
STACK = "daisy"
# Gets the notices of one form; those of the others go to the campaign's own address.
VOLUNTEERS = "volunteers@street.coop"


@functools.cache
def target():
    """Cargo's target folder."""
    words = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"]
    found = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    return pathlib.Path(json.loads(found.stdout)["target_directory"]) / "debug"


def daisy():
    return os.environ.get("DAISY", str(target() / "daisy"))


@functools.cache
def client(service, region=None):
    """A client of the emulated AWS, cached because creating one loads the service's whole model."""
    return boto3.client(service, endpoint_url=ENDPOINT, region_name=region)


class Campaign:
    """A copy of the campaign's content with contact details that are not examples, and what `make deploy` needs."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder)
        shutil.copytree(ROOT / "content", self.root / "content")
        # A form without its own function, from the guide.
        guide = (ROOT / "docs/forms.md").read_text(encoding="utf-8")
        lunch = guide.split("```yaml\ntitle: Come to lunch\n")[1].split("```")[0]
        (self.root / "content/forms/lunch.yaml").write_text(f"title: Come to lunch\n{lunch}", encoding="utf-8")
        for file in (self.root / "content").rglob("*"):
            if file.suffix in (".md", ".yaml"):
                text = file.read_text(encoding="utf-8")
                text = text.replace("01632 960123", "024 7600 0000").replace("tel:01632960123", "tel:02476000000")
                text = text.replace("hello@example.org", "hello@daisy.coop")
                text = text.replace("An example address, Coventry", "1 The Hall, Coventry")
                file.write_text(text.replace(" (example number and hours)", ""), encoding="utf-8")
        form = self.root / "content/forms/volunteer.yaml"
        form.write_text(f"{form.read_text(encoding='utf-8')}notify: {VOLUNTEERS}\n", encoding="utf-8")
        # A story whose address has changed.
        story = self.root / "content/stories/rose.md"
        story.write_text(story.read_text(encoding="utf-8").replace("title: Rose\n", "title: Rose\naliases: [/rose/]\n", 1))
        self.binaries = self.root / "binaries"
        self.binaries.mkdir()
        # The functions that the Rust tests use, stripped and packed once like the zips of a release.
        for name in FUNCTIONS:
            binary = self.root / name
            subprocess.run(["strip", "-o", binary, target() / name], check=True)
            (self.binaries / f"{name}-0.1.0.zip").write_bytes(pack(binary))
            binary.unlink()
        self.template = self.root / "template.yaml"
        self.template.write_text(emulated.template(int(ENDPOINT.rsplit(":", 1)[1])), encoding="utf-8")

    def daisy(self, *words):
        """Runs `daisy` as the team does; returns its output."""
        keys = {
            "DAISYCHAIN_TOKEN_KEYS": secret("token-keys"),
            "DAISYCHAIN_PERSON_KEY": secret("person-key"),
            "AWS_ENDPOINT_URL": ENDPOINT,
        }
        call = [daisy(), *words, "--root", self.root]
        return subprocess.run(call, env={**os.environ, **keys}, check=True, capture_output=True, text=True).stdout

    def run(self, task, *words, fails=False, asks=False):
        """Runs `make deploy`, `smoke` or `destroy` without input, as the Makefile does; returns the output."""
        command = [sys.executable, "-m", "deploy", task, "--stack", STACK, "--root", str(self.root)]
        command += ["--daisy", daisy(), *([] if asks else ["--yes"])]
        if task == "deploy":
            command += ["--binaries", str(self.binaries), "--template", str(self.template)]
        if task == "smoke":
            command += ["--through", ENDPOINT]
        environment = {**os.environ, "AWS_ENDPOINT_URL": ENDPOINT}
        done = subprocess.run(
            [*command, *words], cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, f"{task} ended with {done.returncode}:\n{said}"
        return said


@contextlib.contextmanager
def faulty_store():
    """A proxy to the emulated DynamoDB that fails some calls; yields its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    program = pathlib.Path(__file__).with_name("faulty_store.py")
    words = [sys.executable, program, str(port), ENDPOINT.split("//")[1]]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as proxy:
        try:
            assert proxy.stdout.readline() == "ready\n"
            yield f"http://127.0.0.1:{port}"
        finally:
            proxy.terminate()


def outputs():
    (stack,) = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}


def resource(name):
    """The physical id of one of the stack's resources."""
    found = client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=name)
    return found["StackResourceDetail"]["PhysicalResourceId"]


def secret(name):
    found = client("ssm").get_parameter(Name=f"/daisychain/{STACK}/{name}", WithDecryption=True)
    return found["Parameter"]["Value"]


def mails():
    """The emails that were sent, oldest first."""
    with urllib.request.urlopen(f"{ENDPOINT}/_ministack/ses/messages") as answer:
        return [mail for account in json.load(answer)["messages"].values() for mail in account]


def link(mail, page):
    """The path of the link in a newsletter's email."""
    return re.search(rf"https://[^/]+(/api/newsletter/{page}\?token=\S+)", mail["BodyText"])[1]


def items(table):
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]
