//! Converts a folder of markdown to HTML: the minimum that any generator does.
//!
//! `floor FROM TO [EXTRA]` reads every `.md` under `FROM`, skips its front matter, and writes
//! `TO/NAME/index.html` with `EXTRA` extra bytes, as a template would add. `make bench` measures it as
//! the baseline for the generator.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use pulldown_cmark::{Options, Parser, html};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::{env, fs, io, process::ExitCode};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [from, to, extra @ ..] = words.as_slice() else {
        eprintln!("floor FROM TO [EXTRA]");
        return ExitCode::from(2);
    };
    let extra = extra.first().and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
    match run(Path::new(from), Path::new(to), extra) {
        Ok(bytes) => {
            println!("{bytes}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns the number of bytes written.
fn run(from: &Path, to: &Path, extra: usize) -> io::Result<usize> {
    let sources: Vec<PathBuf> = walkdir::WalkDir::new(from)
        .into_iter()
        .map(|entry| Ok(entry?.into_path()))
        .collect::<io::Result<Vec<_>>>()?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    sources.par_iter().map(|source| page(source, to, extra)).sum()
}

fn page(source: &Path, to: &Path, extra: usize) -> io::Result<usize> {
    let text = fs::read_to_string(source)?;
    let body = text.splitn(3, "---\n").nth(2).unwrap_or(&text);
    let mut page = " ".repeat(extra);
    html::push_html(&mut page, Parser::new_ext(body, Options::ENABLE_TABLES));
    let folder = to.join(source.file_stem().unwrap_or_default());
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("index.html"), &page)?;
    Ok(page.len())
}
