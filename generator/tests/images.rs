//! Tests of images, from the file beside a page to the published variants.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

mod support;

use std::collections::BTreeMap;
use std::fs;

use daisychain::build::Error;
use image::GenericImageView;
use support::{Site, faults, pictures};

fn story(body: &str) -> String {
    format!("---\ntitle: Rose\n---\n\n{body}\n")
}

/// The images in `dist`, by path.
fn published(site: &Site) -> BTreeMap<String, Vec<u8>> {
    let mut dist = site.dist();
    dist.retain(|path, _| path.starts_with("images/"));
    dist
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

#[test]
fn image_metadata_is_not_published() {
    let site = Site::new();
    site.write_bytes("content/stories/phone.jpg", &pictures::photo(640, 400));
    site.write_bytes("content/stories/screen.png", &pictures::telling_png(64, 40));
    site.write_bytes("content/stories/web.webp", &pictures::telling_webp(64, 40));
    site.write_bytes("content/stories/unused.jpg", &pictures::photo(80, 50));
    site.write(
        "content/stories/drawing.svg",
        &format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"><!--{0}-->\
             <metadata>{0}</metadata><path d=\"M0 0\"/></svg>",
            pictures::SECRET
        ),
    );
    let body = ["phone.jpg", "screen.png", "web.webp", "drawing.svg"]
        .map(|file| format!("![Our street]({file})"))
        .join("\n\n");
    site.write("content/stories/rose.md", &story(&body));
    for file in ["phone.jpg", "screen.png", "web.webp", "drawing.svg"] {
        let source = fs::read(site.root().join("content/stories").join(file)).unwrap();
        assert!(holds(&source, pictures::SECRET.as_bytes()), "the test's own {file} tells nothing");
    }
    site.must_build();
    let thumbnail = {
        let exif = pictures::exif();
        exif[exif.len() - 64..].to_vec()
    };
    let dist = site.dist();
    for (path, bytes) in &dist {
        for marker in [
            pictures::SECRET.as_bytes(),
            b"Exif",
            b"EXIF",
            b"eXIf",
            b"GPS",
            b"adobe",
            b"xmpmeta",
            b"XMP ",
            b"8BIM",
            b"tEXt",
            b"iTXt",
            b"ICCP",
            b"iCCP",
            b"\xff\xe1",
            b"\xff\xed",
            b"\xff\xfe",
            &thumbnail,
        ] {
            let is_jpeg_marker = marker.len() == 2;
            if !is_jpeg_marker || path.ends_with(".jpg") {
                assert!(!holds(bytes, marker), "{path} holds {marker:?}");
            }
        }
    }
    // 480 and 400 pixels wide, rotated; the unused photo is not published, and no file has its original
    // name.
    let names: Vec<&str> = dist.keys().map(String::as_str).collect();
    assert!(
        names.iter().all(|name| !name.contains("phone") && !name.contains("unused")),
        "{names:?}"
    );
    let count = |ending: &str| names.iter().filter(|name| name.ends_with(ending)).count();
    assert_eq!(
        (count(".webp"), count(".jpg"), count(".png"), count(".svg")),
        (3, 3, 0, 1),
        "{names:?}"
    );
}

#[test]
fn a_photo_is_rotated_upright_and_has_its_size() {
    let site = Site::new();
    site.write_bytes("content/rose.jpg", &pictures::photo(1200, 800));
    site.write("content/rose.md", &story("![Rose at her door](rose.jpg \"Rose\")"));
    site.write("themes/daisy/theme.yaml", "images:\n  widths: [200, 400, 5000]\n  sizes: 50vw\n");
    site.must_build();
    let page = site.output("rose/index.html");
    assert!(page.contains("<picture><source type=\"image/webp\" srcset=\"/images/"), "{page}");
    assert!(
        page.contains(" 200w, /images/") && page.contains("-800.jpg 800w\" sizes=\"50vw\""),
        "{page}"
    );
    assert!(
        page.contains("width=\"800\" height=\"1200\" alt=\"Rose at her door\" title=\"Rose\" decoding=\"async\"></picture>"),
        "{page}"
    );
    let images = published(&site);
    let widths: Vec<u32> = images
        .values()
        .map(|bytes| {
            let image = image::load_from_memory(bytes).unwrap();
            // Rotated clockwise by 90°: the left half is at the top.
            let (width, height) = image.dimensions();
            assert_eq!(height, width * 3 / 2);
            assert!(image.get_pixel(width / 2, height / 8)[0] > 180);
            assert!(image.get_pixel(width / 2, height - height / 8)[0] < 90);
            width
        })
        .collect();
    assert_eq!(widths.iter().sum::<u32>(), 2 * (200 + 400 + 800));
}

#[test]
fn an_svg_that_is_too_large_is_rejected() {
    let site = Site::new();
    let points = "1 1 ".repeat(600_000);
    let drawing =
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M{points}\"/></svg>");
    site.write("content/map.svg", &drawing);
    site.write("content/rose.md", &story("![Our streets](map.svg)"));
    let Error::Content(found) = site.build().unwrap_err() else {
        panic!("the content is at fault")
    };
    assert_eq!(found[0].message, "this image cannot be shown");
    assert_eq!(found[0].label.as_deref(), Some("this SVG image is too large: 2 MB"));
    assert_eq!(found[0].help.as_deref(), Some("save it as PNG, or draw it with fewer points"));
}

