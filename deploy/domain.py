"""The site's own domain: zone, certificate and DNS records. Uses Route 53 and ACM."""

import time

from .console import say

# CloudFront only reads certificates from this region.
CERTIFICATES = "us-east-1"


class Zone:
    """A Route 53 zone in this account."""

    def __init__(self, account, zone):
        self.client = account.client("route53")
        self.id = zone["Id"].rsplit("/", 1)[-1]

    def put(self, records):
        """Writes CNAME records: {name: value}."""
        changes = [
            {
                "Action": "UPSERT",
                "ResourceRecordSet": {
                    "Name": name,
                    "Type": "CNAME",
                    "TTL": 300,
                    "ResourceRecords": [{"Value": value}],
                },
            }
            for name, value in records.items()
        ]
        if changes:
            self.client.change_resource_record_sets(HostedZoneId=self.id, ChangeBatch={"Changes": changes})


def zone_of(account, name):
    """The account's public zone for `name`, or None if its DNS is elsewhere."""
    pages = account.client("route53").get_paginator("list_hosted_zones").paginate()
    zones = [zone for page in pages for zone in page["HostedZones"] if not zone["Config"].get("PrivateZone")]
    fits = [zone for zone in zones if f".{name}.".endswith(f".{zone['Name']}")]
    return Zone(account, max(fits, key=lambda zone: len(zone["Name"]))) if fits else None


def certificate(account, domain, zone, notes, stack):
    """The certificate's ARN if it is issued; otherwise an empty string, and a note about what to do."""
    client = account.client("acm", CERTIFICATES)
    pages = client.get_paginator("list_certificates").paginate(CertificateStatuses=["ISSUED", "PENDING_VALIDATION"])
    found = [it for page in pages for it in page["CertificateSummaryList"] if it["DomainName"] == domain]
    issued = [it for it in found if it.get("Status", "ISSUED") == "ISSUED"]
    if issued:
        return issued[0]["CertificateArn"]
    if found:
        arn = found[0]["CertificateArn"]
    else:
        tags = [{"Key": "daisychain", "Value": stack}]
        arn = client.request_certificate(DomainName=domain, ValidationMethod="DNS", Tags=tags)["CertificateArn"]
        say(f"requested a certificate for {domain} in {CERTIFICATES}, where CloudFront reads it")
    record = proof(client, arn)
    if zone:
        zone.put(dict([record]))
        say(f"waiting a few minutes for the certificate of {domain}")
        client.get_waiter("certificate_validated").wait(CertificateArn=arn)
        return arn
    notes.add(
        f"Prove that {domain} is yours. Add this record to its DNS:\n"
        f"    CNAME  {record[0]}\n"
        f"        →  {record[1]}\n"
        "A few minutes later, run the same command again. Until then the site is at CloudFront's own address."
    )
    return ""


def proof(client, arn):
    """The record that proves to AWS that the domain is ours: (name, value)."""
    for _ in range(60):
        (option,) = client.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
        if "ResourceRecord" in option:
            return option["ResourceRecord"]["Name"], option["ResourceRecord"]["Value"]
        time.sleep(1)
    raise TimeoutError("ACM gives no record for the certificate")


def note_address(domain, outputs, zone, notes):
    """Adds a note with the domain's DNS record, if its DNS is not in this account."""
    if zone is None and outputs["SiteUrl"] == f"https://{domain}":
        notes.add(
            f"Point {domain} to the site. Add this record to its DNS:\n"
            f"    CNAME  {domain}\n"
            f"        →  {outputs['DistributionDomain']}\n"
            "(A domain without www cannot have a CNAME: use ALIAS or ANAME, or move its DNS to Route 53.)"
        )
