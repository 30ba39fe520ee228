"""Brings a campaign to AWS, tries it, and takes it away again: `make deploy`, `make smoke`, `make destroy`.

    __main__   the words of the command line
    deploy     from the site's own words to a stack that runs, in order
    smoke      a test reply to each form, through the public address
    forms      the forms of a page, filled in as a browser does
    records    what was stored and logged of a reply
    replay     after a restore, the erasures since
    destroy    what is removed, and what is kept

    campaign   what content/site.yaml says
    build      the functions for Amazon Linux: built, looked at, packed
    account    who we are, and what a new account lacks
    keys       the secrets, made once
    mail       which sender SES is to verify
    domain     the certificate and the DNS
    stack      CloudFormation: make, change, read, remove
    command    other programs: cargo, daisy
    say        words for a person
"""
