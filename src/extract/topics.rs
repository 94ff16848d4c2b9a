//! What a contact is about.
//!
//! Every topic word of the article is a hit. Whether it tells of a contact shows in where it stands: in the
//! contact's own sentence behind its predicate, in a sentence that goes on about it ("The two also discussed …"),
//! in the background, or in what is told of another contact. A sentence is *owned* by the contact told last
//! before it. The learnt weights of all that make a probability; several hits of one topic strengthen it.

use rustc_hash::FxHashMap;

use super::{
    contacts::{Contact, Who},
    document::{Document, covering, starting},
    entities::{Entities, Referent, same_office},
    mentions::Mention,
    times::{Direction, Times},
};
use crate::{
    event::{ContactKind, ContactStatus},
    lexicon::{OfficeCode, Word},
    model::Case,
    register::{PartyId, Register, TopicId},
};

/// Most topics of one contact.
const MOST: usize = 6;

/// A topic and the words that tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The topic.
    pub topic: TopicId,
    /// How surely it is this contact's, 0 to 1.
    pub score: f64,
    /// Tokens of the words.
    pub spans: Vec<(usize, usize)>,
    /// What is known of each hit.
    pub cases: Vec<Case>,
}

/// Where a hit stands, seen from a contact.
const ZONES: [&str; 6] = ["any", "own", "follows", "elsewhere", "before", "headline"];

const ANY: usize = 0;
const OWN: usize = 1;
const FOLLOWS: usize = 2;
const ELSEWHERE: usize = 3;
const BEFORE: usize = 4;
const HEADLINE: usize = 5;

macro_rules! marks {
    ($($name:ident)*) => {
        /// What else is known of a hit.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Clone, Copy)]
        enum Mark { $($name,)* }
        const MARKS: &[&str] = &[$(stringify!($name),)*];
    };
}

marks! {
    here
    one_sentence_on two_sentences_on three_sentences_on few_sentences_on far_on
    same_paragraph next_paragraph other_paragraph
    participant_first they participant both_sides others nobody participant_speaks
    contact_word other_day ahead called_off
    about_before discuss_before discuss_in_sentence report_before
    in_office in_name in_quote one_word
    told_in_headline told_first only_contact
    twice often most_told in_headline with_other_contact other_topics_here no_topics_here
    behind_predicate before_any_predicate behind_other_predicate
    within_four within_ten within_twenty beyond_twenty other_clause
    summit negotiation noun many_topics shared_sentence owner_absent
    close_behind about_behind topic_here_too many_contacts long_ago first_topic mention_between three_words
    background background_left resumed
}

/// Names of the features, in the order of the model's weights.
pub fn features(register: &Register) -> Vec<String> {
    let marks = ZONES
        .iter()
        .flat_map(|zone| MARKS.iter().map(move |mark| format!("{zone}.{mark}")));
    marks
        .chain(register.topics().map(|t| format!("topic.{}", t.code)))
        .collect()
}

struct Marks {
    zone: usize,
    case: Case,
}

impl Marks {
    fn set(&mut self, mark: Mark, holds: bool) {
        if holds {
            for zone in [ANY, self.zone] {
                self.case.push((
                    u16::try_from(zone * MARKS.len() + mark as usize).unwrap_or(u16::MAX),
                    1.0,
                ));
            }
        }
    }
}

/// Who a sentence tells of, seen from a contact.
#[derive(Default)]
struct Present {
    first: bool,
    they: bool,
    any: bool,
    parties: Vec<PartyId>,
    others: bool,
    nobody: bool,
    speaks: bool,
}

/// Finds the topics of all contacts.
pub fn assign(
    document: &Document<'_>,
    mentions: &[Mention],
    entities: &Entities,
    times: &Times,
    contacts: &mut [Contact],
) {
    let finder = Finder::new(document, mentions, entities, times, contacts);
    let told: Vec<Vec<Told>> = (0..contacts.len()).map(|at| finder.of(contacts, at)).collect();
    for (contact, told) in contacts.iter_mut().zip(told) {
        contact.topics = told;
    }
}

