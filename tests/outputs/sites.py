"""The sites that these tests look at, built by the real `daisy` into a temporary folder: the campaign, and the one that
uses everything. Starts processes; writes nothing outside that folder."""

import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import lxml.html

REPOSITORY = Path(__file__).resolve().parents[2]
KITCHEN_SINK = REPOSITORY / "tests/sites/kitchen-sink"

# What stands in every kind of metadata of the pictures that are built, and nowhere else.
SECRET = "14 Rose Lane"

_folder = tempfile.TemporaryDirectory(prefix="daisychain-outputs-")


@functools.cache
def daisy():
    """The program under test: `DAISY`, or the one that `make test-programs` built."""
    if os.environ.get("DAISY"):
        return os.environ["DAISY"]
    words = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"]
    metadata = json.loads(subprocess.run(words, cwd=REPOSITORY, check=True, capture_output=True).stdout)
    path = Path(metadata["target_directory"]) / "debug/daisy"
    if not path.is_file():
        raise SystemExit(f"{path} is missing; run `make test-programs`")
    return str(path)


class Site:
    """A copy of a site, and what `daisy build` made of it."""

    def __init__(self, name, source, base_url):
        self.name, self.base_url = name, base_url
        self.root = Path(_folder.name) / name
        for folder in ("content", "themes"):
            if (source / folder).exists():
                shutil.copytree(source / folder, self.root / folder)
        tell_everything(self.root)
        with (self.root / "content/site.yaml").open("a", encoding="utf-8") as settings:
            settings.write(f"forms_url: {base_url}\n")
        self.out = self.build()

    def __str__(self):
        return self.name

    def build(self, *words, out="dist"):
        """Builds the site into a folder of its root."""
        out = self.root / out
        command = [daisy(), "build", "--quiet", "--root", self.root, "--out", out, "--base-url", self.base_url, *words]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        assert built.returncode == 0, f"{self} does not build:\n{built.stderr}"
        return out

    def files(self, *endings):
        """The built files with these endings, in order; all of them where none is given."""
        found = (path for path in self.out.rglob("*") if path.is_file())
        return sorted(path for path in found if not endings or path.suffix in endings)

    @functools.cached_property
    def pages(self):
        """Every built page that is one, read, by its address; those that only lead on are left out."""
        found = {}
        for path in self.files(".html"):
            page = lxml.html.fromstring(path.read_bytes(), parser=lxml.html.HTMLParser(encoding="utf-8"))
            if not page.xpath("//meta[@http-equiv='refresh']"):
                found[self.address(path)] = page
        assert len(found) > 5, f"{self} has hardly a page"
        return found

    def address(self, path):
        """The whole address at which a built file is seen: every letter that is not ASCII encoded (RFC 3987, 3.1)."""
        name = re.sub(r"(^|/)index[.]html$", r"\1", path.relative_to(self.out).as_posix())
        return f"{self.base_url}/{quote(name)}"

    def file(self, address):
        """The built file that an address within the site leads to."""
        assert address.startswith(f"{self.base_url}/"), f"{self}: {address} is not a whole address of this site"
        path = self.out / unquote(urlsplit(address).path).lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        assert path.is_file(), f"{self}: nothing is at {address}"
        return path


def tell_everything(root):
    """Gives every picture of a site's content all that a photo can tell of who took it, and where."""
    pictures = sorted(path for path in (root / "content").rglob("*") if path.suffix in PICTURES)
    told = [path for path in pictures if path.suffix != ".svg"]
    if told:
        place = ["-GPSLatitude=52.4068", "-GPSLatitudeRef=N", "-GPSLongitude=1.5197", "-GPSLongitudeRef=W"]
        words = [f"-{tag}={SECRET}" for tag in ("EXIF:Artist", "XMP:Creator", "IPTC:City", "Comment")]
        exiftool("-overwrite_original", "-q", "-m", *place, *words, *told)
    for path in pictures:
        if path.suffix == ".jpg":
            small = path.with_suffix(".thumbnail")
            shutil.copy(path, small)
            exiftool("-overwrite_original", "-q", f"-ThumbnailImage<={small}", path)
            small.unlink()
        elif path.suffix == ".svg":
            drawing = path.read_text()
            told_drawing = f"<!--{SECRET}--><metadata>{XMP}</metadata><desc>{SECRET}</desc></svg>"
            path.write_text(drawing.replace("</svg>", told_drawing))


# What editors put beside their pages.
PICTURES = {".jpg", ".png", ".webp", ".gif", ".svg"}

XMP = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="{SECRET}"/></rdf:RDF></x:xmpmeta>"""


def exiftool(*words):
    """Runs exiftool; gives what it says."""
    ran = subprocess.run(["exiftool", *map(str, words)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"exiftool: {ran.stderr}"
    return ran.stdout


def metadata(*paths):
    """All that exiftool finds in files or folders, unknown tags too: for each file, group and tag to value."""
    return json.loads(exiftool("-json", "-G1", "-a", "-u", "-ee", "-struct", "-r", *paths))


@functools.cache
def picture(path):
    """What exiftool finds in one picture that was built."""
    return metadata(path)[0]


@functools.cache
def sites():
    """Both sites."""
    return [
        Site("campaign", REPOSITORY, "https://connecting-for-good.test"),
        Site("kitchen-sink", KITCHEN_SINK, "https://kitchen-sink.test"),
    ]


def on_every_page(test):
    """A test of every page of both sites; all pages that fail are told, each by its address."""

    @functools.wraps(test)
    def on_all(self):
        for site in sites():
            for address, page in site.pages.items():
                with self.subTest(address=address):
                    test(self, site, address, page)

    return on_all
