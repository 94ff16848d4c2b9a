//! Where a contact takes place: the nearest place told as such in its sentence, or "here" for the dateline's.

use super::{
    document::{AtomKind, Document, covering, starting},
    mentions::{Mention, MentionKind},
};
use crate::{
    lexicon::{StateForm, Word},
    register::{PartyId, PlaceId},
};

/// Farthest a place stands from its predicate, in tokens.
const REACH: usize = 30;

/// A place told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Where {
    /// City or site, where told.
    pub place: Option<PlaceId>,
    /// The state it lies in.
    pub country: Option<PartyId>,
    /// Tokens that tell it.
    pub span: Option<(usize, usize)>,
}

/// The dateline's place.
pub fn dateline(document: &Document<'_>) -> Option<Where> {
    let body = document.body_start()?;
    let atom = document
        .atoms
        .iter()
        .find(|a| a.start >= body && a.start < body + 3)?;
    let ends = document.dateline_end > atom.start;
    ends.then(|| at(document, atom.kind, (atom.start, atom.end)))
        .flatten()
}

fn at(document: &Document<'_>, kind: AtomKind, span: (usize, usize)) -> Option<Where> {
    let register = document.register();
    match kind {
        AtomKind::Place(place) => Some(Where {
            place: Some(place),
            country: register.place_info(place).country,
            span: Some(span),
        }),
        AtomKind::State(party, StateForm::Capital | StateForm::Seat) => Some(Where {
            place: register.party_info(party).capital,
            country: Some(party),
            span: Some(span),
        }),
        AtomKind::State(party, StateForm::Name) => Some(Where {
            place: None,
            country: Some(party),
            span: Some(span),
        }),
        _ => None,
    }
}

/// The place of the contact whose predicate stands at `start..end`, looked for in `bounds`.
pub fn find(
    document: &Document<'_>,
    mentions: &[Mention],
    start: usize,
    end: usize,
    bounds: (usize, usize),
    goal: bool,
    near: &[PartyId],
) -> Option<Where> {
    let mut best: Option<(usize, Where)> = None;
    let (first, last) = document.sentence(start);
    for atom in starting(&document.atoms, first, last) {
        let subject_matter =
            atom.start > end && (end..atom.start).any(|i| document.words(i).has(Word::About));
        if subject_matter && !goal || in_aside(document, mentions, end, atom.start) {
            continue;
        }
        let other_voice =
            document.quotes[atom.start] != 0 && document.quotes[atom.start] != document.quotes[start];
        if atom.start < first || atom.end > last || other_voice {
            continue;
        }
        let outside = atom.start < bounds.0 || atom.end > bounds.1;
        let Some(place) = which(document, atom.kind, (atom.start, atom.end), near) else {
            continue;
        };
        let distance = if atom.end <= start {
            start - atom.end
        } else {
            atom.start.saturating_sub(end)
        };
        let attributive = document.pack.syntax.marker_after && atom.end == start;
        if distance > REACH * document.scale()
            || !attributive && !located(document, mentions, atom.start, atom.end, goal.then_some(end))
        {
            continue;
        }
        // A city tells more than a country; what stands behind the predicate more than what stands before.
        let between = if atom.start >= end {
            starting(&document.triggers, end, atom.start)
        } else {
            starting(&document.triggers, atom.end, start)
        };
        let other = between.iter().any(|t| {
            t.start != start
                && (t.start >= end && t.end <= atom.start || t.end <= start && t.start >= atom.end)
        });
        let cost = distance
            + if place.place.is_none() { 12 } else { 0 }
            + if other { 15 } else { 0 }
            + if outside { 10 } else { 0 };
        if best.is_none_or(|(c, _)| cost < c) {
            best = Some((cost, place));
        }
    }
    if best.is_none()
        && (bounds.0..bounds.1).any(|i| document.words(i).has(Word::Here) && i.abs_diff(start) < REACH)
    {
        return dateline(document);
    }
    best.map(|(_, place)| place)
}