/// Sentence, predicate and number of every telling of a contact in the text, in its order.
fn tellings(document: &Document<'_>, contacts: &[Contact]) -> Vec<(usize, (usize, usize), usize)> {
    let mut all: Vec<_> = contacts
        .iter()
        .enumerate()
        .flat_map(|(at, c)| {
            c.evidence
                .iter()
                .map(move |span| (document.tokens[span.0].sentence as usize, *span, at))
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

struct Finder<'d, 'a> {
    document: &'d Document<'a>,
    mentions: &'d [Mention],
    entities: &'d Entities,
    times: &'d Times,
    /// Sentence, predicate and contact of every telling, in the order of the text.
    tellings: Vec<(usize, (usize, usize), usize)>,
    /// Sentences of every contact's tellings, in order.
    own: Vec<Vec<usize>>,
    /// Those that do not stand in the headline.
    body: Vec<Vec<usize>>,
    /// What is known of every topic.
    spread: FxHashMap<TopicId, Spread>,
    /// Hits of the topic told most often.
    most: usize,
    /// Sentences of the headline.
    titles: usize,
    /// End of the office that covers each token.
    offices: Vec<usize>,
    /// Some contact is news.
    fresh: bool,
    owners: Vec<Option<Owner>>,
    /// Sentences that each contact owns, in order.
    owned: Vec<Vec<usize>>,
}

/// Where a topic is told.
#[derive(Default)]
struct Spread {
    hits: usize,
    in_headline: bool,
    /// Sentences of the text that tell it and a contact, in order.
    beside_contacts: Vec<usize>,
}

/// Days between an article and what is news in it.
const FRESH: i32 = 2;

impl<'d, 'a> Finder<'d, 'a> {
    fn new(
        document: &'d Document<'a>,
        mentions: &'d [Mention],
        entities: &'d Entities,
        times: &'d Times,
        contacts: &[Contact],
    ) -> Self {
        let mut offices = vec![0; document.tokens.len()];
        for office in mentions.iter().filter_map(|m| m.office) {
            for end in &mut offices[office.start..office.end] {
                *end = office.end.max(*end);
            }
        }
        let titles = document.sentences.partition_point(|s| document.in_title(s.0));
        let mut finder = Self {
            document,
            mentions,
            entities,
            times,
            tellings: tellings(document, contacts),
            own: vec![Vec::new(); contacts.len()],
            body: vec![Vec::new(); contacts.len()],
            spread: FxHashMap::default(),
            most: 0,
            titles,
            offices,
            fresh: false,
            owners: Vec::new(),
            owned: vec![Vec::new(); contacts.len()],
        };
        for (sentence, _, at) in &finder.tellings {
            finder.own[*at].push(*sentence);
            if !finder.title(*sentence) {
                finder.body[*at].push(*sentence);
            }
        }
        for hit in &document.topics {
            let here = document.tokens[hit.start].sentence as usize;
            let beside = !finder.title(here) && !finder.told_in(here).is_empty();
            let spread = finder.spread.entry(hit.value).or_default();
            spread.hits += 1;
            spread.in_headline |= document.in_title(hit.start);
            if beside && spread.beside_contacts.last() != Some(&here) {
                spread.beside_contacts.push(here);
            }
            finder.most = finder.most.max(spread.hits);
        }
        finder.fresh = contacts
            .iter()
            .any(|c| finder.age(c).is_some_and(|days| (-FRESH..=FRESH).contains(&days)));
        finder.owners = finder.owners(contacts);
        for (sentence, owner) in finder.owners.iter().enumerate() {
            if let Some(owner) = owner {
                finder.owned[owner.contact].push(sentence);
            }
        }
        finder
    }

    /// Days from a contact to the article.
    fn age(&self, contact: &Contact) -> Option<i32> {
        contact.when.map(|w| (self.times.anchor - w.days.end).get_days())
    }

    /// The tellings of one sentence.
    fn told_in(&self, sentence: usize) -> &[(usize, (usize, usize), usize)] {
        let first = self.tellings.partition_point(|t| t.0 < sentence);
        let rest = &self.tellings[first..];
        &rest[..rest.partition_point(|t| t.0 == sentence)]
    }

    /// Numbers of the mentions that stand at tokens `from..to`.
    fn mentions_in(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        let first = self.mentions.partition_point(|m| m.start < from);
        let inside = starting(self.mentions, from, to);
        (first..first + inside.len()).filter(move |i| inside[i - first].end <= to)
    }

    /// Sentences that may tell of a contact at all, in order: the headline, the sentences that tell it, a lead-in of
    /// two sentences, and what follows unless it is far behind and another contact's.
    fn within_reach(&self, at: usize) -> Vec<usize> {
        let all = self.document.sentences.len();
        let Some(&first) = self.body[at].first() else {
            return (0..all).collect();
        };
        let behind = self.body[at].iter().flat_map(|told| *told..all.min(told + 4));
        let mut near: Vec<usize> = (0..self.titles)
            .chain(first.saturating_sub(2)..first)
            .chain(behind)
            .chain(self.owned[at].iter().copied())
            .collect();
        near.sort_unstable();
        near.dedup();
        near
    }
}

/// In what order the contacts are told, and who takes part in which.
struct Order {
    by_person: FxHashMap<usize, Vec<usize>>,
    by_party: FxHashMap<PartyId, Vec<usize>>,
    /// When each contact was told last, 0 where it is yet to be told.
    told: Vec<usize>,
    now: usize,
}

impl Order {
    fn new(entities: &Entities, contacts: &[Contact]) -> Self {
        let mut order = Self {
            by_person: FxHashMap::default(),
            by_party: FxHashMap::default(),
            told: vec![0; contacts.len()],
            now: 0,
        };
        for (at, contact) in contacts.iter().enumerate() {
            for participant in &contact.participants {
                if let Who::Entity(e) = participant.who {
                    order.by_person.entry(e).or_default().push(at);
                }
            }
            for party in contact.parties(entities) {
                order.by_party.entry(party).or_default().push(at);
            }
        }
        order
    }

    fn tell(&mut self, contact: usize) {
        self.now += 1;
        self.told[contact] = self.now;
    }

    /// Of the contacts that the person may take part in, and that are so, the one told last.
    fn last(&self, who: &Referent, so: impl Fn(usize) -> bool) -> Option<usize> {
        let latest = |all: Option<&Vec<usize>>| {
            let told = all.into_iter().flatten().copied().filter(|t| self.told[*t] > 0);
            told.filter(|t| so(*t)).max_by_key(|t| self.told[*t])
        };
        match who {
            Referent::Entity(e) => latest(self.by_person.get(e)),
            Referent::Posts(posts) => posts
                .iter()
                .filter_map(|(party, _)| latest(self.by_party.get(party)))
                .max_by_key(|t| self.told[*t]),
            _ => None,
        }
    }
}

/// The contact that a sentence goes on about.
#[derive(Debug, Clone, Copy)]
struct Owner {
    contact: usize,
    /// The sentence that told it or came back to it.
    since: usize,
    resumed: bool,
}

impl Finder<'_, '_> {
    fn of(&self, contacts: &[Contact], at: usize) -> Vec<Told> {
        let document = self.document;
        let mut told: Vec<Told> = Vec::new();
        let mut own_topics: Vec<TopicId> = self.own[at]
            .iter()
            .map(|s| document.sentences[*s])
            .flat_map(|(first, last)| starting(&document.topics, first, last))
            .map(|t| t.value)
            .collect();
        own_topics.sort_unstable();
        own_topics.dedup();
        let mut sentence = usize::MAX;
        let mut present = Present::default();
        let near = self.within_reach(at).into_iter().flat_map(|here| {
            let (first, last) = document.sentences[here];
            starting(&document.topics, first, last)
                .iter()
                .map(move |hit| (here, hit))
        });
        for (here, hit) in near {
            if hit.end <= document.dateline_end && !document.in_title(hit.start) {
                continue;
            }
            if here != sentence {
                sentence = here;
                present = self.present(&contacts[at], here);
            }
            let case = self.case(
                contacts,
                at,
                &own_topics,
                &present,
                (hit.start, hit.end),
                hit.value,
            );
            let span = (hit.start, hit.end);
            match told.iter_mut().find(|t| t.topic == hit.value) {
                // What a sentence of the surroundings says twice is no more told than once.
                Some(t)
                    if self.own[at].binary_search(&here).is_err()
                        && self.owners[here].is_none_or(|o| o.contact != at)
                        && t.spans
                            .last()
                            .is_some_and(|s| document.tokens[s.0].sentence as usize == here) => {}
                Some(t) => {
                    t.spans.push(span);
                    t.cases.push(case);
                }
                None => told.push(Told {
                    topic: hit.value,
                    score: 0.0,
                    spans: vec![span],
                    cases: vec![case],
                }),
            }
        }
        let model = &document.engine.models.topics;
        for t in &mut told {
            t.score = model.any(&t.cases);
        }
        told.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.topic.cmp(&b.topic)));
        told
    }

    /// The owner of every sentence: the contact told last, until somebody speaks who takes part in an earlier one
    /// only, or the paragraph that told of the past is over and somebody of the news proper speaks again.
    fn owners(&self, contacts: &[Contact]) -> Vec<Option<Owner>> {
        let mut owners: Vec<Option<Owner>> = Vec::new();
        let mut told = Order::new(self.entities, contacts);
        let mut owner: Option<Owner> = None;
        for sentence in 0..self.document.sentences.len() {
            if self.title(sentence) {
                owners.push(None);
                continue;
            }
            let here = self.told_in(sentence);
            if let Some(&(_, _, contact)) = here.last() {
                here.iter().for_each(|t| told.tell(t.2));
                owner = Some(Owner {
                    contact,
                    since: sentence,
                    resumed: false,
                });
            } else if let Some(now) = owner
                && let Some(speaker) = self.subject(sentence)
            {
                let takes_part = |at: usize| self.takes_part(&contacts[at], speaker);
                let over = self.background(&contacts[now.contact])
                    && self.paragraph(now.since) != self.paragraph(sentence);
                let earlier = told.last(&self.entities.of[speaker], |t| {
                    takes_part(t) && t != now.contact && !(over && self.background(&contacts[t]))
                });
                if let Some(contact) = earlier.filter(|_| over || !takes_part(now.contact)) {
                    owner = Some(Owner {
                        contact,
                        since: sentence,
                        resumed: true,
                    });
                }
            }
            owners.push(owner);
        }
        owners
    }

    /// The person told first in a sentence.
    fn subject(&self, sentence: usize) -> Option<usize> {
        let (first, last) = self.document.sentences[sentence];
        self.mentions_in(first, last)
            .find(|i| !matches!(self.entities.of[*i], Referent::None))
            .filter(|i| matches!(self.entities.of[*i], Referent::Entity(_) | Referent::Posts(_)))
    }

    fn takes_part(&self, contact: &Contact, mention: usize) -> bool {
        match &self.entities.of[mention] {
            Referent::Entity(e) => contact.participants.iter().any(|p| p.who == Who::Entity(*e)),
            Referent::Posts(posts) => posts
                .iter()
                .any(|(party, code)| self.holds(contact, *party, *code)),
            _ => false,
        }
    }

    /// Whether the holder of an office takes part.
    fn holds(&self, contact: &Contact, party: PartyId, code: OfficeCode) -> bool {
        contact.participants.iter().any(|p| match p.who {
            Who::Post(p, c) => p == party && c == code,
            Who::Entity(e) => {
                let entity = &self.entities.all[e];
                entity.party == Some(party) && entity.office.is_some_and(|o| same_office(code, o))
            }
            Who::Party(p) => p == party,
        })
    }

    fn title(&self, sentence: usize) -> bool {
        self.document.in_title(self.document.sentences[sentence].0)
    }

    fn paragraph(&self, sentence: usize) -> u32 {
        self.document.tokens[self.document.sentences[sentence].0].paragraph
    }

    fn present(&self, contact: &Contact, sentence: usize) -> Present {
        let (first, last) = self.document.sentences[sentence];
        let mut present = Present {
            nobody: true,
            ..Present::default()
        };
        for i in self.mentions_in(first, last) {
            let m = &self.mentions[i];
            let referent = &self.entities.of[i];
            let mut parties: Vec<PartyId> = Vec::new();
            let mut other = false;
            match referent {
                Referent::Entity(e) => {
                    if contact.participants.iter().any(|p| p.who == Who::Entity(*e)) {
                        parties.extend(self.entities.all[*e].party);
                    } else {
                        other = true;
                    }
                }
                Referent::Posts(posts) => {
                    for (party, code) in posts {
                        let ours = self.holds(contact, *party, *code);
                        if ours { parties.push(*party) } else { other = true }
                    }
                }
                Referent::Parties(all) => {
                    let own = contact.parties(self.entities);
                    parties.extend(all.iter().filter(|p| own.contains(p)));
                }
                Referent::Collective(..) | Referent::They => present.they = true,
                _ => {}
            }
            let ours = !parties.is_empty()
                || matches!(referent, Referent::Collective(..) | Referent::They | Referent::He);
            if present.nobody && ours {
                present.first = true;
            }
            if ours || other {
                present.nobody = false;
            }
            present.speaks |= m.speaker && !parties.is_empty();
            present.any |= !parties.is_empty();
            present.others |= other;
            for party in parties {
                if !present.parties.contains(&party) {
                    present.parties.push(party);
                }
            }
        }
        present
    }

    #[allow(clippy::too_many_arguments)]
    fn case(
        &self,
        contacts: &[Contact],
        at: usize,
        own_topics: &[TopicId],
        present: &Present,
        span: (usize, usize),
        topic: TopicId,
    ) -> Case {
        let document = self.document;
        let contact = &contacts[at];
        let here = document.tokens[span.0].sentence as usize;
        let (first, last) = document.sentences[here];
        let title = self.title(here);
        let (own, body) = (&self.own[at], &self.body[at]);
        let told_here = self.told_in(here);
        let owned = self.owners[here];
        let owner = owned.map(|o| o.contact);
        let last_of = |body: &[usize]| body[..body.partition_point(|s| *s <= here)].last().copied();
        let told_before = last_of(body);
        let zone = match told_before {
            _ if title => HEADLINE,
            Some(s) if s == here => OWN,
            Some(_) if owner == Some(at) => FOLLOWS,
            Some(_) => ELSEWHERE,
            None => BEFORE,
        };
        let mut marks = Marks {
            zone,
            case: Vec::with_capacity(32),
        };
        let mut set = |mark, holds| marks.set(mark, holds);
        set(Mark::here, true);
        if !title {
            let from = told_before.or_else(|| body.first().copied());
            let from = match owned {
                Some(o) if o.resumed && zone == FOLLOWS => Some((
                    here - o.since + 1,
                    self.paragraph(here).abs_diff(self.paragraph(o.since)) + 1,
                )),
                _ => from.map(|from| {
                    (
                        here.abs_diff(from),
                        self.paragraph(here).abs_diff(self.paragraph(from)),
                    )
                }),
            };
            if let Some((distance, paragraphs)) = from {
                set(Mark::one_sentence_on, distance == 1);
                set(Mark::two_sentences_on, distance == 2);
                set(Mark::three_sentences_on, distance == 3);
                set(Mark::few_sentences_on, (4..=6).contains(&distance));
                set(Mark::far_on, distance > 6);
                set(Mark::same_paragraph, paragraphs == 0 && distance > 0);
                set(Mark::next_paragraph, paragraphs == 1);
                set(Mark::other_paragraph, paragraphs > 1);
            }
        }
        set(Mark::participant_first, present.first);
        set(Mark::they, present.they);
        set(Mark::participant, present.any);
        set(Mark::both_sides, present.parties.len() > 1);
        set(Mark::others, present.others);
        set(Mark::nobody, present.nobody);
        set(Mark::participant_speaks, present.speaks);
        let tells = |t: &super::document::Trigger| told_here.iter().any(|(_, s, _)| *s == (t.start, t.end));
        set(
            Mark::contact_word,
            starting(&document.triggers, first, last)
                .iter()
                .any(|t| t.end <= last && !tells(t)),
        );
        let other_day = starting(&self.times.all, first, last)
            .iter()
            .filter(|t| t.end <= last && t.is_exact() && !t.dateline)
            .any(|t| {
                let days = t.resolve(self.times.anchor, Direction::Nearest);
                match (days, contact.when) {
                    (Some(d), Some(w)) => d.end < w.days.start || d.start > w.days.end,
                    _ => false,
                }
            });
        set(Mark::other_day, other_day);
        let status = contact.status.status;
        set(
            Mark::ahead,
            matches!(status, ContactStatus::Planned | ContactStatus::Proposed),
        );
        set(
            Mark::called_off,
            matches!(status, ContactStatus::Cancelled | ContactStatus::Refused),
        );
        let scale = document.scale();
        let near = (span.0.saturating_sub(5 * scale).max(first)..span.0)
            .any(|i| document.words(i).has(Word::About) || document.affix(i).0.has(Word::About));
        set(Mark::about_before, near);
        set(
            Mark::discuss_before,
            (first..span.0).any(|i| document.words(i).has(Word::Discuss)),
        );
        set(
            Mark::discuss_in_sentence,
            (first..last).any(|i| document.words(i).has(Word::Discuss)),
        );
        set(
            Mark::report_before,
            (first..span.0).any(|i| document.words(i).has(Word::Report)),
        );
        let office = span.1 <= self.offices[span.0];
        set(Mark::in_office, office);
        set(
            Mark::in_name,
            !office
                && (covering(self.mentions, span.0).is_some()
                    || !starting(self.mentions, span.0, span.1).is_empty()),
        );
        set(Mark::in_quote, document.quoted(span.0));
        set(Mark::one_word, span.1 - span.0 <= scale);
        set(Mark::told_in_headline, own.iter().any(|s| self.title(*s)));
        set(
            Mark::told_first,
            self.tellings
                .iter()
                .find(|t| !self.title(t.0))
                .is_some_and(|t| t.2 == at),
        );
        set(Mark::only_contact, contacts.len() == 1);
        let spread = &self.spread[&topic];
        set(Mark::twice, spread.hits == 2);
        set(Mark::often, spread.hits > 2);
        set(Mark::most_told, spread.hits == self.most && spread.hits > 1);
        set(Mark::in_headline, spread.in_headline);
        let elsewhere = |s: &usize| own.binary_search(s).is_err();
        set(
            Mark::with_other_contact,
            spread.beside_contacts.iter().any(elsewhere),
        );
        set(Mark::other_topics_here, own_topics.iter().any(|t| *t != topic));
        set(Mark::no_topics_here, own_topics.is_empty());
        let before = told_here
            .iter()
            .filter(|t| t.1.0 < span.0)
            .max_by_key(|t| (t.1.0, t.2 == at));
        set(Mark::behind_predicate, before.is_some_and(|t| t.2 == at));
        set(Mark::before_any_predicate, before.is_none());
        set(Mark::behind_other_predicate, before.is_some_and(|t| t.2 != at));
        let nearest = told_here
            .iter()
            .filter(|t| t.2 == at)
            .map(|(_, p, _)| {
                if p.1 <= span.0 {
                    (span.0 - p.1, p.1, span.0)
                } else {
                    (p.0.saturating_sub(span.1), span.1, p.0)
                }
            })
            .min();
        if let Some((distance, from, to)) = nearest {
            let distance = distance / scale;
            set(Mark::within_four, distance <= 4);
            set(Mark::within_ten, distance > 4 && distance <= 10);
            set(Mark::within_twenty, distance > 10 && distance <= 20);
            set(Mark::beyond_twenty, distance > 20);
            let clause = (from..to).any(|i| {
                document.words(i).any(&[Word::Relative, Word::Subordinate]) || document.is(i, &[";", "；"])
            });
            set(Mark::other_clause, clause);
            let behind = to == span.0 && before.is_some_and(|t| t.2 == at);
            set(Mark::close_behind, behind && distance <= 12 && !clause);
            set(
                Mark::about_behind,
                behind && (from..to).any(|i| document.words(i).any(&[Word::About, Word::Discuss])),
            );
            set(
                Mark::mention_between,
                self.mentions_in(from, to)
                    .filter(|i| matches!(self.entities.of[*i], Referent::Entity(_) | Referent::Posts(_)))
                    .any(|i| !contact.participants.iter().any(|p| p.mentions.contains(&i))),
            );
        }
        set(Mark::summit, contact.kind == ContactKind::Summit);
        set(Mark::negotiation, contact.kind == ContactKind::Negotiation);
        set(Mark::noun, contact.traits.noun);
        set(
            Mark::many_topics,
            starting(&document.topics, first, last)
                .iter()
                .filter(|t| t.end <= last)
                .count()
                > 3,
        );
        set(Mark::shared_sentence, told_here.iter().any(|t| t.2 != at));
        let absent = owner.filter(|o| *o != at).is_some_and(|o| {
            let ours = contact.parties(self.entities);
            let theirs = contacts[o].parties(self.entities);
            !theirs
                .iter()
                .any(|p| !ours.contains(p) && self.names_party(first, last, *p))
        });
        set(Mark::owner_absent, absent);
        set(Mark::topic_here_too, zone != OWN && own_topics.contains(&topic));
        set(Mark::many_contacts, contacts.len() > 3);
        let long_ago = starting(&self.times.all, first, last)
            .iter()
            .filter(|t| t.end <= last && !t.dateline)
            .any(|t| {
                let days = t.resolve(self.times.anchor, Direction::Past);
                days.is_some_and(|d| (self.times.anchor - d.end).get_days() > 60)
            });
        set(Mark::long_ago, long_ago);
        set(
            Mark::first_topic,
            !starting(&document.topics, first, span.0)
                .iter()
                .any(|t| t.end <= span.0),
        );
        set(Mark::three_words, span.1 - span.0 >= 3 * scale);
        let background = self.background(contact);
        set(Mark::background, background);
        let left = |contact: usize| {
            last_of(&self.body[contact]).is_some_and(|s| self.paragraph(s) != self.paragraph(here))
        };
        set(Mark::background_left, background && left(at));
        let resumed = owned.is_some_and(|o| o.resumed && o.contact == at);
        set(Mark::resumed, resumed);
        let mut case = marks.case;
        let offset = ZONES.len() * MARKS.len();
        case.push((u16::try_from(offset + topic.0 as usize).unwrap_or(u16::MAX), 1.0));
        case
    }

    /// Whether a contact is told as what went before the news: it is days older than another one.
    fn background(&self, contact: &Contact) -> bool {
        self.fresh && self.age(contact).is_some_and(|days| days > FRESH)
    }

    /// Whether a sentence tells of a party or somebody who represents it.
    fn names_party(&self, first: usize, last: usize, party: PartyId) -> bool {
        self.mentions_in(first, last).any(|i| match &self.entities.of[i] {
            Referent::Entity(e) => self.entities.all[*e].party == Some(party),
            Referent::Posts(posts) => posts.iter().any(|(p, _)| *p == party),
            Referent::Parties(all) => all.contains(&party),
            _ => false,
        })
    }
}

/// The topics that count, most certain first cut off, in the order of the register.
pub fn chosen(document: &Document<'_>, told: &[Told]) -> Vec<Told> {
    let least = document.engine.models.topics.threshold;
    let mut chosen: Vec<Told> = told
        .iter()
        .filter(|t| t.score >= least)
        .take(MOST)
        .cloned()
        .collect();
    chosen.sort_by_key(|t| t.topic);
    chosen
}
