//! Which form of which predicate the words are, and how far its clause goes.
//!
//! The same words may be verb or noun, past or participle: what stands before them decides. The result, a [`Predicate`],
//! is what every later stage works on.

use super::{Finder, arguments::Arguments};
use crate::{
    event::ContactKind,
    extract::{
        document::{Trigger, covering, ending, starting},
        status::{self, Auxiliaries},
    },
    lexicon::{self, Frame, Tense, Word},
};

/// A predicate as it was read.
pub(super) struct Predicate<'d> {
    pub trigger: &'d Trigger,
    pub rule: &'d lexicon::Contact,
    pub tense: Tense,
    /// Auxiliaries before it.
    pub aux: Auxiliaries,
    /// What its subject undergoes.
    pub passive: bool,
    /// Tokens of its clause.
    pub bounds: (usize, usize),
    /// Its sentence.
    pub sentence: usize,
    /// The channel told in its clause.
    pub channel: Option<ContactKind>,
}

impl<'d> Finder<'d, '_> {
    /// The predicate that the words are; none where they only name a setting.
    pub(super) fn predicate(&self, at: usize, trigger: &'d Trigger) -> Option<Predicate<'d>> {
        let document = self.document;
        let (rule, tense) = self.choose_reading(trigger);
        let rule = &document.pack.contacts[rule];
        if self.is_setting(trigger, rule.frame, tense) {
            return None;
        }
        let aux = status::auxiliaries(document, trigger.start);
        let bounds = self.bounds(at, trigger, tense);
        Some(Predicate {
            trigger,
            rule,
            tense,
            aux,
            passive: tense == Tense::Passive
                || tense == Tense::Participle && !aux.reflexive && (aux.be || !aux.have),
            bounds,
            sentence: document.tokens[trigger.start].sentence as usize,
            channel: self.channel(trigger, bounds),
        })
    }
}

impl Finder<'_, '_> {
    /// Whether a gathering's name is only where something else takes place: "en marge du sommet du G20".
    fn is_setting(&self, trigger: &Trigger, frame: Frame, tense: Tense) -> bool {
        let document = self.document;
        let (first, _) = document.sentence(trigger.start);
        tense == Tense::Noun
            && matches!(frame, Frame::Gather | Frame::Meet)
            && starting(&document.settings, first, trigger.start)
                .iter()
                .any(|s| {
                    s.end <= trigger.start
                        && trigger.start <= s.end + 4 * document.scale()
                        && !starting(&document.triggers, s.end, trigger.start)
                            .iter()
                            .any(|t| t.end <= trigger.start)
                })
    }

    /// Verb or noun, where the words may be either: an article or possessive before them tells a noun.
    pub(super) fn choose_reading(&self, trigger: &Trigger) -> (usize, Tense) {
        let document = self.document;
        let noun = trigger.readings.iter().find(|r| r.1 == Tense::Noun);
        let infinitive = trigger.readings.iter().find(|r| r.1 == Tense::Infinitive);
        let verb = trigger
            .readings
            .iter()
            .find(|r| !matches!(r.1, Tense::Noun | Tense::Infinitive));
        let (first, _) = document.sentence(trigger.start);
        let before = trigger.start.checked_sub(1).filter(|b| *b >= first);
        let words = before.map(|b| document.words(b)).unwrap_or_default();
        let nominal = words.any(&[
            Word::Linker,
            Word::His,
            Word::Of,
            Word::After,
            Word::During,
            Word::In,
            Word::About,
            Word::By,
            Word::From,
            Word::Before,
        ]) || before.is_some_and(|b| {
            covering(&document.adjectives, b).is_some() || ending(&document.channels, b + 1).is_some()
        });
        if let Some(noun) = noun
            && (nominal && !(infinitive.is_some() && words.has(Word::To))
                || verb.is_none() && infinitive.is_none())
        {
            return *noun;
        }
        let aux = status::auxiliaries(document, trigger.start);
        if let Some(participle) = trigger.readings.iter().find(|r| r.1 == Tense::Participle)
            && (aux.have || aux.be)
        {
            return *participle;
        }
        if let Some(infinitive) = infinitive
            && (words.has(Word::To) || aux.will || verb.is_none())
        {
            return *infinitive;
        }
        // "… to discuss trade", where the infinitive looks like the present.
        let infinitive_marker =
            words.has(Word::To) || before.is_some_and(|b| document.word_end(b) > trigger.start);
        if let Some(verb) = verb
            && verb.1 == Tense::Present
            && infinitive_marker
            && document.pack.names.cased
        {
            return (verb.0, Tense::Infinitive);
        }
        // "met" may be past or participle: with an agent or without a subject it is a participle.
        if let Some(verb) = verb {
            return *verb;
        }
        noun.or(infinitive).copied().unwrap_or(trigger.readings[0])
    }

