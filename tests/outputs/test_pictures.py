"""No picture that is published says anything but what it shows: exiftool finds nothing, over pictures that say all."""

import unittest

from sites import PICTURES, SECRET, metadata, sites

# What a file must say for a browser to show it, in exiftool's words. Whatever is not here was left in by mistake.
NEEDED = {
    "File": "FileType FileTypeExtension MIMEType ImageWidth ImageHeight EncodingProcess BitsPerSample ColorComponents "
    "YCbCrSubSampling ImageCount NumColors ColorPlanes BitsPerPixel ImageLength",
    "JFIF": "JFIFVersion ResolutionUnit XResolution YResolution",
    "PNG": "ImageWidth ImageHeight BitDepth ColorType Compression Filter Interlace Palette Transparency",
    "RIFF": "VP8Version ImageWidth HorizontalScale ImageHeight VerticalScale WebPFlags Alpha Animation "
    "AlphaPreprocessing AlphaFiltering AlphaCompression ImageCount",
    "SVG": "Xmlns ImageWidth ImageHeight ViewBox",
    "Composite": "ImageSize Megapixels",
}
ALLOWED = {f"{group}:{tag}" for group, tags in NEEDED.items() for tag in tags.split()} | {"SourceFile"}


def told(found):
    """The tags of a file that are none of its disk's and none that a browser needs."""
    own = (tag for tag in found if not tag.startswith(("System:", "ExifTool:")))
    return sorted(tag for tag in own if tag not in ALLOWED)


class Pictures(unittest.TestCase):
    def test_what_editors_gave_tells_everything(self):
        """Else the next test would show nothing."""
        seen = set()
        for site in sites():
            if not (site.root / "content/images").exists():
                continue
            for found in metadata(*(p for p in (site.root / "content").rglob("*") if p.suffix in PICTURES)):
                kind, tags = found["File:FileType"], set(found)
                seen.add(kind)
                with self.subTest(picture=found["SourceFile"]):
                    self.assertIn(SECRET, str(found))
                    if kind == "SVG":
                        continue
                    self.assertTrue({"XMP-dc:Creator", "Composite:GPSPosition"} <= tags)
                    if kind in ("JPEG", "PNG"):
                        self.assertTrue({"IPTC:City", "IFD0:Artist", "GPS:GPSLatitude"} <= tags)
                    if kind == "JPEG":
                        self.assertTrue({"IFD1:ThumbnailImage", "File:Comment"} <= tags)
        self.assertEqual(seen, {"JPEG", "PNG", "Extended WEBP", "GIF", "SVG"})

    def test_exiftool_finds_nothing_in_what_is_published(self):
        for site in sites():
            pictures = site.files(".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg", ".ico", ".avif")
            self.assertTrue(pictures)
            for found in metadata(*pictures):
                with self.subTest(picture=found["SourceFile"]):
                    self.assertEqual(told(found), [])
                    self.assertNotIn("ExifTool:Warning", found)

    def test_no_byte_of_it_is_anywhere(self):
        for site in sites():
            for path in site.files():
                with self.subTest(site=str(site), file=path.name):
                    self.assertNotIn(SECRET.encode(), path.read_bytes())

    def test_no_original_is_published(self):
        for site in sites():
            originals = {p.read_bytes() for p in (site.root / "content").rglob("*") if p.suffix in PICTURES}
            for path in site.files(*PICTURES):
                with self.subTest(site=str(site), file=path.name):
                    self.assertNotIn(path.read_bytes(), originals)

    def test_a_tag_that_no_browser_needs_would_be_seen(self):
        self.assertEqual(told({"SourceFile": "a.jpg", "PNG:Comment": "", "JFIF:JFIFVersion": 1}), ["PNG:Comment"])


if __name__ == "__main__":
    unittest.main()
