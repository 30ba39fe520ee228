"""Makes the template that the emulated AWS is given: the same, but for what an emulator on the loopback has not."""

from template import PATH


def template(port):
    """The text of the template, for an emulator on this port."""
    text = PATH.read_text(encoding="utf-8")
    # It has no names at Amazon, and no TLS between CloudFront and the API.
    text = once(
        text,
        "DomainName: !Sub ${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}",
        "DomainName: localhost\n            OriginPath: !Sub /_aws/execute-api/${Api}/$default",
    )
    text = once(
        text, "OriginProtocolPolicy: https-only", f"OriginProtocolPolicy: http-only\n              HTTPPort: {port}"
    )
    # Nor between CloudFront and the bucket, which the bucket's policy therefore must not ask for.
    text = without(text, "          - Sid: OnlyEncryptedConnections\n")
    # It has no alarms over several metrics.
    return without(text, "  Api4xxAlarm:\n")


def without(text, begin):
    """The same without what begins so, up to the next blank line."""
    start = text.index(begin)
    return text[:start] + text[text.index("\n\n", start) + 1 :]


def without_due(text):
    """The same as before the table had an index of what is due."""
    text = once(text, "        - { AttributeName: due, AttributeType: N }\n", "")
    start = text.index("        # For the schedule: queued emails")
    end = "          Projection: { ProjectionType: KEYS_ONLY }\n"
    return text[:start] + text[text.index(end, start) + len(end) :]


def with_store_at(text, address):
    """The same, where functions find their table at another address."""
    line = "          DAISYCHAIN_MAILER: ses\n"
    assert text.count(line) == 4
    return text.replace(line, f"{line}          AWS_ENDPOINT_URL_DYNAMODB: {address}\n")


def once(text, old, new):
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the template"
    return text.replace(old, new)