#[test]
fn transparency_is_kept() {
    let site = Site::new();
    site.write_bytes("content/logo.png", &pictures::png(40, 20, 0, true));
    site.write("content/rose.md", &story("![Our sign](logo.png)"));
    site.must_build();
    let images = published(&site);
    assert_eq!(images.len(), 2);
    for (path, bytes) in images {
        let image = image::load_from_memory(&bytes).unwrap();
        assert!(image.color().has_alpha(), "{path}");
        assert_eq!((image.get_pixel(2, 2)[3], image.get_pixel(2, 17)[3]), (0, 255), "{path}");
    }
}

#[test]
fn the_first_image_of_a_page_loads_eagerly() {
    let site = Site::new();
    site.write_bytes("content/a.png", &pictures::png(8, 8, 1, false));
    site.write_bytes("content/b.png", &pictures::png(8, 8, 2, false));
    site.write("content/rose.md", &story("![A](a.png)\n\n![B](b.png)\n\n![A again](a.png)"));
    site.must_build();
    let page = site.output("rose/index.html");
    assert_eq!(page.matches("fetchpriority=\"high\"").count(), 1);
    assert_eq!(page.matches("loading=\"lazy\"").count(), 2);
    assert!(page.find("fetchpriority").unwrap() < page.find("loading").unwrap());
}

#[test]
fn an_animation_is_shown_as_a_still_image_with_a_warning() {
    let site = Site::new();
    site.write_bytes("content/dance.gif", &pictures::gif(8, 8));
    site.write("content/rose.md", &story("![They dance](dance.gif)"));
    let said = |warnings: &[daisychain::diagnostic::Diagnostic]| warnings[0].message.clone();
    assert_eq!(
        said(&site.must_build().warnings),
        "this image is animated, but is shown as a still"
    );
    site.wait_for_file_clock();
    site.must_build();
    assert_eq!(
        said(&site.must_build().warnings),
        "this image is animated, but is shown as a still"
    );
}

#[test]
fn a_decompression_bomb_is_an_error_where_it_is_shown() {
    let site = Site::new();
    site.write_bytes("content/bomb.png", &pictures::bomb(60_000, 60_000));
    site.write_bytes("content/wide.png", &pictures::bomb(40_000, 10));
    site.write_bytes("content/phone.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    site.write_bytes("content/cut.jpg", &pictures::photo(64, 64)[..40]);
    site.write("content/about.md", &story("No pictures."));
    // No page shows them yet.
    site.must_build();
    let body = "![A](bomb.png) ![B](wide.png) ![C](phone.jpg) ![D](cut.jpg)";
    site.write("content/rose.md", &story(body));
    let failure = site.build().unwrap_err();
    let all = vec!["content/rose.md:5: this image cannot be shown"; 4];
    assert_eq!(faults(&failure), all);
    let Error::Content(found) = failure else { panic!("the machine is fine") };
    let labels: Vec<String> = found.into_iter().map(|fault| fault.label.unwrap().into()).collect();
    assert!(labels[0].starts_with("this image is too large: 60000 × 60000 pixels"), "{labels:?}");
    assert!(labels[1].starts_with("this image is too large: 40000 × 10 pixels"), "{labels:?}");
    assert!(labels[2].starts_with("this is a HEIC photo"), "{labels:?}");
    assert!(labels[3].starts_with("this image cannot be read"), "{labels:?}");
}

#[test]
fn damaged_pixel_data_fails_the_build_and_keeps_the_output() {
    let site = Site::new();
    site.write_bytes("content/rose.png", &pictures::png(64, 64, 0, false));
    site.write("content/rose.md", &story("![Rose](rose.png)"));
    site.must_build();
    let before = site.dist();
    let mut png = pictures::png(64, 64, 9, false);
    let middle = png.len() / 2;
    png.truncate(middle);
    site.write_bytes("content/rose.png", &png);
    let failure = site.build().unwrap_err();
    assert_eq!(faults(&failure), ["content/rose.md:5: this image cannot be shown"]);
    assert_eq!(site.dist(), before);
}

#[test]
fn a_variant_is_encoded_once() {
    let site = Site::new();
    site.write_bytes("content/rose.png", &pictures::png(64, 64, 0, false));
    site.write("content/rose.md", &story("![Rose](rose.png)"));
    site.must_build();
    let kept = || {
        let mut kept: Vec<_> = fs::read_dir(site.root().join(".daisy/images"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap()))
            .collect();
        kept.sort();
        kept
    };
    let before = kept();
    assert_eq!(before.len(), 2);
    // After a new page, a lost output or a lost cache, nothing is encoded again.
    site.write("content/ann.md", &story("![Rose again](rose.png)"));
    site.remove("dist/images");
    site.must_build();
    site.remove(".daisy/cache");
    site.must_build();
    assert_eq!(kept(), before);
    assert_eq!(published(&site).len(), 2);
    // The images of a removed page are removed with it.
    site.remove("content/ann.md").remove("content/rose.md");
    site.must_build();
    assert!(published(&site).is_empty());
}

#[test]
fn unused_variants_leave_the_cache_after_a_month() {
    let site = Site::new();
    site.write_bytes("content/rose.png", &pictures::png(64, 64, 0, false));
    site.write("content/rose.md", &story("![Rose](rose.png)"));
    site.must_build();
    let folder = site.root().join(".daisy/images");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(31 * 24 * 60 * 60);
    for entry in fs::read_dir(&folder).unwrap() {
        let file = fs::File::options().append(true).open(entry.unwrap().path()).unwrap();
        file.set_modified(old).unwrap();
    }
    site.write("content/ann.md", &story("Words."));
    site.must_build();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    site.remove("content/rose.md");
    site.must_build();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}
