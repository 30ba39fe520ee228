"""Generates a number of stories, always the same. Pure.

A story has a title, date, author, three of forty tags, and about 650 words with headings, a list, a table, a quotation and
links to other stories.
"""

import datetime
import functools
import random

WORDS = (
    "neighbour garden kettle window street lunch Sunday walk bench library choir allotment parcel morning letter bus park "
    "kitchen music stair balcony story daughter friend market bread summer rain evening hall corner shop phone call hand "
    "door smile table chair song book team group visit helped listened shared cooked planted mended carried waved sang "
    "wrote read learned found kept gave brought made took asked told heard warm quiet small bright old new kind brave slow "
    "gentle busy early late near every another together again always often sometimes never and but then so because while "
    "when where with without for from into over under after before"
).split()
TAGS = [f"{first} {second}" for first in ("growing", "sharing", "making", "meeting", "helping") for second in
        ("food", "music", "streets", "gardens", "skills", "stories", "books", "walks")]
PEOPLE = ["Amina Yusuf", "Bill Carter", "Chen Wei", "Dorota Nowak", "Efua Mensah", "Farah Khan", "George Hill", "Harpreet Gill"]
FIRST_DAY = datetime.date(2020, 3, 23)
# As in daisy: the number of related stories, and the number of newest stories of each tag that are considered.
RELATED, CANDIDATES = 3, 200


class Story:
    """One story. `name` is the stem of its file; `body` takes a function that returns a tool's link to a story."""

    def __init__(self, number, count):
        self.number, self.count = number, count
        self.name = name(number)
        dice = random.Random(number)
        self.title = f"{' '.join(dice.choices(WORDS, k=5)).capitalize()} {number}"
        self.date = (FIRST_DAY + datetime.timedelta(days=number % 2000)).isoformat()
        self.author = dice.choice(PEOPLE)
        self.tags = dice.sample(TAGS, 3)
        self.dice = dice.random()

    def body(self, link):
        dice = random.Random(self.dice)
        paragraph = lambda words: " ".join(sentence(dice) for _ in range(words // 12))
        near = [(self.number + step) % self.count for step in (1, 7, 31)]
        return "\n\n".join([
            paragraph(90),
            f"## {sentence(dice)[:-1]}",
            f"{paragraph(70)} It began with [{name(near[0])}]({link(name(near[0]))}), and **{dice.choice(WORDS)}**. {paragraph(40)}",
            "\n".join(f"- {sentence(dice)}" for _ in range(5)),
            f"## {sentence(dice)[:-1]}",
            f"{paragraph(80)} See [how it went on]({link(name(near[1]))}) and *{dice.choice(WORDS)}*.",
            "| day | what | who |\n| --- | :--- | ---: |\n"
            + "\n".join(f"| {day} | {dice.choice(WORDS)} {dice.choice(WORDS)} | {dice.choice(PEOPLE)} |" for day in ("Mon", "Tue", "Wed", "Thu")),
            f"> {paragraph(40)}",
            f"### {sentence(dice)[:-1]}",
            f"{paragraph(100)} [Another one]({link(name(near[2]))}) is like it.",
            paragraph(120),
        ]) + "\n"


def name(number):
    return f"story-{number:06}"


def sentence(dice):
    words = dice.choices(WORDS, k=dice.randint(8, 16))
    return f"{' '.join(words).capitalize()}."


def stories(count):
    return (Story(number, count) for number in range(count))


@functools.cache
def related(count):
    """For each story, by number, those that share the most tags with it, newest first."""
    newest = sorted(stories(count), key=lambda story: story.date, reverse=True)
    tagged = {tag: set() for tag in TAGS}
    for place, story in enumerate(newest):
        for tag in story.tags:
            if len(tagged[tag]) < CANDIDATES:
                tagged[tag].add(place)
    found = {}
    for place, story in enumerate(newest):
        one, two, three = (tagged[tag] for tag in story.tags)
        chosen = []
        for sharing in (one & two & three, (one & two) | (one & three) | (two & three), one | two | three):
            chosen += sorted(sharing - {place, *chosen})[:RELATED - len(chosen)]
        found[story.number] = [newest[other] for other in chosen]
    return found
