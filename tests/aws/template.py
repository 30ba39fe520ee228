"""Evaluates functions/template.yaml for given parameters, as CloudFormation would. Reads a file."""

import copy
import functools
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATH = ROOT / "functions" / "template.yaml"

# Pseudo parameters of a stack in the tests.
STACK = {
    "AWS::StackName": "daisy",
    "AWS::Region": "eu-west-2",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackId": "arn:aws:cloudformation:eu-west-2:123456789012:stack/daisy/1",
    "AWS::NoValue": None,
}
GIVEN = {
    "MailFrom": "hello@daisy.example",
    "Phone": "024 7600 0000",
    "TeamEmail": "team@daisy.example",
    "CodeBucket": "code",
    "NewsletterCode": "newsletter.zip",
    "VolunteerCode": "volunteer.zip",
    "ChatCode": "chat.zip",
    "EnquiryCode": "enquiry.zip",
    "OriginSecret": "0" * 32,
    "MailIdentity": "daisy.example",
}


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Loads YAML with CloudFormation's short forms, converted to the long ones."""


def short_form(loader, tag, node):
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if tag == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", short_form)


@functools.cache
def read():
    return yaml.load(PATH.read_text(encoding="utf-8"), Loader)


def raw():
    """The template as written."""
    return copy.deepcopy(read())


class Template:
    """The template with conditions and functions evaluated. Values that only a running stack has, such as an ARN, are
    `<Name>` or `<Name.Attribute>`."""

    def __init__(self, **parameters):
        self.document = raw()
        declared = self.document["Parameters"]
        values = {name: parameter.get("Default") for name, parameter in declared.items()}
        values.update(GIVEN)
        values.update(parameters)
        missing = [name for name, value in values.items() if value is None]
        unknown = set(values) - set(declared)
        assert not missing and not unknown, (missing, unknown)
        self.values = {**{name: str(value) for name, value in values.items()}, **STACK}
        self.resources = {
            name: self.resource(resource)
            for name, resource in self.document["Resources"].items()
            if self.holds(resource.get("Condition"))
        }
        self.outputs = {
            name: self.evaluate(output["Value"])
            for name, output in self.document["Outputs"].items()
            if self.holds(output.get("Condition"))
        }

    def of(self, kind):
        """The resources of one type, by name."""
        return {name: it for name, it in self.resources.items() if it["Type"] == kind}

    def resource(self, resource):
        return {**resource, "Properties": self.evaluate(resource.get("Properties", {}))}

    def holds(self, name):
        return name is None or self.decide(self.document["Conditions"][name])

    def decide(self, condition):
        ((name, of),) = condition.items()
        if name == "Condition":
            return self.holds(of)
        if name == "Fn::Equals":
            return self.evaluate(of[0]) == str(self.evaluate(of[1]))
        if name == "Fn::Not":
            return not self.decide(of[0])
        assert name == "Fn::And", name
        return all(self.decide(part) for part in of)

    def evaluate(self, value):
        if isinstance(value, list):
            parts = [self.evaluate(part) for part in value]
            return [part for part in parts if part is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, of),) = value.items()
            if name == "Ref":
                return self.values[of] if of in self.values else f"<{of}>"
            if name == "Fn::GetAtt":
                return f"<{'.'.join(of)}>"
            if name == "Fn::Sub":
                return re.sub(r"\$\{([^}]+)\}", lambda found: self.named(found[1]), of)
            if name == "Fn::If":
                return self.evaluate(of[1] if self.holds(of[0]) else of[2])
            assert not name.startswith("Fn::"), name
        parts = {name: self.evaluate(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None}

    def named(self, name):
        return str(self.values[name]) if name in self.values else f"<{name}>"
