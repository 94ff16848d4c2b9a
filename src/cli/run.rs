//! `rapporteur run`: the service.

use std::{
    io,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rapporteur::{
    extract,
    ops::{
        http,
        logs::{self, LogLevel},
        traces::Tracer,
    },
    settings::Settings,
    stream::{Extraction, Service, StreamError},
    text::Found,
};
use tokio::sync::oneshot;

use super::{BAD_SETTINGS, load_engine, load_settings, report};

/// A signal that comes so soon after another is the same word said twice: supervisors tell the process and
/// its group.
const SAME_WORD: Duration = Duration::from_secs(1);

/// Read articles from Kafka and publish their contacts, until told to stop.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    overlays: super::Overlays,
}

/// Runs until SIGTERM, SIGINT or a failure.
pub fn main(args: &Args, config: Option<&Path>) -> u8 {
    let mut settings = match load_settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    settings
        .register
        .overlays
        .extend_from_slice(&args.overlays.overlays);
    let tracer = match Tracer::new(&settings.traces) {
        Ok(tracer) => tracer,
        Err(error) => return report(&error, BAD_SETTINGS),
    };
    let level = match logs::init(&settings.log, tracer.as_ref()) {
        Ok(level) => level,
        Err(error) => return report(&error, BAD_SETTINGS),
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "rapporteur starts");
    let extraction = match extraction(&settings) {
        Ok(extraction) => extraction,
        Err(code) => return code,
    };
    let service = Service::new(settings, extraction);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("ops")
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return report(&error, BAD_SETTINGS),
    };
    let result = runtime.block_on(serve(service, level));
    if let Some(tracer) = tracer {
        tracer.shutdown();
    }
    match result {
        Ok(Ok(())) => {
            tracing::info!("rapporteur stopped, nothing left in hand");
            0
        }
        Ok(Err(error)) => {
            tracing::error!(%error, exit_code = error.exit_code(), "rapporteur stopped");
            error.exit_code()
        }
        Err(error) => report(&error, BAD_SETTINGS),
    }
}

/// The real extractor, as the stream calls it.
pub fn extraction(settings: &Settings) -> Result<Extraction, u8> {
    let engine = load_engine(&settings.data_source(), &settings.register.overlays)?;
    let version = format!("{}+{}", env!("CARGO_PKG_VERSION"), engine.data_version());
    let engine = Arc::new(engine);
    Ok(Extraction {
        transform: {
            let engine = Arc::clone(&engine);
            Arc::new(move |article| extract::extract_or_pass(&engine, article))
        },
        language: Arc::new(move |article| match engine.language(article) {
            Found::Known(at) => Some(engine.packs()[at].code.clone()),
            Found::Other(_) => None,
        }),
        version,
    })
}

/// The stream on its own threads; signals and HTTP here.
async fn serve(service: Service, level: LogLevel) -> io::Result<Result<(), StreamError>> {
    let (stop_http, http_stopped) = oneshot::channel::<()>();
    let listen = service.settings.http.listen.clone();
    let http = if listen.is_empty() {
        None
    } else {
        let (listener, address) = http::bind(&listen)
            .await
            .map_err(|e| io::Error::new(e.kind(), format!("http.listen: cannot listen on {listen}: {e}")))?;
        tracing::info!(%address, "health and metrics");
        let observed = Arc::clone(&service.observed);
        Some(tokio::spawn(http::serve(listener, observed, level, async {
            // An error is a sender dropped: the end as well.
            let _ = http_stopped.await;
        })))
    };

    let shutdown = Arc::clone(&service.shutdown);
    let (ended, mut end) = oneshot::channel();
    let stream = thread::Builder::new().name("poller".into()).spawn(move || {
        // Nobody listens any more only when the process is already on its way out.
        let _ = ended.send(service.run());
    })?;

    let mut signals = Signals::new()?;
    let mut told: Option<Instant> = None;
    let result = loop {
        tokio::select! {
            result = &mut end => break result.unwrap_or(Err(StreamError::Panicked { thread: "poller" })),
            signal = signals.next() => {
                if told.is_some_and(|at| at.elapsed() < SAME_WORD) {
                    continue;
                }
                if told.is_some() {
                    tracing::warn!(signal, "told twice: stopping at once; what is in hand will be read again");
                    std::process::exit(128 + 15);
                }
                told = Some(Instant::now());
                tracing::info!(signal, "told to stop");
                shutdown.ask();
            }
        }
    };
    if stream.join().is_err() {
        return Ok(Err(StreamError::Panicked { thread: "poller" }));
    }
    drop(stop_http);
    if let Some(http) = http {
        http.await.map_err(io::Error::other)??;
    }
    Ok(result)
}

/// SIGTERM and SIGINT.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    #[cfg(not(unix))]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "interrupt"
    }
}
