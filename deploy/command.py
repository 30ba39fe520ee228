"""Runs other programs: cargo, rustup, objdump, daisy."""

import os
import shutil
import subprocess

from .console import stop


def output(*words):
    """A program's output; empty if it is missing or fails."""
    if shutil.which(words[0]) is None:
        return ""
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def run(*words, environment=None, may_fail=False, fine=(0,)):
    """Runs a program with its output shown; stops if its exit code is not in `fine`, unless `may_fail`."""
    if shutil.which(words[0]) is None:
        stop(f"`{words[0]}` is missing", "docs/deploy.md lists what you need to install")
    code = subprocess.run(words, env={**os.environ, **(environment or {})}).returncode
    if code not in fine and not may_fail:
        stop(f"`{' '.join(map(str, words))}` failed with exit code {code}", "its output above says why")


def daisy(program, *words, root, environment=None, may_fail=False, fine=(0,)):
    """Runs `daisy`: `program` if given, otherwise built with cargo."""
    built = ["cargo", "run", "--locked", "--quiet", "-p", "daisychain", "--features", "publish", "--"]
    call = (*([program] if program else built), *words, "--root", str(root))
    run(*call, environment=environment, may_fail=may_fail, fine=fine)
