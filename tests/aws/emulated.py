"""Adapts the template to the emulated AWS, by removing what a local emulator does not support."""

from template import PATH


def template(port):
    """The template for an emulator on this port."""
    text = PATH.read_text(encoding="utf-8")
    # No Amazon host names, and no TLS between CloudFront and the API.
    text = once(
        text,
        "DomainName: !Sub ${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}",
        "DomainName: localhost\n            OriginPath: !Sub /_aws/execute-api/${Api}/$default",
    )
    text = once(
        text, "OriginProtocolPolicy: https-only", f"OriginProtocolPolicy: http-only\n              HTTPPort: {port}"
    )
    # No TLS between CloudFront and the bucket, so the bucket's policy must not require it.
    text = without(text, "          - Sid: OnlyEncryptedConnections\n")
    # No alarms over several metrics.
    return without(text, "  Api4xxAlarm:\n")


def without(text, begin):
    """Removes the block that starts with `begin`, up to the next blank line."""
    start = text.index(begin)
    return text[:start] + text[text.index("\n\n", start) + 1 :]


def without_due(text):
    """The template of an earlier version, without the index `due`."""
    text = once(text, "        - { AttributeName: due, AttributeType: N }\n", "")
    start = text.index("        # For the schedule: queued emails")
    end = "          Projection: { ProjectionType: KEYS_ONLY }\n"
    return text[:start] + text[text.index(end, start) + len(end) :]


def with_store_at(text, address):
    """The template with functions that connect to DynamoDB at another address."""
    line = "          DAISYCHAIN_MAILER: ses\n"
    assert text.count(line) == 4
    return text.replace(line, f"{line}          AWS_ENDPOINT_URL_DYNAMODB: {address}\n")


def once(text, old, new):
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the template"
    return text.replace(old, new)
