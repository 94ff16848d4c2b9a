//! An article's text as tokens: kinds, byte spans, sentences, and the symbols that lexicons match on.
//!
//! Title and body are laid one after the other in one string, so that every later stage deals with one
//! coordinate system; [`SectionMap`] turns a byte span back into the section and the code points that the
//! public schema counts in.

mod fold;
mod language;
mod section;
mod sentence;
mod symbols;
mod token;

pub use fold::{fold, fold_into, normalize, normalize_into};
pub use language::{Found, Languages, Part};
pub use section::{SectionMap, SectionSpan};
pub use sentence::mark_sentences;
pub use symbols::{Interner, Symbol, Symbols};
pub use token::{Kind, Script, Token, TokenRules, tokenize};
