"""The words of the command line, and where they lead. `make deploy`, `make smoke` and `make destroy` call it."""

import argparse
import re

from .destroy import destroy
from .deploy import deploy
from .keys import ORIGIN_SECRET, TOKEN_KEYS
from .replay import replay
from .say import stop
from .smoke import smoke
from .stack import TEMPLATE


def arguments():
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    parser.add_argument("task", choices=["deploy", "smoke", "replay", "destroy"])
    parser.add_argument("--stack", required=True, help="the campaign's name on AWS, such as daisy")
    parser.add_argument("--root", default=".", help="the folder that holds content/")
    parser.add_argument("--daisy", help="a `daisy` that can publish, instead of building one")
    parser.add_argument("--through", help="where the site is asked, while its own name does not lead there yet")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--old", help="replay: the table in which erasures were noted")
    making = parser.add_argument_group("deploy")
    making.add_argument("--domain", help="the site's own domain")
    making.add_argument("--pages", help="where the pages are, if another host serves them: https://…")
    making.add_argument("--from", dest="sender", help="the sender of mails; the campaign's email address otherwise")
    making.add_argument("--team", help="who is told of alarms; the campaign's email address otherwise")
    making.add_argument("--budget", type=int, help="US dollars a month above which the team is told")
    making.add_argument("--mails", type=int, help="how many mails go out in an hour at most")
    making.add_argument("--repository", help="the GitHub repository (OWNER/NAME) that may publish")
    making.add_argument("--table", help="a table that was restored, to be used from now on, or to replay erasures in")
    making.add_argument("--rotate", choices=[TOKEN_KEYS, ORIGIN_SECRET], help="a secret to make anew")
    making.add_argument("--binaries", help="a folder with the functions or their zips, instead of building them")
    making.add_argument("--template", default=TEMPLATE, help="another template than functions/template.yaml")
    making.add_argument("--profile", default="lambda", help="cargo's profile")
    options = parser.parse_args()
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", options.stack):
        stop(
            f"`{options.stack}` is no name for a stack",
            "small letters, digits and hyphens, a letter first, 32 at most, such as STACK=daisy",
        )
    return options


if __name__ == "__main__":
    given = arguments()
    {"deploy": deploy, "smoke": smoke, "replay": replay, "destroy": destroy}[given.task](given)
