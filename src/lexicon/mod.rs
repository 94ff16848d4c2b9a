//! What is known of a language: its pack in `data/lexicon/<lang>/`, checked and compiled into one trie.
//!
//! A pack is a folder of files of fixed names ([`format`]); every entry is written in one notation
//! ([`pattern`]) and ends up as an [`Entry`] in a [`Trie`], so that one walk over an article finds states, offices,
//! predicates, dates and topics alike. The engine knows classes ([`Word`], [`Frame`], [`TimeValue`]), never words.

mod affixes;
mod check;
mod classes;
pub mod format;
mod pack;
pub mod pattern;
mod time_value;
mod trie;

pub use affixes::{Affix, Affixes};
pub use check::{check, line_of};
pub use classes::{Frame, Governs, OfficeCode, StateForm, Tense, Word, kind, office, office_code, status};
pub use format::{NameRules, SyntaxRules};
pub use pack::{Collective, Contact, Cue, Entry, OfficeRule, Origin, Pack, PackError, Slots};
pub use time_value::{Order, TimeValue, Unit};
pub use trie::{EntryId, Hit, Input, Node, Trie, TrieBuilder};
