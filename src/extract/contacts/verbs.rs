//! The arguments of a verb.
//!
//! Behind the subject, every noun phrase of the clause goes to the list of the word that governs it; the first that
//! nothing governs is the object. Languages differ in where they put the subject: before the verb, behind it, inside the
//! bracket of a compound tense, or only in the verb's ending. What is found is put right accordingly.

use super::{Finder, arguments::Arguments, reading::Predicate};
use crate::{
    extract::{
        document::{Trigger, covering, starting},
        mentions::MentionKind,
    },
    lexicon::{Tense, Word},
};

impl Finder<'_, '_> {
    /// The arguments of a verb: its subject, what stands beside it in its clause, then the order of words again.
    pub(super) fn verb_arguments(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let syntax = &self.document.pack.syntax;
        (arguments.subject, arguments.pronoun) = self.subject(p.trigger.start, p.bounds, false);
        arguments.clitic = self.clitic(p);
        self.phrases_beside(p, arguments);
        if syntax.bracket && matches!(p.tense, Tense::Participle | Tense::Infinitive) {
            self.read_bracket(p.trigger, p.bounds, arguments);
        }
        self.settle_order(p, arguments);
        // "En recevant X, le président a annoncé …": the subject of the main clause.
        if p.tense == Tense::Gerund && arguments.subject.is_empty() && arguments.by.is_empty() {
            arguments.subject = self.main_subject(p.trigger.end);
        }
        if syntax.drops_subject && arguments.subject.is_empty() {
            self.subject_of_ending(p, arguments);
        }
    }

    /// The object pronoun beside the verb.
    fn clitic(&self, p: &Predicate<'_>) -> Option<Word> {
        let document = self.document;
        let mut clitic = None;
        for i in (p.trigger.start.saturating_sub(4).max(p.bounds.0)..p.trigger.start)
            .chain(p.trigger.end..(p.trigger.end + 1).min(p.bounds.1))
        {
            let words = document.words(i);
            if i < p.trigger.start
                && starting(self.mentions, document.sentence(i).0, i + 2)
                    .iter()
                    .any(|m| i < m.end && m.kind != MentionKind::He)
            {
                continue;
            }
            // What is an article elsewhere is a pronoun right before a verb.
            if words.has(Word::Linker)
                && i + 1 != p.trigger.start
                && !document.auxiliary(i + 1).has(Word::Have)
            {
                continue;
            }
            if words.has(Word::Them) {
                clitic = Some(Word::Them);
            }
            if words.has(Word::Him) {
                clitic = Some(Word::Him);
            }
        }
        clitic
    }

    /// Enters the noun phrases of the clause.
    fn phrases_beside(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let document = self.document;
        let mut free_seen = 0;
        let mut last_end = p.trigger.end;
        let mut extra = false;
        for at in self.mentions_in(document.sentence(p.trigger.start).0, p.bounds.1) {
            let m = &self.mentions[at];
            let Some(right) = self.side_of_verb(p, at, arguments) else {
                continue;
            };
            // "puis avec X", "et, la veille, Y": another contact of the same subject.
            let sibling = (m.free() || m.marked(&[Word::With])) && !m.pronoun();
            if right
                && sibling
                && (!arguments.objects.is_empty() || !arguments.with.is_empty())
                && !document.pack.syntax.verb_last
            {
                let joined = (last_end.min(m.start)..m.start)
                    .any(|i| document.words(i).any(&[Word::And, Word::Then]) || document.is(i, &[","]));
                let apart = (last_end.min(m.start)..m.start).any(|i| {
                    document.words(i).any(&[Word::Then, Word::Separately])
                        || !starting(&document.times, i, i + 1).is_empty()
                });
                if joined && apart {
                    arguments.next.push(vec![at]);
                    last_end = m.end;
                    extra = true;
                    continue;
                }
                if extra
                    && arguments
                        .next
                        .last()
                        .is_some_and(|g| self.mentions[g[0]].group == m.group)
                {
                    if let Some(group) = arguments.next.last_mut() {
                        group.push(at);
                    }
                    last_end = m.end;
                    continue;
                }
            }
            if right && m.start >= p.trigger.end {
                last_end = m.end;
            }
            if right && m.free() {
                let first_of_group = !arguments
                    .objects
                    .iter()
                    .any(|o| self.mentions[*o].group == m.group);
                if first_of_group && free_seen > 0 && !(document.pack.syntax.verb_first && free_seen < 2) {
                    continue;
                }
                free_seen += usize::from(first_of_group);
                if m.speaker && first_of_group && m.start > p.trigger.end + 6 && !arguments.subject.is_empty()
                {
                    continue;
                }
                arguments.objects.push(at);
                continue;
            }
            self.marked_argument(at, arguments);
        }
    }

