//! Who each mention is.
//!
//! People told by name become entities, the later short mentions of them join; the register supplies the usual
//! name, the office and the state. Offices told without a name look for an entity of that office in the article
//! and else stay posts, whose holder depends on the day of the contact.

use jiff::civil::Date;
use smallvec::SmallVec;

use super::{
    document::{Document, ending},
    mentions::{Mention, MentionKind, may_shorten, office_rank},
};
use crate::{
    event::Office,
    lexicon::OfficeCode,
    register::{PartyId, PersonId},
    text::{Kind, Script, fold},
};

/// Days around an article in which a former or coming holder is still meant by a bare name.
const MEMORY: i64 = 730;

/// A person told by name.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Name as events write it.
    pub name: String,
    /// The register's person.
    pub person: Option<PersonId>,
    /// The folded last word of the name as the article writes it.
    family: String,
    /// Folded words of the fullest name in the article.
    words: Vec<String>,
    /// The party told or on record.
    pub party: Option<PartyId>,
    /// The office told or on record.
    pub office: Option<Office>,
    /// The office is told by the article, not looked up.
    pub office_told: bool,
    /// Told as past, deputy or to come.
    pub shifted: bool,
}

/// What a mention refers to.
#[derive(Debug, Clone, PartialEq)]
pub enum Referent {
    /// A person told by name.
    Entity(usize),
    /// Holders of offices, told without names.
    Posts(SmallVec<[(PartyId, OfficeCode); 3]>),
    /// An office of a party that is not told.
    Office(OfficeCode),
    /// The counterpart of the other side, of this party where told.
    Counterpart(Option<PartyId>),
    /// The other side of the contact.
    Partner,
    /// States or organisations as such.
    Parties(SmallVec<[PartyId; 3]>),
    /// Several people told before: how many (0 where not told), their office.
    Collective(usize, Option<OfficeCode>),
    /// A pronoun for one.
    He,
    /// A pronoun for several.
    They,
    /// Nobody.
    None,
}

/// The people of an article and what its mentions refer to.
#[derive(Debug)]
pub struct Entities {
    /// People told by name.
    pub all: Vec<Entity>,
    /// One a mention.
    pub of: Vec<Referent>,
    /// The state the article is written in, as its dateline tells.
    pub home: Option<PartyId>,
}

/// Resolves all mentions.
pub fn resolve(document: &Document<'_>, mentions: &[Mention]) -> Entities {
    let home = home(document, mentions);
    let mut entities = Entities {
        all: Vec::new(),
        of: vec![Referent::None; mentions.len()],
        home,
    };
    // Full names first, so that a short name in the headline finds its person.
    for full in [true, false] {
        for (at, m) in mentions.iter().enumerate() {
            if let Some((start, end, _)) = m.name
                && (end - start > 1) == full
            {
                entities.of[at] = entities
                    .name(document, m)
                    .map_or(Referent::None, Referent::Entity);
            }
        }
    }
    entities.infer_parties(mentions);
    for (at, m) in mentions.iter().enumerate() {
        if m.name.is_none() {
            let dateline = m.end <= document.dateline_end && !document.in_title(m.start);
            entities.of[at] = if dateline {
                Referent::None
            } else {
                entities.unnamed(mentions, at, m)
            };
        }
    }
    entities
}

fn home(document: &Document<'_>, mentions: &[Mention]) -> Option<PartyId> {
    let body = document.body_start()?;
    mentions
        .iter()
        .find(|m| m.start >= body && m.start < body + 3 && m.place.is_some())
        .and_then(|m| m.parties.first().copied())
        .or_else(|| {
            document
                .atoms
                .iter()
                .find(|a| a.start >= body && a.start < body + 2)
                .and_then(|a| match a.kind {
                    super::document::AtomKind::Place(place) => document.register().place_info(place).country,
                    _ => None,
                })
        })
}

