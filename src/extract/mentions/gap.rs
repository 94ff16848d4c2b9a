//! What stands between two pieces of a mention.

use super::{FILLERS, assembling::Assembler};
use crate::lexicon::Word;

/// What stands between two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Nothing,
    Linker,
    Of,
    Possessive,
    Hyphen,
    Comma,
    Open,
    And,
    From,
    Other,
}

impl Assembler<'_, '_> {
    /// What stands between those tokens.
    pub(super) fn gap(&self, from: usize, to: usize) -> Gap {
        let document = self.document;
        if to < from || to > from + 4 || to >= document.tokens.len() {
            return Gap::Other;
        }
        if from < document.tokens.len()
            && to < document.tokens.len()
            && document.tokens[from.max(1) - 1].sentence != document.tokens[to].sentence
        {
            return Gap::Other;
        }
        let mut gap = Gap::Nothing;
        let mut at = from;
        while at < to {
            let words = document.words(at);
            let token = &document.tokens[at];
            let here = if document.is(at, &[",", "،", "，", "、"]) {
                Gap::Comma
            } else if document.is(at, &["(", "（"]) {
                Gap::Open
            } else if document.is(at, &["-", "–", "/", "‑"]) && (!token.spaced || document.is(at, &["/"]))
            {
                Gap::Hyphen
            } else if document.is(at, &["\"", "«", "»", "“", "”"]) {
                Gap::Nothing
            } else if words.has(Word::Of) {
                if document.word(at).starts_with(['\'', '’'])
                    || document.word(at) == "的"
                    || document.word(at) == "之"
                {
                    Gap::Possessive
                } else {
                    Gap::Of
                }
            } else if words.any(&FILLERS) {
                Gap::Linker
            } else if words.has(Word::And) {
                Gap::And
            } else if words.has(Word::From) && !words.has(Word::Of) {
                Gap::From
            } else {
                return Gap::Other;
            };
            gap = match (gap, here) {
                (Gap::Nothing, here) => here,
                (gap, Gap::Nothing | Gap::Linker) => gap,
                (Gap::Linker, here) => here,
                (Gap::Comma, Gap::And) | (Gap::And, Gap::Of) | (Gap::Comma, Gap::Of) => Gap::And,
                (Gap::Of, Gap::Of) => Gap::Of,
                _ => return Gap::Other,
            };
            at = document.word_end(at).min(to);
        }
        // A conjunction or preposition written onto the next word.
        let affix = document.affix(to).0;
        if affix.has(Word::And) && matches!(gap, Gap::Nothing | Gap::Comma | Gap::Linker) {
            return Gap::And;
        }
        if affix.any(&[Word::To, Word::In, Word::With, Word::By]) {
            return Gap::Other;
        }
        gap
    }
}
