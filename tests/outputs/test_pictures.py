"""Checks that published images have no metadata, using originals with all kinds of metadata."""

import unittest

from sites import PICTURES, SECRET, metadata, sites

# Tags that browsers need to show an image, by exiftool's names. No others may be in a published file.
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


def unexpected_tags(found):
    """The tags of a file except those of the file system and those that browsers need."""
    own = (tag for tag in found if not tag.startswith(("System:", "ExifTool:")))
    return sorted(tag for tag in own if tag not in ALLOWED)


class Pictures(unittest.TestCase):
    def test_originals_have_metadata(self):
        """Otherwise the next test would prove nothing."""
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

    def test_published_images_have_no_metadata(self):
        for site in sites():
            pictures = site.files(".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg", ".ico", ".avif")
            self.assertTrue(pictures)
            for found in metadata(*pictures):
                with self.subTest(picture=found["SourceFile"]):
                    self.assertEqual(unexpected_tags(found), [])
                    self.assertNotIn("ExifTool:Warning", found)

    def test_the_metadata_is_in_no_output(self):
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

    def test_an_unexpected_tag_would_be_reported(self):
        self.assertEqual(unexpected_tags({"SourceFile": "a.jpg", "PNG:Comment": "", "JFIF:JFIFVersion": 1}), ["PNG:Comment"])


if __name__ == "__main__":
    unittest.main()
