//! Predicates and their arguments: who takes part in what.
//!
//! Every predicate of the lexicon that the document holds is read by its frame. Its subject is the nearest
//! noun phrase to the left that nothing governs (or the antecedent of a pronoun or relative), its other arguments
//! are told by the words that govern them, before or behind it. What yields fewer than two parties is no contact.

use std::ops::Range;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::{
    document::{AtomKind, Document, Trigger, covering, ending, starting},
    entities::{Entities, Referent},
    mentions::{Mention, MentionKind, may_shorten},
    places::{self, Where},
    status,
    times::{Days, Direction, Times},
    topics::Told,
};
use crate::{
    event::{ContactKind, ContactStatus, DatePrecision, Office, ParticipantRole},
    lexicon::{Frame, OfficeCode, StateForm, Tense, TimeValue, Word},
    register::PartyId,
};

/// Farthest a time stands from its predicate, in tokens, another clause counted double.
const TIME_REACH: usize = 34;
/// Words between two arguments behind a noun.
const NOUN_GAP: usize = 7;

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
    let mut parties: Vec<PartyId> = participants
        .iter()
        .filter_map(|p| party_of(entities, p.who))
        .collect();
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

/// Whom a mention of one person refers to; nobody in particular for a pronoun.
fn referred(referent: &Referent) -> Option<Option<Who>> {
    match referent {
        Referent::He => Some(None),
        Referent::Entity(e) => Some(Some(Who::Entity(*e))),
        Referent::Posts(posts) if posts.len() == 1 => Some(Some(Who::Post(posts[0].0, posts[0].1))),
        _ => None,
    }
}

/// Arguments of a predicate, as mention numbers.
#[derive(Debug, Default)]
struct Arguments {
    subject: Vec<usize>,
    objects: Vec<usize>,
    with: Vec<usize>,
    by: Vec<usize>,
    to: Vec<usize>,
    from: Vec<usize>,
    of: Vec<usize>,
    between: Vec<usize>,
    goal: Vec<usize>,
    presence: Vec<usize>,
    pronoun: bool,
    /// Partners of further contacts of the same subject.
    next: Vec<Vec<usize>>,
    /// The verb's ending alone tells its subject.
    dropped: bool,
    /// That ending tells of several.
    plural: bool,
    /// An object pronoun beside the verb: one person, or several.
    clitic: Option<Word>,
}

impl Finder<'_, '_> {
    fn read(&mut self, at: usize, trigger: &Trigger) {
        let document = self.document;
        let (rule, tense) = self.choose_reading(trigger);
        let contact = &document.pack.contacts[rule];
        // "en marge du sommet du G20": where something else takes place.
        let setting = tense == Tense::Noun
            && matches!(contact.frame, Frame::Gather | Frame::Meet)
            && starting(
                &document.settings,
                document.sentence(trigger.start).0,
                trigger.start,
            )
            .iter()
            .any(|s| {
                s.end <= trigger.start
                    && trigger.start <= s.end + 4 * document.scale()
                    && !starting(&document.triggers, s.end, trigger.start)
                        .iter()
                        .any(|t| t.end <= trigger.start)
            });
        if setting {
            return;
        }
        let aux = status::auxiliaries(document, trigger.start);
        let bounds = self.bounds(at, trigger, tense);
        let mut arguments = Arguments::default();
        if tense == Tense::Noun {
            self.noun_arguments(trigger, bounds, contact.frame, &mut arguments);
        } else {
            self.verb_arguments(trigger, tense, bounds, &mut arguments);
        }
        let passive =
            tense == Tense::Passive || tense == Tense::Participle && !aux.reflexive && (aux.be || !aux.have);
        self.subjects.push((at, arguments.subject.clone()));
        let sides = self.sides(contact.frame, tense, passive, &arguments);
        let mut participants = self.participants(&sides, trigger);
        self.add_clitic(trigger, contact.frame, &mut arguments, &mut participants);
        if arguments.dropped
            && !participants.is_empty()
            && !matches!(tense, Tense::Infinitive | Tense::Gerund)
        {
            self.add_dropped(trigger, contact.frame, passive, &mut arguments, &mut participants);
        }
        // "كما التقى رئيس مجلس النواب نبيه بري": one person alone behind the verb is whom the story's person met.
        let alone = document.pack.syntax.verb_first
            && document.pack.syntax.drops_subject
            && !arguments.dropped
            && matches!(contact.frame, Frame::Meet | Frame::Receive | Frame::Call)
            && matches!(tense, Tense::Past | Tense::Present | Tense::Future)
            && arguments
                .subject
                .iter()
                .all(|m| self.mentions[*m].start >= trigger.end)
            && sides.len() == 1
            && participants.iter().all(|p| !self.bare(p.who));
        if alone {
            arguments.dropped = true;
            self.add_dropped(trigger, contact.frame, passive, &mut arguments, &mut participants);
        }
        // "Se reunieron en febrero": those who met before.
        let both = arguments.plural
            && participants.is_empty()
            && matches!(
                tense,
                Tense::Past | Tense::Present | Tense::Future | Tense::Participle
            )
            && matches!(contact.frame, Frame::Meet | Frame::Negotiate | Frame::Gather);
        if both {
            for who in self.previous(2, None, trigger) {
                add(&mut participants, who, None, None);
            }
            arguments.pronoun = true;
        }
        self.settle_counterparts(&sides, &mut participants);
        self.drop_matter(&arguments, &mut participants);
        self.drop_shadows(&mut participants);
        self.drop_gatherings(contact.frame, &mut participants);
        let sentence = document.tokens[trigger.start].sentence as usize;
        let reading = status::read(document, trigger.start, trigger.end, tense, aux, bounds);
        let mut kind = contact.kind;
        let channel = self.channel(trigger, bounds);
        if contact.with_channel && !channel.is_some_and(wired) {
            return;
        }
        if let Some(channel) = channel {
            kind = with_channel(kind, channel);
        }
        if contact.strict && contact.frame == Frame::Call && self.calls_upon(trigger, &arguments) {
            return;
        }
        let goal = matches!(contact.frame, Frame::Visit | Frame::Invite);
        let mut parties = parties_of(self.entities, &participants);
        let mut place = if wired(kind) {
            None
        } else {
            places::find(
                document,
                self.mentions,
                trigger.start,
                trigger.end,
                bounds,
                goal,
                &parties,
            )
        };
        // A visit's goal is its host.
        if contact.frame == Frame::Visit && parties.len() == 1 {
            let visitor = parties[0];
            let host = place.and_then(|w| w.country).filter(|c| *c != visitor);
            if let Some(host) = host
                && !participants.is_empty()
                && participants.iter().all(|p| !matches!(p.who, Who::Party(_)))
            {
                participants.push(Participant {
                    who: Who::Party(host),
                    mentions: SmallVec::new(),
                    roles: SmallVec::from_slice(&[ParticipantRole::Host]),
                });
                parties.push(host);
            }
        }
        // "In Ankara wurde der deutsche Botschafter ins Außenministerium einbestellt".
        if contact.frame == Frame::Summon
            && passive
            && parties.len() == 1
            && let Some(host) = place.and_then(|w| w.country).filter(|c| *c != parties[0])
        {
            participants.push(Participant {
                who: Who::Post(host, OfficeCode::Office(Office::Delegation)),
                mentions: SmallVec::new(),
                roles: SmallVec::from_slice(&[ParticipantRole::Initiator]),
            });
            parties.push(host);
        }
        if contact.frame == Frame::Receive && parties.len() == 1 && passive {
            self.add_host_of_seat(trigger, bounds, &mut participants, &mut parties);
        }
        let when = self.when(trigger, bounds, reading, tense);
        let mut reading = reading;
        if let Some((_, time)) = when.as_ref().map(|w| (w, w.1)) {
            let time = &self.times.all[time];
            if (time.points_ahead(self.times.anchor) || self.coming(trigger, tense, time))
                && matches!(reading.status, ContactStatus::Held | ContactStatus::Ongoing)
                && tense != Tense::Past
            {
                reading.status = ContactStatus::Planned;
            }
            if time.points_back(self.times.anchor)
                && reading.status == ContactStatus::Planned
                && reading.cue.is_none()
                && tense == Tense::Infinitive
            {
                reading.status = ContactStatus::Held;
            }
        }
        let when = when.map(|w| w.0);
        // "They discussed": people told before are both sides at once.
        let together = sides.iter().any(|s| {
            s.0.iter()
                .any(|m| matches!(self.entities.of[*m], Referent::They | Referent::Collective(..)))
        });
        let mutual = matches!(
            contact.frame,
            Frame::Meet | Frame::Negotiate | Frame::Gather | Frame::Mediate
        );
        // "un appel entre A et B", "A et B se sont téléphoné": a frame with two parts, told of both at once.
        let reciprocal = self.count_parties(&[&arguments.between]) > 1
            || tense == Tense::Noun && self.count_parties(&[&arguments.of]) > 1
            || aux.reflexive && (together || self.count_parties(&[&arguments.subject]) > 1);
        if reciprocal && !mutual {
            for p in &mut participants {
                p.roles.clear();
            }
        }
        let mutual = mutual || reciprocal;
        let company = both || sides.iter().any(|s| self.count_parties(&[&s.0]) > 1);
        let complete = sides.iter().filter(|s| !s.0.is_empty()).count() > 1
            || (arguments.clitic.is_some() || arguments.dropped && !arguments.with.is_empty())
                && parties.len() > 1
            || mutual && (together || company);
        // What takes an object is no contact of its subjects among themselves.
        let one_sided = !mutual
            && !complete
            && arguments.clitic.is_none()
            && participants.iter().all(|p| !p.mentions.is_empty());
        // Talks that somebody's words call for between states are no contact told.
        let speaker = &arguments.subject;
        let called_for = tense == Tense::Noun
            && document.quoted(trigger.start)
            && participants
                .iter()
                .all(|p| self.bare(p.who) || p.mentions.iter().all(|m| speaker.contains(m)))
            && self.quote_exceeds(trigger.start, 8);
        if called_for || tense == Tense::Noun && self.is_occasion(trigger, &arguments) {
            return;
        }
        if parties.len() < 2
            || one_sided
            || contact.strict && (!complete || arguments.pronoun && participants.len() < 2)
        {
            self.anaphor(
                trigger,
                sentence,
                contact.frame,
                kind,
                channel.is_some(),
                tense,
                when,
                place,
                reading,
            );
            return;
        }
        // Ministers of several states who travel to a third meet by another sentence's words, if at all.
        let travellers = sides
            .iter()
            .find(|s| s.1 == Some(ParticipantRole::Visitor))
            .map_or(0, |s| self.count_parties(&[&s.0]));
        // "Meets Norwegian counterpart, heads to Berlin": a counterpart without a name is no subject of its own.
        let nobody = |p: &Participant| matches!(p.who, Who::Post(_, OfficeCode::Office(Office::Unknown)));
        if contact.frame == Frame::Visit
            && kind == ContactKind::Visit
            && (travellers > 1 || participants.iter().any(nobody))
        {
            return;
        }
        if contact.frame == Frame::Visit
            && participants
                .iter()
                .filter(|p| !matches!(p.who, Who::Party(_)))
                .map(|p| party_of(self.entities, p.who))
                .collect::<std::collections::BTreeSet<_>>()
                .len()
                > 1
            && kind == ContactKind::Visit
        {
            kind = ContactKind::Meeting;
        }
        if kind == ContactKind::Exchange
            && (place.is_some() && channel.is_none() || channel == Some(ContactKind::Meeting))
        {
            kind = ContactKind::Meeting;
        }
        if contact.frame == Frame::Gather && kind == ContactKind::Summit && parties.len() == 2 {
            kind = ContactKind::Meeting;
        }
        if wired(kind) {
            place = None;
        }
        let initiative = self.initiative(trigger, &mut participants);
        let context = self.in_context(trigger);
        let spread = participants
            .iter()
            .flat_map(|p| p.mentions.iter())
            .map(|m| {
                let m = &self.mentions[*m];
                if m.end <= trigger.start {
                    trigger.start - m.end
                } else {
                    m.start.saturating_sub(trigger.end)
                }
            })
            .max()
            .unwrap_or(0);
        let named = participants
            .iter()
            .filter(|p| matches!(p.who, Who::Entity(_)))
            .count();
        let bare = participants
            .iter()
            .filter(|p| matches!(p.who, Who::Party(_)))
            .count();
        if tense == Tense::Infinitive
            && reading.cue.is_none()
            && matches!(contact.frame, Frame::Meet | Frame::Negotiate)
            && let Some(main) = self.purpose_of(trigger, sentence, &parties)
        {
            if self.found[main].kind != ContactKind::Visit {
                self.found[main].evidence.push((trigger.start, trigger.end));
                return;
            }
            reading.status = self.found[main].status.status;
        }
        let traits = Traits {
            pronoun: arguments.pronoun,
            noun: tense == Tense::Noun,
            title: document.in_title(trigger.start),
            named,
            bare,
            context,
            complete,
            strict: contact.strict,
            told: 1,
            spread,
        };
        let (when, place) = self.inherit(sentence, &participants, reading.status, kind, tense, when, place);
        let subject: Vec<Participant> = sides
            .first()
            .map(|s| self.participants(std::slice::from_ref(s), trigger))
            .unwrap_or_default();
        let mut tellings: Vec<(Vec<Participant>, Option<When>)> = self
            .split(trigger, kind, contact.frame, &sides, participants)
            .into_iter()
            .map(|p| (p, when))
            .collect();
        for group in &arguments.next {
            let mut partners = self.participants(&[(group.clone(), None)], trigger);
            self.settle_counterparts(&[(group.clone(), None)], &mut partners);
            partners.retain(|p| {
                !subject
                    .iter()
                    .any(|s| party_of(self.entities, s.who) == party_of(self.entities, p.who))
            });
            if partners.is_empty() || subject.is_empty() {
                continue;
            }
            let start = self.mentions[group[0]].start;
            let own = starting(&self.times.all, trigger.end, start)
                .iter()
                .rfind(|t| t.is_exact() && t.end <= start && start - t.end <= 3)
                .and_then(|t| {
                    t.resolve(self.times.anchor, status::direction(reading.status))
                        .map(|days| When {
                            days,
                            span: (t.start, t.end),
                            distance: 3,
                            reported: false,
                        })
                });
            tellings.push((subject.iter().cloned().chain(partners).collect(), own.or(when)));
        }
        for (participants, when) in tellings {
            self.found.push(Contact {
                trigger: (trigger.start, trigger.end),
                rule: contact.id.clone(),
                sentence,
                kind,
                channel_told: channel.is_some(),
                frame: contact.frame,
                status: reading,
                participants,
                when,
                place,
                topics: Vec::new(),
                evidence: vec![(trigger.start, trigger.end)],
                initiative,
                traits,
            });
        }
    }