/// Whether two office codes can be told of one person.
pub fn same_office(a: OfficeCode, b: Office) -> bool {
    match a {
        OfficeCode::Office(a) => a == b,
        OfficeCode::Leader => matches!(
            b,
            Office::HeadOfState | Office::HeadOfGovernment | Office::HeadOfOrganization
        ),
        OfficeCode::Counterpart | OfficeCode::Partner => false,
    }
}

impl Entities {
    fn name(&mut self, document: &Document<'_>, m: &Mention) -> Option<usize> {
        let (start, end, known) = m.name?;
        let date = document.article.published_at.date;
        let mut words: Vec<String> = (start..end)
            .filter(|i| document.tokens[*i].kind == Kind::Word)
            .map(|i| fold(document.word(i)))
            .collect();
        if document.pack.script == Script::Hani {
            // Han names are not split into words but where a dot stands.
            words = document
                .text(start, end)
                .split(['·', '・', '‧', '•', '．'])
                .map(str::to_owned)
                .collect();
        }
        let family = words.last()?.clone();
        let short = words.len() == 1 || words.len() == 2 && words[0].chars().count() == 1;
        let office = m.office.map(|o| o.code);
        let party = m.parties.first().copied();
        let conflict = |e: &Entity| party.is_some_and(|p| e.party.is_some_and(|q| p != q));
        let found = self.all.iter().position(|e| {
            let same = if short {
                e.family == family
                    || e.words.contains(&family) && (words.len() == 1) && is_family(document, e, &family)
            } else {
                e.words == words
                    || e.words.len() > 1
                        && words.len() > 1
                        && e.family == family
                        && (e.words[0] == words[0] || subset(&e.words, &words))
            };
            same && !conflict(e)
        });
        if let Some(at) = found {
            self.enrich(document, at, m);
            return Some(at);
        }
        let candidates = known.map(|id| document.register().name_form(id));
        let mut party = party;
        let mut person = candidates
            .and_then(|form| choose(document, &form.people, office, party, date, form.partial || short));
        if person.is_none()
            && let Some(form) = candidates
        {
            let other = m.either.iter().find_map(|p| {
                choose(document, &form.people, office, Some(*p), date, false).map(|id| (*p, id))
            });
            if let Some((other, id)) = other {
                party = Some(other);
                person = Some(id);
            }
        }
        // A bare capitalised word that is nobody's known name and has no title is no person.
        if person.is_none()
            && short
            && office.is_none()
            && m.office.is_none()
            && !has_honorific(document, start)
            && party.is_none()
        {
            return None;
        }
        if let Some(person) = person
            && let Some(at) = self.all.iter().position(|e| e.person == Some(person))
        {
            self.enrich(document, at, m);
            return Some(at);
        }
        let term = person.and_then(|p| best_term(document, p, office, party, date));
        let name = person.map_or_else(
            || written(document, start, end),
            |p| document.register().person(p).name.clone(),
        );
        self.all.push(Entity {
            name,
            person,
            family,
            words,
            party: party.or(term.map(|t| t.0)),
            office: None,
            office_told: false,
            shifted: false,
        });
        let at = self.all.len() - 1;
        self.all[at].office = term.map(|t| t.1);
        self.enrich(document, at, m);
        Some(at)
    }

    /// An office holder of no told party is of that of the people named in one breath, else of the state that the
    /// article is written in.
    fn infer_parties(&mut self, mentions: &[Mention]) {
        for at in 0..mentions.len() {
            let Referent::Entity(e) = self.of[at] else {
                continue;
            };
            let foreign = matches!(
                self.all[e].office,
                None | Some(Office::Ambassador | Office::Envoy | Office::Other | Office::Unknown)
            );
            if self.all[e].party.is_some() || foreign || !self.all[e].office_told {
                continue;
            }
            let mate = (0..mentions.len()).find_map(|o| match self.of[o] {
                Referent::Entity(other) if other != e && mentions[o].group == mentions[at].group => {
                    self.all[other].party
                }
                _ => None,
            });
            self.all[e].party = mate.or(self.home);
        }
    }

