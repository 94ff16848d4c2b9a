//! Reads news articles and tells the diplomatic contacts in them: who met, called, visited or wrote to
//! whom, when, where, on whose initiative and about what.
//!
//! # Layout
//!
//! Data flows one way:
//!
//! ```text
//! Kafka record ─► article ─► text ─► extract ─► event ─► Kafka record
//!                               ▲        ▲
//!                            lexicon  register
//! ```
//!
//! * [`article`]: the input contract; bytes become an [`article::Article`] or a typed error.
//! * [`text`]: tokens and sentences of an article's text, with offsets that survive every step.
//! * [`lexicon`], [`register`]: what is known of languages and of the world, read from `data/`, checked and compiled once.
//! * [`latin`]: names of other scripts in Latin letters.
//! * [`extract`]: a pure function from an article to its contacts.
//! * [`event`]: the public schema, identifiers and JSON.
//! * [`eval`]: how good the extraction is, against annotated articles.
//! * [`model`], [`train`]: weights learnt from annotated articles, and how they are learnt.
//! * [`stream`]: Kafka in, Kafka out, exactly once.
//! * [`ops`]: health, metrics, logs.
//! * [`settings`]: layered configuration, validated before anything starts.
#![forbid(unsafe_code)]

pub mod article;
pub mod data;
pub mod eval;
pub mod event;
pub mod extract;
pub mod latin;
pub mod lexicon;
pub mod model;
pub mod ops;
pub mod register;
pub mod settings;
pub mod stream;
pub mod text;
pub mod train;