    /// "Held a meeting in Lima to discuss trade": the contact of the same parties told before in the sentence.
    fn purpose_of(&self, trigger: &Trigger, sentence: usize, parties: &[PartyId]) -> Option<usize> {
        let mut own = parties.to_vec();
        own.sort_unstable();
        own.dedup();
        self.found.iter().rposition(|c| {
            c.sentence + 1 >= sentence
                && c.trigger.1 <= trigger.start
                && matches!(c.status.status, ContactStatus::Held | ContactStatus::Ongoing)
                && c.parties(self.entities) == own
        })
    }

    /// "Met A and B at separate trilateral meetings": a noun that says at what occasion the verb's contact took place.
    fn is_occasion(&self, trigger: &Trigger, arguments: &Arguments) -> bool {
        let document = self.document;
        let bare = arguments.with.is_empty()
            && arguments.between.is_empty()
            && arguments.of.is_empty()
            && arguments.to.is_empty();
        let (first, _) = document.sentence(trigger.start);
        let told = self
            .found
            .last()
            .is_some_and(|c| c.trigger.0 >= first && c.trigger.1 <= trigger.start && !c.traits.noun);
        let preposition = (trigger.start.saturating_sub(3).max(first)..trigger.start)
            .rev()
            .take_while(|i| !document.mentions_at(self.mentions, *i))
            .any(|i| document.words(i).any(&[Word::In, Word::During]));
        bare && told && preposition && document.pack.names.cased && !document.pack.syntax.marker_after
    }

    /// What goes on in a story stays where and when it was, until another day or place is told.
    #[allow(clippy::too_many_arguments)]
    fn inherit(
        &self,
        sentence: usize,
        participants: &[Participant],
        status: ContactStatus,
        kind: ContactKind,
        tense: Tense,
        when: Option<When>,
        place: Option<Where>,
    ) -> (Option<When>, Option<Where>) {
        let document = self.document;
        let title = document.in_title(document.sentences[sentence].0);
        if title || !matches!(status, ContactStatus::Held | ContactStatus::Planned) {
            return (when, place);
        }
        let last = self
            .found
            .iter()
            .rev()
            .take_while(|c| c.sentence + 2 >= sentence)
            .find(|c| !c.traits.title && c.status.status == status);
        let shared = |c: &Contact| {
            c.participants
                .iter()
                .any(|p| participants.iter().any(|q| q.who == p.who))
        };
        let mut when = when;
        let mut place = place;
        if when.is_none() {
            when = last.filter(|c| shared(c)).and_then(|c| c.when).map(|w| When {
                distance: w.distance + 20,
                ..w
            });
        }
        if when.is_none() && status == ContactStatus::Held && tense != Tense::Noun {
            when = self.narrative_day(sentence, participants);
        }
        if when.is_none() && status == ContactStatus::Held {
            when = self.live_day(sentence);
        }
        if place.is_none()
            && !wired(kind)
            && kind != ContactKind::Visit
            && let Some(last) = last.filter(|c| shared(c) && c.when.map(|w| w.days) == when.map(|w| w.days))
        {
            place = last.place;
        }
        (when, place)
    }

