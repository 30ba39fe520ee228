//! The command-line interface: subcommands, options and their help texts.

mod inbox;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{self, InvalidBaseUrl};
use crate::site;
pub use inbox::{Format, Inbox, ListSelection, Person, PersonTask, Records, Task};

/// Builds a community's website from text files, and answers its forms
#[derive(Debug, Parser)]
#[command(name = "daisy", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "To start, run `daisy init`, then `daisy serve`, and open the address it shows."
)]
pub struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
    /// Folder of the site, which contains `content`
    #[arg(long, global = true, default_value = ".", value_name = "FOLDER")]
    pub root: PathBuf,
    /// Print only warnings and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more details
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the site into `dist`
    Build(Build),
    /// Preview the site on this computer while you edit it, with working forms
    Serve(Serve),
    /// Create a new site
    ///
    /// Asks for the name, the language and the email address, unless an option gives them. If standard input is
    /// not a terminal, reads them from it in that order, one on each line. An empty or missing line means the
    /// default.
    Init(Init),
    /// Import a site made with Hugo, Zola, Jekyll or Eleventy
    Import(Import),
    /// Create a new page, story or newsletter
    New(New),
    /// Check every page as visitors get it, without changing `dist`
    Check(Check),
    /// Publish the site and its forms to AWS
    Publish(Publish),
    /// Take a story off the site because the person withdrew their consent
    Story(Story),
    /// Preview newsletters as emails, and check the sender
    Newsletter(Newsletter),
    /// Read and manage replies and newsletter subscribers
    Inbox(Inbox),
    /// Answer a person who asks what you hold about them, or asks you to erase it
    Person(Person),
    /// Print a JSON Schema for the front matter of pages
    Schema(Schema),
    /// Print a completion script for your shell
    Completions(Completions),
    /// Print the manual page, or write one for every command
    Man(Man),
}

/// The values of `--for`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Host {
    /// Netlify: adds `_headers` and `_redirects` to the site
    Netlify,
    /// Cloudflare Pages: adds `_headers` and `_redirects` to the site
    Cloudflare,
    /// GitHub Pages: adds `.nojekyll`, and `CNAME` if the site has its own domain
    Github,
    /// nginx: writes configuration to .daisy/nginx.conf
    Nginx,
    /// Caddy: writes configuration to .daisy/Caddyfile
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

/// The arguments of `daisy build`.
#[derive(Args, Debug)]
pub struct Build {
    /// Folder to write the site to [default: `dist` in the site's folder]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Address of the site, instead of `base_url` in `site.yaml`
    #[arg(long, value_name = "URL", value_parser = address)]
    pub base_url: Option<String>,
    /// Include drafts, and future and expired pages
    #[arg(long)]
    pub drafts: bool,
    /// Also write the headers and redirects in the form that this host reads
    #[arg(long = "for", value_enum, value_name = "HOST")]
    pub host: Option<Host>,
    /// Build everything again, without the cache
    #[arg(long)]
    pub force: bool,
    /// Show what one file of the site was made from and what has changed, without building
    #[arg(long, value_name = "PATH", conflicts_with_all = ["force", "verify"])]
    pub why: Option<String>,
    /// Build, then build again without the cache, and check that both give the same files
    #[arg(long)]
    pub verify: bool,
    /// Time to build the site for, such as 2026-05-01T09:00Z [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub now: Option<i64>,
}

/// The arguments of `daisy serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Port to use; if it is in use, the next free one
    #[arg(long, default_value_t = 8000)]
    pub port: u16,
    /// Port of the team's pages, where replies are read and answered [default: 100 above the site's]
    #[arg(long, value_name = "PORT")]
    pub team_port: Option<u16>,
    /// Open the site in your browser
    #[arg(long)]
    pub open: bool,
    /// IP address to listen on; if others can reach it, they can see drafts too
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub host: IpAddr,
    /// Leave out drafts, and future and expired pages
    #[arg(long)]
    pub no_drafts: bool,
}

/// The arguments of `daisy check`.
#[derive(Args, Debug)]
pub struct Check {
    /// Also check links to other sites
    #[arg(long)]
    pub external: bool,
    /// Also check drafts, and future and expired pages
    #[arg(long)]
    pub drafts: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub format: OutputFormat,
    /// Time to check the site for, such as 2026-05-01T09:00Z [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub now: Option<i64>,
}

/// The arguments of `daisy publish`.
#[derive(Args, Debug)]
pub struct Publish {
    /// CloudFormation stack that `make deploy` created, which provides all other settings
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// S3 bucket, if there is no stack
    #[arg(long, value_name = "NAME", required_unless_present = "stack", conflicts_with = "stack")]
    pub bucket: Option<String>,
    /// CloudFront distribution in front of the bucket
    #[arg(long, value_name = "ID", conflicts_with = "stack")]
    pub distribution: Option<String>,
    /// DynamoDB table for the site's forms
    #[arg(long, value_name = "NAME", conflicts_with = "stack")]
    pub table: Option<String>,
    /// Address of the site, instead of `base_url` in `site.yaml`
    #[arg(long, value_name = "URL", value_parser = address, conflicts_with = "rollback")]
    pub base_url: Option<String>,
    /// Return to the previous release
    #[arg(long)]
    pub rollback: bool,
    /// Delete earlier releases, so that no one can return to them
    #[arg(long, conflicts_with = "rollback")]
    pub forget: bool,
    /// Publish without asking for confirmation
    #[arg(long, short)]
    pub yes: bool,
    /// Publish only if a page has become due or expired since the last publish
    #[arg(long, conflicts_with = "rollback")]
    pub due: bool,
    /// Output format for errors and warnings
    #[arg(long, value_enum, default_value_t = Words::Text)]
    pub format: Words,
    /// Address of an AWS emulator [default: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// The output formats of `daisy check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Text for people
    Text,
    /// JSON for programs
    Json,
    /// Text, and annotations that GitHub shows beside each line
    Github,
}

