//! How good the extraction is: events held against annotated articles.
//!
//! A gold file holds one article a line with every contact in it ([`GoldArticle`]). [`score`] pairs the events
//! that were extracted from an article with those that are in it and counts what is right ([`Figures`]).
//!
//! An event is *found* when it pairs with a gold event of the same article. Pairs are chosen one to one, the
//! likest first, and count only where at least half of the parties agree (F1 of the party sets ≥ 0.5) and, with
//! just one party in common, a name or the date agrees too.

mod figures;
mod gold;
mod names;
mod pairing;

pub use figures::{Figure, Figures, Miss, MissKind, score, score_with_misses};
pub use gold::{Day, Event, GoldArticle, GoldError, Person, Predicted, Where, predicted};
pub(crate) use pairing::align;
