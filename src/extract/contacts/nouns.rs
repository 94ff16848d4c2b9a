//! The arguments of a noun: "talks between A and B", "A's visit to B", "the letter A sent to B".
//!
//! What stands right behind the noun is read first, then names before it, then what its marked phrases farther away tell.
//! Only when that leaves a side open does the clause's subject, a relative clause, a speaker or the person whom the story
//! is about come in.

use super::{Finder, arguments::Arguments, reading::Predicate};
use crate::{
    extract::{
        document::{Trigger, covering, starting},
        mentions::MentionKind,
    },
    lexicon::{Frame, OfficeCode, Word},
};

/// Words between two arguments behind a noun.
const NOUN_GAP: usize = 7;

impl Finder<'_, '_> {
    /// The arguments of a noun, from the nearest words to the farthest, until both sides are told.
    pub(super) fn noun_arguments(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let frame = p.rule.frame;
        self.phrases_behind(p, arguments);
        self.names_before(p, arguments);
        self.marked_before(p, arguments);
        if arguments.with.is_empty() && arguments.between.is_empty() && arguments.of.len() < 2 {
            self.marked_far_behind(p, arguments);
        }
        let complete = self.both_sides_told(arguments);
        if complete {
            self.people_of_named_states(p, arguments);
        }
        let told_traveller = frame == Frame::Visit && !arguments.of.is_empty();
        let relative = arguments.nobody() && self.relative_arguments(p.trigger, p.bounds, arguments);
        if (!complete || frame == Frame::Get) && !told_traveller && !relative {
            self.subject_of_noun(p, arguments);
        }
        let untold = arguments.with.is_empty() && arguments.between.is_empty() && arguments.of.is_empty();
        if untold && frame != Frame::Visit {
            self.speakers(p.trigger, arguments);
        }
        self.person_of_story(p, arguments);
    }

    /// The phrases right behind the noun.
    fn phrases_behind(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let document = self.document;
        let mut end = p.trigger.end;
        for at in self.mentions_in(p.trigger.end, p.bounds.1) {
            let m = &self.mentions[at];
            if m.end > p.bounds.1 {
                continue;
            }
            let grouped = at > 0
                && self.mentions[at - 1].group == m.group
                && self.mentions[at - 1].start >= p.trigger.end;
            if m.start > end + NOUN_GAP * document.scale() && !grouped {
                break;
            }
            let crosses = starting(&document.triggers, end, m.start)
                .iter()
                .any(|t| t.end <= m.start && t.start > p.trigger.start);
            let breaks = (end..m.start).any(|i| {
                document
                    .words(i)
                    .any(&[Word::Relative, Word::Subordinate, Word::About])
                    && !grouped
            });
            if crosses || breaks || !self.usable(at) {
                break;
            }
            if m.free() {
                // "le sommet Trump-Poutine": names right behind the noun.
                if m.start == p.trigger.end
                    || document.is(p.trigger.end, &[":"]) && m.start == p.trigger.end + 1
                {
                    arguments.of.push(at);
                    end = m.end;
                    continue;
                }
                if grouped
                    && !(arguments.of.is_empty() && arguments.with.is_empty() && arguments.between.is_empty())
                {
                    arguments.of.push(at);
                    end = m.end;
                    continue;
                }
                break;
            }
            // Behind a noun "von" and "di" tell whose, not by whom.
            if m.marked(&[Word::Of]) && m.marked(&[Word::By]) {
                arguments.of.push(at);
            } else {
                self.marked_argument(at, arguments);
            }
            end = m.end;
        }
    }

    /// "Putin's meeting", "Macron-Scholz: entretien", "US-China talks".
    fn names_before(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let document = self.document;
        if let Some(at) = self
            .mentions_in(document.sentence(p.trigger.start).0, p.trigger.start)
            .rev()
            .find(|m| self.mentions[*m].end <= p.trigger.start)
        {
            let m = &self.mentions[at];
            let close = p.trigger.start - m.end <= if m.possessive { 4 } else { 2 };
            if self.usable(at)
                && (m.possessive && close
                    || close
                        && m.free()
                        && !(m.end..p.trigger.start).any(|i| document.is(i, &[","]))
                        && self.group_of(at, p.bounds).len() > 1
                        && (m.end == p.trigger.start || document.is(m.end, &[":"])))
            {
                arguments.of.extend(self.group_of(
                    at,
                    (p.bounds.0.min(document.sentence(m.start).0), p.trigger.start),
                ));
            }
        }
    }

