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
