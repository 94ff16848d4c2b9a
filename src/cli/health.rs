//! `rapporteur health`: asks the service beside it how it is, for places that have no other program to ask with,
//! such as the health check of a container.

use std::{net::ToSocketAddrs as _, path::Path, time::Duration};

use super::{load_settings, report};

/// Ask a running service whether it is well.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ask whether it is ready for work, not only whether it is alive.
    #[arg(long)]
    ready: bool,
    /// Longest wait for the answer, in seconds.
    #[arg(long, default_value_t = 3)]
    timeout: u64,
}

/// Why the service is not well.
#[derive(Debug, thiserror::Error)]
enum HealthError {
    #[error("http.listen is empty: there is nothing to ask")]
    Nothing,
    #[error("http.listen: `{0}` is no address")]
    Address(String),
    #[error("{url}: {source}")]
    Away { url: String, source: ureq::Error },
    #[error("{url}: {status} {why}")]
    Unwell { url: String, status: u16, why: String },
}

/// Asks, and prints the answer. Exit code 1 where it is not well.
pub fn main(args: &Args, config: Option<&Path>) -> u8 {
    let settings = match load_settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let page = if args.ready { "readyz" } else { "livez" };
    match ask(&settings.http.listen, page, Duration::from_secs(args.timeout)) {
        Ok(why) => {
            println!("{why}");
            0
        }
        Err(error @ (HealthError::Nothing | HealthError::Address(_))) => report(&error, 2),
        Err(error) => report(&error, 1),
    }
}

fn ask(listen: &str, page: &str, timeout: Duration) -> Result<String, HealthError> {
    if listen.is_empty() {
        return Err(HealthError::Nothing);
    }
    let mut address = listen
        .to_socket_addrs()
        .ok()
        .and_then(|mut all| all.next())
        .ok_or_else(|| HealthError::Address(listen.to_owned()))?;
    // All interfaces to listen on are one's own to ask at.
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            std::net::SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    let url = format!("http://{address}/{page}");
    let away = |source| HealthError::Away {
        url: url.clone(),
        source,
    };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into();
    let mut response = agent.get(&url).call().map_err(away)?;
    let why = response
        .body_mut()
        .read_to_string()
        .map_err(away)?
        .trim()
        .to_owned();
    match response.status().as_u16() {
        200 => Ok(why),
        status => Err(HealthError::Unwell { url, status, why }),
    }
}
