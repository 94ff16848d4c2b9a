//! Names for events that hold on every run and host, and across outlets.
//!
//! Two questions are asked of an event's identity, and they want different answers.
//!
//! *Is this the event that I have already stored?* [`event_id`] answers it: the same article read by the
//! same data yields the same ids, whatever the host, the thread or the order of the articles. It is a hash
//! over the article's id and what the event tells, and an ordinal that keeps apart events that tell the same.
//!
//! *Is this the contact that somebody else has reported?* [`contact_key`] answers it: a hash over what two
//! outlets, in whatever languages, agree on when they tell the same contact, and over nothing else:
//!
//! * the **parties**, as a set of codes;
//! * the **people**: of each party the named person of the highest office (an outlet may leave out the
//!   ministers who sat beside a president, seldom the president), by the last word of the name, folded to
//!   lower-case ASCII, so that a first name left out or abbreviated, or an accent dropped, does not matter;
//! * the **first day** of the contact;
//! * the **family of the kind**, see [`Family`].
//!
//! The status is left out on purpose: a meeting announced on Monday, held on Thursday and denied on Friday is
//! one contact. So are place and topics, which one outlet tells and another does not.
//!
//! An article may tell no date. A contact that has been held or is going on is then keyed by the day of the
//! article's publication, as if the text had said "today": of the outlets that tell fresh news, most do say
//! it. Another undated contact is keyed by the month of the publication. That is a guess fit for grouping,
//! not for publishing: the event's own `date` stays absent.
use sha2::{Digest, Sha256};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{ContactEvent, ContactKind, ContactStatus, Office, Participant};

/// Hexadecimal digits of an identifier.
const DIGITS: usize = 32;

/// The three ways in which a contact comes about; outlets disagree about kinds, seldom about these.
///
/// An exchange, told without its channel, counts as face to face where a place is told and as one by wire
/// where none is: leaders who "spoke" with no place to it were on the telephone far more often than not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Meeting, visit, summit, negotiation.
    FaceToFace,
    /// Telephone or video link.
    Wire,
    /// Letter, telegram, note.
    Writing,
}

impl Family {
    /// The family of an event's kind.
    #[must_use]
    pub fn of(event: &ContactEvent) -> Self {
        match event.kind() {
            ContactKind::PhoneCall | ContactKind::VideoCall => Self::Wire,
            ContactKind::Message => Self::Writing,
            ContactKind::Exchange if event.place.is_none() => Self::Wire,
            ContactKind::Unspecified
            | ContactKind::Meeting
            | ContactKind::Visit
            | ContactKind::Negotiation
            | ContactKind::Summit
            | ContactKind::Exchange => Self::FaceToFace,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::FaceToFace => "face",
            Self::Wire => "wire",
            Self::Writing => "writing",
        }
    }
}

/// Gives every event of one article its `event_id` and `contact_key`.
///
/// The events are those of one article, in the order in which they are published; of events that tell the
/// same, the first has ordinal 0.
pub fn assign(article_id: &str, events: &mut [ContactEvent]) {
    let mut seen: Vec<[u8; 32]> = Vec::with_capacity(events.len());
    for event in events {
        let content = content_hash(article_id, event);
        let ordinal = seen.iter().filter(|hash| **hash == content).count();
        seen.push(content);
        event.event_id = number(content, ordinal);
        event.contact_key = contact_key(event);
    }
}

/// Identity of an event within its article: 32 lower-case hexadecimal digits.
///
/// `ordinal` counts, from 0, the earlier events of the same article that tell the same (kind, status,
/// parties with their people, and date).
#[must_use]
pub fn event_id(article_id: &str, event: &ContactEvent, ordinal: usize) -> String {
    number(content_hash(article_id, event), ordinal)
}

/// Identity of the contact that an event tells, shared by all articles that tell it: 32 lower-case
/// hexadecimal digits.
#[must_use]
pub fn contact_key(event: &ContactEvent) -> String {
    let mut parties: Vec<&str> = event.participants.iter().map(party_code).collect();
    parties.sort_unstable();
    parties.dedup();

    let mut hash = Hasher::new("contact/1");
    hash.list(parties.iter());
    let mut people: Vec<String> = parties
        .iter()
        .flat_map(|party| leading_people(event, party))
        .collect();
    people.sort_unstable();
    people.dedup();
    hash.list(people.iter());
    hash.field(&day(event));
    hash.field(Family::of(event).label());
    hex(&hash.finish())
}

/// The code of the state or organisation that a participant represents.
#[must_use]
pub fn party_code(participant: &Participant) -> &str {
    if participant.country.is_empty() {
        &participant.organization
    } else {
        &participant.country
    }
}

