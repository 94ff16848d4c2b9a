//! What a predicate takes: the noun phrases of its clause, each in the list of what governs it.
//!
//! [`Finder::arguments`] hands a predicate to the reader of verbs or of nouns, which fill [`Arguments`] with the numbers of
//! mentions. What both of them ask about mentions and their groups stands here.

use std::ops::Range;

use super::{Finder, each_once, reading::Predicate};
use crate::{
    extract::{
        entities::Referent,
        mentions::{Mention, MentionKind},
    },
    lexicon::{Tense, Word},
};

/// Arguments of a predicate, as mention numbers.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub subject: Vec<usize>,
    pub objects: Vec<usize>,
    pub with: Vec<usize>,
    pub by: Vec<usize>,
    pub to: Vec<usize>,
    pub from: Vec<usize>,
    pub of: Vec<usize>,
    pub between: Vec<usize>,
    pub goal: Vec<usize>,
    pub presence: Vec<usize>,
    /// Somebody is told by a pronoun or an ending.
    pub pronoun: bool,
    /// Partners of further contacts of the same subject.
    pub next: Vec<Vec<usize>>,
    /// The verb's ending alone tells its subject.
    pub dropped: bool,
    /// That ending tells of several.
    pub plural: bool,
    /// Those who met before are both sides: "se reunieron en febrero".
    pub both: bool,
    /// An object pronoun beside the verb: one person, or several.
    pub clitic: Option<Word>,
}

impl Arguments {
    /// Whether nothing that usually governs a side of a noun does so.
    pub fn nobody(&self) -> bool {
        self.with.is_empty() && self.between.is_empty() && self.of.is_empty() && self.to.is_empty()
    }
}

impl Finder<'_, '_> {
    /// The arguments of a predicate.
    pub(super) fn arguments(&self, p: &Predicate<'_>) -> Arguments {
        let mut arguments = Arguments::default();
        if p.tense == Tense::Noun {
            self.noun_arguments(p, &mut arguments);
        } else {
            self.verb_arguments(p, &mut arguments);
        }
        arguments
    }

    /// Enters a mention into the list of the word that governs it.
    pub(super) fn marked_argument(&self, at: usize, arguments: &mut Arguments) {
        let m = &self.mentions[at];
        let placelike = matches!(m.kind, MentionKind::State(_));
        let list = if m.marked(&[Word::With]) {
            &mut arguments.with
        } else if m.marked(&[Word::Between]) {
            &mut arguments.between
        } else if m.marked(&[Word::By]) {
            &mut arguments.by
        } else if m.marked(&[Word::Presence]) {
            &mut arguments.presence
        } else if m.marked(&[Word::To]) && !placelike {
            &mut arguments.to
        } else if m.marked(&[Word::Of]) && !m.marked(&[Word::From]) {
            &mut arguments.of
        } else if m.marked(&[Word::From, Word::Of]) {
            arguments.from.push(at);
            &mut arguments.of
        } else if m.marked(&[Word::In, Word::To]) && placelike {
            &mut arguments.goal
        } else if m.marked(&[Word::Object]) {
            &mut arguments.objects
        } else {
            return;
        };
        list.push(at);
    }

    /// Numbers of the mentions that begin at one of the tokens `from..to`.
    pub(super) fn mentions_in(&self, from: usize, to: usize) -> Range<usize> {
        let first = self.mentions.partition_point(|m| m.start < from);
        first..first + self.mentions[first..].partition_point(|m| m.start < to)
    }

    /// The mentions of a group that lie within those tokens.
    pub(super) fn group_of(&self, mention: usize, within: (usize, usize)) -> Vec<usize> {
        let group = self.mentions[mention].group;
        self.mentions_in(within.0, within.1)
            .filter(|i| self.mentions[*i].group == group && self.mentions[*i].end <= within.1)
            .collect()
    }

    /// Whether the mention refers to anybody.
    pub(super) fn usable(&self, m: usize) -> bool {
        !matches!(self.entities.of[m], Referent::None)
    }

    /// Whether the mention stands in brackets that close before `at`.
    pub(super) fn in_brackets(&self, m: &Mention, at: usize) -> bool {
        let document = self.document;
        let (first, _) = document.sentence(m.start);
        let open = (first..m.start).rev().find(|i| document.is(*i, &["(", ")"]));
        open.is_some_and(|i| document.is(i, &["("])) && (m.end..at).any(|i| document.is(i, &[")"]))
    }

    /// Whether the mention is a state or organisation and nobody of it.
    pub(super) fn bare_party(&self, m: usize) -> bool {
        matches!(
            self.mentions[m].kind,
            MentionKind::State(_) | MentionKind::Organization
        )
    }

    /// How many parties the mentions of those lists tell.
    pub(super) fn count_parties(&self, lists: &[&Vec<usize>]) -> usize {
        let parties = lists
            .iter()
            .flat_map(|l| l.iter())
            .flat_map(|m| match &self.entities.of[*m] {
                Referent::Entity(e) => self.entities.all[*e].party.into_iter().collect::<Vec<_>>(),
                Referent::Posts(posts) => posts.iter().map(|p| p.0).collect(),
                Referent::Parties(parties) => parties.to_vec(),
                Referent::Counterpart(party) => party.iter().copied().collect(),
                _ => Vec::new(),
            });
        each_once(parties).len()
    }
}
