//! Asks the DNS for the records about a sender's domain. Reads the system's configuration; performs network I/O.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use resolv_conf::Config;
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, SimpleDnsError, TYPE};

use crate::clock;
use crate::newsletter::sender::Records;

/// How long to wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// How often to ask each server: datagrams get lost.
const ATTEMPTS: usize = 2;

/// The largest answer in a datagram, without extensions (RFC 1035, 4.2.1), and some more.
const MAX_DATAGRAM_BYTES: usize = 4096;

/// The port of DNS servers.
const PORT: u16 = 53;

/// Why a name could not be looked up.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum DnsError {
    /// No server answered.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The name or the answer is invalid.
    #[error("{0}")]
    Invalid(#[from] SimpleDnsError),
    /// The server refused to answer.
    #[error("{0:?}")]
    Refused(RCODE),
    /// The system names no server.
    #[error("/etc/resolv.conf names no server")]
    NoServer,
}

/// Asks for the records of a domain, and for the DKIM keys with these selectors. Asks `server`, or else the servers of the
/// system's configuration.
///
/// # Errors
/// No server answered.
pub(super) fn records(
    domain: &str,
    selectors: &[String],
    server: Option<SocketAddr>,
) -> Result<Records, DnsError> {
    let servers = match server {
        Some(server) => vec![server],
        None => system_servers()?,
    };
    let mut records = Records {
        domain: texts(&servers, domain)?,
        dmarc: texts(&servers, &format!("_dmarc.{domain}"))?,
        dkim: Vec::new(),
    };
    for selector in selectors {
        let keys = texts(&servers, &format!("{selector}._domainkey.{domain}"))?;
        records.dkim.extend(keys.into_iter().map(|key| (selector.clone(), key)));
    }
    Ok(records)
}

fn system_servers() -> Result<Vec<SocketAddr>, DnsError> {
    let text = fs::read("/etc/resolv.conf").map_err(|_| DnsError::NoServer)?;
    let config = Config::parse_with_errors(&text).0;
    let servers = config.nameservers.iter().map(|server| SocketAddr::new(server.into(), PORT));
    let servers: Vec<SocketAddr> = servers.collect();
    if servers.is_empty() { Err(DnsError::NoServer) } else { Ok(servers) }
}

/// The TXT records of a name, from the first server that answers; none if the name does not exist.
fn texts(servers: &[SocketAddr], name: &str) -> Result<Vec<String>, DnsError> {
    let mut last = DnsError::NoServer;
    for server in servers {
        for _ in 0..ATTEMPTS {
            match ask(*server, name) {
                Ok(texts) => return Ok(texts),
                Err(error) => last = error,
            }
        }
    }
    Err(last)
}

fn ask(server: SocketAddr, name: &str) -> Result<Vec<String>, DnsError> {
    let id = u16::try_from(clock::nanoseconds() % u64::from(u16::MAX)).unwrap_or_default();
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name)?;
    packet.questions.push(Question::new(name, TYPE::TXT.into(), CLASS::IN.into(), false));
    let query = packet.build_bytes_vec()?;
    let mut answer = over_udp(server, &query)?;
    if Packet::parse(&answer)?.has_flags(PacketFlag::TRUNCATION) {
        answer = over_tcp(server, &query)?;
    }
    let answer = Packet::parse(&answer)?;
    match answer.rcode() {
        _ if answer.id() != id => return Err(io::Error::from(io::ErrorKind::InvalidData).into()),
        RCODE::NoError | RCODE::NameError => {}
        code => return Err(DnsError::Refused(code)),
    }
    let texts = answer.answers.into_iter().filter_map(|record| match record.rdata {
        RData::TXT(text) => String::try_from(text).ok(),
        _ => None,
    });
    Ok(texts.collect())
}

fn over_udp(server: SocketAddr, query: &[u8]) -> io::Result<Vec<u8>> {
    let own = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(own)?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(TIMEOUT))?;
    socket.send(query)?;
    let mut answer = vec![0; MAX_DATAGRAM_BYTES];
    let length = socket.recv(&mut answer)?;
    answer.truncate(length);
    Ok(answer)
}

/// For answers that do not fit into a datagram (RFC 1035, 4.2.2).
fn over_tcp(server: SocketAddr, query: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&server, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let length = u16::try_from(query.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes()[..], query].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}
