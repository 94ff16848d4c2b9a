//! From an article to its contacts: a pure function, deterministic to the byte.

use crate::{article::Article, data, event::ContactEvent};

/// Lexicons and register, loaded, checked and compiled once; shared by all threads.
#[derive(Debug)]
pub struct Engine {}

/// Why an engine could not be built.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct LoadError {
    /// The data file at fault.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Engine {
    /// Loads and compiles the data.
    ///
    /// # Errors
    /// Where a data file is missing or breaks its format.
    pub fn load(_source: &data::Source) -> Result<Self, LoadError> {
        Ok(Self {})
    }

    /// Fingerprint of the data the engine was built from: 16 hexadecimal digits.
    #[must_use]
    pub fn data_version(&self) -> &str {
        ""
    }
}

/// The contacts that an article tells, in the order of the text.
#[must_use]
pub fn extract(_engine: &Engine, _article: &Article) -> Vec<ContactEvent> {
    Vec::new()
}
