//! From a contact to the event of the public schema.

use jiff::civil::Date;
use smallvec::SmallVec;

use super::{
    Engine, Reading, confidence,
    contacts::{Contact, Participant, Who},
    document::Document,
    entities::{self, Entities, Entity},
    mentions::Mention,
    times::Times,
    topics,
};
use crate::{
    article::Article,
    event::{
        self, ArticleRef, ContactDate, ContactEvent, ContactKind, Evidence, EvidenceRole, Extractor,
        KafkaCoordinates, Office, ParticipantRole, Place, Span, Topic,
    },
    lexicon::OfficeCode,
    register::PartyId,
};

/// The contacts of an article as events, sure or not.
pub fn readings(
    document: &Document<'_>,
    mentions: &[Mention],
    entities: &Entities,
    times: &Times,
    contacts: &[Contact],
) -> Vec<Reading> {
    let publisher = Publisher {
        document,
        mentions,
        entities,
        times,
    };
    contacts
        .iter()
        .filter_map(|c| publisher.reading(contacts, c))
        .collect()
}

/// The events that are sure enough to be told.
pub fn chosen(engine: &Engine, article: &Article, readings: Vec<Reading>) -> Vec<ContactEvent> {
    let least = engine.models.confidence.threshold;
    let mut events: Vec<ContactEvent> = readings
        .into_iter()
        .map(|r| r.event)
        .filter(|e| e.confidence >= least)
        .collect();
    event::identity::assign(&article.id, &mut events);
    events
}

struct Publisher<'d, 'a> {
    document: &'d Document<'a>,
    mentions: &'d [Mention],
    entities: &'d Entities,
    times: &'d Times,
}

impl Publisher<'_, '_> {
    fn reading(&self, contacts: &[Contact], contact: &Contact) -> Option<Reading> {
        let document = self.document;
        let day = contact.when.map_or(self.times.anchor, |w| w.days.start);
        let mut participants: Vec<event::Participant> = Vec::new();
        for p in &contact.participants {
            let Some(told) = self.participant(contact, p, day) else {
                continue;
            };
            match participants
                .iter_mut()
                .find(|q| !q.name.is_empty() && q.name == told.name)
            {
                Some(q) => {
                    q.roles.extend(
                        told.roles
                            .iter()
                            .copied()
                            .filter(|r| !q.roles.contains(r))
                            .collect::<Vec<_>>(),
                    );
                    q.mentions.extend(told.mentions);
                }
                None => participants.push(told),
            }
        }
        participants.sort_by(|a, b| {
            (event::identity::party_code(a), &a.name).cmp(&(event::identity::party_code(b), &b.name))
        });
        let mut codes: Vec<&str> = participants.iter().map(event::identity::party_code).collect();
        codes.dedup();
        if codes.len() < 2 {
            return None;
        }
        let case = confidence::case(document, self.entities, contacts, contact, codes.len());
        let confidence = (document.engine.models.confidence.probability(&case) * 1000.0).round() / 1000.0;
        let mut evidence: Vec<Evidence> = Vec::new();
        for &(start, end) in &contact.evidence {
            let (first, last) = document.sentence(start);
            evidence.push(self.evidence(EvidenceRole::Sentence, first, last));
            evidence.push(self.evidence(EvidenceRole::Trigger, start, end));
        }
        if let Some((start, end)) = contact.status.cue {
            evidence.push(self.evidence(EvidenceRole::Status, start, end));
        }
        if let Some((start, end)) = contact.initiative {
            evidence.push(self.evidence(EvidenceRole::Initiative, start, end));
        }
        evidence.sort_by_key(|e| e.span.as_ref().map(|s| (s.section, s.start, s.end, e.role)));
        evidence.dedup();
        let register = document.register();
        let mut topics: Vec<Topic> = topics::chosen(document, &contact.topics)
            .iter()
            .map(|t| {
                let info = register.topic_info(t.topic);
                Topic {
                    code: info.code.clone(),
                    label: info.label.clone(),
                    score: (t.score * 1000.0).round() / 1000.0,
                    spans: t.spans.iter().map(|(s, e)| self.span(*s, *e)).collect(),
                }
            })
            .collect();
        topics.sort_by(|a, b| a.code.cmp(&b.code));
        let article = document.article;
        let words = contact
            .topics
            .iter()
            .map(|t| (register.topic_info(t.topic).code.clone(), t.cases.clone()))
            .collect();
        let event = ContactEvent {
            event_id: String::new(),
            contact_key: String::new(),
            article: Some(ArticleRef {
                id: article.id.clone(),
                url: article.url.clone(),
                source: article.source.clone(),
                title: article.title.clone(),
                language: document.pack.code.clone(),
                published_at: article.published_at.text.clone(),
                kafka: article.record.as_ref().map(|r| KafkaCoordinates {
                    topic: r.topic.clone(),
                    partition: r.partition,
                    offset: r.offset,
                }),
            }),
            kind: contact.kind as i32,
            status: contact.status.status as i32,
            participants,
            date: contact.when.map(|w| ContactDate {
                start: w.days.start.to_string(),
                end: w.days.end.to_string(),
                precision: w.days.precision as i32,
                text: document.text(w.span.0, w.span.1).to_owned(),
                span: Some(self.span(w.span.0, w.span.1)),
            }),
            place: contact.place.map(|w| Place {
                name: w
                    .place
                    .map(|p| register.place_info(p))
                    .map(|p| p.name.clone())
                    .unwrap_or_default(),
                country: w
                    .country
                    .map(|c| register.party_info(c).code.clone())
                    .unwrap_or_default(),
                span: w.span.map(|(s, e)| self.span(s, e)),
            }),
            topics,
            evidence,
            confidence,
            cameo_code: cameo(contact, day).to_owned(),
            extractor: Some(Extractor {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                data_version: document.engine.data_version().to_owned(),
            }),
        };
        Some(Reading {
            event,
            case,
            topics: words,
        })
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let (Some(first), Some(last)) = (
            self.document.tokens.get(start),
            end.checked_sub(1).and_then(|e| self.document.tokens.get(e)),
        ) else {
            return Span::default();
        };
        let span = self.document.map.span(first.start as usize, last.end as usize);
        Span {
            section: span.section as i32,
            start: span.start,
            end: span.end,
            text: span.text,
        }
    }

