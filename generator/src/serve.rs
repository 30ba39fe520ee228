//! Serves a site on this computer while it is edited: takes its folder, answers browsers, and
//! follows every change. Touches the disk and the network (127.0.0.1 alone, unless a person asks
//! for more).
//!
//! Three threads, and one thing that they share, `Served`:
//!
//! - this one answers requests (`connection`, `http`) and tells browsers what changed (`events`); what takes
//!   time is done beside it;
//! - one waits for changes on the disk (`watch`), takes a new snapshot and swaps it in
//!   (`follow`);
//! - one renders in idle time what nobody asked for (`idle`), so that an error on a page that
//!   nobody opened is told as well.
//!
//! What a person is to be told goes to a closure as [`News`].

mod address;
mod connection;
mod error_overlay;
mod events;
mod forms;
mod generation;
mod http;
mod mail_preview;
mod page_cache;
mod prerender;
mod rebuild;
mod shutdown;
mod state;
mod watch;

#[cfg(feature = "publish")]
pub(crate) use forms::definitions_of;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use std::{io, thread};

use tokio::net::TcpListener;

use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::site::Options;
use forms::FormsBackend;
use shutdown::Signals;
use state::Served;

/// What to serve, and where.
#[derive(Clone, Debug)]
pub struct Request {
    /// The site's folder.
    pub root: PathBuf,
    /// The address to answer at; beyond 127.0.0.1 others see drafts.
    pub host: IpAddr,
    /// The port; 0 for any that is free.
    pub port: u16,
    /// Show drafts, and pages whose day has not come or has passed.
    pub drafts: bool,
}

/// What a person is to be told.
pub enum ServeEvent {
    /// The site is served at this address.
    Serving(String),
    /// Others can reach it, at this address where it is known.
    Exposed(Option<String>),
    /// This port was taken, so that another is used.
    PortTaken(u16),
    /// The site was made anew.
    Changed {
        /// What changed, each by its path and a word.
        changes: Vec<String>,
        /// How long it took.
        took: Duration,
        /// Whether something was wrong before.
        mended: bool,
    },
    /// What is doubtful in the sources.
    Warnings(Vec<Diagnostic>),
    /// Something is wrong.
    Faults {
        /// What.
        found: Vec<Diagnostic>,
        /// What is served meanwhile.
        shown: Shown,
    },
    /// Something failed that no content is at fault for.
    Trouble(String),
}

/// What is served while there are errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing: the errors leave no site. Or one page has errors, and all others are served.
    Nothing,
    /// What has no errors.
    Rest,
    /// The site as it was before it had errors.
    Former,
}

/// Where news goes.
pub type Tell = Arc<dyn Fn(ServeEvent) + Send + Sync>;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const MINUTE: Duration = Duration::from_secs(60);
/// How long requests that have begun are waited for at the end: a little longer than the store and the
/// first try of a mail take at most.
const GRACE: Duration = Duration::from_secs(6);
/// How many ports are tried after the one that was asked for.
const PORTS: u16 = 100;

/// Serves until the process is told to end.
///
/// # Errors
/// There is no site in the folder, no port is free, or the disk cannot be watched.
pub fn serve(request: &Request, tell: Tell) -> Result<(), Failure> {
    let root = request.root.canonicalize().unwrap_or_else(|_| request.root.clone());
    if !root.join("content").is_dir() {
        let fault = Diagnostic::error("content", "this folder is not a site: it has no `content`")
            .help("name the site's folder with `--root`, or make a new site with `daisy init`");
        return Err(Failure::Content(vec![fault]));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Machine(format!("cannot serve: {error}")))?;
    let done = runtime.block_on(run(root, request, tell));
    // A page that is being rendered must not hold up the end.
    runtime.shutdown_background();
    done
}

