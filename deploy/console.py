"""Console output and questions."""

import sys


def say(text=""):
    print(text, flush=True)


def step(text):
    say(f"\n=== {text}")


def stop(text, *help_lines):
    """Prints an error and what to do, and exits."""
    print(f"error: {text}", file=sys.stderr)
    for line in help_lines:
        print(f"  = help: {line}", file=sys.stderr)
    sys.exit(2)


def agrees(question, word):
    """Asks a question; true if the answer is `word`."""
    try:
        return input(f"{question} Type `{word}` to continue: ").strip() == word
    except EOFError:
        return False


class Notes:
    """What is left for the person to do, printed at the end."""

    def __init__(self):
        self.notes = []

    def add(self, text):
        self.notes.append(text)

    def print(self):
        if not self.notes:
            return
        say("\nLeft for you to do:")
        for number, note in enumerate(self.notes, 1):
            first, *rest = note.splitlines()
            say(f"  {number}. {first}")
            for line in rest:
                say(f"     {line}")
