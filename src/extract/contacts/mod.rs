//! Predicates and their arguments: who takes part in what.
//!
//! Every predicate of the lexicon that the document holds is read by its frame, from left to right: [`Finder::read`]
//! is the order of the stages. [`reading`] chooses among the forms its words may be and bounds its clause; [`verbs`]
//! and [`nouns`] collect its [`arguments`], each by the word that governs it, with the [`subject`] found first;
//! [`sides`] tells from the frame which of them stand on which side; [`reference`] says who they are, [`unspoken`] adds
//! whom no noun phrase tells, and [`drops`] takes out what is no participant. [`circumstances`] then adds kind
//! ([`channels`]), place, day ([`dates`]) and status to the [`Draft`], [`weighing`] judges whether it tells enough, and
//! [`tellings`] makes one contact or several of it. What tells too little may still say more of a contact told
//! [`earlier`]; [`initiative`] gives the initiator.

mod arguments;
mod channels;
mod circumstances;
mod dates;
mod drops;
mod earlier;
mod initiative;
mod nouns;
mod reading;
mod reference;
mod sides;
mod subject;
mod tellings;
mod unspoken;
mod verbs;
mod weighing;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

pub use channels::wired;
use reference::referred;
pub use sides::add;

use super::{
    document::{Document, Trigger},
    entities::Entities,
    mentions::{Mention, MentionKind},
    places::Where,
    status,
    times::{Days, Times},
    topics::Told,
};
use crate::{
    event::{ContactKind, ParticipantRole},
    lexicon::{Frame, OfficeCode},
    register::PartyId,
};

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person told by name.
    Entity(usize),
    /// The holder of an office, told without a name.
    Post(PartyId, OfficeCode),
    /// A state or organisation.
    Party(PartyId),
}

/// A participant of a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Participant {
    /// Who.
    pub who: Who,
    /// Where the article tells it.
    pub mentions: SmallVec<[usize; 2]>,
    /// Parts played.
    pub roles: SmallVec<[ParticipantRole; 2]>,
}

/// A date and where it is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct When {
    /// The days.
    pub days: Days,
    /// Tokens of the words.
    pub span: (usize, usize),
    /// Distance from the predicate.
    pub distance: usize,
    /// The day is that of the words which report the contact.
    pub reported: bool,
}

/// How a contact was read: what confidence is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Traits {
    /// A participant was found through a pronoun or as "the two".
    pub pronoun: bool,
    /// The predicate is a noun.
    pub noun: bool,
    /// Told in the headline.
    pub title: bool,
    /// Participants that are people with a name.
    pub named: usize,
    /// Participants that are bare states or organisations.
    pub bare: usize,
    /// Surroundings of sport, culture, domestic politics.
    pub context: bool,
    /// Both sides were found by markers or position of the predicate's own frame.
    pub complete: bool,
    /// The predicate counts only with both sides in its clause.
    pub strict: bool,
    /// How often the article tells it.
    pub told: usize,
    /// Tokens between the predicate and its farthest participant.
    pub spread: usize,
}

/// A contact as one predicate tells it.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Tokens of the predicate.
    pub trigger: (usize, usize),
    /// Predicates that tell it, the first one's rule name.
    pub rule: String,
    /// Sentence.
    pub sentence: usize,
    /// Kind.
    pub kind: ContactKind,
    /// The kind that it is where nothing tells the channel.
    pub open: Option<ContactKind>,
    /// Whether words of the channel were told.
    pub channel_told: bool,
    /// Arguments' frame.
    pub frame: Frame,
    /// Status and its cue.
    pub status: status::Reading,
    /// Participants.
    pub participants: Vec<Participant>,
    /// When.
    pub when: Option<When>,
    /// Where.
    pub place: Option<Where>,
    /// Topics.
    pub topics: Vec<Told>,
    /// All predicates merged into it.
    pub evidence: Vec<(usize, usize)>,
    /// Words of an initiative.
    pub initiative: Option<(usize, usize)>,
    /// How it was read.
    pub traits: Traits,
}

impl Contact {
    /// The parties, sorted, each once.
    pub fn parties(&self, entities: &Entities) -> Vec<PartyId> {
        parties_of(entities, &self.participants)
    }
}

/// The parties of participants, sorted, each once.
fn parties_of(entities: &Entities, participants: &[Participant]) -> Vec<PartyId> {
    each_once(participants.iter().filter_map(|p| party_of(entities, p.who)))
}