    /// What "with" and "between" govern before the noun.
    fn marked_before(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let document = self.document;
        for m in self.mentions_in(p.bounds.0, p.trigger.start) {
            let mention = &self.mentions[m];
            let left = mention.end <= p.trigger.start && p.trigger.start - mention.end < 12;
            if left
                && mention.marked(&[Word::With, Word::Between])
                && self.usable(m)
                && !self.other_verb_between(mention.end, p.trigger.start)
                && !starting(&document.triggers, mention.end, p.trigger.start)
                    .iter()
                    .any(|t| t.end <= p.trigger.start)
            {
                self.marked_argument(m, arguments);
            }
        }
    }

    /// "The summit that he was to hold in Moscow with X".
    fn marked_far_behind(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let document = self.document;
        let stop = starting(&document.triggers, p.trigger.end, p.bounds.1)
            .first()
            .map_or(p.bounds.1, |t| t.start);
        let far = self.mentions_in(p.trigger.end, stop).find(|m| {
            let mention = &self.mentions[*m];
            mention.end <= stop
                && mention.start < p.trigger.end + 14
                && mention.marked(&[Word::With, Word::Between])
                && self.usable(*m)
        });
        if let Some(far) = far {
            let group = self.group_of(far, (p.trigger.end, stop));
            if self.mentions[far].marked(&[Word::Between]) {
                arguments.between.extend(group);
            } else {
                arguments.with.extend(group);
            }
        }
    }

    /// Whether the noun's own phrases tell both sides.
    fn both_sides_told(&self, arguments: &Arguments) -> bool {
        let sides = |lists: &[&Vec<usize>]| lists.iter().any(|l| !l.is_empty());
        self.count_parties(&[&arguments.between]) > 1
            || self.count_parties(&[&arguments.of, &arguments.from]) > 1
            || sides(&[&arguments.of, &arguments.from])
                && sides(&[&arguments.with, &arguments.to])
                && self.count_parties(&[&arguments.of, &arguments.from, &arguments.with, &arguments.to]) > 1
    }

    /// "Vizcarra and Piñera led the Peru-Chile cabinet": the people of the very states in the noun's name.
    fn people_of_named_states(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let bare = |m: &usize| {
            let m = &self.mentions[*m];
            m.end <= p.trigger.start && matches!(m.kind, MentionKind::State(_) | MentionKind::Organization)
        };
        if arguments.with.is_empty() && arguments.of.iter().all(bare) {
            let (subject, _) = self.subject(p.trigger.start, p.bounds, true);
            if self.count_parties(&[&subject]) > 1
                && self.count_parties(&[&subject]) == self.count_parties(&[&subject, &arguments.of])
            {
                arguments.subject = subject;
            }
        }
    }

    /// The subject of the clause, or what stands for it behind the noun.
    fn subject_of_noun(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let document = self.document;
        let (mut subject, pronoun) = self.subject(p.trigger.start, p.bounds, true);
        if subject.is_empty() && (document.pack.syntax.verb_first || arguments.with.is_empty()) {
            // "held talks" before its subject.
            subject = self
                .mentions_in(p.trigger.end, p.bounds.1)
                .filter(|m| {
                    document.pack.syntax.verb_first
                        && self.mentions[*m].end <= p.bounds.1
                        && self.mentions[*m].free()
                        && self.usable(*m)
                })
                .take(1)
                .collect();
        }
        arguments.subject = subject;
        arguments.pronoun |= pronoun;
    }

    /// "Ein Treffen mit Außenminister Sugiono ist geplant", "his talks with Félix Tshisekedi": the other side is
    /// whoever the story is about.
    fn person_of_story(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let document = self.document;
        let person = |m: &usize| self.mentions[*m].kind == MentionKind::Person;
        if arguments.subject.is_empty()
            && arguments.of.is_empty()
            && arguments.between.is_empty()
            && matches!(p.rule.frame, Frame::Meet | Frame::Call | Frame::Negotiate)
            && self.count_parties(&[&arguments.with]) == 1
            && arguments.with.iter().all(person)
            && !document.in_title(p.trigger.start)
        {
            arguments.subject = self.main_subject(p.trigger.end);
            arguments.pronoun |= arguments.subject.iter().any(|m| self.mentions[*m].pronoun());
            arguments.dropped = arguments.subject.is_empty();
        }
    }

