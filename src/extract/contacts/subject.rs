//! The subject of a predicate: the nearest noun phrase to the left that nothing governs.
//!
//! A relative pronoun right before the verb means its antecedent, and a verb joined to another by "and" has the first
//! subject of the clause. What only looks like a subject is sorted out: pronouns that are objects, places where something
//! happens, what stands in brackets.

use super::Finder;
use crate::{
    extract::{
        document::{covering, starting},
        mentions::{Mention, MentionKind},
    },
    lexicon::{StateForm, Word},
};

impl Finder<'_, '_> {
    /// The subject of the predicate that begins at `start`, and whether it is a pronoun.
    pub(super) fn subject(&self, start: usize, bounds: (usize, usize), nominal: bool) -> (Vec<usize>, bool) {
        let document = self.document;
        if !nominal && let Some(antecedent) = self.antecedent_of_relative(start, bounds) {
            return (vec![antecedent], false);
        }
        let coordinated = !nominal
            && (start.saturating_sub(4)..start).any(|i| {
                i >= bounds.0
                    && document.words(i).has(Word::And)
                    && !starting(self.mentions, i + 1, start)
                        .iter()
                        .any(|m| m.end <= start)
            });
        let candidates: Vec<usize> = self
            .mentions_in(bounds.0, start)
            .filter(|m| {
                let mention = &self.mentions[*m];
                mention.end <= start
                    && (mention.free() || self.opens_clause(*m, start, nominal))
                    && !mention.marked(&[Word::Object])
                    && self.usable(*m)
                    && !(!nominal && self.is_clitic(*m, start) || self.is_scene(mention, start, nominal))
                    && !(nominal
                        && mention.speaker
                        && matches!(mention.kind, MentionKind::State(_) | MentionKind::Organization))
                    && !self.in_brackets(mention, start)
                    && !self.is_object_of_another(mention, bounds.0)
                    && !self.is_said_in_passing(mention, start)
            })
            .collect();
        let chosen = if coordinated {
            candidates.first()
        } else {
            candidates.last()
        };
        // The subject of a verb made a noun stands in the genitive: "Erdoğan'ın … görüşmesi".
        if chosen.is_none() && document.pack.syntax.verb_last {
            let genitive = self.mentions_in(bounds.0, start).find(|m| {
                let mention = &self.mentions[*m];
                mention.end <= start
                    && mention.marked(&[Word::Of])
                    && mention.kind == MentionKind::Person
                    && self.usable(*m)
            });
            if let Some(m) = genitive {
                return (self.group_of(m, (bounds.0, start)), false);
            }
        }
        match chosen {
            Some(&m) if self.mentions[m].pronoun() => (vec![m], true),
            Some(&m) => (self.group_of(m, (bounds.0, start)), false),
            None => (Vec::new(), false),
        }
    }

    /// The antecedent of a relative pronoun right before the verb, whatever governs it.
    fn antecedent_of_relative(&self, start: usize, bounds: (usize, usize)) -> Option<usize> {
        let document = self.document;
        let mut at = start;
        for _ in 0..5 {
            if at == bounds.0 {
                return None;
            }
            at -= 1;
            if document.words(at).has(Word::Relative) {
                let mut before = self.mentions_in(document.sentence(start).0, at).rev();
                return before.find(|m| {
                    let m = &self.mentions[*m];
                    m.end <= at && at - m.end <= 2
                });
            }
            if covering(self.mentions, at).is_some() {
                return None;
            }
        }
        None
    }

    /// "Chega a Brasília, onde será recebido", "in Riga, capital of Latvia, where she will see X": a place whose clause
    /// follows is where it happens, nobody's subject.
    fn is_scene(&self, m: &Mention, verb: usize, nominal: bool) -> bool {
        let document = self.document;
        let (first, _) = document.sentence(m.start);
        let place = matches!(
            m.kind,
            MentionKind::State(StateForm::Capital | StateForm::Name | StateForm::Seat)
        );
        let at_once = document.is(m.end, &[",", "،"]) && document.words(m.end + 1).has(Word::Subordinate);
        let person_before = || {
            self.mentions_in(first, m.start)
                .any(|o| self.mentions[o].free() && self.mentions[o].kind == MentionKind::Person)
        };
        place
            && (at_once && !nominal
                || (m.end..verb).any(|i| document.words(i).has(Word::Subordinate))
                    && (m.marked(&[Word::In, Word::To]) || m.free())
                    && person_before())
    }

