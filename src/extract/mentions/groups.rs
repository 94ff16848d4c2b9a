//! Mentions that belong together: enumerations, and who is speaking.
//!
//! Neighbours joined by "and", commas or dashes share a group and the marker of its first member (or its last, where
//! markers follow their phrases). Outside headlines commas alone enumerate nobody, so that such groups fall apart again.

use super::{GOVERNORS, Mention, MentionKind};
use crate::{
    extract::document::{Document, Words, covering},
    lexicon::Word,
};

/// Numbers the groups and gives their members the marker of all.
pub(super) fn join(document: &Document<'_>, mentions: &mut [Mention]) {
    let own: Vec<Words> = mentions.iter().map(|m| m.marker).collect();
    group(document, mentions);
    dissolve(document, mentions, &own);
    hand_back(document, mentions);
}

/// Numbers the groups of mentions that are joined by "and", commas or dashes.
fn group(document: &Document<'_>, mentions: &mut [Mention]) {
    for at in 0..mentions.len() {
        mentions[at].group = at;
        if at == 0 {
            continue;
        }
        let (before, here) = (&mentions[at - 1], &mentions[at]);
        if here.listed {
            (mentions[at].group, mentions[at].marker) = (before.group, before.marker);
            continue;
        }
        if matches!(here.kind, MentionKind::Collective(_)) {
            continue;
        }
        if document.tokens[before.start].sentence != document.tokens[here.start].sentence
            || here.pronoun()
            || before.kind == MentionKind::They
        {
            continue;
        }
        let Some(join) = joins(document, before, here.start) else {
            continue;
        };
        // "he and Angola's president"; but "told him, Modi and Xi …".
        if before.pronoun() && join == Join::Comma {
            continue;
        }
        // "…entre l'Algérie et la Chine, le ministre …": a comma alone lists no state beside a person.
        let person = |m: &Mention| matches!(m.kind, MentionKind::Person | MentionKind::He);
        if join == Join::Comma && person(before) != person(here) && !document.in_title(here.start) {
            continue;
        }
        // "à Washington, leurs homologues": where and who are not one list.
        if matches!(before.kind, MentionKind::State(_))
            && before.marked(&[Word::In])
            && here.kind == MentionKind::Person
        {
            continue;
        }
        let own = here.marker;
        let same = own.is_empty()
            || own == before.marker
            || own.has(Word::And)
            || !own.any(&[Word::With, Word::By, Word::In, Word::From, Word::Between]);
        if same {
            mentions[at].group = mentions[at - 1].group;
            // "من السودان وسوريا": a conjunction written onto the word governs nothing itself.
            if !own.any(&GOVERNORS) && !own.has(Word::Object) {
                mentions[at].marker = mentions[at - 1].marker;
            }
            // "les présidents X et Y": the office is told once.
            let office = mentions[at - 1].office;
            let m = &mut mentions[at];
            if m.office.is_none() && m.name.is_some() && office.is_some_and(|o| o.plural) {
                m.office = office;
            }
        }
    }
}

/// How two members of a list are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    /// By a comma alone.
    Comma,
    /// By a conjunction, a dash, or an enumeration mark.
    And,
}

fn joins(document: &Document<'_>, before: &Mention, to: usize) -> Option<Join> {
    let from = before.end;
    if to < from || to > from + 5 {
        return None;
    }
    let mut at = from;
    let mut joined = None;
    // "les deux dirigeants caucasiens et Charles Michel": an adjective behind who is told without a name.
    let adjective = before.name.is_none()
        && matches!(before.kind, MentionKind::Collective(_) | MentionKind::Person)
        && document.pack.names.cased
        && document.words(at).is_empty()
        && document
            .tokens
            .get(at)
            .is_some_and(|t| t.kind == crate::text::Kind::Word && !t.capital)
        && covering(&document.triggers, at).is_none()
        && document.words(at + 1).has(Word::And);
    if adjective {
        at += 1;
    }
    while at < to {
        let words = document.words(at);
        let dash = document.is(at, &["-", "–", "/"]) && !document.tokens[at].spaced;
        let comma = document.is(at, &[",", "،", "，"]);
        if dash || document.is(at, &["、"]) || words.has(Word::And) {
            joined = Some(Join::And);
        } else if comma {
            joined = joined.or(Some(Join::Comma));
        } else if !(words.any(&[
            Word::Linker,
            Word::His,
            Word::Of,
            Word::With,
            Word::To,
            Word::Former,
            Word::Object,
        ]) || document.is(at, &["\"", "«", "»"]))
        {
            return None;
        }
        at = document.word_end(at);
    }
    if document.affix(to).0.has(Word::And) {
        return Some(Join::And);
    }
    joined
}

/// Outside headlines a comma alone joins nobody: it sets off an apposition, or the subject from what is before it.
fn dissolve(document: &Document<'_>, mentions: &mut [Mention], own: &[Words]) {
    let mut at = 0;
    while at < mentions.len() {
        let group = mentions[at].group;
        let end = (at..mentions.len())
            .find(|i| mentions[*i].group != group)
            .unwrap_or(mentions.len());
        let list = (at + 1..end).any(|i| {
            mentions[i].listed
                || (mentions[i - 1].end..mentions[i].start)
                    .any(|t| document.words(t).has(Word::And) || document.is(t, &["、", "-", "–", "/"]))
                || document.affix(mentions[i].start).0.has(Word::And)
        });
        if !list && !document.in_title(mentions[at].start) {
            for i in at + 1..end {
                mentions[i].group = i;
                mentions[i].marker = own[i];
            }
        }
        at = end.max(at + 1);
    }
}

/// Where markers follow their phrases, the last member of a group carries the marker of all.
fn hand_back(document: &Document<'_>, mentions: &mut [Mention]) {
    if !document.pack.syntax.marker_after {
        return;
    }
    for at in (1..mentions.len()).rev() {
        if mentions[at].group == mentions[at - 1].group && mentions[at - 1].marker.is_empty() {
            mentions[at - 1].marker = mentions[at].marker;
        }
    }
}

/// Marks the subjects of reporting verbs.
pub(super) fn mark_speakers(document: &Document<'_>, mentions: &mut [Mention]) {
    for at in 0..document.tokens.len() {
        if !document.words(at).has(Word::Report) {
            continue;
        }
        let end = document.word_end(at);
        let (first, last) = document.sentence(at);
        let near = |from: usize, to: usize| {
            from <= to
                && to <= from + 3
                && (from..to).all(|i| {
                    document.tokens[i].kind == crate::text::Kind::Word
                        && !document.words(i).has(Word::Relative)
                })
        };
        if let Some(m) = mentions
            .iter_mut()
            .rev()
            .find(|m| m.end <= at && m.start >= first)
            && near(m.end, at)
            && m.free()
        {
            m.speaker = true;
            continue;
        }
        if let Some(m) = mentions.iter_mut().find(|m| m.start >= end && m.end <= last)
            && near(end, m.start)
            && (m.free() || document.words(at).has(Word::Other))
        {
            m.speaker = true;
        }
    }
}