    /// Whether the words are a verb here.
    fn is_verb(&self, trigger: &Trigger) -> bool {
        self.choose_reading(trigger).1 != Tense::Noun
    }

    /// The clause around a predicate, as a token range.
    fn bounds(&self, at: usize, trigger: &Trigger, tense: Tense) -> (usize, usize) {
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        let hard = |i: usize| {
            document.is(i, &[";", ":", "؛", "；", "："])
                || document.is(i, &["–", "—"]) && document.tokens[i].spaced
        };
        let last_free = self
            .mentions_in(first, trigger.start)
            .rev()
            .map(|m| &self.mentions[m])
            .find(|m| m.end <= trigger.start && m.free())
            .map(|m| m.start);
        let mut left = first;
        for i in (first..trigger.start).rev() {
            let subject_between = last_free.is_some_and(|start| start > i);
            if hard(i) && (subject_between || i > first + 12)
                || document.words(i).has(Word::Subordinate) && subject_between
            {
                left = i + 1;
                break;
            }
        }
        let mut right = last;
        for i in trigger.end..last {
            let relative = document.words(i).any(&[Word::Relative, Word::Subordinate]);
            if hard(i)
                || relative && tense != Tense::Noun
                || document.words(i).has(Word::Report) && !document.words(i).has(Word::Other)
            {
                right = i;
                break;
            }
        }
        // What is the subject of the next verb is no argument of this one, unless this one opens the sentence:
        // "Reçu à l'Elysée par X, Y a plaidé …".
        let opening = tense == Tense::Participle && last_free.is_none();
        if let Some(next) = document.triggers[at + 1..]
            .iter()
            .take_while(|t| t.start < right)
            .find(|t| self.is_verb(t))
        {
            let subject = starting(self.mentions, trigger.end, next.start)
                .iter()
                .rev()
                .find(|m| m.end <= next.start)
                .filter(|_| !opening)
                .filter(|m| m.free() && next.start - m.end <= 4)
                .filter(|m| {
                    m.start > trigger.end && document.words(m.start - 1).has(Word::And)
                        || document.is(m.start.saturating_sub(1), &[","])
                        || m.pronoun()
                });
            right = right.min(subject.map_or(next.start, |m| m.start));
        }
        (left, right)
    }

    /// Whether a verb of a contact stands between those tokens.
    pub(super) fn other_verb_between(&self, from: usize, to: usize) -> bool {
        starting(&self.document.triggers, from, to)
            .iter()
            .any(|t| t.end <= to && self.is_verb(t))
    }

    /// Whether the quotation that a token stands in has more tokens than that.
    pub(super) fn quote_exceeds(&self, at: usize, tokens: usize) -> bool {
        let quotes = &self.document.quotes;
        let number = quotes[at];
        let behind = quotes[at..].iter().take_while(|q| **q == number);
        let before = quotes[..at].iter().rev().take_while(|q| **q == number);
        behind.chain(before).nth(tokens).is_some()
    }

    /// "The first Western leader to visit Syria in five years": the words say who somebody is, beside what is told.
    fn is_epithet(&self, p: &Predicate<'_>) -> bool {
        let document = self.document;
        let start = p.trigger.start;
        let (first, _) = document.sentence(start);
        let joined = start > first && document.words(start - 1).has(Word::To)
            || document.words(start).has(Word::To)
            || document.word_end(start.saturating_sub(1)) > start;
        let from = start.saturating_sub(12).max(first);
        p.tense == Tense::Infinitive
            && joined
            && (from..start).rev().any(|i| {
                document.words(i).has(Word::First)
                    && !(i..start).any(|k| {
                        document.is(k, &[",", ";"]) || document.words(k).any(&[Word::Have, Word::Will])
                    })
                    && !self.other_verb_between(i, start)
            })
    }

    /// Whether the words tell no contact after all: a verb that counts only with a channel and has none, or that calls
    /// upon somebody.
    pub(super) fn tells_no_contact(&self, p: &Predicate<'_>, arguments: &Arguments) -> bool {
        self.is_epithet(p)
            || p.rule.with_channel && !p.channel.is_some_and(super::wired)
            || p.rule.strict && p.rule.frame == Frame::Call && self.calls_upon(p.trigger, arguments)
    }
}
