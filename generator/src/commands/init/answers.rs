//! Collects the answers for `daisy init`: each comes from an option, the terminal or a line of standard
//! input, and is validated as a build would. Reads standard input; writes the questions to a terminal.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use daisychain_functions::characters::for_terminal;
use daisychain_functions::email_address::is_email;

use crate::cli::Init;
use crate::config;

/// How long to wait for a line of standard input that may never be written or closed.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The maximum size of standard input: three lines are far shorter.
const MAX_INPUT_BYTES: u64 = 16 * 1024;

/// The values for the files of a new site.
pub(super) struct Answers {
    /// The site's name: one line of text.
    pub(super) title: String,
    /// The code of its language, such as `en-GB`.
    pub(super) language: String,
    /// The organisation's email address.
    pub(super) email: String,
}

impl Answers {
    /// Takes answers from the options and asks for the others.
    ///
    /// # Errors
    /// An answer that a build would reject, unless the question can be repeated at a terminal.
    pub(super) fn collect(arguments: &Init) -> Result<Answers, AnswerError> {
        let mut input = None;
        let mut answer = |given: &Option<String>, question: &Question| match given {
            Some(given) => (question.check)(given.trim()),
            None => input.get_or_insert_with(Input::open).answer(question),
        };
        Ok(Answers {
            title: answer(&arguments.title, &TITLE)?,
            language: answer(&arguments.language, &LANGUAGE)?,
            email: answer(&arguments.email, &EMAIL)?,
        })
    }
}

struct Question {
    text: &'static str,
    default: &'static str,
    /// Returns the answer as stored in the site's files, or an error message.
    check: fn(&str) -> Result<String, AnswerError>,
}

const TITLE: Question =
    Question { text: "What is your site called?", default: "Our community", check: title };
const LANGUAGE: Question =
    Question { text: "Which language is it written in?", default: "en-GB", check: language };
const EMAIL: Question =
    Question { text: "What is your email address?", default: "hello@example.org", check: email };

/// The source of the answers.
enum Input {
    /// A terminal, where a question can be repeated.
    Terminal,
    /// The lines of a file or a pipe.
    Lines(Receiver<io::Result<String>>),
    /// The end of the input.
    Ended,
}

impl Input {
    /// Opens standard input. A separate thread reads it, since reading an open pipe may never return.
    fn open() -> Input {
        if io::stdin().is_terminal() {
            return Input::Terminal;
        }
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let input = io::stdin().lock().take(MAX_INPUT_BYTES);
            for line in input.lines() {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Input::Lines(lines)
    }

    fn answer(&mut self, question: &Question) -> Result<String, AnswerError> {
        let line = match self {
            Input::Terminal => return Ok(at_terminal(question)?),
            Input::Lines(lines) => match lines.recv_timeout(MAX_WAIT) {
                Ok(line) => line?,
                Err(_) => {
                    *self = Input::Ended;
                    String::new()
                }
            },
            Input::Ended => String::new(),
        };
        (question.check)(or_default(&line, question))
    }
}

/// Asks at the terminal until the answer is valid. At the end of the input, returns the default.
fn at_terminal(question: &Question) -> io::Result<String> {
    let mut out = io::stdout();
    loop {
        write!(out, "{} [{}] ", question.text, question.default)?;
        out.flush()?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        match (question.check)(or_default(&line, question)) {
            Ok(answer) => return Ok(answer),
            Err(error) => writeln!(out, "{}", for_terminal(&error.to_string()))?,
        }
    }
}

fn or_default<'a>(line: &'a str, question: &Question) -> &'a str {
    match line.trim() {
        "" => question.default,
        answer => answer,
    }
}

/// Why an answer cannot be used.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum AnswerError {
    #[error("the site's name cannot be empty or contain control characters")]
    Title,
    #[error("`{0}` is not a language code; write one such as `en-GB` or `pl`")]
    Language(String),
    #[error("`{0}` is not an email address; write one such as `hello@example.org`")]
    Email(String),
    #[error("cannot read the answers: {0}")]
    Input(#[from] io::Error),
}

fn title(text: &str) -> Result<String, AnswerError> {
    if text.is_empty() || text.contains(char::is_control) {
        return Err(AnswerError::Title);
    }
    Ok(text.to_owned())
}

fn language(text: &str) -> Result<String, AnswerError> {
    if config::is_language(text) {
        return Ok(in_usual_case(text));
    }
    Err(AnswerError::Language(text.to_owned()))
}

/// A language code in its usual case: `pa-Guru`, `en-GB` (RFC 5646, 2.1.1).
fn in_usual_case(code: &str) -> String {
    let parts = code.split('-').enumerate().map(|(at, part)| {
        let lower = part.to_ascii_lowercase();
        match (at, part.len()) {
            (1.., 2) => part.to_ascii_uppercase(),
            (1.., 4) => lower[..1].to_ascii_uppercase() + &lower[1..],
            _ => lower,
        }
    });
    parts.collect::<Vec<_>>().join("-")
}

fn email(text: &str) -> Result<String, AnswerError> {
    if is_email(text) {
        return Ok(text.to_owned());
    }
    Err(AnswerError::Email(text.to_owned()))
}
