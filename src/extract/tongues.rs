//! One contact told in two languages of one article is one event.
//!
//! Each language's paragraphs are read as a document of their own, over the offsets of the whole article; nothing
//! passes between the documents, neither people nor days, because a reader of one language understands its
//! paragraphs alone. What they tell is put together here, as two outlets' events would be: by parties, people,
//! channel, status and day.

use crate::event::{ContactEvent, ContactKind, ContactStatus, identity};

use super::Reading;

/// Adds what another language tells; what has been told already gains evidence, and what it lacked.
pub fn join(told: &mut Vec<Reading>, more: Vec<Reading>) {
    let before = told.len();
    for reading in more {
        match told[..before].iter_mut().find(|t| same(&t.event, &reading.event)) {
            Some(into) => absorb(into, reading),
            None => told.push(reading),
        }
    }
}

/// Puts the readings in the order of the text.
pub fn sort(told: &mut [Reading]) {
    told.sort_by_key(|reading| {
        let first = reading.event.evidence.first().and_then(|e| e.span.as_ref());
        first.map(|span| (span.section, span.start))
    });
}

fn same(a: &ContactEvent, b: &ContactEvent) -> bool {
    parties(a) == parties(b)
        && identity::Family::of(a) == identity::Family::of(b)
        && stage(a.status()) == stage(b.status())
        && match (&a.date, &b.date) {
            // ISO dates compare as text.
            (Some(x), Some(y)) => x.start <= y.end && y.start <= x.end,
            _ => true,
        }
        && parties(a).into_iter().all(|party| {
            let (x, y) = (people(a, party), people(b, party));
            x.is_empty() || y.is_empty() || x.iter().any(|name| y.contains(name))
        })
}

fn parties(event: &ContactEvent) -> Vec<&str> {
    let mut parties: Vec<&str> = event.participants.iter().map(identity::party_code).collect();
    parties.sort_unstable();
    parties.dedup();
    parties
}

fn people(event: &ContactEvent, party: &str) -> Vec<String> {
    let named = event.participants.iter().filter(|p| !p.name.is_empty());
    named
        .filter(|p| identity::party_code(p) == party)
        .map(|p| identity::last_name(&p.name))
        .collect()
}

/// Statuses that two tellings of one contact may differ in are one stage.
fn stage(status: ContactStatus) -> u8 {
    match status {
        ContactStatus::Held | ContactStatus::Ongoing | ContactStatus::Unspecified => 0,
        ContactStatus::Planned | ContactStatus::Proposed => 1,
        ContactStatus::Cancelled => 2,
        ContactStatus::Refused => 3,
    }
}

fn absorb(into: &mut Reading, from: Reading) {
    let (event, other) = (&mut into.event, from.event);
    if event.kind() == ContactKind::Exchange {
        event.kind = other.kind;
        event.cameo_code.clone_from(&other.cameo_code);
    }
    event.date = event.date.take().or(other.date);
    event.place = event.place.take().or(other.place);
    for person in other.participants {
        let party = identity::party_code(&person).to_owned();
        let of_party = |p: &&mut crate::event::Participant| identity::party_code(p) == party;
        let name = identity::last_name(&person.name);
        let known = event.participants.iter().any(|p| {
            identity::party_code(p) == party && !p.name.is_empty() && identity::last_name(&p.name) == name
        });
        if known || person.name.is_empty() {
            let mut own = event.participants.iter_mut().filter(of_party);
            if let Some(p) = own.find(|p| identity::last_name(&p.name) == name) {
                p.roles.extend(
                    person
                        .roles
                        .iter()
                        .filter(|r| !p.roles.contains(r))
                        .copied()
                        .collect::<Vec<_>>(),
                );
                p.roles.sort_unstable();
                p.mentions.extend(person.mentions);
            }
        } else if let Some(p) = event
            .participants
            .iter_mut()
            .filter(of_party)
            .find(|p| p.name.is_empty())
        {
            *p = person;
        } else {
            event.participants.push(person);
        }
    }
    event
        .participants
        .sort_by(|a, b| (identity::party_code(a), &a.name).cmp(&(identity::party_code(b), &b.name)));
    event.evidence.extend(other.evidence);
    event
        .evidence
        .sort_by_key(|e| e.span.as_ref().map(|s| (s.section, s.start, s.end, e.role)));
    event.evidence.dedup();
    for topic in other.topics {
        match event.topics.iter_mut().find(|t| t.code == topic.code) {
            Some(t) => {
                t.score = t.score.max(topic.score);
                t.spans.extend(topic.spans);
            }
            None => event.topics.push(topic),
        }
    }
    event.topics.sort_by(|a, b| a.code.cmp(&b.code));
    event.confidence = event.confidence.max(other.confidence);
    into.topics.extend(from.topics);
}
