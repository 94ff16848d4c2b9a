//! Structured logs on stderr, their level changeable while the service runs, and the spans beside them.
//!
//! What is logged and what is traced are decided apart: a service that logs warnings only still sends the span
//! of every article, and the other way round.

use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::{
    EnvFilter, Layer as _, Registry,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    reload,
    util::{SubscriberInitExt as _, TryInitError},
};

use super::traces::{self, Tracer};
use crate::settings::{Log, LogFormat};

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The level cannot be read.
    #[error("log.level: {0}")]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// Logging was set up before.
    #[error(transparent)]
    Twice(#[from] TryInitError),
    /// The level cannot be changed any more.
    #[error("log.level: {0}")]
    Gone(#[from] reload::Error),
}

/// Changes the level of a log that runs.
#[derive(Debug, Clone)]
pub struct LogLevel {
    handle: reload::Handle<EnvFilter, Registry>,
    current: Arc<Mutex<String>>,
}

impl LogLevel {
    /// The level in force, as it was given.
    #[must_use]
    pub fn current(&self) -> String {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sets another: `debug`, or levels by module as in `log.level`.
    ///
    /// # Errors
    /// Where it cannot be read; the level in force stays.
    pub fn set(&self, level: &str) -> Result<(), LogError> {
        let filter = EnvFilter::try_new(level)?;
        self.handle.reload(filter)?;
        level.clone_into(&mut self.current.lock().unwrap_or_else(PoisonError::into_inner));
        tracing::warn!(level, "log level changed");
        Ok(())
    }
}

/// Sets logging up for the process, and tracing where there is somebody to send spans to.
///
/// # Errors
/// Where the level cannot be read or logging was set up before.
pub fn init(log: &Log, tracer: Option<&Tracer>) -> Result<LogLevel, LogError> {
    let (filter, handle) = reload::Layer::new(EnvFilter::try_new(&log.level)?);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Text => {
            use std::io::IsTerminal as _;
            lines.with_ansi(std::io::stderr().is_terminal()).boxed()
        }
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let mut layers = vec![lines.with_filter(filter).boxed()];
    if let Some(tracer) = tracer {
        let only = Targets::new().with_target(traces::TARGET, LevelFilter::INFO);
        layers.push(tracer.layer().with_filter(only).boxed());
    }
    tracing_subscriber::registry().with(layers).try_init()?;
    Ok(LogLevel {
        handle,
        current: Arc::new(Mutex::new(log.level.clone())),
    })
}
