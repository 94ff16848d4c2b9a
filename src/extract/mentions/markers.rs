//! What governs a mention: "with", "by", "in" and the like, before it, behind it, or written onto it.
//!
//! From the phrase outwards its articles and titles are passed over until a word of [`super::GOVERNORS`] or another word
//! is met. The classes found become the mention's marker, from which its part in a contact is told.

use super::{FILLERS, GOVERNORS, Mention, MentionKind};
use crate::{
    extract::document::{AtomKind, Document, Words, covering, ending},
    lexicon::{StateForm, Word},
};

/// Enters what governs each mention.
pub(super) fn mark(document: &Document<'_>, mentions: &mut [Mention]) {
    for mention in mentions.iter_mut() {
        let (marker, his) = marker(document, mention);
        mention.marker = marker;
        // "wo ihn Cassis empfing": the pronoun's own form tells the object.
        if mention.pronoun() && document.words(mention.start).has(Word::Object) {
            mention.marker.insert(Word::Object);
        }
        // A preposition written onto a person is never a place's.
        if mention.kind == MentionKind::Person && document.affix(mention.start).0.has(Word::In) {
            mention.marker.insert(Word::With);
        }
        mention.his = his;
        mention.possessive = document.tokens.get(mention.end).is_some_and(|t| !t.spaced)
            && document.words(mention.end).has(Word::Of)
            && document.word(mention.end).starts_with(['\'', '’', 's']);
    }
    mark_countries(document, mentions);
}

/// "In Baku, Azerbaijan on Friday": a state behind a comma says where the town before it lies.
fn mark_countries(document: &Document<'_>, mentions: &mut [Mention]) {
    for m in mentions {
        let behind_comma = matches!(m.kind, MentionKind::State(StateForm::Name))
            && m.start > 1
            && document.is(m.start - 1, &[",", "،"])
            && m.marker.is_empty();
        if !behind_comma {
            continue;
        }
        let town = m.start - 2;
        let party = m.parties.first().copied();
        let known = ending(&document.atoms, m.start - 1).is_some_and(|a| match a.kind {
            AtomKind::Place(place) => document.register().place_info(place).country == party,
            AtomKind::State(of, StateForm::Capital) => Some(of) == party,
            _ => false,
        });
        let unknown = document.tokens[town].capital
            && covering(&document.atoms, town).is_none()
            && town > 0
            && document.words(town - 1).has(Word::In);
        if known || unknown {
            m.marker.insert(Word::In);
        }
    }
}

/// Classes of the word that governs the mention, and whether a possessive pronoun stands before it.
fn marker(document: &Document<'_>, m: &Mention) -> (Words, bool) {
    let mut marker = document.affix(m.start).0;
    let mut his = false;
    let (first, last) = document.sentence(m.start);
    marker.extend(document.affix(m.end - 1).1);
    if document.pack.syntax.marker_after {
        if m.end < last {
            let words = document.words(m.end);
            marker.extend(words);
        }
        return (marker, his);
    }
    let mut at = m.start;
    let mut skipped = 0;
    // Before its article a phrase has no further nouns.
    let mut opened = document.words(m.start).has(Word::Linker) && document.pack.names.cased;
    while at > first {
        at -= 1;
        // Words of several tokens are entered where they begin.
        let begin = (at.saturating_sub(3)..=at)
            .find(|b| document.word_end(*b) == at + 1 && !document.words(*b).is_empty())
            .unwrap_or(at);
        let words = document.words(begin);
        if words.has(Word::His) {
            his = true;
            at = begin;
            continue;
        }
        let governs = words.any(&GOVERNORS) || words.has(Word::Object);
        if governs
            && covering(&document.triggers, begin).is_some()
            && !words.any(&[Word::With, Word::By, Word::From, Word::Between])
        {
            // "called on the minister": the word belongs to the predicate, whose object follows.
            break;
        }
        if governs {
            // A possessive ending marks the phrase before it, not this one.
            if !document.word(begin).starts_with(['\'', '’']) || !document.pack.tokens.elided.is_empty() {
                marker.extend(words);
            }
            break;
        }
        opened |= words.has(Word::Linker);
        if words.any(&FILLERS) || document.is(begin, &["\"", "«", "“", "„", "‘"]) {
            at = begin;
            continue;
        }
        if covering(&document.times, at).is_some() {
            break;
        }
        let plain = words.is_empty()
            && !m.pronoun()
            && document.tokens[at].kind == crate::text::Kind::Word
            && !document.tokens[at].capital
            && covering(&document.triggers, at).is_none()
            && covering(&document.cues, at).is_none()
            && document.pack.names.cased;
        if plain && skipped == 0 && !opened {
            skipped += 1;
            continue;
        }
        break;
    }
    (marker, his)
}
