//! Serves a site on this computer while it is being edited, and reloads pages when sources change.
//! Reads and writes the disk, and listens on the network (only on 127.0.0.1 unless another address
//! is requested).
//!
//! Three threads share one value, `Served`:
//!
//! - this one answers requests (`connection`, `http`) and notifies browsers of changes (`events`);
//!   slow work runs on other threads;
//! - one waits for changes on the disk (`watch`), takes a new snapshot and swaps it in (`rebuild`);
//! - one renders in idle time the pages that have not been requested (`prerender`), so that errors
//!   on pages that no one opens are reported too.
//!
//! Messages for the user are passed to a closure as [`ServeEvent`].

mod address;
mod connection;
mod error;
mod error_overlay;
mod events;
mod forms;
mod generation;
mod http;
mod mail_preview;
mod newsletters;
mod page_cache;
mod prerender;
mod rebuild;
mod shutdown;
mod state;
mod team;
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
use crate::site::Options;
pub use error::Error;
use forms::FormsBackend;
use shutdown::Signals;
use state::Served;
use team::Team;

/// What to serve, and at which address.
#[derive(Clone, Debug)]
pub struct Request {
    /// The site's folder.
    pub root: PathBuf,
    /// The address to listen on; with any but 127.0.0.1, others can see drafts.
    pub host: IpAddr,
    /// The port; 0 for any free one.
    pub port: u16,
    /// The port of the team's pages, on this computer alone; `None` for 100 above `port`, or any free one if that is 0.
    pub team_port: Option<u16>,
    /// Includes drafts, expired pages, and pages whose publish date has not passed.
    pub drafts: bool,
}

/// A message for the user.
pub enum ServeEvent {
    /// The site is served at this URL.
    Serving(String),
    /// The team's pages are served at this URL.
    ServingTeam(String),
    /// Others can reach the site, at this URL if it is known.
    Exposed(Option<String>),
    /// This port was in use, so another one is used.
    PortTaken(u16),
    /// The site was rebuilt.
    Changed {
        /// The changes, each as a path and a word.
        changes: Vec<String>,
        /// How long the rebuild took.
        took: Duration,
        /// Whether there were errors before.
        fixed: bool,
    },
    /// Warnings about the sources.
    Warnings(Vec<Diagnostic>),
    /// The sources have errors.
    Faults {
        /// The errors.
        found: Vec<Diagnostic>,
        /// What is served in the meantime.
        shown: Shown,
    },
    /// An error that is not caused by the site's content.
    Trouble(String),
}

/// What is served while there are errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing, because the errors leave no site; or everything but one page with errors.
    Nothing,
    /// Everything without errors.
    Rest,
    /// The last version of the site without errors.
    Former,
}

/// Receives messages for the user.
pub type EventHandler = Arc<dyn Fn(ServeEvent) + Send + Sync>;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const MINUTE: Duration = Duration::from_secs(60);
/// How long to wait for active requests when shutting down: slightly longer than the store and the
/// first attempt to send an email take at most.
const GRACE: Duration = Duration::from_secs(6);
/// By how much the port of the team's pages is above the site's by default.
const TEAM_PORT_OFFSET: u16 = 100;
/// The number of ports to try after the requested one.
const PORTS: u16 = 100;

