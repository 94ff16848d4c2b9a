//! The input contract: what an article is, once its bytes have been understood.
//!
//! An article arrives as a JSON object, by default with the fields `id`, `title`, `body`, `published_at` and,
//! optionally, `language`, `url` and `source`, all strings. A [`Mapping`] says where they are in articles that
//! look otherwise. A [`Decoder`] reads bytes by a mapping and gives an [`Article`] or a [`DecodeError`] that names
//! the field and the reason; it does not panic, whatever the bytes. An HTML body becomes text (see [`html`]), and
//! everything that is published about an article, offsets too, refers to that text.

mod decode;
pub mod html;
mod mapping;
mod published;

pub use decode::{DecodeError, Decoder, RecordContext};
pub use mapping::{DEFAULT_MAX_BYTES, Field, InvalidPointer, Mapping, Pointer, Pointers, Preset};
pub use published::PublishedAt;

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
