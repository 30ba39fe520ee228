//! The command-line interface: subcommands, options and their help texts.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config;
use crate::site;

/// Make a community's website from text files, with its own forms
#[derive(Debug, Parser)]
#[command(name = "daisy", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Begin with `daisy init`, then `daisy serve`, and open the address it shows."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The site's folder: the one that holds `content`
    #[arg(long, global = true, default_value = ".", value_name = "FOLDER")]
    pub root: PathBuf,
    /// Say only what went wrong
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// Colour what is printed
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When to colour what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the site into `dist`
    Build(Build),
    /// Show the site on this computer while you edit it; its forms work too
    Serve(Serve),
    /// Make a new site
    ///
    /// Questions that no option answers are asked at the terminal. Without a terminal, answers are read from
    /// standard input, one a line: the name, the language and the email address. An empty line, or no line,
    /// takes the default.
    Init(Init),
    /// Bring in a site made with Hugo, Zola, Jekyll or Eleventy
    Import(Import),
    /// Make a new page or story
    New(New),
    /// Look through every page as visitors get it; writes nothing into `dist`
    Check(Check),
    /// Bring the site to its bucket and its forms into their table, on AWS
    Publish(Publish),
    /// Read and sort what residents sent
    Inbox(Inbox),
    /// Print what pages may say between the dashes, as JSON Schema
    Schema(Schema),
    /// Print what makes a shell complete `daisy`
    Completions(Completions),
    /// Print the manual, or write a page for every command
    Man(Man),
}

/// The hosts that `--for` takes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Host {
    /// Netlify: `_headers` and `_redirects` among the site's files
    Netlify,
    /// Cloudflare Pages: the same
    Cloudflare,
    /// GitHub Pages: `.nojekyll`, and `CNAME` where the site has an address of its own
    Github,
    /// Lines for nginx, in .daisy/nginx.conf
    Nginx,
    /// Lines for Caddy, in .daisy/Caddyfile
    Caddy,
}

impl From<Host> for site::Host {
    fn from(host: Host) -> Self {
        match host {
            Host::Netlify => site::Host::Netlify,
            Host::Cloudflare => site::Host::Cloudflare,
            Host::Github => site::Host::Github,
            Host::Nginx => site::Host::Nginx,
            Host::Caddy => site::Host::Caddy,
        }
    }
}

/// How to build.
#[derive(Args, Debug)]
pub struct Build {
    /// Where to write the site; `dist` in the site's folder where nothing is said
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// The address the site will have, in place of `base_url` in `site.yaml`
    #[arg(long, value_name = "URL", value_parser = address)]
    pub base_url: Option<String>,
    /// Show drafts, and pages whose day has not come or has passed
    #[arg(long)]
    pub drafts: bool,
    /// Write what this host reads too: its lists of headers and of addresses that moved
    #[arg(long = "for", value_enum, value_name = "HOST")]
    pub host: Option<Host>,
    /// Trust nothing that the last build kept
    #[arg(long)]
    pub force: bool,
    /// Say of what one file of the site was made, and what of it changed; builds nothing
    #[arg(long, value_name = "PATH", conflicts_with_all = ["force", "verify"])]
    pub why: Option<String>,
    /// Build, then build again from nothing, and compare the two byte for byte
    #[arg(long)]
    pub verify: bool,
    /// The moment to build for, such as 2026-05-01T09:00Z; now where nothing is said
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub now: Option<i64>,
}

/// How to serve.
#[derive(Args, Debug)]
pub struct Serve {
    /// The port; where it is taken, the next free one
    #[arg(long, default_value_t = 8000)]
    pub port: u16,
    /// Open the page in the browser
    #[arg(long)]
    pub open: bool,
    /// The address to answer at; one that others can reach shows them drafts too
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub host: IpAddr,
    /// Leave out drafts, and pages whose day has not come or has passed
    #[arg(long)]
    pub no_drafts: bool,
}

/// What to look at.
#[derive(Args, Debug)]
pub struct Check {
    /// Ask other sites too whether the pages linked to are there
    #[arg(long)]
    pub external: bool,
    /// Look at drafts too, and at pages whose day has not come or has passed
    #[arg(long)]
    pub drafts: bool,
    /// How to tell what was found
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub format: OutputFormat,
    /// The moment to look at the site for, such as 2026-05-01T09:00Z; now where nothing is said
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub now: Option<i64>,
}

/// Where to publish, and what.
#[derive(Args, Debug)]
pub struct Publish {
    /// The stack that `make deploy` made: it knows the rest
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// The bucket, where there is no stack
    #[arg(long, value_name = "NAME", required_unless_present = "stack", conflicts_with = "stack")]
    pub bucket: Option<String>,
    /// The distribution of CloudFront before that bucket
    #[arg(long, value_name = "ID", conflicts_with = "stack")]
    pub distribution: Option<String>,
    /// The table of the site's forms
    #[arg(long, value_name = "NAME", conflicts_with = "stack")]
    pub table: Option<String>,
    /// The address the site will have, in place of `base_url` in `site.yaml`
    #[arg(long, value_name = "URL", value_parser = address, conflicts_with = "rollback")]
    pub base_url: Option<String>,
    /// Return to what was published before
    #[arg(long)]
    pub rollback: bool,
    /// Keep nothing of what was published before, so that nobody can return to it
    #[arg(long, conflicts_with = "rollback")]
    pub forget: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Publish only if the day of a page has come or passed since the last publish
    #[arg(long, conflicts_with = "rollback")]
    pub due: bool,
    /// How to tell what keeps the site from being published
    #[arg(long, value_enum, default_value_t = Words::Text)]
    pub format: Words,
    /// Where AWS answers, for an emulator; AWS_ENDPOINT_URL where nothing is said
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// How to tell what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For a person
    Text,
    /// For a program
    Json,
    /// For GitHub, which shows each beside its line
    Github,
}

