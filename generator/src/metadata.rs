//! Reads the personal names in a document: its author, who last saved it and the registered company from its
//! properties; the authors of comments and tracked changes.
//!
//! Documents are untrusted: every loop moves forward through the bytes, decompression is limited, and unreadable parts
//! are skipped.

mod office;
mod pdf;
mod xml;

/// The role of a name in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// The author.
    Author,
    /// The person who last saved it.
    LastModifiedBy,
    /// The company to which the program is registered.
    Company,
    /// The author's manager.
    Manager,
    /// The author of a comment or of a tracked change.
    Reviewer,
}

impl Role {
    /// The label shown to people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Role::Author => "author",
            Role::LastModifiedBy => "last modified by",
            Role::Company => "company",
            Role::Manager => "manager",
            Role::Reviewer => "comments or changes by",
        }
    }
}

/// A name with its role.
pub(crate) type Named = (Role, String);

/// The longest name that is shown, in characters.
const MAX_NAME_CHARS: usize = 80;

/// The most names reported for one file.
const MAX_NAMES: usize = 8;

/// The names in a PDF, an Office document (Open XML) or an OpenDocument; none for other files.
pub(crate) fn names(bytes: &[u8]) -> Vec<Named> {
    let mut found = if bytes.starts_with(b"PK") {
        office::names(bytes)
    } else if pdf::is_pdf(bytes) {
        pdf::names(bytes)
    } else {
        Vec::new()
    };
    for (_, name) in &mut found {
        let plain: String = name.chars().filter(|character| !character.is_control()).collect();
        *name = plain.trim().chars().take(MAX_NAME_CHARS).collect();
    }
    found.retain(|(_, name)| !name.is_empty());
    found.sort();
    found.dedup();
    found.truncate(MAX_NAMES);
    found
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;
    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn said(bytes: &[u8]) -> Vec<String> {
        names(bytes).into_iter().map(|(role, name)| format!("{}: {name}", role.label())).collect()
    }

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn stream(dictionary: &str, bytes: &[u8]) -> Vec<u8> {
        let begin = format!("7 0 obj\n<<{dictionary} /Length {}>>\nstream\r\n", bytes.len());
        [begin.as_bytes(), bytes, b"\nendstream\nendobj\n"].concat()
    }

    fn pdf(parts: &[&[u8]]) -> Vec<u8> {
        [&[b"%PDF-1.7\n".as_slice()], parts, &[b"%%EOF\n".as_slice()]].concat().concat()
    }

    const XMP: &str = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF><rdf:Description pdfx:Company=\"Ex &amp; Co\">\
        <dc:title><rdf:Alt><rdf:li>Not a name</rdf:li></rdf:Alt></dc:title>\
        <dc:creator><rdf:Seq><rdf:li>Ann</rdf:li> <rdf:li>Tom &#38; Jo</rdf:li></rdf:Seq></dc:creator>\
        </rdf:Description></rdf:RDF></x:xmpmeta>";

    fn word() -> Vec<u8> {
        archive(&[
            ("word/document.xml", "<w:p>creator</w:p>"),
            (
                "docProps/core.xml",
                "<cp:coreProperties><dc:title>Plan</dc:title><dc:creator>Ann &amp; Tom</dc:creator>\
                 <cp:lastModifiedBy>R\u{f6}se</cp:lastModifiedBy></cp:coreProperties>",
            ),
            ("docProps/app.xml", "<Properties><Company>Ex Ltd</Company><Manager/></Properties>"),
        ])
    }

    #[test]
    fn office_documents_name_people() {
        assert_eq!(
            said(&word()),
            ["author: Ann & Tom", "last modified by: R\u{f6}se", "company: Ex Ltd"]
        );
        let open = "<office:meta><meta:initial-creator>Ann</meta:initial-creator><dc:creator>Tom</dc:creator></office:meta>";
        assert_eq!(said(&archive(&[("meta.xml", open)])), ["author: Ann", "last modified by: Tom"]);
        assert_eq!(
            said(&archive(&[("docProps/core.xml", "<a><dc:creator> \n</dc:creator></a>")])),
            [""; 0]
        );
        assert_eq!(said(&archive(&[("a.txt", "Ann")])), [""; 0]);
    }

    #[test]
    fn comments_and_tracked_changes_name_people() {
        for (path, text) in [
            (
                "word/comments.xml",
                "<w:comments><w:comment w:id=\"0\" w:author=\"Jo Doe\"><w:t>No</w:t></w:comment></w:comments>",
            ),
            (
                "word/document.xml",
                "<w:p><w:ins w:author=\"Jo Doe\" w:date=\"2020\"/><w:style w:name=\"Title\"/></w:p>",
            ),
            ("word/footnotes.xml", "<w:del w:author=\"Jo Doe\"/>"),
            ("word/people.xml", "<w15:person w15:author=\"Jo Doe\"/>"),
            ("ppt/commentAuthors.xml", "<p:cmAuthor id=\"1\" name=\"Jo Doe\"/>"),
            ("xl/comments1.xml", "<comments><authors><author>Jo Doe</author></authors></comments>"),
            ("xl/persons/person.xml", "<person displayName=\"Jo Doe\" id=\"{1}\"/>"),
            (
                "content.xml",
                "<office:change-info><dc:creator>Jo Doe</dc:creator></office:change-info>",
            ),
        ] {
            assert_eq!(
                said(&archive(&[(path, text)])),
                ["comments or changes by: Jo Doe"],
                "{path}"
            );
        }
        let slide = "<p:cNvPr id=\"1\" name=\"Title 1\"/>";
        assert_eq!(said(&archive(&[("ppt/slides/slide1.xml", slide)])), [""; 0]);
    }

    #[test]
    fn pdfs_name_people() {
        let information =
            b"5 0 obj <</Title (Plan) /Author (Ann\x92s Caf\xe9) /Company<feff00450078>>> endobj\n";
        assert_eq!(said(&pdf(&[information])), ["author: Ann\u{2122}s Caf\u{e9}", "company: Ex"]);
        let by_reference =
            b"5 0 obj <</Author 12 0 R>> endobj 112 0 obj (no) endobj 12 0 obj (Ann) endobj\n";
        assert_eq!(said(&pdf(&[by_reference])), ["author: Ann"]);
        let objects = stream("/Type /ObjStm /Filter /FlateDecode", &packed("5 0 <</Author(Ann)>>"));
        assert_eq!(said(&pdf(&[&objects])), ["author: Ann"]);
        let expected = ["author: Ann", "author: Tom & Jo", "company: Ex & Co"];
        assert_eq!(said(&pdf(&[&stream("/Type /Metadata", XMP.as_bytes())])), expected);
        let packet = stream("/Type /Metadata /Filter /FlateDecode", &packed(XMP));
        assert_eq!(said(&pdf(&[&packet])), expected);
        // Lookalikes, and encrypted files.
        assert_eq!(said(&pdf(&[b"<</AuthorDate (x) /Author /Name>> (/Author Ann)"])), [""; 0]);
        assert_eq!(said(&pdf(&[information, b"trailer <</Encrypt 9 0 R>>"])), [""; 0]);
        assert_eq!(said(b"Author (Ann)"), [""; 0]);
    }

    #[test]
    fn decompression_is_limited() {
        let zeros = " ".repeat(40 * 1024 * 1024);
        let bomb = stream("/Type /ObjStm /Filter /FlateDecode", &packed(&zeros));
        assert_eq!(said(&pdf(&[&bomb, &bomb])), [""; 0]);
        let long = format!("<a><dc:creator>Ann</dc:creator>{zeros}</a>");
        assert_eq!(said(&archive(&[("docProps/core.xml", &long)])), ["author: Ann"]);
        let deep = "<a>".repeat(1_000_000);
        assert_eq!(said(&archive(&[("docProps/core.xml", &deep)])), [""; 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Any file is read to its end without a panic.
        #[test]
        fn no_file_panics(
            which in 0..3_usize,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
            cut in any::<prop::sample::Index>(),
        ) {
            let packet = stream("/Type /Metadata /Filter /FlateDecode", &packed(XMP));
            let mut bytes = [word(), pdf(&[b"5 0 obj <</Author (A\\050\\n) /Company <4F>>>", &packet]), packet][which].clone();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            let _ = names(&bytes);
            bytes.splice(0..0, *b"%PDF-");
            let _ = names(&bytes);
        }
    }
}