/// Serves until the process is asked to end.
///
/// # Errors
/// There is no site in the folder, no port is free, or the disk cannot be watched.
pub fn serve(request: &Request, on_event: EventHandler) -> Result<(), Error> {
    let root = request.root.canonicalize().unwrap_or_else(|_| request.root.clone());
    if !root.join("content").is_dir() {
        let fault = Diagnostic::error("content", "this folder is not a site: it has no `content`")
            .help("set the site's folder with `--root`, or create a site with `daisy init`");
        return Err(Error::Content(vec![fault]));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(run(root, request, on_event));
    // Pages that are being rendered must not delay shutting down.
    runtime.shutdown_background();
    done
}

async fn run(root: PathBuf, request: &Request, on_event: EventHandler) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let (listener, port) = bind(request.host, request.port).await?;
    if request.port != 0 && port != request.port {
        on_event(ServeEvent::PortTaken(request.port));
    }
    // 0.0.0.0 listens on every address, but cannot be used in a URL.
    let host = if request.host.is_unspecified() { LOCAL } else { request.host };
    let address = format!("http://{}", SocketAddr::new(host, port));
    let exposed = !request.host.is_loopback();
    let options = Options {
        base_url: None,
        drafts: request.drafts,
        host: None,
        served_at: Some(address.clone()),
    };
    let served = Arc::new(Served::new(root.clone(), Arc::clone(&on_event), exposed));
    let mut changes = watch::watch(&root)?;

    let backend = FormsBackend::open(&root, &address);
    let backend = backend.map_err(|error| on_event(ServeEvent::Trouble(error.to_string()))).ok();
    let store = backend.as_ref().map(FormsBackend::store);
    let team = match &backend {
        Some(backend) => Some((bind_team(request, port).await?, backend.team_store())),
        None => None,
    };
    let (wake, woken) = mpsc::channel();
    let (ready, first) = tokio::sync::oneshot::channel();
    let shared = Arc::clone(&served);
    let runtime = tokio::runtime::Handle::current();
    thread::spawn(move || {
        let mut rebuilder = rebuild::Rebuilder::new(shared, options, backend, runtime, wake);
        rebuilder.look();
        // The receiver is gone only when shutting down.
        let _ = ready.send(());
        rebuilder.follow(&mut changes);
    });
    let shared = Arc::clone(&served);
    thread::spawn(move || prerender::render_rest(&shared, &woken));

    let serving = async {
        tokio::select! {
            _ = first => {}
            () = served.ended() => return Ok(()),
        }
        let generation = served.generation();
        let base_url = generation.snapshot.as_ref().map(|snapshot| &snapshot.site().base_url);
        on_event(ServeEvent::Serving(match base_url {
            Some(base_url) => base_url.absolute("/"),
            None => format!("{address}/"),
        }));
        if exposed {
            let known = if request.host.is_unspecified() { own_address() } else { Some(host) };
            on_event(ServeEvent::Exposed(
                known.map(|host| format!("http://{}/", SocketAddr::new(host, port))),
            ));
        }
        let site = connection::answer_all(listener, Arc::clone(&served), Arc::clone(&served));
        let team = async {
            let Some(((listener, port), store)) = team else { return };
            let title = generation.snapshot.as_ref().map(|snapshot| &snapshot.site().config.title);
            let title = title.map_or("", String::as_str);
            let pages = Team::new(store, title, SocketAddr::new(LOCAL, port), served.limits.body);
            let forms = generation.snapshot.as_ref().map(|snapshot| snapshot.site().forms.len());
            if forms > Some(0) {
                on_event(ServeEvent::ServingTeam(format!("http://{LOCAL}:{port}/")));
            }
            connection::answer_all(listener, Arc::clone(&served), pages).await;
        };
        tokio::join!(site, team, send_due(&served));
        Ok(())
    };
    let done = until_ended(&served, &mut signals, serving).await;
    // Last, so that work left in other threads stores nothing after it.
    if let Some(Err(error)) = store.map(|store| store.close()) {
        on_event(ServeEvent::Trouble(format!(
            "some replies are not yet in replies.sqlite ({error}); before you copy the file, stop \
             all other programs that use it, and run `daisy inbox list`"
        )));
    }
    done
}

/// Serves until a signal is received. Then active requests and emails are completed for a limited
/// time; a second signal ends that early.
async fn until_ended(
    served: &Served,
    signals: &mut Signals,
    serving: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
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

/// Reports a panic while handling `path`: a bug in daisy, shown like an error in the content.
fn panicked(path: &str) -> Diagnostic {
    Diagnostic::error(path, "internal error: this is a bug in daisy")
        .help("please report it, with the output in the terminal")
}

/// Tries to send due emails, at once and then every minute. When shutting down, a run that has
/// begun is completed.
async fn send_due(served: &Served) {
    let mut minutes = tokio::time::interval(MINUTE);
    loop {
        tokio::select! {
            _ = minutes.tick() => {}
            () = served.ended() => return,
        }
        if let Some(replies) = &served.generation().replies
            && let Err(error) = replies.run_schedule().await
        {
            (served.on_event)(ServeEvent::Trouble(format!("could not send queued email: {error}")));
        }
    }
}

/// Returns the address at which others can most likely reach this computer: the one it would send
/// from. Sends nothing.
fn own_address() -> Option<IpAddr> {
    // An address reserved for documentation (RFC 5737): any outside the local network works.
    const FAR: (Ipv4Addr, u16) = (Ipv4Addr::new(203, 0, 113, 1), 9);
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(FAR).ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}

/// Binds the port of the team's pages, or else the next free one. Only this computer can reach it.
async fn bind_team(request: &Request, site_port: u16) -> Result<(TcpListener, u16), Error> {
    let default = match request.port {
        0 => 0,
        _ => site_port.saturating_add(TEAM_PORT_OFFSET),
    };
    bind(LOCAL, request.team_port.unwrap_or(default)).await
}

/// Binds the requested port, or else the next free one.
async fn bind(host: IpAddr, port: u16) -> Result<(TcpListener, u16), Error> {
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
                return Err(Error::NoSuchAddress(host));
            }
            Err(source) => return Err(Error::Port { port: next, source }),
        }
    }
}
