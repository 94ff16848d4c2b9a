//! One record to its outcome: its events, encoded, or the reason why it is a dead letter. No I/O.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    record::Record,
    wire::{Carried, EventRecord, Reason},
};
use crate::{
    article::{Article, Decoder, RecordContext},
    extract::Extracted,
    ops::traces,
};

/// From an article to its contacts: pure, the same for the same article.
pub type Transform = Arc<dyn Fn(&Article) -> Extracted + Send + Sync>;

/// The language that an article is read in, where that is known.
pub type Tongue = Arc<dyn Fn(&Article) -> Option<String> + Send + Sync>;

/// The transform, and the version it goes by in dead letters.
#[derive(Clone)]
pub struct Extraction {
    /// From an article to its contacts.
    pub transform: Transform,
    /// The language of an article that told of no contact.
    pub language: Tongue,
    /// Version of the program and its data.
    pub version: String,
}

/// What came of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was read.
    Events {
        /// Its events, perhaps none.
        events: Vec<EventRecord>,
        /// Its language.
        language: Option<String>,
    },
    /// It is in a language that has no pack: the language's ISO 639-3 code.
    PassedOver(&'static str),
    /// It could not be read.
    DeadLetter {
        /// Why.
        reason: Reason,
        /// How much of it the dead letter carries.
        carried: Carried,
    },
}

impl Outcome {
    /// A dead letter that carries the whole record.
    #[must_use]
    pub fn dead(code: &'static str, message: impl Into<String>) -> Self {
        Self::DeadLetter {
            reason: Reason {
                code,
                message: message.into(),
            },
            carried: Carried::Everything,
        }
    }

    /// Bytes it holds in memory, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Events { events, .. } => events.iter().map(EventRecord::bytes).sum(),
            Self::PassedOver(_) => 0,
            Self::DeadLetter { reason, .. } => reason.message.len(),
        }
    }
}

/// Reason codes of dead letters that the stream itself gives; the decoder adds its own.
pub mod reason {
    /// The extractor panicked on it.
    pub const PANIC: &str = "extractor-panic";
    /// It took longer than its budget.
    pub const TIMEOUT: &str = "extractor-timeout";
    /// One of its events is larger than the output topic takes.
    pub const EVENT_TOO_LARGE: &str = "event-too-large";
}

/// Decodes, extracts and encodes.
#[must_use]
pub fn settle(record: &Record, topic: &str, decoder: &Decoder, extraction: &Extraction) -> Outcome {
    // A tombstone is as empty as a record of no bytes.
    let value = record.value.as_deref().unwrap_or_default();
    let context = RecordContext {
        topic,
        partition: record.partition,
        offset: record.offset,
        key: record.key.as_deref(),
        timestamp_ms: record.timestamp_ms,
    };
    // A panic is a defect of ours, but it must cost this article alone, not the partition.
    let span = traces::article(record, topic);
    let _within = span.enter();
    let outcome = catch_unwind(AssertUnwindSafe(|| match decoder.decode(value, Some(&context)) {
        Ok(article) => {
            span.record("id", article.id.as_str());
            match (extraction.transform)(&article) {
                Extracted::Events(events) => {
                    span.record("events", events.len());
                    let trace = traces::headers(&span);
                    let told = events.first().and_then(|event| event.article.as_ref());
                    Outcome::Events {
                        language: match told {
                            Some(told) => Some(told.language.clone()),
                            None => (extraction.language)(&article),
                        },
                        events: events
                            .iter()
                            .map(|event| EventRecord::new(event, record, topic, &trace))
                            .collect(),
                    }
                }
                Extracted::PassedOver(language) => Outcome::PassedOver(language),
            }
        }
        Err(error) => Outcome::dead(error.code(), error.to_string()),
    }));
    let outcome = outcome.unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        tracing::error!(
            topic,
            partition = record.partition,
            offset = record.offset,
            panic = words,
            "the extractor panicked; the article becomes a dead letter"
        );
        Outcome::dead(reason::PANIC, format!("the extractor panicked: {words}"))
    });
    span.record(
        "outcome",
        match &outcome {
            Outcome::Events { events, .. } if events.is_empty() => "no_events",
            Outcome::Events { .. } => "events",
            Outcome::PassedOver(_) => "passed_over",
            Outcome::DeadLetter { reason, .. } => reason.code,
        },
    );
    outcome
}