    /// "Annan left Damascus after seeing Assad": a state behind a word that may be a verb, whose subject stands before it.
    fn is_object_of_another(&self, m: &Mention, from: usize) -> bool {
        let document = self.document;
        if !matches!(m.kind, MentionKind::State(_) | MentionKind::Organization)
            || !document.pack.names.cased
            || document.pack.syntax.verb_last
            || m.start <= from
        {
            return false;
        }
        let mut at = m.start - 1;
        while at > from && document.words(at).has(Word::Linker) {
            at -= 1;
        }
        let verb = document.tokens[at].kind == crate::text::Kind::Word
            && !document.tokens[at].capital
            && document.words(at).is_empty()
            && covering(&document.times, at).is_none()
            && covering(&document.adjectives, at).is_none();
        let goal = covering(&document.triggers, at).is_some();
        (verb || goal)
            && self.mentions_in(from, at).any(|o| {
                let other = &self.mentions[o];
                other.end <= at && other.free() && matches!(other.kind, MentionKind::Person | MentionKind::He)
            })
    }

    /// "The two will, the spokesman X said, meet": who is only quoted between commas.
    fn is_said_in_passing(&self, m: &Mention, verb: usize) -> bool {
        let document = self.document;
        let (first, _) = document.sentence(m.start);
        m.speaker
            && m.end < verb
            && document.is(m.end, &[","])
            && self.mentions_in(first, m.start).any(|o| self.mentions[o].free())
            && (m.start.saturating_sub(6).max(first)..m.start)
                .rev()
                .find(|i| document.is(*i, &[","]))
                .is_some_and(|comma| (comma..m.start).any(|i| document.words(i).has(Word::Report)))
    }

    /// "After he met Li Qiang", "as A and B held talks": what would govern a noun phrase opens a clause where the verb
    /// follows it.
    fn opens_clause(&self, at: usize, verb: usize, nominal: bool) -> bool {
        let document = self.document;
        let (first, _) = document.sentence(verb);
        let group = self.mentions[at].group;
        let phrase = self
            .mentions_in(first, verb)
            .find(|m| self.mentions[*m].group == group)
            .map_or(self.mentions[at].start, |m| self.mentions[m].start);
        let conjunction = |i: usize| document.words(i).any(&[Word::After, Word::Before, Word::Other]);
        let opens = phrase > first && conjunction(phrase - 1)
            || phrase > first + 1 && document.words(phrase - 1).has(Word::Linker) && conjunction(phrase - 2);
        let helps = |i: usize| {
            document.words(i).any(&[
                Word::Have,
                Word::Be,
                Word::Will,
                Word::Not,
                Word::Reflexive,
                Word::Separately,
            ])
        };
        let end = self.mentions[at].end;
        if !opens || !nominal {
            return opens && (end..verb).all(helps);
        }
        // Before a noun the clause has a verb of its own.
        document.pack.names.cased
            && end < verb
            && document.tokens[end].kind == crate::text::Kind::Word
            && !document.tokens[end].capital
            && (document.words(end).is_empty() || helps(end))
            && !(end..verb).any(|i| document.is(i, &[",", ";"]))
            && starting(&document.triggers, end, verb).is_empty()
    }

    /// Whether the pronoun is an object right before its verb: "doit lui téléphoner", "lui a écrit".
    fn is_clitic(&self, m: usize, verb: usize) -> bool {
        let document = self.document;
        let mention = &self.mentions[m];
        mention.kind == MentionKind::He
            && document.words(mention.start).has(Word::Him)
            && (mention.end == verb || document.auxiliary(mention.end).has(Word::Have))
    }

    /// The subject of the main clause that follows an opening phrase: "After talks with X, Y said …".
    pub(super) fn main_subject(&self, from: usize) -> Vec<usize> {
        let document = self.document;
        let (first, last) = document.sentence(from.saturating_sub(1));
        let free = |m: &usize| {
            let mention = &self.mentions[*m];
            mention.free()
                && mention.end <= last
                && self.usable(*m)
                && matches!(mention.kind, MentionKind::Person | MentionKind::He)
        };
        let opens = !self
            .mentions_in(first, from)
            .any(|m| self.mentions[m].end <= from && self.mentions[m].free() && self.usable(m));
        if !opens {
            return Vec::new();
        }
        let found = self.mentions_in(from, last).filter(free).find(|m| {
            let mut before = self.mentions[*m].start;
            while before > from && document.words(before - 1).has(Word::Linker) {
                before -= 1;
            }
            before > from
                && (document.is(before - 1, &[",", "،"])
                    || document
                        .words(before - 1)
                        .any(&[Word::Subordinate, Word::Relative]))
        });
        found.map_or_else(Vec::new, |m| self.group_of(m, (from, last)))
    }
}