/// How to tell what keeps a site from being published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Words {
    /// For a person
    Text,
    /// For GitHub, which shows each beside its line
    Github,
}

/// Of which pages to speak.
#[derive(Args, Debug)]
pub struct Schema {
    /// The section, such as `stories`; pages of any section where nothing is said
    pub section: Option<String>,
}

/// For which shell.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Where to write the manual.
#[derive(Args, Debug)]
pub struct Man {
    /// Write a page for every command into this folder
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// How to make a site.
#[derive(Args, Debug)]
pub struct Init {
    /// The folder to make it in
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub folder: PathBuf,
    /// The site's name
    #[arg(long, value_name = "NAME")]
    pub title: Option<String>,
    /// The language its pages are written in, such as `en-GB`
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<String>,
    /// Where the community reads its mail
    #[arg(long, value_name = "EMAIL")]
    pub email: Option<String>,
    /// Copy the theme into the site too, to change how it looks
    #[arg(long)]
    pub theme: bool,
}

/// What to bring in, and where.
#[derive(Args, Debug)]
pub struct Import {
    /// The folder of the old site: the one that holds its settings; it stays as it is
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The folder to make the new site in
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// What to make.
#[derive(Args, Debug)]
pub struct New {
    /// `page`, or the name of a section such as `story` or `stories`
    pub kind: String,
    /// Its title
    #[arg(required = true, num_args = 1.., value_name = "TITLE")]
    pub title: Vec<String>,
    /// Open it to write: in the program that EDITOR names, or the system's own
    #[arg(long)]
    pub edit: bool,
}

/// Where replies are, and what to do with them.
#[derive(Args, Debug)]
pub struct Inbox {
    /// Where they are: `sqlite:PATH`, or `dynamodb:TABLE`; the store of `daisy serve` where
    /// nothing is said
    #[arg(long, global = true, value_name = "STORE")]
    pub store: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub task: Task,
}

/// What to do with replies.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// List replies, those that are to be answered first at the top, and a newsletter's subscribers
    List {
        /// One form; all of them where nothing is said
        form: Option<String>,
        /// Only those in this state
        #[arg(long)]
        state: Option<String>,
    },
    /// Show one reply
    Show {
        /// What the resident was given, such as 7KMB-2XQ4
        reference: String,
    },
    /// Move a reply to another state
    Move {
        /// What the resident was given, such as 7KMB-2XQ4
        reference: String,
        /// The state, such as `assigned`
        state: String,
        /// Your name; by default your login name
        #[arg(long)]
        by: Option<String>,
        /// What the others should know
        #[arg(long)]
        note: Option<String>,
        /// Move it although somebody else has it; the history shows from whom you took it over
        #[arg(long)]
        take_over: bool,
    },
    /// Write a form's replies, or a newsletter's subscribers, as a table for a spreadsheet or as JSON
    Export {
        /// The form
        form: String,
        /// Only those in this state
        #[arg(long)]
        state: Option<String>,
        /// Which records, where a form has both; by default a newsletter's subscribers, and the
        /// replies of any other form
        #[arg(long, value_enum)]
        records: Option<Records>,
        /// How
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
    },
    /// Show everything that the forms have of one person
    Person {
        /// Their email address or phone number, in any spelling
        contact: String,
        /// One form; all of them by default
        #[arg(long)]
        form: Option<String>,
    },
    /// Erase a person: all that a form has of them, but the mark that nothing may be sent
    Erase {
        /// The form
        form: String,
        /// Their email address or phone number, in any spelling
        contact: String,
    },
    /// Upgrade what an earlier version stored in a DynamoDB table, so that each person is found by
    /// any spelling of their address; an SQLite file is upgraded when it is opened
    Upgrade,
    /// List mails that could not be sent
    Mails,
    /// Try mails again that could not be sent
    Resend {
        /// The mail's id, as `daisy inbox mails` shows it; all of them where nothing is said
        id: Option<String>,
    },
    /// Copy the store into a new file, also while it is in use
    Backup {
        /// The new file
        path: PathBuf,
    },
}

/// What a form can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Records {
    /// What a person answers; of a newsletter, the held sign-ups
    Replies,
    /// Who signed up for a newsletter
    Subscribers,
}

/// How to write replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table, as RFC 4180 has it
    Csv,
    /// A list
    Json,
}

fn moment(text: &str) -> Result<i64, String> {
    text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_second).map_err(|_| {
        "this is not a moment; write it like 2026-05-01T09:00Z or 2026-05-01T09:00+01:00".to_owned()
    })
}

/// Reads the address of a site.
fn address(text: &str) -> Result<String, String> {
    let with_help =
        |message| format!("{message}; write all of it, such as https://www.example.org");
    config::check_base_url(text).map_err(with_help)
}