/// The output formats of `daisy publish`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Words {
    /// Text for people
    Text,
    /// Text, and annotations that GitHub shows beside each line
    Github,
}

/// The arguments of `daisy schema`.
#[derive(Args, Debug)]
pub struct Schema {
    /// Section, such as `stories` [default: keys that pages of any section may have]
    pub section: Option<String>,
}

/// The arguments of `daisy completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// Name of the shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// The arguments of `daisy man`.
#[derive(Args, Debug)]
pub struct Man {
    /// Write a page for every command to this folder
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// The arguments of `daisy init`.
#[derive(Args, Debug)]
pub struct Init {
    /// Folder to create the site in
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Name of the site
    #[arg(long, value_name = "NAME")]
    pub title: Option<String>,
    /// Language of the site, such as `en-GB`
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<String>,
    /// Email address of the community
    #[arg(long, value_name = "EMAIL")]
    pub email: Option<String>,
    /// Also copy the theme into the site, so that you can change it
    #[arg(long)]
    pub theme: bool,
}

/// The arguments of `daisy import`.
#[derive(Args, Debug)]
pub struct Import {
    /// Folder of the old site, with its settings file; it is not changed
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// Folder to create the new site in
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// The arguments of `daisy new`.
#[derive(Args, Debug)]
pub struct New {
    /// `page`, `newsletter`, or a section, such as `story` or `stories`
    pub kind: String,
    /// Title of the page; for a newsletter, its month or title [default: this month, such as 2026-12]
    #[arg(num_args = 0.., value_name = "TITLE")]
    pub title: Vec<String>,
    /// Pages that a newsletter presents, such as content/stories/rose.md
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub stories: Vec<String>,
    /// Open the page in the editor named by VISUAL or EDITOR, or the system's default editor
    #[arg(long)]
    pub edit: bool,
}

/// The arguments of `daisy story`.
#[derive(Args, Debug)]
pub struct Story {
    /// The subcommand.
    #[command(subcommand)]
    pub task: StoryTask,
}

/// The subcommands of `daisy story`.
#[derive(Debug, Subcommand)]
pub enum StoryTask {
    /// Record that consent was withdrawn, and list every page that shows the story
    Withdraw {
        /// File of the story, such as content/stories/rose.md
        file: PathBuf,
        /// Day on which consent was withdrawn, such as 2026-05-21 [default: today]
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Option<jiff::civil::Date>,
    },
}

/// The arguments of `daisy newsletter`.
#[derive(Args, Debug)]
pub struct Newsletter {
    /// The subcommand.
    #[command(subcommand)]
    pub task: NewsletterTask,
}

/// The subcommands of `daisy newsletter`.
#[derive(Debug, Subcommand)]
pub enum NewsletterTask {
    /// Write a newsletter and its translations as HTML, plain text and complete emails
    Preview {
        /// Name of the newsletter, such as 2026-12
        name: String,
        /// Folder to write to [default: .daisy/newsletters/NAME in the site's folder]
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// Address of the site, instead of `base_url` in `site.yaml`
        #[arg(long, value_name = "URL", value_parser = address)]
        base_url: Option<String>,
    },
    /// Check whether email programs can trust the sender's domain: SPF, DKIM and DMARC
    Check {
        /// Name of a DKIM key, the part before `._domainkey` [default: names that common services use]
        #[arg(long, value_name = "NAME")]
        selector: Vec<String>,
        /// DNS server to ask, such as 9.9.9.9:53 [default: those of the system]
        #[arg(long, value_name = "ADDRESS")]
        dns_server: Option<SocketAddr>,
    },
}

/// Why an argument cannot be read.
#[derive(Debug, thiserror::Error)]
enum ArgumentError {
    #[error("not a date and time; write it like 2026-05-01T09:00Z or 2026-05-01T09:00+01:00")]
    Moment,
    #[error("not a date; write it like 2026-05-21")]
    Day,
    #[error("not a month; write it like 2026-11, and the name of a form before `--closed`")]
    Month,
    #[error("{0}; write the full address, such as https://www.example.org")]
    Address(#[from] InvalidBaseUrl),
}

fn month(text: &str) -> Result<String, ArgumentError> {
    let first: Result<jiff::civil::Date, _> = format!("{text}-01").parse();
    match first {
        Ok(first) if first.strftime("%Y-%m").to_string() == text => Ok(text.to_owned()),
        _ => Err(ArgumentError::Month),
    }
}

fn moment(text: &str) -> Result<i64, ArgumentError> {
    let moment = text.parse::<jiff::Timestamp>().map_err(|_| ArgumentError::Moment)?;
    Ok(moment.as_second())
}

fn day(text: &str) -> Result<jiff::civil::Date, ArgumentError> {
    text.parse().map_err(|_| ArgumentError::Day)
}

/// Parses the address of a site.
fn address(text: &str) -> Result<String, ArgumentError> {
    Ok(config::check_base_url(text)?)
}