    /// Whether the mention stands right of the verb; none where it is no argument of it.
    fn side_of_verb(&self, p: &Predicate<'_>, at: usize, arguments: &Arguments) -> Option<bool> {
        let document = self.document;
        let m = &self.mentions[at];
        let right = m.start > p.trigger.start
            && m.end > p.trigger.end.saturating_sub(1).max(p.trigger.start + 1)
            && m.end <= p.bounds.1;
        let cleft = m.end + 2 >= p.bounds.0 && m.end <= p.bounds.0 && m.marked(&[Word::With]);
        let left = m.end <= p.trigger.start && (m.start >= p.bounds.0 || cleft);
        if !(left || right) || !self.usable(at) || arguments.subject.contains(&at) {
            return None;
        }
        if m.possessive && starting(&document.triggers, m.end, m.end + 4).is_empty() {
            return None;
        }
        if left
            && !m.marked(&[Word::With, Word::By, Word::Between, Word::Object])
            && !(document.pack.syntax.verb_last && m.marked(&[Word::To, Word::From]))
        {
            return None;
        }
        if left && m.marked(&[Word::With, Word::Between]) && self.is_of_noun(at) {
            return None;
        }
        if left && self.other_verb_between(m.end, p.trigger.start) {
            return None;
        }
        if right && m.marked(&[Word::Between, Word::With]) && self.behind_noun(at, p.trigger.end) {
            return None;
        }
        Some(right)
    }

    /// "Nach der Unterredung mit Scholz soll Blinken mit X sprechen": whether a noun that tells a contact stands right
    /// before what governs the phrase.
    fn is_of_noun(&self, at: usize) -> bool {
        let document = self.document;
        let m = &self.mentions[at];
        let (first, _) = document.sentence(m.start);
        starting(&document.triggers, first, m.start)
            .iter()
            .any(|t| t.end <= m.start && m.start - t.end <= 3 && self.choose_reading(t).1 == Tense::Noun)
    }

    /// Subject and object where the language puts the subject behind the verb.
    fn settle_order(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        let document = self.document;
        // Where verbs come last a participle stands before its subject: "Ankara'yı arayan Netanyahu".
        if document.pack.syntax.verb_last
            && arguments.subject.is_empty()
            && let Some(&o) = arguments
                .objects
                .iter()
                .find(|o| self.mentions[**o].start == p.trigger.end)
        {
            arguments.objects.retain(|m| *m != o);
            arguments.subject = vec![o];
        }
        // A verb-first clause, or an inverted one: the first free phrase behind the verb is its subject.
        let inverts =
            document.pack.syntax.verb_first || arguments.subject.is_empty() && arguments.objects.len() > 1;
        if inverts && arguments.subject.is_empty() && !arguments.objects.is_empty() {
            let group = self.mentions[arguments.objects[0]].group;
            let (subject, objects): (Vec<usize>, Vec<usize>) = arguments
                .objects
                .iter()
                .partition(|o| self.mentions[**o].group == group);
            arguments.subject = subject;
            arguments.objects = objects;
        } else if document.pack.syntax.verb_first
            && !arguments.subject.is_empty()
            && arguments.objects.len() > 1
        {
            // A subject before a verb that usually comes first gives way to one right behind it.
            let group = self.mentions[arguments.objects[0]].group;
            let behind: Vec<usize> = arguments
                .objects
                .iter()
                .copied()
                .filter(|o| self.mentions[*o].group == group)
                .collect();
            if behind.len() < arguments.objects.len() && self.mentions[behind[0]].start <= p.trigger.end + 2 {
                arguments.objects.retain(|o| !behind.contains(o));
                arguments.subject = behind;
                arguments.pronoun = false;
            }
        }
    }

    /// A subject that only the verb's ending tells, unless one of the objects can be none.
    fn subject_of_ending(&self, p: &Predicate<'_>, arguments: &mut Arguments) {
        // Where objects are marked, a phrase that is not is the subject.
        let plain: Vec<usize> = arguments
            .objects
            .iter()
            .copied()
            .filter(|o| !self.mentions[*o].marked(&[Word::Object]))
            .collect();
        let others =
            arguments.objects.len() > plain.len() || !arguments.with.is_empty() || arguments.clitic.is_some();
        if !plain.is_empty() && others {
            arguments.objects.retain(|o| !plain.contains(o));
            arguments.subject = plain;
        } else {
            arguments.dropped = true;
            arguments.plural = self.plural_verb(p.trigger);
        }
    }