/// `text` in lower-case ASCII as far as it is written in Latin letters; other scripts keep their letters.
/// Everything that is neither letter nor digit becomes one space.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        // Lower-casing may bring a mark of its own: "İ" becomes "i" and a dot.
        if is_combining_mark(c) {
            continue;
        }
        let plain = match c {
            'ø' => "o",
            'ł' => "l",
            'đ' | 'ð' => "d",
            'ħ' => "h",
            'ı' => "i",
            'ŧ' => "t",
            'ŋ' => "n",
            'ə' => "e",
            'ß' => "ss",
            'æ' => "ae",
            'œ' => "oe",
            'þ' => "th",
            // Apostrophes and the half-rings of transliterations are dropped by some and kept by others.
            '\'' | '’' | '‘' | '`' | 'ʻ' | 'ʼ' | 'ʿ' | 'ʾ' => continue,
            _ => "",
        };
        if plain.is_empty() && !c.is_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        if plain.is_empty() {
            out.push(c);
        } else {
            out.push_str(plain);
        }
    }
    out
}

/// The folded last word of a name, without what the register appends to tell namesakes apart
/// ("John Smith (1950)") and without a generational suffix.
#[must_use]
pub fn last_name(name: &str) -> String {
    let name = name.split('(').next().unwrap_or(name);
    let folded = fold(name);
    let mut words = folded.split(' ').rev();
    let last = words.next().unwrap_or_default();
    let suffix = matches!(last, "jr" | "sr" | "junior" | "senior" | "ii" | "iii" | "iv");
    match words.next() {
        Some(before) if suffix => before.to_owned(),
        _ => last.to_owned(),
    }
}

/// Of the named people of `party`, those of the highest office, as `party:last name`.
fn leading_people<'a>(event: &'a ContactEvent, party: &'a str) -> impl Iterator<Item = String> + 'a {
    let named = move || {
        event
            .participants
            .iter()
            .filter(move |p| party_code(p) == party && !p.name.trim().is_empty())
    };
    let highest = named().map(|p| rank(p.office())).min();
    named()
        .filter(move |p| Some(rank(p.office())) == highest)
        .map(move |p| format!("{party}:{}", last_name(&p.name)))
}

/// Precedence of offices, the highest first.
fn rank(office: Office) -> u8 {
    match office {
        Office::HeadOfState => 0,
        Office::HeadOfGovernment | Office::HeadOfOrganization => 1,
        Office::ForeignMinister => 2,
        Office::DefenceMinister => 3,
        Office::Minister => 4,
        Office::SecurityAdviser => 5,
        Office::Envoy => 6,
        Office::MilitaryChief => 7,
        Office::SeniorOfficial => 8,
        Office::Legislator => 9,
        Office::Ambassador => 10,
        Office::Other => 11,
        Office::Delegation | Office::Unknown | Office::Unspecified => 12,
    }
}

/// The first day of the contact, or what stands in for it.
fn day(event: &ContactEvent) -> String {
    if let Some(date) = event.date.as_ref().filter(|date| !date.start.is_empty()) {
        return date.start.clone();
    }
    let published = event
        .article
        .as_ref()
        .map_or("", |article| article.published_at.as_str());
    let held = matches!(event.status(), ContactStatus::Held | ContactStatus::Ongoing);
    let length = if held { "YYYY-MM-DD".len() } else { "YYYY-MM".len() };
    published.chars().take(length).collect()
}

fn content_hash(article_id: &str, event: &ContactEvent) -> [u8; 32] {
    let mut who: Vec<(&str, String)> = event
        .participants
        .iter()
        .map(|p| (party_code(p), fold(&p.name)))
        .collect();
    who.sort_unstable();
    who.dedup();

    let mut hash = Hasher::new("event/1");
    hash.field(article_id);
    hash.field(event.kind().as_str_name());
    hash.field(event.status().as_str_name());
    hash.list(who.iter().flat_map(|(party, name)| [*party, name.as_str()]));
    let date = event.date.as_ref();
    hash.field(date.map_or("", |date| date.start.as_str()));
    hash.field(date.map_or("", |date| date.end.as_str()));
    hash.finish()
}

fn number(content: [u8; 32], ordinal: usize) -> String {
    let mut hash = Sha256::new();
    hash.update(content);
    hash.update((ordinal as u64).to_be_bytes());
    hex(&hash.finalize().into())
}

/// SHA-256 over fields that cannot run into each other: each is preceded by its length.
struct Hasher(Sha256);

impl Hasher {
    /// `purpose` keeps hashes of different kinds, and of later revisions of a kind, apart.
    fn new(purpose: &str) -> Self {
        let mut hasher = Self(Sha256::new());
        hasher.field(purpose);
        hasher
    }

