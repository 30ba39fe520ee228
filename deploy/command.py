"""Runs other programs: cargo, rustup, objdump, daisy."""

import os
import shutil
import subprocess

from .say import stop


def output(*words):
    """What a program says; nothing where it is missing or fails."""
    if shutil.which(words[0]) is None:
        return ""
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def run(*words, environment=None, may_fail=False, fine=(0,)):
    """Runs a program in front of the person; stops if it ends with an exit code that is not fine, unless it may."""
    if shutil.which(words[0]) is None:
        stop(f"`{words[0]}` is missing", "docs/deploy.md says what must be there")
    code = subprocess.run(words, env={**os.environ, **(environment or {})}).returncode
    if code not in fine and not may_fail:
        stop(f"`{' '.join(map(str, words))}` failed with {code}", "what it says above is what is wrong")


def daisy(program, *words, root, environment=None, may_fail=False, fine=(0,)):
    """Runs `daisy`: the one that was named, or else the one that is built here."""
    built = ["cargo", "run", "--locked", "--quiet", "-p", "daisychain", "--features", "publish", "--"]
    call = (*([program] if program else built), *words, "--root", str(root))
    run(*call, environment=environment, may_fail=may_fail, fine=fine)