    /// "Cassis hat in Bern Außenminister Makei empfangen": two phrases that nothing governs inside the bracket are
    /// subject and object, in this order unless the first is marked as the object.
    fn read_bracket(&self, trigger: &Trigger, bounds: (usize, usize), arguments: &mut Arguments) {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for m in self.mentions_in(bounds.0, trigger.start) {
            let mention = &self.mentions[m];
            let takes_part = mention.end <= trigger.start
                && mention.free()
                && self.usable(m)
                && !self.in_brackets(mention, trigger.start)
                && (matches!(mention.kind, MentionKind::Person | MentionKind::He)
                    || self.bare_party(m) && !mention.possessive);
            if !takes_part {
                continue;
            }
            match groups.last_mut() {
                Some(group) if self.mentions[group[0]].group == mention.group => group.push(m),
                _ => groups.push(vec![m]),
            }
        }
        if groups.len() < 2 {
            return;
        }
        let object = |g: &[usize]| g.iter().any(|m| self.mentions[*m].marked(&[Word::Object]));
        let (mut subject, mut other) = (groups[0].clone(), groups[groups.len() - 1].clone());
        if object(&subject) && !object(&other) {
            std::mem::swap(&mut subject, &mut other);
        }
        arguments.pronoun |= subject.iter().any(|m| self.mentions[*m].pronoun());
        arguments.subject = subject;
        arguments
            .objects
            .retain(|o| !other.contains(o) && !arguments.subject.contains(o));
        arguments.objects.extend(other);
    }

    /// Whether the verb's ending tells of several: "se reunieron".
    fn plural_verb(&self, trigger: &Trigger) -> bool {
        let endings = &self.document.pack.syntax.plural_endings;
        (trigger.start..trigger.end).any(|i| {
            let word = self.document.word(i);
            self.document.words(i).is_empty() && endings.iter().any(|e| word.ends_with(e.as_str()))
        }) || self
            .document
            .auxiliary(trigger.start.saturating_sub(1))
            .any(&[Word::Have, Word::Be])
            && trigger.start > 0
            && endings
                .iter()
                .any(|e| self.document.word(trigger.start - 1).ends_with(e.as_str()))
    }

    /// "Discussed relations between Russia and the EU": states that a noun behind the verb is about.
    fn behind_noun(&self, at: usize, verb: usize) -> bool {
        let document = self.document;
        let first = (0..=at)
            .rev()
            .take_while(|i| self.mentions[*i].group == self.mentions[at].group)
            .last()
            .unwrap_or(at);
        let m = &self.mentions[first];
        if !document.pack.names.cased
            || document.pack.syntax.marker_after
            || !matches!(
                self.mentions[at].kind,
                MentionKind::State(_) | MentionKind::Organization
            )
        {
            return false;
        }
        let mut marker = m.start;
        while marker > verb && !document.words(marker - 1).any(&[Word::Between, Word::With]) {
            if !document.words(marker - 1).has(Word::Linker) {
                return false;
            }
            marker -= 1;
        }
        let Some(noun) = marker.checked_sub(2).filter(|n| *n >= verb) else {
            return false;
        };
        let token = &document.tokens[noun];
        token.kind == crate::text::Kind::Word
            && !token.capital
            && document.words(noun).is_empty()
            && covering(&document.triggers, noun).is_none()
            && covering(&document.times, noun).is_none()
            && covering(&document.cues, noun).is_none()
            && covering(&document.channels, noun).is_none()
            && covering(&document.atoms, noun).is_none()
    }

    /// "Called on Israel to halt", "called him a liar", "a appelé Paris à agir": words addressed to nobody's ear.
    pub(super) fn calls_upon(&self, trigger: &Trigger, arguments: &Arguments) -> bool {
        let document = self.document;
        let Some(object) = arguments.objects.last().map(|m| &self.mentions[*m]) else {
            return arguments.to.is_empty() && arguments.with.is_empty() && arguments.clitic.is_none();
        };
        let (_, last) = document.sentence(trigger.start);
        if object.end >= last || object.kind != MentionKind::Person {
            return object.kind != MentionKind::Person;
        }
        let next = document.words(object.end);
        let infinitive = next.has(Word::To)
            && document.tokens.get(object.end + 1).is_some_and(|t| {
                t.kind == crate::text::Kind::Word && !t.capital && document.words(object.end + 1).is_empty()
            });
        infinitive || next.has(Word::Indefinite) || document.is(object.end, &["\"", "«", "“", ":"])
    }
}
