"""Deploys a campaign to AWS, tests it and deletes it: `make deploy`, `make smoke`, `make destroy`.

    __main__   the command line
    deploy     creates or updates the stack, then publishes the site
    smoke      sends a test reply to each form through the public address
    forms      fills in the forms of a page as a browser does
    records    looks up what was stored and logged about a reply
    replay     repeats erasures after a restore
    destroy    deletes the stack and keeps the replies

    campaign   reads content/site.yaml
    build      builds, checks and packs the functions for Amazon Linux
    account    the AWS account and the limits of a new one
    keys       creates and rotates the secrets
    mail       the sender that SES verifies
    domain     certificate and DNS
    stack      CloudFormation: create, update, read, delete
    command    runs other programs: cargo, daisy
    console    output and questions
"""