/// "The first meeting of the two since the Japanese diplomat took office last month in Tokyo": whether what stands at
/// `to` belongs to a clause about somebody that opens behind the predicate.
pub fn in_aside(document: &Document<'_>, mentions: &[Mention], from: usize, to: usize) -> bool {
    (from..to).any(|i| {
        let opens = document.words(i).any(&[Word::Other, Word::After, Word::Before]);
        opens
            && starting(mentions, i + 1, to).first().is_some_and(|m| {
                matches!(m.kind, MentionKind::Person | MentionKind::He | MentionKind::They)
                    && m.start <= i + 4
                    && m.end < to
                    && document.tokens[m.end].kind == crate::text::Kind::Word
                    && !document.tokens[m.end].capital
                    && document.words(m.end).is_empty()
            })
    })
}

/// Of several places of one name the one in a state that takes part; a site told by a common name needs that.
fn which(document: &Document<'_>, kind: AtomKind, span: (usize, usize), near: &[PartyId]) -> Option<Where> {
    let first = at(document, kind, span)?;
    let Some(others) = document.alternatives.get(&span.0) else {
        return Some(first);
    };
    // A seat of government that is no capital, as Abidjan, is the town that the words say.
    if matches!(kind, AtomKind::State(_, StateForm::Capital | StateForm::Seat)) {
        let city = |k: &&AtomKind| matches!(k, AtomKind::Place(p) if document.register().place_info(*p).city.is_none());
        let town = others
            .iter()
            .filter(city)
            .filter_map(|k| at(document, *k, span))
            .find(|w| w.country == first.country);
        return Some(town.unwrap_or(first));
    }
    let here = |w: &Where| w.country.is_some_and(|c| near.contains(&c));
    if here(&first) || matches!(kind, AtomKind::State(..)) {
        return Some(first);
    }
    let mut others = others.iter().filter_map(|k| at(document, *k, span));
    if let Some(place) = others.find(here) {
        return Some(place);
    }
    let site = first
        .place
        .is_some_and(|p| document.register().place_info(p).city.is_some());
    (!site).then_some(first)
}

/// "The situation in Syria": a place that only says more of what was talked about.
fn is_matter(document: &Document<'_>, start: usize) -> bool {
    let (first, _) = document.sentence(start);
    (first..start)
        .rev()
        .take(5)
        .take_while(|i| {
            let words = document.words(*i);
            words.any(&[Word::In, Word::Linker, Word::Of, Word::Matter]) || words.is_empty()
        })
        .any(|i| document.words(i).has(Word::Matter))
}

/// Whether the words stand for where something takes place.
///
/// `verb_end` is where the verb of a journey ends, whose goal may stand right behind it: "arrived in Rome".
fn located(
    document: &Document<'_>,
    mentions: &[Mention],
    start: usize,
    end: usize,
    verb_end: Option<usize>,
) -> bool {
    let goal = verb_end.is_some();
    if let Some(m) = covering(mentions, start).filter(|m| end <= m.end) {
        return matches!(m.kind, MentionKind::State(_))
            && (m.marked(&[Word::In])
                || goal && m.marked(&[Word::To])
                || verb_end.is_some_and(|v| {
                    v <= start && start <= v + 2 && (v..start).all(|i| document.words(i).has(Word::Linker))
                }))
            && !m.marked(&[Word::With, Word::By])
            && !is_matter(document, m.start);
    }
    let (first, last) = document.sentence(start);
    if document.affix(start).0.any(&[Word::In]) || document.affix(end - 1).1.any(&[Word::In]) {
        return true;
    }
    if document.pack.syntax.marker_after {
        return end < last && document.words(end).any(&[Word::In])
            || goal && end < last && document.words(end).has(Word::To);
    }
    let mut at = start;
    for _ in 0..5 {
        if at == first {
            return false;
        }
        at -= 1;
        let begin = (at.saturating_sub(2)..=at)
            .find(|b| document.word_end(*b) == at + 1 && !document.words(*b).is_empty())
            .unwrap_or(at);
        let words = document.words(begin);
        if words.has(Word::In) || goal && words.has(Word::To) {
            return !is_matter(document, start);
        }
        let passes = words.any(&[Word::Linker, Word::Of])
            || words.is_empty() && document.tokens[at].kind == crate::text::Kind::Word
            || document.is(at, &["-", ",", "\"", "«"]);
        if !passes {
            return false;
        }
        at = begin;
    }
    false
}
