//! Bytes to articles, or to an error that names the field and the reason.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Article, PublishedAt, RecordPosition, html,
    mapping::{Field, Mapping, Pointers},
};

/// What a Kafka record knows beside its value; it stands in for what the article leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordContext<'a> {
    /// Topic name.
    pub topic: &'a str,
    /// Partition, from 0.
    pub partition: i32,
    /// Offset in the partition, from 0.
    pub offset: i64,
    /// The record's key.
    pub key: Option<&'a [u8]>,
    /// The record's time, milliseconds since the epoch.
    pub timestamp_ms: Option<i64>,
}

/// Why bytes are no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// More bytes than the mapping allows.
    #[error("{bytes} bytes are more than the limit of {limit}")]
    TooLarge {
        /// Bytes of the record.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// No value, or nothing but white space.
    #[error("the record is empty")]
    EmptyRecord,
    /// Not UTF-8.
    #[error("invalid UTF-8 at byte {offset}")]
    InvalidUtf8 {
        /// The first byte at fault.
        offset: usize,
    },
    /// Not JSON, or nested too deep to be read safely, or with half a surrogate pair in a string.
    #[error("invalid JSON: {reason} (line {line}, column {column})")]
    InvalidJson {
        /// What is wrong.
        reason: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// JSON, but not an object.
    #[error("the record is {found}, not an object")]
    NotAnObject {
        /// The type of the value.
        found: &'static str,
    },
    /// A field that an article cannot do without is absent or null.
    #[error("{field}: missing (looked at {})", looked_at.join(", "))]
    MissingField {
        /// The field.
        field: Field,
        /// The JSON Pointers that were tried.
        looked_at: Vec<String>,
    },
    /// A field is not a string.
    #[error("{field}: {found} at {pointer}, not a string")]
    WrongType {
        /// The field.
        field: Field,
        /// Where it stands.
        pointer: String,
        /// The type of the value.
        found: &'static str,
    },
    /// The body holds no text.
    #[error("{field}: no text in it")]
    EmptyField {
        /// The field.
        field: Field,
    },
    /// The time of publication is none.
    #[error("{field}: {value:?} is neither an RFC 3339 time nor an ISO date")]
    InvalidDate {
        /// The field.
        field: Field,
        /// What stands there, shortened.
        value: String,
    },
    /// The record's time, which stands in for the article's, is out of range.
    #[error("published_at: missing, and the record's timestamp {timestamp_ms} ms is out of range")]
    InvalidTimestamp {
        /// The record's timestamp.
        timestamp_ms: i64,
    },
}

impl DecodeError {
    /// A stable label for metrics and record headers.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::EmptyRecord => "empty-record",
            Self::InvalidUtf8 { .. } => "invalid-utf8",
            Self::InvalidJson { .. } => "invalid-json",
            Self::NotAnObject { .. } => "not-an-object",
            Self::MissingField { .. } => "missing-field",
            Self::WrongType { .. } => "wrong-type",
            Self::EmptyField { .. } => "empty-field",
            Self::InvalidDate { .. } => "invalid-date",
            Self::InvalidTimestamp { .. } => "invalid-timestamp",
        }
    }

    /// The field at fault, where it is one field.
    #[must_use]
    pub const fn field(&self) -> Option<Field> {
        match self {
            Self::MissingField { field, .. }
            | Self::WrongType { field, .. }
            | Self::EmptyField { field }
            | Self::InvalidDate { field, .. } => Some(*field),
            Self::InvalidTimestamp { .. } => Some(Field::PublishedAt),
            Self::TooLarge { .. }
            | Self::EmptyRecord
            | Self::InvalidUtf8 { .. }
            | Self::InvalidJson { .. }
            | Self::NotAnObject { .. } => None,
        }
    }
}

/// Reads articles by a mapping.
#[derive(Debug, Clone)]
pub struct Decoder {
    id: Pointers,
    title: Pointers,
    body: Pointers,
    published_at: Pointers,
    language: Pointers,
    url: Pointers,
    source: Pointers,
    max_bytes: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(&Mapping::default())
    }
}

impl Decoder {
    /// A decoder for articles laid out as `mapping` says.
    #[must_use]
    pub fn new(mapping: &Mapping) -> Self {
        Self {
            id: mapping.pointers(Field::Id),
            title: mapping.pointers(Field::Title),
            body: mapping.pointers(Field::Body),
            published_at: mapping.pointers(Field::PublishedAt),
            language: mapping.pointers(Field::Language),
            url: mapping.pointers(Field::Url),
            source: mapping.pointers(Field::Source),
            max_bytes: mapping.max_bytes,
        }
    }

