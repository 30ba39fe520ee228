"""Words for a person, and answers of theirs. Writes to the terminal."""

import sys


def say(text=""):
    print(text, flush=True)


def step(text):
    say(f"\n=== {text}")


def stop(text, *help_lines):
    """Ends with an error and what to do about it."""
    print(f"error: {text}", file=sys.stderr)
    for line in help_lines:
        print(f"  = help: {line}", file=sys.stderr)
    sys.exit(2)


def agrees(question, word):
    """Whether the person types `word`."""
    try:
        return input(f"{question} Type `{word}` to go on: ").strip() == word
    except EOFError:
        return False


class Notes:
    """What is left for the person to do, told at the end, where it is seen."""

    def __init__(self):
        self.notes = []

    def add(self, text):
        self.notes.append(text)

    def tell(self):
        if not self.notes:
            return
        say("\nLeft for you to do:")
        for number, note in enumerate(self.notes, 1):
            first, *rest = note.splitlines()
            say(f"  {number}. {first}")
            for line in rest:
                say(f"     {line}")