async fn run(root: PathBuf, request: &Request, tell: Tell) -> Result<(), Failure> {
    let trouble = |error: io::Error| Failure::Machine(format!("cannot serve: {error}"));
    let mut signals = Signals::listen().map_err(trouble)?;
    let (listener, port) = bind(request.host, request.port).await?;
    if request.port != 0 && port != request.port {
        tell(ServeEvent::PortTaken(request.port));
    }
    // 0.0.0.0 is every address of this computer, and the address of none.
    let host = if request.host.is_unspecified() { LOCAL } else { request.host };
    let address = format!("http://{}", SocketAddr::new(host, port));
    let exposed = !request.host.is_loopback();
    let options = Options {
        base_url: None,
        drafts: request.drafts,
        host: None,
        served_at: Some(address.clone()),
    };
    let served = Arc::new(Served::new(root.clone(), Arc::clone(&tell), exposed));
    let mut changes = watch::watch(&root)?;

    let desk = FormsBackend::open(&root, &address);
    let desk = desk.map_err(|message| tell(ServeEvent::Trouble(message))).ok();
    let store = desk.as_ref().map(FormsBackend::store);
    let (wake, woken) = mpsc::channel();
    let (ready, first) = tokio::sync::oneshot::channel();
    let shared = Arc::clone(&served);
    let runtime = tokio::runtime::Handle::current();
    thread::spawn(move || {
        let mut follower = rebuild::Rebuilder::new(shared, options, desk, runtime, wake);
        follower.look();
        // Whoever waited for this is gone only when we are to end.
        let _ = ready.send(());
        follower.follow(&mut changes);
    });
    let shared = Arc::clone(&served);
    thread::spawn(move || prerender::render_rest(&shared, &woken));

    let serving = async {
        tokio::select! {
            _ = first => {}
            () = served.ended() => return Ok(()),
        }
        let edition = served.edition();
        let base_url = edition.snapshot.as_ref().map(|snapshot| &snapshot.site().base_url);
        tell(ServeEvent::Serving(match base_url {
            Some(base_url) => base_url.absolute("/"),
            None => format!("{address}/"),
        }));
        if exposed {
            let known = if request.host.is_unspecified() { own_address() } else { Some(host) };
            tell(ServeEvent::Exposed(
                known.map(|host| format!("http://{}/", SocketAddr::new(host, port))),
            ));
        }
        let answering = connection::answer_all(listener, Arc::clone(&served));
        tokio::join!(answering, send_due(&served));
        Ok(())
    };
    let done = until_ended(&served, &mut signals, serving).await;
    // The last thing: whatever is still at work in other threads stores nothing after it.
    if let Some(Err(error)) = store.map(|store| store.close()) {
        tell(ServeEvent::Trouble(format!(
            "not every reply is in replies.sqlite yet ({error}); before you copy the file, stop \
             every other program that uses it, and run `daisy inbox list`"
        )));
    }
    done
}

/// Serves until a signal comes. Then requests that have begun are still answered, for a while, and
/// mail that is being sent is sent; a second signal ends that too.
async fn until_ended(
    served: &Served,
    signals: &mut Signals,
    serving: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let mut serving = pin!(serving);
    tokio::select! {
        done = &mut serving => return done,
        () = signals.next() => served.end(),
    }
    tokio::select! {
        done = tokio::time::timeout(GRACE, serving) => done.unwrap_or(Ok(())),
        () = signals.next() => Ok(()),
    }
}

/// A panic while something is done for `path`: a fault of ours, told like those of editors.
fn panicked(path: &str) -> Diagnostic {
    Diagnostic::error(path, "daisy failed over this, by a fault of its own")
        .help("please report this, with what the terminal shows")
}

/// Tries again, at once and every minute, to send the mails that are due. At the end, a run that has
/// begun is finished.
async fn send_due(served: &Served) {
    let mut minutes = tokio::time::interval(MINUTE);
    loop {
        tokio::select! {
            _ = minutes.tick() => {}
            () = served.ended() => return,
        }
        if let Some(replies) = &served.edition().replies
            && let Err(error) = replies.run_schedule().await
        {
            (served.tell)(ServeEvent::Trouble(format!("mail that is due was not sent: {error}")));
        }
    }
}

/// The address by which others most likely reach this computer: the one that it would send from.
/// Nothing is sent.
fn own_address() -> Option<IpAddr> {
    // An address kept for examples (RFC 5737): any that is not in the own network will do.
    const FAR: (Ipv4Addr, u16) = (Ipv4Addr::new(203, 0, 113, 1), 9);
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(FAR).ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}

/// The port that was asked for, or else the next one that is free.
async fn bind(host: IpAddr, port: u16) -> Result<(TcpListener, u16), Failure> {
    let mut next = port;
    loop {
        match TcpListener::bind((host, next)).await {
            Ok(listener) => {
                let port = listener.local_addr().map_or(next, |address| address.port());
                return Ok((listener, port));
            }
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse
                    && next < u16::MAX
                    && next - port < PORTS =>
            {
                next += 1;
            }
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
                return Err(Failure::Machine(format!(
                    "cannot serve at {host}: this computer does not have that address; \
                     `--host 0.0.0.0` is every address it has"
                )));
            }
            Err(error) => {
                return Err(Failure::Machine(format!(
                    "cannot serve at port {next}: {error}; name another with `--port`"
                )));
            }
        }
    }
}