    /// The day of a live blog's entry, which opens with the hour: "18.40 - …".
    fn live_day(&self, sentence: usize) -> Option<When> {
        let document = self.document;
        let (at, _) = document.sentences[sentence];
        let paragraph = document.tokens[at].paragraph;
        let first = document.tokens.partition_point(|t| t.paragraph < paragraph);
        let end = document.tokens.partition_point(|t| t.paragraph <= paragraph);
        let text = document.text(first, end.min(first + 4));
        let digits = |s: &str| s.chars().take_while(char::is_ascii_digit).count();
        let hours = digits(text);
        let behind = text.get(hours..)?;
        let minutes = behind.strip_prefix(['.', ':', 'h', 'H'])?;
        let clock = (1..=2).contains(&hours)
            && digits(minutes) == 2
            && text[..hours].parse::<u8>().is_ok_and(|h| h < 24)
            && minutes[..2].parse::<u8>().is_ok_and(|m| m < 60);
        clock.then_some(When {
            days: Days {
                start: self.times.anchor,
                end: self.times.anchor,
                precision: DatePrecision::Day,
            },
            span: (first, first + 1),
            distance: 10,
            reported: false,
        })
    }

    /// The day that the sentences before tell of somebody who takes part.
    fn narrative_day(&self, sentence: usize, participants: &[Participant]) -> Option<When> {
        let document = self.document;
        let (start, _) = document.sentences[sentence];
        let (first, _) = document.sentences[sentence.saturating_sub(2)];
        let time = starting(&self.times.all, first, start).iter().rev().find(|t| {
            t.end <= start
                && t.is_exact()
                && !t.dateline
                && !super::times::near_report(document, t.start, t.end)
        })?;
        let (from, to) = document.sentence(time.start);
        let present = self.mentions_in(from, to).any(|i| {
            self.mentions[i].end <= to
                && matches!(self.entities.of[i], Referent::Entity(e) if participants.iter().any(|p| p.who == Who::Entity(e)))
        });
        let days = time
            .resolve(self.times.anchor, Direction::Past)
            .filter(|d| d.precision == DatePrecision::Day)?;
        (present && !document.in_title(time.start)).then_some(When {
            days,
            span: (time.start, time.end),
            distance: 30,
            reported: false,
        })
    }

    /// Calls with several people, and contacts told as separate, are one for each partner.
    fn split(
        &self,
        trigger: &Trigger,
        kind: ContactKind,
        frame: Frame,
        sides: &[(Vec<usize>, Option<ParticipantRole>)],
        participants: Vec<Participant>,
    ) -> Vec<Vec<Participant>> {
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        let told = |word: Word| (first..last).any(|i| document.words(i).has(word));
        let separately = told(Word::Separately);
        let each = kind == ContactKind::PhoneCall
            && !told(Word::Together)
            && matches!(frame, Frame::Call | Frame::Meet);
        // Envoys who hand over their letters are received one by one.
        let ambassador = |p: &Participant| self.has_office(p.who, OfficeCode::Office(Office::Ambassador));
        let each = each
            || matches!(frame, Frame::Receive | Frame::Get)
                && participants.iter().filter(|p| ambassador(p)).count() > 1
                && participants.iter().filter(|p| !ambassador(p)).count() > 0;
        if !(separately || each) || frame == Frame::Gather || participants.len() < 3 {
            return vec![participants];
        }
        let Some((one, _)) = sides.first() else {
            return vec![participants];
        };
        let untold = participants.iter().any(|p| p.mentions.is_empty());
        let on_first =
            |p: &Participant| p.mentions.is_empty() || !untold && p.mentions.iter().any(|m| one.contains(m));
        let (host, others): (Vec<Participant>, Vec<Participant>) =
            participants.into_iter().partition(|p| on_first(p));
        let host_parties: Vec<_> = host
            .iter()
            .filter_map(|p| party_of(self.entities, p.who))
            .collect();
        if host.is_empty() || others.is_empty() || host_parties.iter().any(|p| *p != host_parties[0]) {
            return vec![host.into_iter().chain(others).collect()];
        }
        let mut parties: Vec<PartyId> = Vec::new();
        for other in &others {
            if let Some(party) = party_of(self.entities, other.who)
                && !parties.contains(&party)
            {
                parties.push(party);
            }
        }
        parties
            .into_iter()
            .map(|party| {
                let partner = others
                    .iter()
                    .filter(|o| party_of(self.entities, o.who) == Some(party));
                host.iter().chain(partner).cloned().collect()
            })
            .collect()
    }

