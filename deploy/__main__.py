"""The command line of `make deploy`, `make smoke`, `make replay` and `make destroy`."""

import argparse
import re

from .destroy import destroy
from .console import stop
from .deploy import deploy
from .keys import ORIGIN_SECRET, TOKEN_KEYS
from .replay import replay
from .smoke import smoke
from .stack import TEMPLATE


def arguments():
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    parser.add_argument("task", choices=["deploy", "smoke", "replay", "destroy"])
    parser.add_argument("--stack", required=True, help="the campaign's name on AWS, such as daisy")
    parser.add_argument("--root", default=".", help="folder that contains content/")
    parser.add_argument("--daisy", help="a `daisy` binary with the feature `publish`, instead of building one")
    parser.add_argument("--through", help="address to send requests to while the site's own name does not point to it")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--old", help="replay: the previous table, which has the erasures")
    making = parser.add_argument_group("deploy")
    making.add_argument("--domain", help="the site's own domain")
    making.add_argument("--pages", help="address of the pages, if another host serves them: https://…")
    making.add_argument("--from", dest="sender", help="sender of emails [default: the campaign's email address]")
    making.add_argument("--team", help="who gets alarms [default: the campaign's email address]")
    making.add_argument("--budget", type=int, help="monthly budget in US dollars, above which the team is told")
    making.add_argument("--mails", type=int, help="maximum number of emails an hour")
    making.add_argument("--repository", help="GitHub repository (OWNER/NAME) that may publish")
    making.add_argument("--table", help="a restored table to use from now on, or to replay erasures in")
    making.add_argument("--rotate", choices=[TOKEN_KEYS, ORIGIN_SECRET], help="secret to rotate")
    making.add_argument("--binaries", help="folder with the functions' binaries or zips, instead of building them")
    making.add_argument("--template", default=TEMPLATE, help="template to use instead of functions/template.yaml")
    making.add_argument("--profile", default="lambda", help="cargo profile")
    options = parser.parse_args()
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", options.stack):
        stop(
            f"`{options.stack}` is not a valid stack name",
            "use at most 32 lower case letters, digits and hyphens, starting with a letter, such as STACK=daisy",
        )
    return options


if __name__ == "__main__":
    given = arguments()
    {"deploy": deploy, "smoke": smoke, "replay": replay, "destroy": destroy}[given.task](given)
