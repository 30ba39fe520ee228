"""The sites that these tests check, built with the real `daisy` in a temporary folder: the campaign, and a site that uses
every feature."""

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

# A text in all kinds of metadata of the images, and nowhere else.
SECRET = "14 Rose Lane"

_folder = tempfile.TemporaryDirectory(prefix="daisychain-outputs-")


@functools.cache
def daisy():
    """The `daisy` under test: `DAISY`, or the one that `make test-programs` built."""
    if os.environ.get("DAISY"):
        return os.environ["DAISY"]
    words = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"]
    metadata = json.loads(subprocess.run(words, cwd=REPOSITORY, check=True, capture_output=True).stdout)
    path = Path(metadata["target_directory"]) / "debug/daisy"
    if not path.is_file():
        raise SystemExit(f"{path} is missing; run `make test-programs`")
    return str(path)


class Site:
    """A copy of a site and its output."""

    def __init__(self, name, source, base_url):
        self.name, self.base_url = name, base_url
        self.root = Path(_folder.name) / name
        for folder in ("content", "themes"):
            if (source / folder).exists():
                shutil.copytree(source / folder, self.root / folder)
        add_metadata(self.root)
        with (self.root / "content/site.yaml").open("a", encoding="utf-8") as settings:
            settings.write(f"forms_url: {base_url}\n")
        self.out = self.build()

    def __str__(self):
        return self.name

    def build(self, *words, out="dist"):
        """Builds the site in a folder of its root."""
        out = self.root / out
        command = [daisy(), "build", "--quiet", "--root", self.root, "--out", out, "--base-url", self.base_url, *words]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        assert built.returncode == 0, f"{self} does not build:\n{built.stderr}"
        return out

    def files(self, *endings):
        """The built files with these extensions, sorted; all files by default."""
        found = (path for path in self.out.rglob("*") if path.is_file())
        return sorted(path for path in found if not endings or path.suffix in endings)

    @functools.cached_property
    def pages(self):
        """All built pages by address, parsed, without redirecting pages."""
        found = {}
        for path in self.files(".html"):
            page = lxml.html.fromstring(path.read_bytes(), parser=lxml.html.HTMLParser(encoding="utf-8"))
            if not page.xpath("//meta[@http-equiv='refresh']"):
                found[self.address(path)] = page
        assert len(found) > 5, f"{self} has hardly a page"
        return found

    def address(self, path):
        """The full address of a built file, with non-ASCII characters encoded (RFC 3987, 3.1)."""
        name = re.sub(r"(^|/)index[.]html$", r"\1", path.relative_to(self.out).as_posix())
        return f"{self.base_url}/{quote(name)}"

    def file(self, address):
        """The built file at an address of the site."""
        assert address.startswith(f"{self.base_url}/"), f"{self}: {address} is not a whole address of this site"
        path = self.out / unquote(urlsplit(address).path).lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        assert path.is_file(), f"{self}: nothing is at {address}"
        return path


def add_metadata(root):
    """Adds all kinds of metadata about the photographer and the place to every image of a site."""
    pictures = sorted(path for path in (root / "content").rglob("*") if path.suffix in PICTURES)
    photos = [path for path in pictures if path.suffix != ".svg"]
    if photos:
        place = ["-GPSLatitude=52.4068", "-GPSLatitudeRef=N", "-GPSLongitude=1.5197", "-GPSLongitudeRef=W"]
        words = [f"-{tag}={SECRET}" for tag in ("EXIF:Artist", "XMP:Creator", "IPTC:City", "Comment")]
        exiftool("-overwrite_original", "-q", "-m", *place, *words, *photos)
    for path in pictures:
        if path.suffix == ".jpg":
            small = path.with_suffix(".thumbnail")
            shutil.copy(path, small)
            exiftool("-overwrite_original", "-q", f"-ThumbnailImage<={small}", path)
            small.unlink()
        elif path.suffix == ".svg":
            drawing = path.read_text()
            with_metadata = f"<!--{SECRET}--><metadata>{XMP}</metadata><desc>{SECRET}</desc></svg>"
            path.write_text(drawing.replace("</svg>", with_metadata))


# Image files next to pages.
PICTURES = {".jpg", ".png", ".webp", ".gif", ".svg"}

XMP = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="{SECRET}"/></rdf:RDF></x:xmpmeta>"""


def exiftool(*words):
    """Runs exiftool and returns its output."""
    ran = subprocess.run(["exiftool", *map(str, words)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"exiftool: {ran.stderr}"
    return ran.stdout


def metadata(*paths):
    """All metadata in files or folders, including unknown tags: for each file, a map from group and tag to value."""
    return json.loads(exiftool("-json", "-G1", "-a", "-u", "-ee", "-struct", "-r", *paths))


@functools.cache
def picture(path):
    """The metadata of a built image."""
    return metadata(path)[0]


@functools.cache
def sites():
    """Both sites."""
    return [
        Site("campaign", REPOSITORY, "https://connecting-for-good.test"),
        Site("kitchen-sink", KITCHEN_SINK, "https://kitchen-sink.test"),
    ]


def on_every_page(test):
    """Runs a test for every page of both sites, and reports all failing pages by address."""

    @functools.wraps(test)
    def on_all(self):
        for site in sites():
            for address, page in site.pages.items():
                with self.subTest(address=address):
                    test(self, site, address, page)

    return on_all