    fn enrich(&mut self, document: &Document<'_>, at: usize, m: &Mention) {
        let date = document.article.published_at.date;
        let entity = &mut self.all[at];
        if entity.party.is_none() {
            entity.party = m.parties.first().copied();
        }
        if let Some(office) = m.office {
            let told = match office.code {
                OfficeCode::Office(o) => Some(o),
                OfficeCode::Leader | OfficeCode::Counterpart | OfficeCode::Partner => None,
            };
            if let Some(told) = told
                && !entity.office_told
                && !(entity.person.is_some()
                    && entity
                        .office
                        .is_some_and(|o| office_rank(OfficeCode::Office(o)) < office_rank(office.code))
                    && matches!(told, Office::Other | Office::Unknown | Office::Delegation))
            {
                if office.shifted {
                    if entity.office.is_none() {
                        entity.office = Some(Office::Other);
                    }
                    entity.shifted = true;
                } else {
                    entity.office = Some(told);
                    entity.office_told = true;
                }
            }
            if office.code == OfficeCode::Leader && entity.office.is_none() {
                entity.office = entity.party.map(|p| document.register().party_info(p).leader);
            }
        }
        if entity.party.is_none()
            && let Some(person) = entity.person
        {
            entity.party = best_term(document, person, None, None, date).map(|t| t.0);
        }
    }

    fn unnamed(&self, mentions: &[Mention], at: usize, m: &Mention) -> Referent {
        match m.kind {
            MentionKind::He => Referent::He,
            MentionKind::They => Referent::They,
            MentionKind::Collective(count) => Referent::Collective(count, m.office.map(|o| o.code)),
            MentionKind::State(_) | MentionKind::Organization | MentionKind::Group => {
                Referent::Parties(m.parties.clone())
            }
            MentionKind::Person => {
                let Some(office) = m.office else {
                    // A nationality standing for a person: the one of that party told last.
                    let party = m.parties.first().copied();
                    let told = (0..at).rev().find_map(|o| match self.of[o] {
                        Referent::Entity(e) if self.all[e].party == party => Some(e),
                        _ => None,
                    });
                    return told.map_or(Referent::None, Referent::Entity);
                };
                if office.code == OfficeCode::Partner {
                    return Referent::Partner;
                }
                if office.code == OfficeCode::Counterpart {
                    return Referent::Counterpart(m.parties.first().copied());
                }
                if office.code == OfficeCode::Office(Office::Delegation) && !m.parties.is_empty() {
                    return Referent::Posts(m.parties.iter().map(|p| (*p, office.code)).collect());
                }
                if office.shifted || office.plural && m.parties.is_empty() {
                    return if m.parties.is_empty() {
                        Referent::Collective(0, Some(office.code))
                    } else {
                        Referent::Posts(
                            m.parties
                                .iter()
                                .map(|p| (*p, OfficeCode::Office(Office::Other)))
                                .collect(),
                        )
                    };
                }
                if m.parties.len() > 1 || office.plural {
                    return Referent::Posts(m.parties.iter().map(|p| (*p, office.code)).collect());
                }
                let party = m.parties.first().copied();
                if let Some(entity) = self.holder_in_article(mentions, at, office.code, party) {
                    return Referent::Entity(entity);
                }
                match party {
                    Some(party) => Referent::Posts(SmallVec::from_slice(&[(party, office.code)])),
                    None => Referent::Office(office.code),
                }
            }
        }
    }

    /// The person of that office whom the article names, the nearest before the mention, else the first behind.
    fn holder_in_article(
        &self,
        mentions: &[Mention],
        at: usize,
        office: OfficeCode,
        party: Option<PartyId>,
    ) -> Option<usize> {
        let fits = |other: usize| {
            let Referent::Entity(e) = self.of[other] else {
                return None;
            };
            let entity = &self.all[e];
            let short = party.is_some() || mentions[at].office.is_some_and(|o| o.weak);
            let fits = entity.office.is_some_and(|o| {
                same_office(office, o) || short && may_shorten(office, OfficeCode::Office(o))
            }) && !entity.shifted
                && party.is_none_or(|p| entity.party == Some(p));
            fits.then_some(e)
        };
        let behind = || {
            if party.is_some() {
                (at + 1..mentions.len()).find_map(fits)
            } else {
                None
            }
        };
        (0..at).rev().find_map(fits).or_else(behind)
    }
}

