//! Keys and headers of the records written: the names that consumers rely on.
//!
//! An event travels as a CloudEvents 1.0 record in binary mode: its attributes are headers (`ce_…`), its
//! value is the bare protobuf message. A dead letter travels as the record that it was: value, key and
//! headers as they came, and `rapporteur-…` headers on top that tell why and whence.
//!
//! Where a schema registry is used, an event's value is the same message behind Confluent's frame: a zero
//! byte, four bytes of schema id, the message's index in the schema. No protobuf message begins with a zero
//! byte, so readers tell both apart by the first.

use std::borrow::Cow;

use prost::Message as _;

use super::record::{Header, Record};
use crate::event::{ContactEvent, ContactKind, ContactStatus};

/// CloudEvents type of an event, and full name of its protobuf message.
pub const EVENT_TYPE: &str = "rapporteur.v1.ContactEvent";
/// Content type of an event's value.
pub const CONTENT_TYPE: &str = "application/protobuf; proto=rapporteur.v1.ContactEvent";
/// Content type of an event's value behind the frame of a schema registry.
pub const CONTENT_TYPE_FRAMED: &str = "application/vnd.confluent.protobuf; proto=rapporteur.v1.ContactEvent";
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

/// A topic that events go to, and how they travel on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The topic.
    pub topic: String,
    /// Id of the schema, where a registry keeps it.
    pub schema_id: Option<u32>,
}

impl Route {
    /// The value of a record on this topic.
    #[must_use]
    pub fn value<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(id) = self.schema_id else {
            return Cow::Borrowed(message);
        };
        let mut framed = Vec::with_capacity(message.len() + 6);
        framed.push(MAGIC);
        framed.extend(id.to_be_bytes());
        // A list of one index, 0, is written as one zero: the event is the first message of its schema.
        framed.push(0);
        framed.extend(message);
        Cow::Owned(framed)
    }

    /// The headers of a record on this topic.
    #[must_use]
    pub fn headers<'a>(&self, headers: &'a [Header]) -> Cow<'a, [Header]> {
        if self.schema_id.is_none() {
            return Cow::Borrowed(headers);
        }
        Cow::Owned(
            headers
                .iter()
                .map(|(name, value)| match name.as_str() {
                    CONTENT_TYPE_HEADER => header(name, CONTENT_TYPE_FRAMED),
                    _ => (name.clone(), value.clone()),
                })
                .collect(),
        )
    }
}

/// First byte of a value behind the frame of a schema registry.
const MAGIC: u8 = 0;

/// The message in a value, with or without the frame of a schema registry. `None` where the frame is cut off.
#[must_use]
pub fn unframed(value: &[u8]) -> Option<&[u8]> {
    if value.first() != Some(&MAGIC) {
        return Some(value);
    }
    let (count, mut rest) = varint(value.get(5..)?)?;
    // Zigzag; nobody has negative indexes.
    for _ in 0..count / 2 {
        (_, rest) = varint(rest)?;
    }
    Some(rest)
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (i, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[i + 1..]));
        }
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_is_the_first_message_of_its_schema_as_the_frame_says() {
        let schema = include_str!("../../proto/rapporteur/v1/contact.proto");
        let first = schema.lines().find(|line| line.starts_with("message ")).unwrap();
        assert_eq!(first, "message ContactEvent {");
        assert!(schema.contains("package rapporteur.v1;"));
    }

    #[test]
    fn a_frame_is_a_zero_the_id_and_the_index_and_comes_off_again() {
        let route = |schema_id| Route {
            topic: "contacts".into(),
            schema_id,
        };
        let message = [0x0a, 1, b'x'];
        assert_eq!(&*route(None).value(&message), message);
        let framed = route(Some(258)).value(&message).into_owned();
        assert_eq!(framed, [0, 0, 0, 1, 2, 0, 0x0a, 1, b'x']);
        assert_eq!(unframed(&framed), Some(&message[..]));
        assert_eq!(unframed(&message), Some(&message[..]));
        assert_eq!(unframed(&[0, 0, 0, 0, 1, 4, 2, 4, 9]), Some(&[9_u8][..]));
        for cut in 1..6 {
            assert_eq!(unframed(&framed[..cut]), None, "{cut}");
        }
        assert_eq!(unframed(&[]), Some(&[][..]));
    }

    #[test]
    fn the_content_type_tells_the_frame() {
        let headers = [header(CE_ID, "a"), header(CONTENT_TYPE_HEADER, CONTENT_TYPE)];
        let route = |schema_id| Route {
            topic: "contacts".into(),
            schema_id,
        };
        assert_eq!(&*route(None).headers(&headers), headers);
        let framed = route(Some(1)).headers(&headers).into_owned();
        assert_eq!(framed[0], headers[0]);
        assert_eq!(framed[1], header(CONTENT_TYPE_HEADER, CONTENT_TYPE_FRAMED));
    }
}