    fn evidence(&self, role: EvidenceRole, start: usize, end: usize) -> Evidence {
        Evidence {
            role: role as i32,
            span: Some(self.span(start, end)),
        }
    }

    fn participant(&self, contact: &Contact, p: &Participant, day: Date) -> Option<event::Participant> {
        let register = self.document.register();
        let (name, office, party, resolved) = match p.who {
            Who::Entity(e) => {
                let entity = &self.entities.all[e];
                let office = if entity.office_told {
                    entity.office
                } else {
                    entity
                        .person
                        .and_then(|id| entities::best_term(self.document, id, None, entity.party, day))
                        .map(|t| t.1)
                        .or(entity.office)
                };
                (
                    self.name(entity),
                    office.unwrap_or(Office::Unknown),
                    entity.party?,
                    false,
                )
            }
            Who::Post(party, OfficeCode::Leader) => {
                match register.leader(register.government(party, day), day) {
                    Some((person, office)) => (register.person(person).name.clone(), office, party, true),
                    None => (String::new(), register.party_info(party).leader, party, false),
                }
            }
            Who::Post(party, OfficeCode::Office(office)) => {
                match self.holder(register.government(party, day), office, day) {
                    Some(name) => (name, office, party, true),
                    None => (String::new(), office, party, false),
                }
            }
            Who::Post(party, OfficeCode::Counterpart | OfficeCode::Partner) => {
                (String::new(), Office::Unknown, party, false)
            }
            Who::Party(party) => (
                String::new(),
                if contact.kind == ContactKind::Visit {
                    Office::Unknown
                } else {
                    Office::Delegation
                },
                party,
                false,
            ),
        };
        let party = if matches!(p.who, Who::Entity(_)) {
            party
        } else {
            register.government(party, day)
        };
        let info = register.party_info(party);
        let (country, organization) = if info.is_state {
            (info.code.clone(), String::new())
        } else {
            (String::new(), info.code.clone())
        };
        let mut mentions: SmallVec<[usize; 2]> = p.mentions.clone();
        mentions.sort_unstable();
        let first = mentions.first().map(|m| &self.mentions[*m]);
        let mut roles: Vec<ParticipantRole> = p.roles.to_vec();
        roles.sort_unstable_by_key(|r| *r as i32);
        roles.dedup();
        Some(event::Participant {
            name,
            mention: first
                .map(|m| self.document.text(m.start, m.end).to_owned())
                .unwrap_or_default(),
            office: office as i32,
            title: mentions
                .iter()
                .find_map(|m| self.mentions[*m].office)
                .map(|o| self.document.text(o.start, o.end).to_owned())
                .unwrap_or_default(),
            country,
            organization,
            roles: roles.into_iter().map(|r| r as i32).collect(),
            resolved_from_register: resolved,
            mentions: mentions
                .iter()
                .map(|m| self.span(self.mentions[*m].start, self.mentions[*m].end))
                .collect(),
        })
    }

    /// The name as events tell it: of somebody the register does not know, in Latin letters.
    fn name(&self, entity: &Entity) -> String {
        match &self.document.pack.latin {
            Some(latin) if entity.person.is_none() => {
                let party = entity.party.map(|p| (p, self.document.register().party_info(p)));
                let family_first = party
                    .filter(|(_, info)| info.is_state)
                    .map(|(_, info)| info.family_first);
                latin.name(&entity.name, entity.party, family_first)
            }
            _ => entity.name.clone(),
        }
    }

    /// The one holder of an office on a day; none where there are several or the office has many at a time.
    fn holder(&self, party: PartyId, office: Office, day: Date) -> Option<String> {
        let single = matches!(
            office,
            Office::HeadOfState
                | Office::HeadOfGovernment
                | Office::ForeignMinister
                | Office::DefenceMinister
                | Office::HeadOfOrganization
                | Office::SecurityAdviser
        );
        if !single {
            return None;
        }
        let register = self.document.register();
        register
            .holders(party, office, day)
            .next()
            .map(|id| register.person(id).name.clone())
    }
}

/// CAMEO code of a contact.
fn cameo(contact: &Contact, _day: Date) -> &'static str {
    let role = |r: ParticipantRole| contact.participants.iter().any(|p| p.roles.contains(&r));
    match contact.kind {
        ContactKind::PhoneCall | ContactKind::VideoCall => "041",
        ContactKind::Visit => "042",
        ContactKind::Meeting if role(ParticipantRole::Host) => "043",
        ContactKind::Negotiation if role(ParticipantRole::Mediator) => "045",
        ContactKind::Negotiation => "046",
        _ => "040",
    }
}