fn subset(a: &[String], b: &[String]) -> bool {
    a.iter().all(|w| b.contains(w)) || b.iter().all(|w| a.contains(w))
}

fn is_family(document: &Document<'_>, entity: &Entity, word: &str) -> bool {
    match entity.person {
        Some(person) => document
            .register()
            .person(person)
            .family
            .split([' ', '-'])
            .any(|w| fold(w) == word),
        // A name of which no register knows the order: any word but the first, or the first of a short name.
        None => {
            entity.words.first().map(String::as_str) != Some(word)
                || entity
                    .party
                    .is_some_and(|p| document.register().party_info(p).family_first)
        }
    }
}

fn has_honorific(document: &Document<'_>, start: usize) -> bool {
    ending(&document.atoms, start).is_some_and(|a| a.kind == super::document::AtomKind::Honorific)
}

fn written(document: &Document<'_>, start: usize, end: usize) -> String {
    let text = document
        .text(start, end)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let words = text.split(' ').map(|word| {
        let shouted = word.chars().filter(|c| c.is_alphabetic()).count() > 2
            && !word.chars().any(char::is_lowercase)
            && word.chars().any(char::is_uppercase);
        if !shouted {
            return word.to_owned();
        }
        let mut out = String::new();
        let mut start = true;
        for c in word.chars() {
            if start {
                out.push(c)
            } else {
                out.extend(c.to_lowercase())
            }
            start = !c.is_alphabetic();
        }
        out
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The person of that spelling who is meant, by office, party and time.
fn choose(
    document: &Document<'_>,
    people: &[PersonId],
    office: Option<OfficeCode>,
    party: Option<PartyId>,
    date: Date,
    short: bool,
) -> Option<PersonId> {
    let register = document.register();
    let score = |id: &PersonId| -> Option<(i64, i64)> {
        let person = register.person(*id);
        let mut best: Option<i64> = None;
        for term in &person.terms {
            let distance = term.distance(date);
            let mut score = -distance.min(20_000) / 30;
            if let Some(party) = party {
                score += if term.party == party { 400 } else { -2000 };
            }
            if let Some(office) = office {
                score += if same_office(office, term.office) { 300 } else { 0 };
            }
            if short && party.is_none() && office.is_none() && distance > MEMORY {
                continue;
            }
            let rank = i64::try_from(office_rank(OfficeCode::Office(term.office))).unwrap_or(20);
            score -= rank * 2;
            best = best.max(Some(score));
        }
        best.filter(|s| *s > -1500).map(|s| (s, -i64::from(id.0)))
    };
    people
        .iter()
        .filter_map(|id| score(id).map(|s| (s, *id)))
        .max()
        .map(|(_, id)| id)
}

/// The party and office of the term that fits best.
pub fn best_term(
    document: &Document<'_>,
    person: PersonId,
    office: Option<OfficeCode>,
    party: Option<PartyId>,
    date: Date,
) -> Option<(PartyId, Office)> {
    let person = document.register().person(person);
    person
        .terms
        .iter()
        .filter(|t| party.is_none_or(|p| p == t.party))
        .min_by_key(|t| {
            let named = office.is_some_and(|o| same_office(o, t.office));
            (
                t.distance(date) > 0,
                !named,
                t.distance(date),
                office_rank(OfficeCode::Office(t.office)),
            )
        })
        .map(|t| {
            (
                t.party,
                if t.covers(date) || t.distance(date) < 120 {
                    t.office
                } else {
                    Office::Other
                },
            )
        })
}