    /// Verb or noun, where the words may be either: an article or possessive before them tells a noun.
    fn choose_reading(&self, trigger: &Trigger) -> (usize, Tense) {
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

    /// Whether the quotation that a token stands in has more tokens than that.
    fn quote_exceeds(&self, at: usize, tokens: usize) -> bool {
        let quotes = &self.document.quotes;
        let number = quotes[at];
        let behind = quotes[at..].iter().take_while(|q| **q == number);
        let before = quotes[..at].iter().rev().take_while(|q| **q == number);
        behind.chain(before).nth(tokens).is_some()
    }

    /// Numbers of the mentions that begin at one of the tokens `from..to`.
    fn mentions_in(&self, from: usize, to: usize) -> Range<usize> {
        let first = self.mentions.partition_point(|m| m.start < from);
        first..first + self.mentions[first..].partition_point(|m| m.start < to)
    }

    fn group_of(&self, mention: usize, within: (usize, usize)) -> Vec<usize> {
        let group = self.mentions[mention].group;
        self.mentions_in(within.0, within.1)
            .filter(|i| self.mentions[*i].group == group && self.mentions[*i].end <= within.1)
            .collect()
    }

    fn usable(&self, m: usize) -> bool {
        !matches!(self.entities.of[m], Referent::None)
    }

    fn subject(&self, start: usize, bounds: (usize, usize), nominal: bool) -> (Vec<usize>, bool) {
        let document = self.document;
        // A relative pronoun right before the verb: its antecedent, whatever governs that.
        if !nominal {
            let mut at = start;
            for _ in 0..5 {
                if at == bounds.0 {
                    break;
                }
                at -= 1;
                if document.words(at).has(Word::Relative) {
                    let before = self.mentions_in(document.sentence(start).0, at);
                    if let Some(m) = before.rev().find(|m| {
                        let m = &self.mentions[*m];
                        m.end <= at && at - m.end <= 2
                    }) {
                        return (vec![m], false);
                    }
                    break;
                }
                if document.mentions_at(self.mentions, at) {
                    break;
                }
            }
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
                    && (mention.free() || !nominal && self.opens_clause(mention, start))
                    && !mention.marked(&[Word::Object])
                    && self.usable(*m)
                    && !(!nominal && (self.is_clitic(*m, start) || self.is_scene(mention)))
                    && !(nominal
                        && mention.speaker
                        && matches!(mention.kind, MentionKind::State(_) | MentionKind::Organization))
                    && !self.in_brackets(mention, start)
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

    /// "Chega a Brasília, onde será recebido": a place whose clause follows is where it happens, nobody's subject.
    fn is_scene(&self, m: &Mention) -> bool {
        let document = self.document;
        matches!(
            m.kind,
            MentionKind::State(StateForm::Capital | StateForm::Name | StateForm::Seat)
        ) && document.is(m.end, &[",", "،"])
            && document.words(m.end + 1).has(Word::Subordinate)
    }

    /// "After he met Li Qiang": what would govern a noun phrase opens a clause where the verb follows it.
    fn opens_clause(&self, m: &Mention, verb: usize) -> bool {
        let document = self.document;
        let conjunction = m.start > 0
            && document
                .words(m.start - 1)
                .any(&[Word::After, Word::Before, Word::Other])
            || m.start > 1
                && document.words(m.start - 1).has(Word::Linker)
                && document
                    .words(m.start - 2)
                    .any(&[Word::After, Word::Before, Word::Other]);
        conjunction
            && (m.end..verb).all(|i| {
                document.words(i).any(&[
                    Word::Have,
                    Word::Be,
                    Word::Will,
                    Word::Not,
                    Word::Reflexive,
                    Word::Separately,
                ])
            })
    }

    /// Whether the pronoun is an object right before its verb: "doit lui téléphoner", "lui a écrit".
    fn is_clitic(&self, m: usize, verb: usize) -> bool {
        let document = self.document;
        let mention = &self.mentions[m];
        mention.kind == MentionKind::He
            && document.words(mention.start).has(Word::Him)
            && (mention.end == verb || document.auxiliary(mention.end).has(Word::Have))
    }

    /// Whether the mention stands in brackets that close before `at`.
    fn in_brackets(&self, m: &Mention, at: usize) -> bool {
        let document = self.document;
        let (first, _) = document.sentence(m.start);
        let open = (first..m.start).rev().find(|i| document.is(*i, &["(", ")"]));
        open.is_some_and(|i| document.is(i, &["("])) && (m.end..at).any(|i| document.is(i, &[")"]))
    }

    fn verb_arguments(
        &self,
        trigger: &Trigger,
        tense: Tense,
        bounds: (usize, usize),
        arguments: &mut Arguments,
    ) {
        let document = self.document;
        let (subject, pronoun) = self.subject(trigger.start, bounds, false);
        arguments.subject = subject;
        arguments.pronoun |= pronoun;
        for i in (trigger.start.saturating_sub(4).max(bounds.0)..trigger.start)
            .chain(trigger.end..(trigger.end + 1).min(bounds.1))
        {
            let words = document.words(i);
            if i < trigger.start
                && starting(self.mentions, document.sentence(i).0, i + 2)
                    .iter()
                    .any(|m| i < m.end && m.kind != MentionKind::He)
            {
                continue;
            }
            // What is an article elsewhere is a pronoun right before a verb.
            if words.has(Word::Linker) && i + 1 != trigger.start && !document.auxiliary(i + 1).has(Word::Have)
            {
                continue;
            }
            if words.has(Word::Them) {
                arguments.clitic = Some(Word::Them);
            }
            if words.has(Word::Him) {
                arguments.clitic = Some(Word::Him);
            }
        }
        let mut free_seen = 0;
        let mut last_end = trigger.end;
        let mut extra = false;
        for at in self.mentions_in(document.sentence(trigger.start).0, bounds.1) {
            let m = &self.mentions[at];
            let right = m.start > trigger.start
                && m.end > trigger.end.saturating_sub(1).max(trigger.start + 1)
                && m.end <= bounds.1;
            let cleft = m.end + 2 >= bounds.0 && m.end <= bounds.0 && m.marked(&[Word::With]);
            let left = m.end <= trigger.start && (m.start >= bounds.0 || cleft);
            if !(left || right) || !self.usable(at) || arguments.subject.contains(&at) {
                continue;
            }
            if m.possessive && starting(&document.triggers, m.end, m.end + 4).is_empty() {
                continue;
            }
            if left
                && !m.marked(&[Word::With, Word::By, Word::Between, Word::Object])
                && !(document.pack.syntax.verb_last && m.marked(&[Word::To, Word::From]))
            {
                continue;
            }
            if left && self.other_verb_between(m.end, trigger.start) {
                continue;
            }
            if right && m.marked(&[Word::Between, Word::With]) && self.behind_noun(at, trigger.end) {
                continue;
            }
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
            if right && m.start >= trigger.end {
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
                if m.speaker && first_of_group && m.start > trigger.end + 6 && !arguments.subject.is_empty() {
                    continue;
                }
                arguments.objects.push(at);
                continue;
            }
            self.marked_argument(at, arguments);
        }
        if document.pack.syntax.bracket && matches!(tense, Tense::Participle | Tense::Infinitive) {
            self.read_bracket(trigger, bounds, arguments);
        }
        // Where verbs come last a participle stands before its subject: "Ankara'yı arayan Netanyahu".
        if document.pack.syntax.verb_last
            && arguments.subject.is_empty()
            && let Some(&o) = arguments
                .objects
                .iter()
                .find(|o| self.mentions[**o].start == trigger.end)
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
            if behind.len() < arguments.objects.len() && self.mentions[behind[0]].start <= trigger.end + 2 {
                arguments.objects.retain(|o| !behind.contains(o));
                arguments.subject = behind;
                arguments.pronoun = false;
            }
        }
        // "En recevant X, le président a annoncé …": the subject of the main clause.
        if tense == Tense::Gerund && arguments.subject.is_empty() && arguments.by.is_empty() {
            arguments.subject = self.main_subject(trigger.end);
        }
        if document.pack.syntax.drops_subject && arguments.subject.is_empty() {
            // Where objects are marked, a phrase that is not is the subject.
            let plain: Vec<usize> = arguments
                .objects
                .iter()
                .copied()
                .filter(|o| !self.mentions[*o].marked(&[Word::Object]))
                .collect();
            let others = arguments.objects.len() > plain.len()
                || !arguments.with.is_empty()
                || arguments.clitic.is_some();
            if !plain.is_empty() && others {
                arguments.objects.retain(|o| !plain.contains(o));
                arguments.subject = plain;
            } else {
                arguments.dropped = true;
                arguments.plural = self.plural_verb(trigger);
            }
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

    fn bare_party(&self, m: usize) -> bool {
        matches!(
            self.mentions[m].kind,
            MentionKind::State(_) | MentionKind::Organization
        )
    }

    /// The subject of the main clause that follows an opening phrase: "After talks with X, Y said …".
    fn main_subject(&self, from: usize) -> Vec<usize> {
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

    /// "Called on Israel to halt", "called him a liar", "a appelé Paris à agir": words addressed to nobody's ear.
    fn calls_upon(&self, trigger: &Trigger, arguments: &Arguments) -> bool {
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

    fn marked_argument(&self, at: usize, arguments: &mut Arguments) {
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

    fn other_verb_between(&self, from: usize, to: usize) -> bool {
        starting(&self.document.triggers, from, to)
            .iter()
            .any(|t| t.end <= to && self.is_verb(t))
    }

    fn noun_arguments(
        &self,
        trigger: &Trigger,
        bounds: (usize, usize),
        frame: Frame,
        arguments: &mut Arguments,
    ) {
        let document = self.document;
        let mut end = trigger.end;
        for at in self.mentions_in(trigger.end, bounds.1) {
            let m = &self.mentions[at];
            if m.end > bounds.1 {
                continue;
            }
            let grouped = at > 0
                && self.mentions[at - 1].group == m.group
                && self.mentions[at - 1].start >= trigger.end;
            if m.start > end + NOUN_GAP * document.scale() && !grouped {
                break;
            }
            let crosses = starting(&document.triggers, end, m.start)
                .iter()
                .any(|t| t.end <= m.start && t.start > trigger.start);
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
                if m.start == trigger.end || document.is(trigger.end, &[":"]) && m.start == trigger.end + 1 {
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
        // "Putin's meeting", "Macron-Scholz: entretien", "US-China talks".
        if let Some(at) = self
            .mentions_in(document.sentence(trigger.start).0, trigger.start)
            .rev()
            .find(|m| self.mentions[*m].end <= trigger.start)
        {
            let m = &self.mentions[at];
            let close = trigger.start - m.end <= if m.possessive { 4 } else { 2 };
            if self.usable(at)
                && (m.possessive && close
                    || close
                        && m.free()
                        && !(m.end..trigger.start).any(|i| document.is(i, &[","]))
                        && self.group_of(at, bounds).len() > 1
                        && (m.end == trigger.start || document.is(m.end, &[":"])))
            {
                arguments
                    .of
                    .extend(self.group_of(at, (bounds.0.min(document.sentence(m.start).0), trigger.start)));
            }
        }
        for m in self.mentions_in(bounds.0, trigger.start) {
            let mention = &self.mentions[m];
            let left = mention.end <= trigger.start && trigger.start - mention.end < 12;
            if left
                && mention.marked(&[Word::With, Word::Between])
                && self.usable(m)
                && !self.other_verb_between(mention.end, trigger.start)
                && !starting(&document.triggers, mention.end, trigger.start)
                    .iter()
                    .any(|t| t.end <= trigger.start)
            {
                self.marked_argument(m, arguments);
            }
        }
        // "the summit that he was to hold in Moscow with X".
        if arguments.with.is_empty() && arguments.between.is_empty() && arguments.of.len() < 2 {
            let stop = starting(&document.triggers, trigger.end, bounds.1)
                .first()
                .map_or(bounds.1, |t| t.start);
            let far = self.mentions_in(trigger.end, stop).find(|m| {
                let mention = &self.mentions[*m];
                mention.end <= stop
                    && mention.start < trigger.end + 14
                    && mention.marked(&[Word::With, Word::Between])
                    && self.usable(*m)
            });
            if let Some(far) = far {
                let group = self.group_of(far, (trigger.end, stop));
                if self.mentions[far].marked(&[Word::Between]) {
                    arguments.between.extend(group);
                } else {
                    arguments.with.extend(group);
                }
            }
        }
        let sides = |lists: &[&Vec<usize>]| lists.iter().any(|l| !l.is_empty());
        let complete = self.count_parties(&[&arguments.between]) > 1
            || self.count_parties(&[&arguments.of, &arguments.from]) > 1
            || sides(&[&arguments.of, &arguments.from])
                && sides(&[&arguments.with, &arguments.to])
                && self.count_parties(&[&arguments.of, &arguments.from, &arguments.with, &arguments.to]) > 1;
        // "Vizcarra and Piñera led the Peru-Chile cabinet": the people of the very states in the noun's name.
        let bare = |m: &usize| {
            let m = &self.mentions[*m];
            m.end <= trigger.start && matches!(m.kind, MentionKind::State(_) | MentionKind::Organization)
        };
        if complete && arguments.with.is_empty() && arguments.of.iter().all(bare) {
            let (subject, _) = self.subject(trigger.start, bounds, true);
            if self.count_parties(&[&subject]) > 1
                && self.count_parties(&[&subject]) == self.count_parties(&[&subject, &arguments.of])
            {
                arguments.subject = subject;
            }
        }
        let told_traveller = frame == Frame::Visit && !arguments.of.is_empty();
        let nobody = arguments.with.is_empty()
            && arguments.between.is_empty()
            && arguments.of.is_empty()
            && arguments.to.is_empty();
        let relative = nobody && self.relative_arguments(trigger, bounds, arguments);
        if (!complete || frame == Frame::Get) && !told_traveller && !relative {
            let (subject, pronoun) = self.subject(trigger.start, bounds, true);
            let mut subject = subject;
            if subject.is_empty() && (document.pack.syntax.verb_first || arguments.with.is_empty()) {
                // "held talks" before its subject.
                subject = self
                    .mentions_in(trigger.end, bounds.1)
                    .filter(|m| {
                        document.pack.syntax.verb_first
                            && self.mentions[*m].end <= bounds.1
                            && self.mentions[*m].free()
                            && self.usable(*m)
                    })
                    .take(1)
                    .collect();
            }
            arguments.subject = subject;
            arguments.pronoun |= pronoun;
        }
        if arguments.with.is_empty()
            && arguments.between.is_empty()
            && arguments.of.is_empty()
            && frame != Frame::Visit
        {
            self.speakers(trigger, arguments);
        }
        // "Ein Treffen mit Außenminister Sugiono ist geplant", "his talks with Félix Tshisekedi": the other side is
        // whoever the story is about.
        let person = |m: &usize| self.mentions[*m].kind == MentionKind::Person;
        if arguments.subject.is_empty()
            && arguments.of.is_empty()
            && arguments.between.is_empty()
            && matches!(frame, Frame::Meet | Frame::Call | Frame::Negotiate)
            && self.count_parties(&[&arguments.with]) == 1
            && arguments.with.iter().all(person)
            && !document.in_title(trigger.start)
        {
            arguments.subject = self.main_subject(trigger.end);
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
            .take_while(|i| !document.mentions_at(self.mentions, *i) && !document.is(*i, &[",", ";"]))
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

    fn count_parties(&self, lists: &[&Vec<usize>]) -> usize {
        let mut parties: Vec<PartyId> = lists
            .iter()
            .flat_map(|l| l.iter())
            .flat_map(|m| match &self.entities.of[*m] {
                Referent::Entity(e) => self.entities.all[*e].party.into_iter().collect::<Vec<_>>(),
                Referent::Posts(posts) => posts.iter().map(|p| p.0).collect(),
                Referent::Parties(parties) => parties.to_vec(),
                Referent::Counterpart(party) => party.iter().copied().collect(),
                _ => Vec::new(),
            })
            .collect();
        parties.sort_unstable();
        parties.dedup();
        parties.len()
    }

    /// The two or more sides of a frame: mentions and the roles that they play.
    fn sides(
        &self,
        frame: Frame,
        tense: Tense,
        passive: bool,
        a: &Arguments,
    ) -> Vec<(Vec<usize>, Option<ParticipantRole>)> {
        use ParticipantRole::{Host, Initiator, Mediator, Visitor};
        let noun = tense == Tense::Noun;
        let mut sides: Vec<(Vec<usize>, Option<ParticipantRole>)> = Vec::new();
        let mut side = |mentions: &[&Vec<usize>], role: Option<ParticipantRole>| {
            let all: Vec<usize> = mentions.iter().flat_map(|m| m.iter().copied()).collect();
            sides.push((all, role));
        };
        match frame {
            Frame::Meet | Frame::Negotiate | Frame::Gather => {
                side(&[&a.subject], None);
                side(&[&a.objects], None);
                side(&[&a.with], None);
                side(&[&a.between], None);
                if passive {
                    side(&[&a.by], None);
                }
                if noun || frame == Frame::Gather {
                    side(&[&a.of], None);
                }
                if a.with.is_empty() && a.between.is_empty() && a.objects.is_empty() {
                    side(&[&a.to], None);
                }
            }
            Frame::Receive if noun => {
                side(&[&a.subject], None);
                side(&[&a.of, &a.by], None);
                side(&[&a.with, &a.to, &a.between, &a.objects], None);
            }
            Frame::Receive if passive => {
                side(&[&a.subject, &a.objects], Some(Visitor));
                side(&[&a.by], Some(Host));
                side(&[&a.with], None);
            }
            Frame::Receive => {
                side(&[&a.subject], Some(Host));
                side(&[&a.objects], Some(Visitor));
                side(&[&a.with], None);
            }
            Frame::Visit => {
                if noun {
                    side(&[&a.of, &a.by, &a.subject], Some(Visitor));
                } else {
                    side(&[&a.subject], Some(Visitor));
                }
                side(&[&a.objects, &a.goal], Some(Host));
                side(&[&a.with, &a.to], None);
            }
            Frame::Call | Frame::Write => {
                if noun {
                    let from: Vec<usize> = if a.from.is_empty() {
                        a.of.clone()
                    } else {
                        a.from.clone()
                    };
                    let clear = !from.is_empty() || !a.to.is_empty();
                    let caller = if from.is_empty() { a.subject.clone() } else { from };
                    side(
                        &[&caller],
                        clear
                            .then_some(Initiator)
                            .filter(|_| a.with.is_empty() && a.between.is_empty()),
                    );
                    side(
                        &[&a.subject
                            .iter()
                            .copied()
                            .filter(|s| !caller.contains(s))
                            .collect()],
                        None,
                    );
                    side(&[&a.to, &a.with, &a.between, &a.objects], None);
                } else if passive {
                    side(&[&a.by], Some(Initiator));
                    side(&[&a.subject, &a.to], None);
                } else {
                    side(&[&a.subject], Some(Initiator));
                    let goal: &[usize] = if a.objects.is_empty() && a.to.is_empty() || frame == Frame::Write {
                        &a.goal
                    } else {
                        &[]
                    };
                    side(&[&a.objects, &a.to, &a.with, &goal.to_vec()], None);
                }
            }
            Frame::Get => {
                side(&[&a.subject], None);
                side(
                    &[
                        &a.from,
                        &a.by,
                        &a.of.iter().copied().filter(|m| !a.from.contains(m)).collect(),
                        &a.objects,
                    ],
                    Some(Initiator),
                );
            }
            Frame::Mediate => {
                side(&[&a.subject, &a.by], Some(Mediator));
                side(&[&a.objects, &a.between, &a.of, &a.with], None);
            }
            Frame::Summon => {
                if passive {
                    let summoner = if a.by.is_empty() {
                        [&a.to[..], &a.goal[..]].concat()
                    } else {
                        a.by.clone()
                    };
                    side(&[&summoner], Some(Initiator));
                    side(&[&a.subject, &a.objects], None);
                } else {
                    side(&[&a.subject], Some(Initiator));
                    side(&[&a.objects, &a.of], None);
                }
            }
            Frame::Invite => {
                if passive {
                    side(&[&a.by], Some(Initiator));
                    side(&[&a.subject, &a.objects], None);
                } else {
                    side(&[&a.subject, &a.of], Some(Initiator));
                    side(&[&a.objects, &a.to, &a.with], None);
                }
            }
        }
        sides.push((a.presence.clone(), None));
        sides.retain(|s| !s.0.is_empty());
        sides
    }

    fn participants(
        &self,
        sides: &[(Vec<usize>, Option<ParticipantRole>)],
        trigger: &Trigger,
    ) -> Vec<Participant> {
        let mut participants: Vec<Participant> = Vec::new();
        for (mentions, role) in sides {
            for &m in mentions {
                for who in self.who(m, trigger) {
                    add(&mut participants, who, Some(m), *role);
                }
            }
        }
        participants
    }

    /// "l'a reçu", "lui a téléphoné": the person told before who is not the subject.
    fn add_clitic(
        &self,
        trigger: &Trigger,
        frame: Frame,
        arguments: &mut Arguments,
        participants: &mut Vec<Participant>,
    ) {
        let Some(word) = arguments.clitic else { return };
        let parties = parties_of(self.entities, participants);
        if parties.len() != 1
            || !(arguments.objects.is_empty() && arguments.with.is_empty()) && frame != Frame::Receive
        {
            return;
        }
        let found: Vec<Who> = if word == Word::Them {
            self.previous(0, None, trigger)
        } else {
            self.antecedent_at(trigger.start, Some(parties[0]))
                .into_iter()
                .collect()
        };
        let role = (frame == Frame::Receive).then_some(ParticipantRole::Visitor);
        for who in found {
            if party_of(self.entities, who).is_some_and(|p| p != parties[0]) {
                add(participants, who, None, role);
                arguments.pronoun = true;
            }
        }
    }

    /// "Fue recibido por Meloni": the person spoken of before, whom the verb's ending stands for.
    fn add_dropped(
        &self,
        trigger: &Trigger,
        frame: Frame,
        passive: bool,
        arguments: &mut Arguments,
        participants: &mut Vec<Participant>,
    ) {
        let parties = parties_of(self.entities, participants);
        let apart = |who: &Who| party_of(self.entities, *who).is_some_and(|p| !parties.contains(&p));
        let found = match parties[..] {
            [] => None,
            [one] => self.antecedent_at(trigger.start, Some(one)),
            _ => self.antecedent_at(trigger.start, None).filter(apart),
        };
        let Some(who) = found else { return };
        let role = match (frame, passive) {
            (Frame::Receive, true) | (Frame::Visit, _) => Some(ParticipantRole::Visitor),
            (Frame::Receive, false) => Some(ParticipantRole::Host),
            (Frame::Call | Frame::Write | Frame::Invite | Frame::Summon, false) => {
                Some(ParticipantRole::Initiator)
            }
            _ => None,
        };
        add(participants, who, None, role);
        arguments.pronoun = true;
    }

    fn who(&self, m: usize, trigger: &Trigger) -> Vec<Who> {
        match &self.entities.of[m] {
            Referent::He
                if self.mentions[m].start < trigger.start
                    && self.mentions[m].free()
                    && !self.mentions[m].marked(&[Word::Object]) =>
            {
                self.pronouns[m].into_iter().collect()
            }
            Referent::Entity(e) => vec![Who::Entity(*e)],
            Referent::Posts(posts) => posts.iter().map(|(p, o)| Who::Post(*p, *o)).collect(),
            Referent::Parties(parties) => parties.iter().map(|p| Who::Party(*p)).collect(),
            Referent::Office(office) => {
                let home = self.entities.home.filter(|_| {
                    matches!(office, OfficeCode::Office(o) if leads(*o)) || *office == OfficeCode::Leader
                });
                home.map(|p| Who::Post(p, *office)).into_iter().collect()
            }
            Referent::He => self.antecedent(m, trigger).into_iter().collect(),
            Referent::They => self.previous(2, None, trigger),
            Referent::Partner => self.partner(m, trigger).into_iter().collect(),
            Referent::Collective(count, office) => self.previous(*count, *office, trigger),
            Referent::Counterpart(_) | Referent::None => Vec::new(),
        }
    }

    /// "His guest": whoever is spoken of beside the one to whom "his" refers.
    fn partner(&self, m: usize, trigger: &Trigger) -> Option<Who> {
        let mention = &self.mentions[m];
        let party = |i: usize| match &self.entities.of[i] {
            Referent::Entity(e) => self.entities.all[*e].party,
            Referent::Posts(posts) => posts.first().map(|p| p.0),
            Referent::He => self.pronouns[i].and_then(|w| party_of(self.entities, w)),
            _ => None,
        };
        let (first, _) = self.document.sentence(mention.start);
        let before = self.mentions_in(first, mention.start);
        let beside = before.clone().find(|i| self.mentions[*i].group == mention.group);
        let subject = before
            .rev()
            .find(|i| self.mentions[*i].free() && party(*i).is_some());
        let own = beside.or(subject).and_then(party).or_else(|| {
            self.antecedent_at(mention.start, None)
                .and_then(|w| party_of(self.entities, w))
        });
        let at = beside
            .map_or(mention.start, |i| self.mentions[i].start)
            .min(trigger.start);
        self.antecedent_at(at.min(mention.start), own)
    }

    /// The person that a pronoun stands for; as an object somebody else than the subject.
    fn antecedent(&self, m: usize, trigger: &Trigger) -> Option<Who> {
        let pronoun = &self.mentions[m];
        let object =
            pronoun.start >= trigger.end || pronoun.marked(&[Word::With, Word::By, Word::To, Word::Object]);
        let subject = self
            .subjects
            .last()
            .filter(|_| object)
            .and_then(|(_, subject)| subject.first());
        let party = subject
            .filter(|s| **s != m)
            .and_then(|s| match &self.entities.of[*s] {
                Referent::Entity(e) => self.entities.all[*e].party,
                Referent::Posts(posts) => posts.first().map(|p| p.0),
                Referent::He if *s < m => self.pronouns[*s].and_then(|w| party_of(self.entities, w)),
                _ => None,
            });
        self.antecedent_at(pronoun.start, party)
    }

    /// The person last spoken of before token `at`, of another party than `not`: the nearer, the more a subject and
    /// the oftener told, the better.
    fn antecedent_at(&self, at: usize, not: Option<PartyId>) -> Option<Who> {
        let document = self.document;
        let sentence = document.tokens[at].sentence;
        let title = document.in_title(at);
        let m = self.mentions.partition_point(|m| m.start < at);
        let mut best: Option<(i64, Who)> = None;
        let window = self.mentions[..m].partition_point(|o| document.tokens[o.start].sentence + 2 < sentence);
        for i in window..m {
            let mention = &self.mentions[i];
            let here = document.tokens[mention.start].sentence;
            if here + 2 < sentence
                || document.in_title(mention.start) != title
                || !matches!(mention.kind, MentionKind::Person | MentionKind::He)
            {
                continue;
            }
            let who = match &self.entities.of[i] {
                Referent::He => match self.pronouns[i] {
                    Some(who) => who,
                    None => continue,
                },
                Referent::Entity(e) => Who::Entity(*e),
                Referent::Posts(posts) if posts.len() == 1 => Who::Post(posts[0].0, posts[0].1),
                _ => continue,
            };
            if not.is_some() && party_of(self.entities, who) == not {
                continue;
            }
            let (first, _) = document.sentence(mention.start);
            let opens = !self.mentions[self.mentions_in(first, mention.start).start..i]
                .iter()
                .any(|o| o.kind == MentionKind::Person && o.free());
            let told = referred(&self.entities.of[i])
                .and_then(|one| self.told.get(&one))
                .map_or(0, |all| all.partition_point(|o| *o < m))
                .min(4);
            let mut score = 4 - 2 * i64::from(sentence - here) + i64::try_from(told).unwrap_or(0);
            if self
                .found
                .last()
                .is_some_and(|c| c.participants.iter().any(|p| p.who == who))
            {
                score += 3;
            }
            if mention.free() {
                score += if opens { 5 } else { 2 };
            }
            if best.is_none_or(|(s, _)| score >= s) {
                best = Some((score, who));
            }
        }
        best.map(|(_, who)| who)
    }

    /// "The two leaders": the participants of the contact told last, or the people named last.
    fn previous(&self, count: usize, office: Option<OfficeCode>, trigger: &Trigger) -> Vec<Who> {
        let sentence = self.document.tokens[trigger.start].sentence as usize;
        let near = |c: &&Contact| sentence - c.sentence.min(sentence) <= 6;
        let last = self.found.iter().rev().take_while(near).find(|c| {
            (count == 0 || c.participants.len() == count || c.parties(self.entities).len() == count)
                && office.is_none_or(|o| {
                    matches!(o, OfficeCode::Leader | OfficeCode::Office(Office::Delegation))
                        || c.participants.iter().any(|p| self.has_office(p.who, o))
                })
        });
        if let Some(last) = last {
            return last.participants.iter().map(|p| p.who).collect();
        }
        if count != 2 {
            return Vec::new();
        }
        // Nobody met yet: the two people of different parties who were named last.
        let mut people: Vec<Who> = Vec::new();
        let window = self.document.sentences[sentence.saturating_sub(3)].0;
        for m in self.mentions_in(window, trigger.start).rev() {
            if let Referent::Entity(e) = self.entities.of[m] {
                let who = Who::Entity(e);
                let party = self.entities.all[e].party;
                let fits = office.is_none_or(|o| {
                    matches!(o, OfficeCode::Leader | OfficeCode::Office(Office::Delegation))
                        || self.has_office(who, o)
                });
                if fits && party.is_some() && !people.iter().any(|w| party_of(self.entities, *w) == party) {
                    people.push(who);
                }
                if people.len() == 2 {
                    return people;
                }
            }
        }
        Vec::new()
    }

    fn has_office(&self, who: Who, office: OfficeCode) -> bool {
        match who {
            Who::Entity(e) => self.entities.all[e].office.is_some_and(|o| {
                super::entities::same_office(office, o) || may_shorten(office, OfficeCode::Office(o))
            }),
            Who::Post(_, code) => may_shorten(office, code),
            Who::Party(_) => false,
        }
    }

    /// Counterparts take the office of the other side.
    fn settle_counterparts(
        &self,
        sides: &[(Vec<usize>, Option<ParticipantRole>)],
        participants: &mut Vec<Participant>,
    ) {
        for (mentions, role) in sides {
            for &m in mentions {
                let Referent::Counterpart(party) = self.entities.of[m] else {
                    continue;
                };
                let other = participants.iter().find_map(|p| match p.who {
                    Who::Entity(e) => self.entities.all[e].office.map(OfficeCode::Office),
                    Who::Post(_, code) => Some(code),
                    Who::Party(_) => None,
                });
                let plural = self.mentions[m].office.is_some_and(|o| o.plural);
                if party.is_none() && !plural {
                    let code = other.unwrap_or(OfficeCode::Office(Office::Unknown));
                    let own = participants.first().and_then(|p| party_of(self.entities, p.who));
                    let last = (0..m).rev().find_map(|i| match self.entities.of[i] {
                        Referent::Entity(e)
                            if self.entities.all[e].party != own
                                && self.entities.all[e]
                                    .office
                                    .is_some_and(|o| super::entities::same_office(code, o)) =>
                        {
                            Some(Who::Entity(e))
                        }
                        _ => None,
                    });
                    if let Some(who) = last {
                        add(participants, who, Some(m), *role);
                    }
                    continue;
                }
                let parties: Vec<PartyId> = if plural {
                    self.mentions[m].parties.to_vec()
                } else {
                    party.into_iter().collect()
                };
                for party in parties {
                    let code = other.unwrap_or(OfficeCode::Office(Office::Unknown));
                    let known = self.entities.all.iter().position(|e| {
                        e.party == Some(party)
                            && e.office.is_some_and(|o| super::entities::same_office(code, o))
                    });
                    let who = known.map_or(Who::Post(party, code), Who::Entity);
                    add(participants, who, Some(m), *role);
                }
            }
        }
    }

    /// "The two leaders discussed the fight against Al-Shabaab": where the subject tells all sides, a bare party that
    /// follows is what they talked about.
    fn drop_matter(&self, arguments: &Arguments, participants: &mut Vec<Participant>) {
        let all = arguments
            .subject
            .iter()
            .any(|m| matches!(self.entities.of[*m], Referent::They | Referent::Collective(..)));
        let sides = participants.iter().filter(|p| !self.bare(p.who)).count();
        if all && sides > 1 {
            participants.retain(|p| {
                !matches!(p.who, Who::Party(_)) || p.mentions.iter().all(|m| arguments.subject.contains(m))
            });
        }
    }

    /// A gathering's name is not a guest at it: "à la réunion du G20".
    fn drop_gatherings(&self, frame: Frame, participants: &mut Vec<Participant>) {
        let bodies = |p: &Participant| {
            let organization = matches!(p.who, Who::Party(party) if !self.document.register().party_info(party).is_state && !self.document.register().party_info(party).is_movement);
            organization && p.mentions.iter().all(|m| self.mentions[*m].marked(&[Word::Of]))
        };
        if frame != Frame::Negotiate && participants.iter().filter(|p| !bodies(p)).count() > 1 {
            participants.retain(|p| !bodies(p));
        }
    }

    /// A bare state beside a person who represents it says nothing more; neither does an own delegation.
    fn drop_shadows(&self, participants: &mut Vec<Participant>) {
        let people: Vec<PartyId> = participants
            .iter()
            .filter(|p| !self.bare(p.who))
            .filter_map(|p| party_of(self.entities, p.who))
            .collect();
        participants.retain(|p| {
            !self.bare(p.who) || party_of(self.entities, p.who).is_some_and(|party| !people.contains(&party))
        });
        let entities = self.entities;
        participants.retain(|p| party_of(entities, p.who).is_some());
    }

    fn bare(&self, who: Who) -> bool {
        matches!(
            who,
            Who::Party(_) | Who::Post(_, OfficeCode::Office(Office::Delegation))
        )
    }

    fn add_host_of_seat(
        &self,
        trigger: &Trigger,
        bounds: (usize, usize),
        participants: &mut Vec<Participant>,
        parties: &mut Vec<PartyId>,
    ) {
        let document = self.document;
        let seat = starting(&document.atoms, bounds.0, bounds.1)
            .iter()
            .find_map(|a| match a.kind {
                AtomKind::State(party, StateForm::Seat)
                    if a.end <= bounds.1 && a.start.abs_diff(trigger.end) < 12 =>
                {
                    Some(party)
                }
                AtomKind::Place(place) if a.end <= bounds.1 && a.start.abs_diff(trigger.end) < 12 => {
                    let place = document.register().place_info(place);
                    place.country.filter(|_| place.city.is_some())
                }
                _ => None,
            });
        if let Some(host) = seat
            && !parties.contains(&host)
        {
            let leader = self.entities.all.iter().position(|e| {
                e.party == Some(host)
                    && matches!(e.office, Some(Office::HeadOfState | Office::HeadOfGovernment))
            });
            let who = leader.map_or(Who::Post(host, OfficeCode::Leader), Who::Entity);
            participants.push(Participant {
                who,
                mentions: SmallVec::new(),
                roles: SmallVec::from_slice(&[ParticipantRole::Host]),
            });
            parties.push(host);
        }
    }

    fn channel(&self, trigger: &Trigger, bounds: (usize, usize)) -> Option<ContactKind> {
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        let bounds = (bounds.0.max(first), bounds.1.min(last));
        starting(&document.channels, bounds.0, bounds.1)
            .iter()
            .filter(|c| c.end <= bounds.1)
            .map(|c| {
                let distance = if c.end <= trigger.start {
                    trigger.start - c.end
                } else {
                    c.start.saturating_sub(trigger.end)
                };
                let between = |from: usize, to: usize| {
                    starting(&document.triggers, from, to)
                        .iter()
                        .any(|t| t.start != trigger.start && t.end <= to)
                };
                let other = between(trigger.end, c.start) || between(c.end, trigger.start);
                (distance + if other { 20 } else { 0 }, c.value)
            })
            .filter(|(d, _)| *d <= 22 * document.scale())
            .min_by_key(|(d, k)| (*d, *k as i32))
            .map(|(_, k)| k)
    }

    /// The time told nearest to the predicate, as days, and its number.
    fn when(
        &self,
        trigger: &Trigger,
        bounds: (usize, usize),
        reading: status::Reading,
        tense: Tense,
    ) -> Option<(When, usize)> {
        let (status, cue) = (reading.status, reading.cue);
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        let mut best: Option<(usize, usize)> = None;
        let before = self.times.all.partition_point(|t| t.start < first);
        for (i, time) in starting(&self.times.all, first, last).iter().enumerate() {
            let i = before + i;
            let other_voice = document.quotes[time.start] != 0
                && document.quotes[time.start] != document.quotes[trigger.start];
            if time.end > last || time.dateline || !time.is_exact() || other_voice {
                continue;
            }
            // "discussed trade and agreed to meet on Feb. 10": the day of what comes next.
            let next = time.start >= trigger.end
                && starting(&document.triggers, trigger.end, time.start)
                    .iter()
                    .any(|t| self.choose_reading(t).1 == Tense::Infinitive);
            // "Début mars, X avait écrit à Y pour lui proposer de négocier": the day of what was written.
            let before = tense == Tense::Infinitive && self.other_verb_between(time.end, trigger.start);
            let aside = places::in_aside(document, self.mentions, trigger.end, time.start);
            if next || before || aside {
                continue;
            }
            let distance = if time.end <= trigger.start {
                trigger.start - time.end
            } else {
                time.start.saturating_sub(trigger.end)
            };
            let (from, to) = if time.end <= trigger.start {
                (time.end, trigger.start)
            } else {
                (trigger.end, time.start)
            };
            let mut cost = distance;
            if time.start < bounds.0 || time.end > bounds.1 {
                cost += 10;
            }
            let crossed = starting(&document.triggers, from, to)
                .iter()
                .filter(|t| t.start != trigger.start && t.end <= to)
                .count();
            cost += crossed * 12;
            if (from..to).any(|i| document.words(i).any(&[Word::Relative, Word::Subordinate])) {
                cost += 6;
            }
            if (from..to).any(|i| document.is(i, &[";"])) {
                cost += 14;
            }
            // A day tells more of a contact than a month or year told in passing.
            cost += match time
                .resolve(self.times.anchor, status::direction(status))
                .map(|d| d.precision)
            {
                Some(DatePrecision::Year) => 12,
                Some(DatePrecision::Month | DatePrecision::Season) => 3,
                _ => 0,
            };
            // "said on Tuesday", "proposed on Tuesday to meet": the day of the words, not of the contact.
            let reported = super::times::near_report(document, time.start, time.end);
            if reported {
                cost += 12;
            }
            if let Some((from, to)) = cue
                && matches!(
                    status,
                    ContactStatus::Proposed | ContactStatus::Cancelled | ContactStatus::Refused
                )
                && (to..to + 3).contains(&time.start)
                && (to <= trigger.start && time.end <= trigger.start || from >= trigger.end)
            {
                continue;
            }
            if cost <= TIME_REACH * document.scale() && best.is_none_or(|(c, _)| cost < c) {
                best = Some((cost, i));
            }
        }
        let (distance, i) = best?;
        let time = &self.times.all[i];
        let mut direction = status::direction(status);
        if status == ContactStatus::Held
            && tense != Tense::Past
            && (time.points_ahead(self.times.anchor) || self.coming(trigger, tense, time))
        {
            direction = Direction::Future;
        }
        let days = time.resolve(self.times.anchor, direction)?;
        Some((
            When {
                days,
                span: (time.start, time.end),
                distance,
                reported: super::times::near_report(document, time.start, time.end),
            },
            i,
        ))
    }

    /// "Am Dienstag empfängt er X": the present tense with another day than the article's tells of what is to come.
    fn coming(&self, trigger: &Trigger, tense: Tense, time: &super::times::Time) -> bool {
        /// Days within which a day without a year is looked for.
        const NEAR: i32 = 60;
        let anchor = self.times.anchor;
        let day = |direction| {
            time.resolve(anchor, direction)
                .map(|d: Days| (d.start - anchor).get_days())
        };
        let ahead = match time.value {
            TimeValue::Weekday(None) => day(Direction::Past) != Some(0),
            TimeValue::Date(_) => {
                day(Direction::Past).is_some_and(|d| d < -NEAR)
                    && day(Direction::Future).is_some_and(|d| (0..=NEAR).contains(&d))
            }
            _ => false,
        };
        tense == Tense::Present
            && ahead
            && self.document.pack.names.cased
            && !self.document.in_title(trigger.start)
    }

    fn initiative(&self, trigger: &Trigger, participants: &mut [Participant]) -> Option<(usize, usize)> {
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        for phrase in starting(&document.initiatives, first, last) {
            if phrase.end > last {
                continue;
            }
            // The last one before the phrase, or the first one behind it.
            let behind = document.triggers.partition_point(|t| t.end <= phrase.start);
            let around = document.triggers.iter().take(behind + 1);
            let nearest = around.skip(behind.saturating_sub(1)).min_by_key(|t| {
                if t.end <= phrase.start {
                    phrase.start - t.end
                } else {
                    t.start.saturating_sub(phrase.end) + 4
                }
            });
            if nearest.is_some_and(|t| t.start != trigger.start)
                && nearest.is_some_and(|t| self.found.binary_search_by_key(&t.start, |c| c.trigger.0).is_ok())
            {
                continue;
            }
            // "à l'initiative de Paris", "at Moscow's request", "à l'initiative française".
            let from = self.mentions.partition_point(|m| m.end + 1 < phrase.start);
            let to = self.mentions_in(phrase.start, phrase.end + 4).end;
            let party = (from..to)
                .map(|i| (i, &self.mentions[i]))
                .filter(|(_, m)| {
                    m.start >= phrase.start && m.start <= phrase.end + 3
                        || m.end <= phrase.end && m.end + 1 >= phrase.start && m.start < phrase.end
                })
                .max_by_key(|(_, m)| (m.start >= phrase.start, std::cmp::Reverse(m.start)))
                .and_then(|(i, _)| {
                    self.who(i, trigger)
                        .first()
                        .and_then(|w| party_of(self.entities, *w))
                })
                .or_else(|| {
                    starting(&document.adjectives, phrase.start, phrase.end + 3)
                        .first()
                        .map(|a| a.value)
                });
            if let Some(party) = party
                && let Some(p) = participants
                    .iter_mut()
                    .find(|p| party_of(self.entities, p.who) == Some(party))
            {
                for other in &mut [ParticipantRole::Initiator] {
                    if !p.roles.contains(other) {
                        p.roles.push(*other);
                    }
                }
                let who = p.who;
                for p in participants.iter_mut().filter(|p| p.who != who) {
                    p.roles.retain(|r| *r != ParticipantRole::Initiator);
                }
                return Some((phrase.start, phrase.end));
            }
        }
        None
    }

    fn in_context(&self, trigger: &Trigger) -> bool {
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        starting(&document.contexts, first, last)
            .iter()
            .any(|c| c.start.abs_diff(trigger.start) < 25)
    }

    /// "The talks lasted two hours in Geneva": what is told of the contact told last.
    #[allow(clippy::too_many_arguments)]
    fn anaphor(
        &mut self,
        trigger: &Trigger,
        sentence: usize,
        frame: Frame,
        kind: ContactKind,
        channel: bool,
        tense: Tense,
        when: Option<When>,
        place: Option<Where>,
        reading: status::Reading,
    ) {
        if tense != Tense::Noun || frame == Frame::Visit {
            return;
        }
        let title = self.document.in_title(self.document.sentences[sentence].0);
        let Some(last) = self.found.last_mut() else { return };
        if sentence > last.sentence + 3 || title || last.traits.title || reading.status != last.status.status
        {
            return;
        }
        if last.when.is_none() {
            last.when = when;
        }
        // "The talks also covered developments in Gaza": what is far behind the noun is what they were about.
        let near = |w: &Where| {
            w.span
                .is_none_or(|s| s.0.saturating_sub(trigger.end) <= 6 * self.document.scale())
        };
        if last.place.is_none() && !wired(last.kind) {
            last.place = place.filter(near);
        }
        let one_day = match (when, last.when) {
            (Some(x), Some(y)) => x.days == y.days,
            _ => true,
        };
        if channel && !last.channel_told && one_day {
            last.kind = with_channel(last.kind, kind);
            last.channel_told = true;
        }
    }
}

fn leads(office: Office) -> bool {
    matches!(
        office,
        Office::HeadOfState | Office::HeadOfGovernment | Office::ForeignMinister | Office::DefenceMinister
    )
}

/// Adds a participant, or a role and a mention to the one that is there.
pub fn add(
    participants: &mut Vec<Participant>,
    who: Who,
    mention: Option<usize>,
    role: Option<ParticipantRole>,
) {
    match participants.iter_mut().find(|p| p.who == who) {
        Some(p) => {
            p.mentions.extend(mention.filter(|m| !p.mentions.contains(m)));
            p.roles.extend(role.filter(|r| !p.roles.contains(r)));
        }
        None => participants.push(Participant {
            who,
            mentions: mention.into_iter().collect(),
            roles: role.into_iter().collect(),
        }),
    }
}

/// Whether a contact of this kind has no place.
pub fn wired(kind: ContactKind) -> bool {
    matches!(
        kind,
        ContactKind::PhoneCall | ContactKind::VideoCall | ContactKind::Message
    )
}

/// The kind that a channel makes of a kind.
fn with_channel(kind: ContactKind, channel: ContactKind) -> ContactKind {
    match (kind, channel) {
        (
            ContactKind::Exchange | ContactKind::Meeting | ContactKind::PhoneCall,
            ContactKind::PhoneCall | ContactKind::VideoCall,
        ) => channel,
        (ContactKind::Summit, ContactKind::VideoCall) => ContactKind::VideoCall,
        (ContactKind::Exchange, channel) => channel,
        _ => kind,
    }
}

impl Document<'_> {
    /// Whether a mention covers the token.
    pub fn mentions_at(&self, mentions: &[Mention], at: usize) -> bool {
        covering(mentions, at).is_some()
    }
}