    fn field(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn list<S: AsRef<str>>(&mut self, items: impl Iterator<Item = S>) {
        let mut count = 0_u64;
        for item in items {
            self.field(item.as_ref());
            count += 1;
        }
        self.0.update(count.to_be_bytes());
    }

    fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    let mut out = String::with_capacity(DIGITS);
    for byte in &bytes[..DIGITS / 2] {
        for nibble in [byte >> 4, byte & 0xf] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ArticleRef, ContactDate, Place};

    fn person(name: &str, country: &str, office: Office) -> Participant {
        Participant {
            name: name.into(),
            country: country.into(),
            office: office.into(),
            ..Participant::default()
        }
    }

    fn call() -> ContactEvent {
        ContactEvent {
            kind: ContactKind::PhoneCall.into(),
            status: ContactStatus::Held.into(),
            participants: vec![
                person("Emmanuel Macron", "FRA", Office::HeadOfState),
                person("Recep Tayyip Erdoğan", "TUR", Office::HeadOfState),
            ],
            date: Some(ContactDate {
                start: "2021-12-14".into(),
                end: "2021-12-14".into(),
                ..ContactDate::default()
            }),
            article: Some(ArticleRef {
                published_at: "2021-12-15T08:00:00+01:00".into(),
                ..ArticleRef::default()
            }),
            ..ContactEvent::default()
        }
    }

    #[test]
    fn identifiers_never_change_between_releases() {
        let mut events = [call()];
        assign("a-1", &mut events);
        assert_eq!(events[0].event_id, event_id("a-1", &call(), 0));
        assert_eq!(events[0].event_id, "3feffc60d9068232d4e91bb252606f50");
        assert_eq!(events[0].contact_key, "45f65a75a7e4155c31c4391aa48813dd");
    }

    #[test]
    fn events_that_tell_the_same_get_different_ids_and_one_key() {
        let mut events = [call(), call(), call()];
        assign("a-1", &mut events);
        assert_ne!(events[0].event_id, events[1].event_id);
        assert_ne!(events[1].event_id, events[2].event_id);
        assert_eq!(events[0].contact_key, events[2].contact_key);
        assert_ne!(event_id("a-1", &call(), 0), event_id("a-2", &call(), 0));
    }

    #[test]
    fn order_of_participants_does_not_matter() {
        let mut turned = call();
        turned.participants.reverse();
        assert_eq!(event_id("a", &turned, 0), event_id("a", &call(), 0));
        assert_eq!(contact_key(&turned), contact_key(&call()));
    }

    #[test]
    fn two_outlets_agree_on_the_key_of_one_contact() {
        let key = contact_key(&call());
        let mut other = call();
        other.participants = vec![
            person("Erdogan", "TUR", Office::HeadOfState),
            person("Hakan Fidan", "TUR", Office::ForeignMinister),
            person("MACRON", "FRA", Office::HeadOfState),
        ];
        other.kind = ContactKind::VideoCall.into();
        assert_eq!(contact_key(&other), key);
        other.kind = ContactKind::Exchange.into();
        other.status = ContactStatus::Planned.into();
        assert_eq!(contact_key(&other), key);
    }

    #[test]
    fn another_day_channel_person_or_party_is_another_contact() {
        let key = contact_key(&call());
        let changes: [fn(&mut ContactEvent); 5] = [
            |e| {
                e.date = Some(ContactDate {
                    start: "2021-12-13".into(),
                    ..ContactDate::default()
                })
            },
            |e| e.kind = ContactKind::Meeting.into(),
            |e| {
                e.kind = ContactKind::Exchange.into();
                e.place = Some(Place::default());
            },
            |e| e.participants[0].name = "Jean Castex".into(),
            |e| e.participants.push(person("", "AZE", Office::Delegation)),
        ];
        for change in changes {
            let mut other = call();
            change(&mut other);
            assert_ne!(contact_key(&other), key);
        }
    }

    #[test]
    fn an_undated_contact_is_keyed_by_its_article() {
        let mut undated = call();
        undated.date = None;
        let mut today = call();
        today.date = Some(ContactDate {
            start: "2021-12-15".into(),
            ..ContactDate::default()
        });
        assert_eq!(contact_key(&undated), contact_key(&today));
        undated.status = ContactStatus::Planned.into();
        let mut later = undated.clone();
        later.article = Some(ArticleRef {
            published_at: "2021-12-28".into(),
            ..ArticleRef::default()
        });
        assert_eq!(contact_key(&undated), contact_key(&later));
    }

    #[test]
    fn names_fold_to_what_every_outlet_writes() {
        assert_eq!(fold("Recep Tayyip Erdoğan"), "recep tayyip erdogan");
        assert_eq!(fold("İbrahim Kalın"), "ibrahim kalin");
        assert_eq!(fold("Lars Løkke-Rasmussen"), "lars lokke rasmussen");
        assert_eq!(fold("Sa‘d al-Ḥarīrī"), "sad al hariri");
        assert_eq!(fold("İlham Əliyev"), "ilham eliyev");
        assert_eq!(fold("Путин"), "путин");
        assert_eq!(last_name("John Smith (1950)"), "smith");
        assert_eq!(last_name("Ferdinand Marcos Jr."), "marcos");
        assert_eq!(last_name(""), "");
    }
}