/// Parties sorted, each once.
fn each_once(parties: impl Iterator<Item = PartyId>) -> Vec<PartyId> {
    let mut parties: Vec<PartyId> = parties.collect();
    parties.sort_unstable();
    parties.dedup();
    parties
}

/// The party of a participant.
pub fn party_of(entities: &Entities, who: Who) -> Option<PartyId> {
    match who {
        Who::Entity(e) => entities.all[e].party,
        Who::Post(party, _) | Who::Party(party) => Some(party),
    }
}

/// All contacts of the document, in the order of their predicates.
pub fn find(
    document: &Document<'_>,
    mentions: &[Mention],
    entities: &Entities,
    times: &Times,
) -> Vec<Contact> {
    let mut finder = Finder {
        document,
        mentions,
        entities,
        times,
        found: Vec::new(),
        subjects: Vec::new(),
        pronouns: vec![None; mentions.len()],
        told: FxHashMap::default(),
    };
    debug_assert!(mentions.windows(2).all(|m| m[0].end <= m[1].start));
    for (at, referent) in entities.of.iter().enumerate() {
        if let Some(one) = referred(referent) {
            finder.told.entry(one).or_default().push(at);
        }
    }
    for (at, m) in mentions.iter().enumerate() {
        if m.kind == MentionKind::He {
            finder.pronouns[at] = finder.antecedent_at(m.start, None);
        }
    }
    for (at, trigger) in document.triggers.iter().enumerate() {
        finder.read(at, trigger);
    }
    finder.found
}

struct Finder<'d, 'a> {
    document: &'d Document<'a>,
    mentions: &'d [Mention],
    entities: &'d Entities,
    times: &'d Times,
    found: Vec<Contact>,
    /// Subjects of the predicates read so far: predicate, mentions.
    subjects: Vec<(usize, Vec<usize>)>,
    /// Whom each pronoun stands for, by mention.
    pronouns: Vec<Option<Who>>,
    /// Where each person is told.
    told: FxHashMap<Option<Who>, Vec<usize>>,
}

/// What a predicate tells, as the stages fill it in.
struct Draft {
    participants: Vec<Participant>,
    kind: ContactKind,
    status: status::Reading,
    when: Option<When>,
    place: Option<Where>,
}

impl<'d> Finder<'d, '_> {
    /// Reads a predicate: what it tells becomes contacts found, or more of one told before.
    fn read(&mut self, at: usize, trigger: &'d Trigger) {
        let Some(p) = self.predicate(at, trigger) else {
            return;
        };
        let mut arguments = self.arguments(&p);
        self.subjects.push((at, arguments.subject.clone()));
        if self.tells_no_contact(&p, &arguments) {
            return;
        }
        let sides = self.sides(&p, &arguments);
        let participants = self.taking_part(&p, &sides, &mut arguments);
        let mut draft = self.circumstances(&p, participants);
        let balance = self.balance(&p, &sides, &arguments, &mut draft);
        if self.is_topic_left_out(&p, &draft)
            || self.is_called_for(&p, &arguments, &draft)
            || self.is_occasion(&p, &arguments)
        {
            return;
        }
        if !balance.suffices {
            self.add_to_last(&p, &draft);
            return;
        }
        if self.is_crowd_on_the_way(&p, &sides, &draft) {
            return;
        }
        self.settle_kind(&p, &mut draft);
        let initiative = self.initiative(p.trigger, &mut draft.participants);
        if self.is_purpose_of_last(&p, &mut draft) {
            return;
        }
        let traits = self.traits(&p, &arguments, balance.complete, &draft);
        self.inherit(&p, &mut draft);
        for (participants, when) in self.tellings(&p, &sides, &arguments, &mut draft) {
            self.found.push(Contact {
                trigger: (trigger.start, trigger.end),
                rule: p.rule.id.clone(),
                sentence: p.sentence,
                kind: draft.kind,
                open: (p.rule.open && draft.kind == ContactKind::Exchange).then_some(p.rule.kind),
                channel_told: p.channel.is_some(),
                frame: p.rule.frame,
                status: draft.status,
                participants,
                when,
                place: draft.place,
                topics: Vec::new(),
                evidence: vec![(trigger.start, trigger.end)],
                initiative,
                traits,
            });
        }
    }
}
