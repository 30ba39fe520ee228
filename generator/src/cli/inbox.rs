//! The arguments of `daisy inbox` and `daisy person`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::month;

/// The arguments of `daisy inbox`.
#[derive(Args, Debug)]
pub struct Inbox {
    /// Store to use: `sqlite:PATH` or `dynamodb:TABLE` [default: the store of `daisy serve`]
    #[arg(long, global = true, value_name = "STORE")]
    pub store: Option<String>,
    /// The subcommand.
    #[command(subcommand)]
    pub task: Task,
}

/// The subcommands of `daisy inbox`.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// List replies, most urgent first, and newsletter subscribers
    List {
        /// Name of a form [default: all forms]
        form: Option<String>,
        /// Which of them.
        #[command(flatten)]
        selection: ListSelection,
        /// Your name, for `--mine` [default: your login name]
        #[arg(long, requires = "mine")]
        by: Option<String>,
    },
    /// Find replies to any form, and subscribers, by reference, email address, phone number or name
    Find {
        /// What to find; the first three letters of a name are enough. `-` reads it from standard input, so that
        /// your shell's history does not keep it
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
    },
    /// Show one reply
    Show {
        /// Reference number, such as 7KMB-2XQ4
        reference: String,
    },
    /// Move replies to another state
    Move {
        /// Reference numbers, such as 7KMB-2XQ4
        #[arg(required = true, value_name = "REFERENCE")]
        references: Vec<String>,
        /// New state, such as `assigned`
        state: String,
        /// Your name [default: your login name]
        #[arg(long)]
        by: Option<String>,
        /// Note for the team
        #[arg(long)]
        note: Option<String>,
        /// Move it even if it is assigned to someone else; the history records the takeover
        #[arg(long)]
        take_over: bool,
    },
    /// Add a note to replies, which stay in their states
    Note {
        /// Reference numbers, such as 7KMB-2XQ4
        #[arg(required = true, value_name = "REFERENCE")]
        references: Vec<String>,
        /// Note for the team
        #[arg(long)]
        note: String,
        /// Your name [default: your login name]
        #[arg(long)]
        by: Option<String>,
    },
    /// Export a form's replies, or a newsletter's subscribers, as CSV or JSON
    Export {
        /// Name of the form
        form: String,
        /// Only records in this state
        #[arg(long)]
        state: Option<String>,
        /// Records to export [default: subscribers of a newsletter, replies of any other form]
        #[arg(long, value_enum)]
        records: Option<Records>,
        /// Output format
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
    },
    /// Show all data that forms hold about a person
    Person {
        /// Email address or phone number of the person, in any spelling
        contact: String,
        /// Name of a form [default: all forms]
        #[arg(long)]
        form: Option<String>,
    },
    /// Unsubscribe a person who asked the team for it
    Unsubscribe {
        /// Name of the newsletter's form
        form: String,
        /// Email address or reference number of the subscriber
        who: String,
    },
    /// Erase all data that a form holds about a person, except that no email may be sent to them
    Erase {
        /// Name of the form
        form: String,
        /// Email address or phone number of the person, in any spelling
        contact: String,
    },
    /// `daisy person erase`, once it is confirmed.
    #[command(skip)]
    EraseEverywhere {
        /// Email address or phone number of the person.
        contact: String,
    },
    /// Upgrade a DynamoDB table of an earlier version, so that people are found by any spelling of their address;
    /// an SQLite file is upgraded when it is opened
    Upgrade,
    /// List emails that could not be sent
    Mails,
    /// Send failed emails again
    Resend {
        /// Email id, as shown by `daisy inbox mails` [default: all failed emails]
        id: Option<String>,
    },
    /// Back up an SQLite store to a new file, even while it is in use
    Backup {
        /// File to create
        path: PathBuf,
    },
}

/// Which records `daisy inbox list` lists; all of them by default.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub struct ListSelection {
    /// Only records in this state
    #[arg(long)]
    pub state: Option<String>,
    /// Only open replies, of all forms by due date
    #[arg(long)]
    pub open: bool,
    /// Only open replies that should have been answered by now
    #[arg(long)]
    pub overdue: bool,
    /// Only open replies that are assigned to you
    #[arg(long)]
    pub mine: bool,
    /// Only open replies that are assigned to no one
    #[arg(long)]
    pub unassigned: bool,
    /// Only replies that are held as possible spam
    #[arg(long)]
    pub held: bool,
    /// Only replies closed in this month, such as 2026-11, the latest first [default: this month]
    #[arg(long, value_name = "MONTH", num_args = 0..=1, value_parser = month)]
    pub closed: Option<Option<String>>,
}

/// The arguments of `daisy person`.
#[derive(Args, Debug)]
pub struct Person {
    /// Store to use: `sqlite:PATH` or `dynamodb:TABLE` [default: the store of `daisy serve`]
    #[arg(long, global = true, value_name = "STORE")]
    pub store: Option<String>,
    /// The subcommand.
    #[command(subcommand)]
    pub task: PersonTask,
}

/// The subcommands of `daisy person`.
#[derive(Debug, Subcommand)]
pub enum PersonTask {
    /// Show all replies and subscriptions of a person, in all forms
    Show {
        /// Email address or phone number of the person, in any spelling
        contact: String,
    },
    /// Erase a person from all forms, except that no email may be sent to them, and print a receipt that names no
    /// person
    Erase {
        /// Email address or phone number of the person, in any spelling
        contact: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

/// The kinds of records that a form can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Records {
    /// Replies; for a newsletter, the sign-ups held as possible spam
    Replies,
    /// Newsletter subscribers
    Subscribers,
}

/// The formats of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// CSV (RFC 4180), for spreadsheets
    Csv,
    /// JSON array
    Json,
}