    /// Reads one article.
    ///
    /// What the article leaves out is taken from `record`: the id from the key, else from the coordinates; the
    /// time of publication from the timestamp. Without a record, an absent id is made from the bytes.
    ///
    /// # Errors
    /// Where the bytes are no article; whatever the bytes, it does not panic.
    pub fn decode(&self, bytes: &[u8], record: Option<&RecordContext<'_>>) -> Result<Article, DecodeError> {
        let value = self.parse(bytes)?;

        let body = self.required(Field::Body, &self.body, &value)?;
        let body = match html::detect(body) {
            Some(markup) => html::to_text(body, markup),
            None => body.to_owned(),
        };
        if body.trim().is_empty() {
            return Err(DecodeError::EmptyField { field: Field::Body });
        }

        let id = match optional(Field::Id, &self.id, &value)?.filter(|id| !id.trim().is_empty()) {
            Some(id) => id.to_owned(),
            None => record.map_or_else(|| content_id(bytes), record_id),
        };

        let published_at = match (
            optional(Field::PublishedAt, &self.published_at, &value)?,
            record.and_then(|r| r.timestamp_ms),
        ) {
            (Some(text), _) => PublishedAt::parse(text).ok_or_else(|| DecodeError::InvalidDate {
                field: Field::PublishedAt,
                value: text.chars().take(64).collect(),
            })?,
            (None, Some(timestamp_ms)) => PublishedAt::from_millisecond(timestamp_ms)
                .ok_or(DecodeError::InvalidTimestamp { timestamp_ms })?,
            (None, None) => return Err(missing(Field::PublishedAt, &self.published_at)),
        };

        let text = |field, pointers| {
            optional(field, pointers, &value).map(|text| text.unwrap_or_default().to_owned())
        };
        Ok(Article {
            id,
            url: text(Field::Url, &self.url)?,
            source: text(Field::Source, &self.source)?,
            title: text(Field::Title, &self.title)?,
            body,
            language: optional(Field::Language, &self.language, &value)?
                .map(str::trim)
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned),
            published_at,
            record: record.map(|record| RecordPosition {
                topic: record.topic.to_owned(),
                partition: record.partition,
                offset: record.offset,
            }),
        })
    }

    fn parse(&self, bytes: &[u8]) -> Result<Value, DecodeError> {
        if bytes.len() > self.max_bytes {
            return Err(DecodeError::TooLarge {
                bytes: bytes.len(),
                limit: self.max_bytes,
            });
        }
        let text = std::str::from_utf8(bytes).map_err(|error| DecodeError::InvalidUtf8 {
            offset: error.valid_up_to(),
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(DecodeError::EmptyRecord);
        }
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let reason = error.to_string();
            let position = format!(" at line {} column {}", error.line(), error.column());
            DecodeError::InvalidJson {
                reason: reason.strip_suffix(&position).unwrap_or(&reason).to_owned(),
                line: error.line(),
                column: error.column(),
            }
        })?;
        if value.is_object() {
            Ok(value)
        } else {
            Err(DecodeError::NotAnObject {
                found: type_name(&value),
            })
        }
    }

    fn required<'v>(
        &self,
        field: Field,
        pointers: &Pointers,
        value: &'v Value,
    ) -> Result<&'v str, DecodeError> {
        optional(field, pointers, value)?.ok_or_else(|| missing(field, pointers))
    }
}

fn optional<'v>(field: Field, pointers: &Pointers, value: &'v Value) -> Result<Option<&'v str>, DecodeError> {
    match pointers.find(value) {
        None => Ok(None),
        Some((_, Value::String(text))) => Ok(Some(text)),
        Some((pointer, other)) => Err(DecodeError::WrongType {
            field,
            pointer: pointer.as_str().to_owned(),
            found: type_name(other),
        }),
    }
}

fn missing(field: Field, pointers: &Pointers) -> DecodeError {
    let looked_at = pointers
        .0
        .iter()
        .map(|pointer| pointer.as_str().to_owned())
        .collect();
    DecodeError::MissingField { field, looked_at }
}

/// The key where it is a text, else the coordinates.
fn record_id(record: &RecordContext<'_>) -> String {
    record
        .key
        .and_then(|key| std::str::from_utf8(key).ok())
        .filter(|key| !key.trim().is_empty())
        .map_or_else(
            || format!("{}-{}-{}", record.topic, record.partition, record.offset),
            str::to_owned,
        )
}

/// An id for an article that has none and came in no record: the same bytes, the same id.
fn content_id(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let mut id = String::from("sha256-");
    for byte in digest.iter().take(16) {
        for nibble in [byte >> 4, byte & 0xf] {
            id.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    id
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
