//! Whether a contact has taken place: from the tense of its predicate and the cues that govern it.

use super::{
    document::{Document, covering, starting},
    mentions::Mention,
    times::Direction,
};
use crate::{
    event::ContactStatus,
    lexicon::{Governs, Tense, Word},
};

/// Farthest a cue reaches, in tokens.
const REACH: usize = 9;

/// A status and the words that decided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The status.
    pub status: ContactStatus,
    /// Tokens of the cue, where one decided.
    pub cue: Option<(usize, usize)>,
}

/// Auxiliaries before a predicate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Auxiliaries {
    /// Auxiliary of an active past.
    pub have: bool,
    /// Auxiliary of a passive.
    pub be: bool,
    /// Auxiliary of a future.
    pub will: bool,
    /// A reflexive pronoun.
    pub reflexive: bool,
    /// A negation.
    pub not: bool,
    /// The passive's auxiliary stands in the infinitive.
    pub to_be: bool,
}

/// The auxiliaries in the few words before token `at`.
pub fn auxiliaries(document: &Document<'_>, at: usize) -> Auxiliaries {
    let (first, _) = document.sentence(at);
    let mut found = Auxiliaries::default();
    let mut here = at;
    let mut steps = 0;
    while here > first && steps < 6 * document.scale() {
        here -= 1;
        steps += 1;
        let mut words = document.words(here);
        words.extend(document.auxiliary(here));
        found.have |= words.has(Word::Have);
        found.be |= words.has(Word::Be);
        found.will |= words.has(Word::Will);
        found.reflexive |= words.has(Word::Reflexive);
        found.not |= words.has(Word::Not);
        found.to_be |= words.has(Word::ToBe);
        let helps = words.any(&[Word::Have, Word::Be, Word::Will, Word::Reflexive, Word::Not]);
        // A sentence bracket holds the whole middle of the sentence between auxiliary and participle.
        let bracket = document.pack.syntax.bracket;
        if bracket {
            if helps
                || document.is(here, &[";", ":", "(", ")"])
                || words.any(&[Word::Relative, Word::Subordinate])
            {
                break;
            }
            steps = 0;
            continue;
        }
        let stops = document.is(here, &[",", ";", ":", ".", "(", ")", "«", "»", "“", "”", "，"])
            || covering(&document.triggers, here).is_some()
            || !helps
                && words.any(&[
                    Word::He,
                    Word::They,
                    Word::Relative,
                    Word::Subordinate,
                    Word::And,
                    Word::Of,
                    Word::With,
                ])
            || !helps && document.tokens[here].capital && here > first;
        if stops {
            break;
        }
    }
    found
}

