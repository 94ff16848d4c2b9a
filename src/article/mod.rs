//! The input contract: what an article is, once its bytes have been understood.

use jiff::civil;

/// A news article, ready to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// The article's own id, or what stands in for it (see the input contract).
    pub id: String,
    /// Where it was published, empty where not told.
    pub url: String,
    /// Who published it, empty where not told.
    pub source: String,
    /// Headline, may be empty.
    pub title: String,
    /// Body as plain text; paragraphs are separated by blank lines.
    pub body: String,
    /// BCP 47 tag the article came with: a hint, not a fact.
    pub language: Option<String>,
    /// When it was published.
    pub published_at: PublishedAt,
    /// The Kafka record it came in.
    pub record: Option<RecordPosition>,
}

/// A time of publication: as written, and as the calendar day it names at the place of publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAt {
    /// RFC 3339 or an ISO date, as it goes into the event.
    pub text: String,
    /// Calendar day in the offset that the text is written in.
    pub date: civil::Date,
}

/// The position of a record in Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPosition {
    /// Topic name.
    pub topic: String,
    /// Partition, from 0.
    pub partition: i32,
    /// Offset in the partition, from 0.
    pub offset: i64,
}

/// How fields are found.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Mapping {}

/// Where a record stands, for articles that lack an id or a date.
#[derive(Debug, Clone, Copy)]
pub struct RecordContext<'a> {
    /// Topic.
    pub topic: &'a str,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Key.
    pub key: Option<&'a [u8]>,
    /// Milliseconds since 1970.
    pub timestamp_ms: Option<i64>,
}

/// Why bytes are no article.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No JSON.
    #[error("no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A field is missing.
    #[error("no {0}")]
    Missing(&'static str),
}

impl DecodeError {
    /// Stable label.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json(_) => "not-json",
            Self::Missing(_) => "missing-field",
        }
    }
}

/// From bytes to articles.
#[derive(Debug)]
pub struct Decoder {}

impl Decoder {
    /// By a mapping.
    #[must_use]
    pub fn new(_: &Mapping) -> Self {
        Self {}
    }

    /// Reads one article.
    ///
    /// # Errors
    /// Where the bytes are none.
    pub fn decode(&self, bytes: &[u8], record: Option<&RecordContext<'_>>) -> Result<Article, DecodeError> {
        let value: serde_json::Value = serde_json::from_slice(bytes)?;
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let body = value["body"]
            .as_str()
            .ok_or(DecodeError::Missing("body"))?
            .to_owned();
        let published = text("published_at");
        let date = published
            .get(..10)
            .and_then(|d| d.parse().ok())
            .ok_or(DecodeError::Missing("published_at"))?;
        Ok(Article {
            id: text("id"),
            url: text("url"),
            source: text("source"),
            title: text("title"),
            body,
            language: value["language"].as_str().map(str::to_owned),
            published_at: PublishedAt {
                text: published,
                date,
            },
            record: record.map(|r| RecordPosition {
                topic: r.topic.to_owned(),
                partition: r.partition,
                offset: r.offset,
            }),
        })
    }
}