    /// "La visite que le président a effectuée à Pékin", "the letter Trump sent to Khamenei": the sides that the
    /// relative clause behind the noun tells. Whether there is one.
    fn relative_arguments(
        &self,
        trigger: &Trigger,
        bounds: (usize, usize),
        arguments: &mut Arguments,
    ) -> bool {
        let document = self.document;
        let (_, last) = document.sentence(trigger.start);
        let clause = (trigger.end..last.min(trigger.end + 5))
            .take_while(|i| covering(self.mentions, *i).is_none() && !document.is(*i, &[",", ";"]))
            .find(|i| document.words(*i).any(&[Word::Relative, Word::Subordinate]));
        let start = clause.map_or(trigger.end, |c| c + 1);
        let subject = self.mentions_in(start, last).next().filter(|m| {
            let mention = &self.mentions[*m];
            let near = (start..mention.start).all(|i| document.words(i).has(Word::Linker));
            let person = matches!(mention.kind, MentionKind::Person | MentionKind::He);
            near && person && mention.free() && self.usable(*m) && mention.end < last
        });
        let Some(subject) = subject else { return false };
        // Without a relative word the subject must be one by its verb: "the letter Trump sent".
        let behind = self.mentions[subject].end;
        if clause.is_none() {
            let verb = document.tokens[behind].kind == crate::text::Kind::Word
                && !document.tokens[behind].capital
                && (document.words(behind).is_empty()
                    || document.auxiliary(behind).any(&[Word::Have, Word::Will]));
            if !verb || !document.pack.names.cased || document.words(trigger.end).any(&[Word::He]) {
                return false;
            }
        }
        arguments.subject = self.group_of(subject, (start, last));
        arguments.pronoun |= self.mentions[subject].pronoun();
        let end = (behind..last.max(bounds.1).min(last))
            .find(|i| {
                document.is(*i, &[",", ";", ":"])
                    || document.words(*i).any(&[Word::Relative, Word::Subordinate])
            })
            .unwrap_or(last);
        for at in self.mentions_in(behind, end) {
            if self.mentions[at].end <= end && self.usable(at) && !arguments.subject.contains(&at) {
                self.marked_argument(at, arguments);
            }
        }
        true
    }

    /// "Lors d'un entretien, A a dit à B …", "A told B during a call": who speaks to whom at it.
    fn speakers(&self, trigger: &Trigger, arguments: &mut Arguments) {
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        let occasion = (trigger.start.saturating_sub(5).max(first)..trigger.start)
            .any(|i| document.words(i).any(&[Word::During]));
        if !occasion {
            return;
        }
        let person = |m: &usize| {
            let mention = &self.mentions[*m];
            mention.end <= last
                && self.usable(*m)
                && (mention.kind == MentionKind::Person || mention.kind == MentionKind::He)
                && document.quotes[mention.start] == document.quotes[trigger.start]
        };
        let people: Vec<usize> = self.mentions_in(first, last).filter(person).collect();
        let Some(&speaker) = people.iter().find(|m| self.mentions[**m].free()) else {
            return;
        };
        let addressee = people.iter().find(|m| {
            let mention = &self.mentions[**m];
            mention.start >= self.mentions[speaker].end
                && mention.group != self.mentions[speaker].group
                && (mention.marked(&[Word::To, Word::With, Word::Object])
                    || mention.free() && mention.start < self.mentions[speaker].end + 8)
                && !mention.marked(&[Word::Of, Word::By])
        });
        // A counterpart is the other side whatever governs it: "a sollicité de son homologue".
        let counterpart = people.iter().find(|m| {
            let mention = &self.mentions[**m];
            mention.start >= self.mentions[speaker].end
                && mention.office.is_some_and(|o| o.code == OfficeCode::Counterpart)
        });
        if let Some(&addressee) = addressee.or(counterpart) {
            arguments.subject = vec![speaker];
            arguments.with = vec![addressee];
            arguments.pronoun |= self.mentions[speaker].pronoun();
        }
    }
}
