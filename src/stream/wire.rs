//! Keys and headers of the records written: the names that consumers rely on.
//!
//! An event travels as a CloudEvents 1.0 record in binary mode: its attributes are headers (`ce_…`), its
//! value is the bare protobuf message. A dead letter travels as the record that it was: value, key and
//! headers as they came, and `rapporteur-…` headers on top that tell why and whence.

use prost::Message as _;

use super::record::{Header, Record};
use crate::event::{ContactEvent, ContactKind, ContactStatus};

/// CloudEvents type of an event, and full name of its protobuf message.
pub const EVENT_TYPE: &str = "rapporteur.v1.ContactEvent";
/// Content type of an event's value.
pub const CONTENT_TYPE: &str = "application/protobuf; proto=rapporteur.v1.ContactEvent";
/// Version of CloudEvents.
pub const SPEC_VERSION: &str = "1.0";

/// Header: CloudEvents id, the event's id.
pub const CE_ID: &str = "ce_id";
/// Header: CloudEvents source, `/rapporteur/<input topic>`.
pub const CE_SOURCE: &str = "ce_source";
/// Header: CloudEvents type.
pub const CE_TYPE: &str = "ce_type";
/// Header: CloudEvents version.
pub const CE_SPECVERSION: &str = "ce_specversion";
/// Header: CloudEvents time, the timestamp of the article's record.
pub const CE_TIME: &str = "ce_time";
/// Header: CloudEvents subject, the article's id.
pub const CE_SUBJECT: &str = "ce_subject";
/// Header: content type.
pub const CONTENT_TYPE_HEADER: &str = "content-type";
/// Headers of W3C trace context: as they came with the article, or of our own span where spans are made.
pub const TRACE_HEADERS: [&str; 2] = ["traceparent", "tracestate"];

/// Header of a dead letter: stable code of the reason.
pub const DEAD_REASON: &str = "rapporteur-reason";
/// Header of a dead letter: the reason in words.
pub const DEAD_MESSAGE: &str = "rapporteur-message";
/// Header of a dead letter: topic it came from.
pub const DEAD_TOPIC: &str = "rapporteur-source-topic";
/// Header of a dead letter: partition it came from.
pub const DEAD_PARTITION: &str = "rapporteur-source-partition";
/// Header of a dead letter: its offset there.
pub const DEAD_OFFSET: &str = "rapporteur-source-offset";
/// Header of a dead letter: version of the program and its data.
pub const DEAD_EXTRACTOR: &str = "rapporteur-extractor-version";
/// Header of an article put back from the dead letters: how often that was done.
pub const REPLAYS: &str = "rapporteur-replays";
/// What the names of all headers of a dead letter begin with.
pub const OWN_HEADERS: &str = "rapporteur-";
/// Header of a dead letter: what had to be left out for the broker to take it (`value`, `value,headers`).
pub const DEAD_OMITTED: &str = "rapporteur-omitted";

/// A record to be written, with what metrics want to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRecord {
    /// The contact's key.
    pub key: String,
    /// The encoded message.
    pub value: Vec<u8>,
    /// CloudEvents attributes and trace context.
    pub headers: Vec<Header>,
    /// Kind, for metrics.
    pub kind: ContactKind,
    /// Status, for metrics.
    pub status: ContactStatus,
    /// Language of the article, for metrics.
    pub language: String,
}

impl EventRecord {
    /// The record for an event read from a record of `topic`, in the trace of these headers; where there are
    /// none, in that of the record.
    #[must_use]
    pub fn new(event: &ContactEvent, source: &Record, topic: &str, trace: &[(String, String)]) -> Self {
        let article = event.article.as_ref();
        let mut headers = vec![
            header(CE_SPECVERSION, SPEC_VERSION),
            header(CE_ID, &event.event_id),
            header(CE_SOURCE, &format!("/rapporteur/{topic}")),
            header(CE_TYPE, EVENT_TYPE),
            header(CONTENT_TYPE_HEADER, CONTENT_TYPE),
        ];
        if let Some(article) = article {
            headers.push(header(CE_SUBJECT, &article.id));
        }
        let time = source
            .timestamp_ms
            .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        if let Some(time) = time {
            headers.push(header(CE_TIME, &time.to_string()));
        }
        headers.extend(trace.iter().map(|(name, value)| header(name, value)));
        for name in TRACE_HEADERS.iter().filter(|_| trace.is_empty()) {
            if let Some(value) = source.header(name) {
                headers.push(header(name, value));
            }
        }
        Self {
            key: event.contact_key.clone(),
            value: event.encode_to_vec(),
            headers,
            kind: event.kind(),
            status: event.status(),
            language: article.map(|a| a.language.clone()).unwrap_or_default(),
        }
    }

    /// Bytes it holds in memory, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        512 + self.key.len() + self.value.len()
    }
}

/// Why an article became a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Stable code, label of metrics and filter of replays.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

/// How much of the record a dead letter still carries: what the broker does not take is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carried {
    /// Everything, as it came.
    Everything,
    /// All but the value.
    HeadersAndKey,
    /// Nothing but where it stands.
    Nothing,
}

/// Headers of a dead letter.
#[must_use]
pub fn dead_letter_headers(
    record: &Record,
    topic: &str,
    reason: &Reason,
    carried: Carried,
    extractor_version: &str,
) -> Vec<Header> {
    let mut headers = match carried {
        Carried::Nothing => Vec::new(),
        _ => record.headers.clone(),
    };
    headers.extend([
        header(DEAD_REASON, reason.code),
        header(DEAD_MESSAGE, &reason.message),
        header(DEAD_TOPIC, topic),
        header(DEAD_PARTITION, &record.partition.to_string()),
        header(DEAD_OFFSET, &record.offset.to_string()),
        header(DEAD_EXTRACTOR, extractor_version),
    ]);
    match carried {
        Carried::Everything => {}
        Carried::HeadersAndKey => headers.push(header(DEAD_OMITTED, "value")),
        Carried::Nothing => headers.push(header(DEAD_OMITTED, "value,key,headers")),
    }
    headers
}

fn header(name: &str, value: &str) -> Header {
    (name.to_owned(), Some(value.as_bytes().to_vec()))
}