/// The status of the contact whose predicate stands at `start..end`.
pub fn read(
    document: &Document<'_>,
    mentions: &[Mention],
    start: usize,
    end: usize,
    tense: Tense,
    aux: Auxiliaries,
    bounds: (usize, usize),
) -> Reading {
    let base = match tense {
        Tense::Past | Tense::Gerund | Tense::Noun | Tense::Present | Tense::Passive => ContactStatus::Held,
        Tense::Participle if (aux.will || aux.to_be) && !aux.have => ContactStatus::Planned,
        Tense::Participle => ContactStatus::Held,
        Tense::Future | Tense::Conditional => ContactStatus::Planned,
        Tense::Infinitive if aux.have => ContactStatus::Held,
        // "Avant de s'asseoir avec lui", told behind what took place.
        Tense::Infinitive
            if !aux.will && (1..=2).any(|n| start >= n && document.words(start - n).has(Word::Before)) =>
        {
            ContactStatus::Held
        }
        Tense::Infinitive => ContactStatus::Planned,
    };
    let base = if aux.will && matches!(tense, Tense::Infinitive | Tense::Present | Tense::Passive) {
        ContactStatus::Planned
    } else {
        base
    };
    let fixed = matches!(tense, Tense::Past);
    let mut best: Option<(usize, Reading)> = None;
    for cue in starting(&document.cues, bounds.0.saturating_sub(2), bounds.1) {
        let rule = &document.pack.cues[cue.value];
        let overlaps = cue.start < end && start < cue.end;
        if cue.start < bounds.0.saturating_sub(2)
            || cue.end > bounds.1
            || overlaps && cue.end - cue.start < end - start
        {
            continue;
        }
        let (distance, before) = if cue.end <= start {
            (words_between(document, mentions, cue.end, start), true)
        } else {
            (words_between(document, mentions, end, cue.start), false)
        };
        // What calls a contact off may stand at the end of a long clause about it.
        let reach = if !before && matches!(rule.status, ContactStatus::Cancelled) {
            2 * REACH
        } else {
            REACH
        };
        let governs = overlaps
            || match rule.governs {
                Governs::After => before,
                Governs::Before => !before,
                Governs::Any => true,
            };
        if !governs
            || distance > reach * document.scale()
            || between(
                document,
                cue.end.min(start),
                cue.start.max(end).min(start.max(cue.start)),
                start,
                end,
                tense,
                before,
            )
        {
            continue;
        }
        let weak = matches!(
            rule.status,
            ContactStatus::Planned | ContactStatus::Proposed | ContactStatus::Held
        );
        if fixed && (weak || distance > 3) && before {
            continue;
        }
        // What calls a contact off weighs more than what announces it.
        let weight = match rule.status {
            ContactStatus::Cancelled => distance / 2,
            ContactStatus::Refused => distance,
            _ => distance + REACH,
        };
        let better = best.is_none_or(|(d, _)| weight < d);
        if better {
            best = Some((
                weight,
                Reading {
                    status: rule.status,
                    cue: Some((cue.start, cue.end)),
                },
            ));
        }
    }
    if aux.not
        && tense != Tense::Noun
        && best.is_none_or(|(_, r)| !matches!(r.status, ContactStatus::Cancelled))
    {
        return Reading {
            status: ContactStatus::Refused,
            cue: None,
        };
    }
    best.map_or(
        Reading {
            status: base,
            cue: None,
        },
        |(_, reading)| reading,
    )
}

/// How far two places of the text are from each other, in words: whoever is told between them counts as one, whatever the
/// length of name and title, and commas count nothing.
fn words_between(document: &Document<'_>, mentions: &[Mention], from: usize, to: usize) -> usize {
    let told: usize = starting(mentions, from, to)
        .iter()
        .filter(|m| m.end <= to)
        .map(|m| m.end - m.start - 1)
        .sum();
    let commas = (from..to).filter(|i| document.is(*i, &[",", "،", "，"])).count();
    to.saturating_sub(from + told + commas)
}

/// Whether another predicate stands between a cue and the predicate, so that the cue is that one's.
fn between(
    document: &Document<'_>,
    from: usize,
    to: usize,
    start: usize,
    end: usize,
    tense: Tense,
    before: bool,
) -> bool {
    let (from, to) = if before { (from, start) } else { (end, to) };
    // A noun is governed by what leads up to it alone, not by the verb that it is an adjunct of.
    if before
        && tense == Tense::Noun
        && (from..to).any(|i| document.words(i).any(&[Word::After, Word::During]))
    {
        return true;
    }
    starting(&document.triggers, from, to).iter().any(|t| {
        let inside = t.start >= from && t.end <= to && (t.start, t.end) != (start, end);
        let verb = t.readings.iter().any(|r| r.1 != Tense::Noun);
        inside && (verb && tense != Tense::Noun || tense == Tense::Noun && !verb && before)
    }) || (from..to.min(document.tokens.len())).any(|i| document.is(i, &[";", ":"]))
}

/// Whether a status tells of something past or to come.
pub fn direction(status: ContactStatus) -> Direction {
    match status {
        ContactStatus::Planned | ContactStatus::Proposed | ContactStatus::Cancelled => Direction::Future,
        _ => Direction::Past,
    }
}
