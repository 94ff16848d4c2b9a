//! One contact, one event: headline, lead and a later paragraph that tell the same contact become one.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{
    contacts::{Contact, Participant, Who, add, party_of, wired},
    entities::Entities,
    times::Days,
};
use crate::{
    event::{ContactKind, ContactStatus, DatePrecision, Office, ParticipantRole},
    lexicon::{Frame, OfficeCode},
    register::PartyId,
};

/// Sentences between a journey and what it leads to.
const NEAR: usize = 4;

/// The contacts with those that are the same put together, in the order of the text.
pub fn merge(entities: &Entities, contacts: Vec<Contact>) -> Vec<Contact> {
    let mut merged: Vec<Contact> = Vec::new();
    let mut index = Index::default();
    // The text first: a headline shortens, and adds nobody to what the text tells.
    let (titles, texts): (Vec<Contact>, Vec<Contact>) = contacts.into_iter().partition(|c| c.traits.title);
    for contact in texts.into_iter().chain(titles) {
        let parties = contact.parties(entities);
        if contact.traits.title
            && let Some(into) = merged
                .iter_mut()
                .filter(|m| !m.traits.title && headlines(entities, &contact, m))
                .min_by_key(|m| m.sentence)
        {
            into.evidence.extend(contact.evidence);
            into.traits.told += 1;
            // "Meeting postponed": what the headline says of it holds where the text only names it.
            let only_named =
                into.traits.noun && into.status.status == ContactStatus::Held && into.status.cue.is_none();
            if only_named && contact.status.cue.is_some() {
                into.status = contact.status;
            }
            if into.place.is_none() && !wired(into.kind) {
                into.place = contact.place;
            }
            continue;
        }
        let candidates = if contact.traits.title {
            (0..merged.len()).collect()
        } else {
            index.candidates(&parties, contact.sentence)
        };
        let into = candidates
            .into_iter()
            .filter(|m| same(entities, &merged[*m], &contact, &parties))
            .min_by_key(|m| cost(&merged[*m], &contact));
        let at = into.unwrap_or(merged.len());
        match into {
            Some(into) => absorb(entities, &mut merged[into], contact),
            None => {
                index.by_sentence.entry(contact.sentence).or_default().push(at);
                merged.push(contact);
            }
        }
        index
            .by_parties
            .entry(merged[at].parties(entities))
            .or_default()
            .insert(at);
    }
    for contact in &mut merged {
        if contact.kind == ContactKind::Exchange {
            contact.kind = contact.open.unwrap_or(contact.kind);
        }
    }
    drop_summaries(entities, &mut merged);
    drop_journeys(entities, &mut merged);
    merged.sort_by_key(|c| c.evidence.iter().min().copied());
    merged
}

/// Where contacts are that may be the same as one of the text: its very parties', and its sentence's.
#[derive(Default)]
struct Index {
    by_parties: FxHashMap<Vec<PartyId>, BTreeSet<usize>>,
    by_sentence: FxHashMap<usize, Vec<usize>>,
}

impl Index {
    /// Numbers of the contacts, in order.
    fn candidates(&self, parties: &[PartyId], sentence: usize) -> BTreeSet<usize> {
        let mut found = self.by_parties.get(parties).cloned().unwrap_or_default();
        found.extend(self.by_sentence.get(&sentence).into_iter().flatten());
        found
    }
}

/// Whether a headline's contact is what the text tells more fully: two of its people, or its very parties.
fn headlines(entities: &Entities, title: &Contact, text: &Contact) -> bool {
    if !kinds_agree(title, text) || !dates_agree(title, text) {
        return false;
    }
    let people = title
        .participants
        .iter()
        .filter(|p| matches!(p.who, Who::Entity(_)) && text.participants.iter().any(|q| q.who == p.who))
        .count();
    let own = title.parties(entities);
    let parties = text.parties(entities);
    let common = own.iter().filter(|p| parties.contains(p)).count();
    (people > 1 || common == own.len()) && common > 1 && people_agree(entities, title, text)
}

/// A headline that puts several contacts of the text into one is none of its own: "O'Neill meets Samoan, Vanuatu
/// leaders", where the text tells of two meetings.
fn drop_summaries(entities: &Entities, merged: &mut Vec<Contact>) {
    let texts: Vec<Contact> = merged.iter().filter(|c| !c.traits.title).cloned().collect();
    merged.retain(|c| {
        let parties = c.parties(entities);
        if !c.traits.title || parties.len() < 3 {
            return true;
        }
        let parts: Vec<Vec<PartyId>> = texts
            .iter()
            .filter(|t| kinds_agree(c, t) && dates_agree(c, t))
            .map(|t| t.parties(entities))
            .filter(|p| p.len() < parties.len() && p.iter().all(|q| parties.contains(q)))
            .collect();
        parts.len() < 2 || !parties.iter().all(|p| parts.iter().any(|part| part.contains(p)))
    });
}

/// A journey that no more than leads to contacts told beside it is none of its own: "on a visit to Paris for the
/// summit, he met …", "arrived in Rome, where he was received by …".
fn drop_journeys(entities: &Entities, merged: &mut Vec<Contact>) {
    let mut others: Vec<Contact> = merged
        .iter()
        .filter(|c| c.kind != ContactKind::Visit && !wired(c.kind))
        .cloned()
        .collect();
    others.sort_by_key(|c| c.sentence);
    merged.retain(|c| {
        if c.kind != ContactKind::Visit {
            return true;
        }
        let travellers: Vec<Who> = c
            .participants
            .iter()
            .filter(|p| !matches!(p.who, Who::Party(_)))
            .map(|p| p.who)
            .collect();
        let goal = c
            .participants
            .iter()
            .find(|p| matches!(p.who, Who::Party(_)))
            .and_then(|p| party_of(entities, p.who));
        let first = others.partition_point(|o| o.sentence + NEAR < c.sentence);
        let beside = others[first..]
            .iter()
            .take_while(|o| o.sentence <= c.sentence + NEAR);
        !beside.into_iter().any(|other| {
            let travels = travellers
                .iter()
                .any(|t| other.participants.iter().any(|p| p.who == *t));
            let there = other.place.and_then(|w| w.country) == goal
                || goal.is_some_and(|g| other.parties(entities).contains(&g));
            let near = other.sentence == c.sentence
                || other.sentence.abs_diff(c.sentence) <= NEAR && other.status.status == c.status.status;
            let told_once = matches!((c.when, other.when), (Some(x), Some(y)) if x.span == y.span);
            travels && there && near && (told_once || dates_near(c, other))
        })
    });
}

/// How far two tellings of one contact are from each other: the nearer one is the one meant.
fn cost(a: &Contact, b: &Contact) -> (bool, bool, usize) {
    let dates_differ = match (a.when, b.when) {
        (Some(x), Some(y)) => x.days != y.days,
        (None, None) => false,
        _ => true,
    };
    (dates_differ, a.kind != b.kind, b.sentence.abs_diff(a.sentence))
}

fn same(entities: &Entities, a: &Contact, b: &Contact, parties: &[PartyId]) -> bool {
    if !kinds_agree(a, b)
        || !statuses_agree(a, b)
        || !dates_agree(a, b)
        || !places_agree(a, b, parties)
        || !summoners_agree(entities, a, b)
    {
        return false;
    }
    let own = a.parties(entities);
    if own != parties {
        let title = a.traits.title || b.traits.title;
        // A headline may leave somebody out; it tells nobody whom the text leaves out.
        let (small, large) = if a.traits.title == b.traits.title {
            if own.len() < parties.len() {
                (&own[..], parties)
            } else {
                (parties, &own[..])
            }
        } else if a.traits.title {
            (&own[..], parties)
        } else {
            (parties, &own[..])
        };
        let within = small.iter().all(|p| large.contains(p));
        // One sentence seldom tells two contacts of the same people: "spoke by video link with A and B".
        let one = a.sentence == b.sentence && (a.traits.noun || b.traits.noun);
        if !((title || one) && within) {
            return false;
        }
    }
    people_agree(entities, a, b)
}

/// No party is represented by two different people.
fn people_agree(entities: &Entities, a: &Contact, b: &Contact) -> bool {
    let people = |c: &Contact, party: PartyId| -> Vec<Who> {
        c.participants
            .iter()
            .filter(|p| party_of(entities, p.who) == Some(party) && !matches!(p.who, Who::Party(_)))
            .map(|p| p.who)
            .collect()
    };
    a.parties(entities).into_iter().all(|party| {
        let (x, y) = (people(a, party), people(b, party));
        x.is_empty() || y.is_empty() || x.iter().any(|w| y.iter().any(|v| may_be_one(entities, *w, *v)))
    })
}

fn may_be_one(entities: &Entities, a: Who, b: Who) -> bool {
    match (a, b) {
        (Who::Entity(e), Who::Post(_, code)) | (Who::Post(_, code), Who::Entity(e)) => {
            entities.all[e]
                .office
                .is_none_or(|o| super::entities::same_office(code, o))
                || vague(code)
        }
        (Who::Post(p, a), Who::Post(q, b)) => p == q && (a == b || vague(a) || vague(b)),
        (a, b) => a == b,
    }
}

/// Whether an office is told too loosely to tell two people apart: "the minister", "the envoys".
fn vague(code: OfficeCode) -> bool {
    matches!(
        code,
        OfficeCode::Leader
            | OfficeCode::Counterpart
            | OfficeCode::Office(
                Office::Minister
                    | Office::Delegation
                    | Office::SeniorOfficial
                    | Office::Other
                    | Office::Unknown
                    | Office::Envoy
            )
    )
}

fn kinds_agree(a: &Contact, b: &Contact) -> bool {
    let family = |k: ContactKind| match k {
        ContactKind::PhoneCall | ContactKind::VideoCall => 1,
        ContactKind::Message => 2,
        ContactKind::Exchange => 0,
        _ => 3,
    };
    let (x, y) = (family(a.kind), family(b.kind));
    x == y && !(x == 1 && a.kind != b.kind && a.channel_told && b.channel_told)
        || x == 0 && y != 2
        || y == 0 && x != 2
}

fn statuses_agree(a: &Contact, b: &Contact) -> bool {
    let held = |s: ContactStatus| matches!(s, ContactStatus::Held | ContactStatus::Ongoing);
    let (x, y) = (a.status.status, b.status.status);
    if taken_up(a, b) {
        return true;
    }
    let ahead = |s: ContactStatus| matches!(s, ContactStatus::Planned | ContactStatus::Proposed);
    x == y
        || held(x) && held(y)
        || ahead(x) && ahead(y)
        || matches!(
            (x, y),
            (
                ContactStatus::Cancelled | ContactStatus::Refused,
                ContactStatus::Planned
            )
        ) && b.when.is_some()
            && dates_equal(a, b)
}

/// "The visit is set for May. … The talks will focus on …": a noun that tells nothing of its own takes up what the text has
/// announced, called off or refused before, and is no other contact that was held.
fn taken_up(before: &Contact, noun: &Contact) -> bool {
    noun.traits.noun
        && noun.frame != Frame::Visit
        && noun.status.status == ContactStatus::Held
        && noun.status.cue.is_none()
        && noun.when.is_none()
        && noun.place.is_none()
        && before.status.cue.is_some()
        && !before.traits.title
        && before.sentence < noun.sentence
        && matches!(
            before.status.status,
            ContactStatus::Planned | ContactStatus::Cancelled | ContactStatus::Refused
        )
}

/// "Visited Nairobi. … received in Kampala": what takes place at home of either side is two contacts.
fn places_agree(a: &Contact, b: &Contact, parties: &[PartyId]) -> bool {
    let home = |c: &Contact| {
        c.place
            .and_then(|p| p.country)
            .filter(|country| parties.contains(country))
    };
    match (home(a), home(b)) {
        (Some(x), Some(y)) => x == y || dates_equal(a, b),
        _ => true,
    }
}

/// Whether two summons are of one summoner.
fn summoners_agree(entities: &Entities, a: &Contact, b: &Contact) -> bool {
    let summoner = |c: &Contact| {
        c.participants
            .iter()
            .find(|p| p.roles.contains(&ParticipantRole::Initiator))
            .and_then(|p| party_of(entities, p.who))
    };
    a.frame != Frame::Summon
        || b.frame != Frame::Summon
        || match (summoner(a), summoner(b)) {
            (Some(x), Some(y)) => x == y,
            _ => true,
        }
}

fn dates_equal(a: &Contact, b: &Contact) -> bool {
    matches!((a.when, b.when), (Some(x), Some(y)) if x.days == y.days)
}

fn dates_agree(a: &Contact, b: &Contact) -> bool {
    match (a.when, b.when) {
        // "They have held talks, Seoul said Friday. They met on Thursday …": the day of the words gives way.
        (Some(x), Some(y)) if x.reported != y.reported && a.sentence.abs_diff(b.sentence) <= 2 => {
            overlap(x.days, y.days) || (x.days.start - y.days.start).get_days().abs() <= 2
        }
        (Some(x), Some(y)) => overlap(x.days, y.days),
        _ => true,
    }
}

/// Whether two contacts may belong to one journey.
fn dates_near(a: &Contact, b: &Contact) -> bool {
    match (a.when, b.when) {
        (Some(x), Some(y)) => overlap(x.days, y.days) || (x.days.start - y.days.start).get_days().abs() <= 3,
        _ => true,
    }
}

fn overlap(a: Days, b: Days) -> bool {
    a.start <= b.end && b.start <= a.end
}

fn finer(a: DatePrecision, b: DatePrecision) -> bool {
    (a as i32) < (b as i32)
}

fn absorb(entities: &Entities, into: &mut Contact, from: Contact) {
    into.kind = match (into.kind, from.kind) {
        (ContactKind::Exchange, ContactKind::Visit) | (ContactKind::Visit, ContactKind::Exchange) => {
            ContactKind::Meeting
        }
        (ContactKind::Exchange, other) => other,
        (
            ContactKind::Visit,
            other @ (ContactKind::Meeting | ContactKind::Negotiation | ContactKind::Summit),
        ) => other,
        (ContactKind::Meeting, ContactKind::Summit | ContactKind::Negotiation)
            if from.parties(entities).len() > 2 =>
        {
            from.kind
        }
        (ContactKind::PhoneCall, ContactKind::VideoCall) if !into.channel_told => ContactKind::VideoCall,
        (kind, _) => kind,
    };
    match (into.when, from.when) {
        (None, when) => into.when = when,
        (Some(x), Some(y)) if x.reported && !y.reported => into.when = Some(y),
        (Some(x), Some(y)) if finer(y.days.precision, x.days.precision) && (x.reported || !y.reported) => {
            into.when = Some(y)
        }
        _ => {}
    }
    match (into.place, from.place) {
        (None, place) => into.place = place,
        (Some(x), Some(y)) if x.place.is_none() && y.place.is_some() && x.country == y.country => {
            into.place = Some(y)
        }
        _ => {}
    }
    if wired(into.kind) {
        into.place = None;
    }
    for Participant { who, mentions, roles } in from.participants {
        add(&mut into.participants, who, None, None);
        if let Some(p) = into.participants.iter_mut().find(|p| p.who == who) {
            for m in mentions {
                if !p.mentions.contains(&m) {
                    p.mentions.push(m);
                }
            }
            for r in roles {
                if !p.roles.contains(&r) {
                    p.roles.push(r);
                }
            }
        }
    }
    drop_shadows(entities, &mut into.participants);
    if into.status.cue.is_none() && into.status.status == from.status.status {
        into.status = from.status;
    }
    into.open = into.open.or(from.open);
    into.channel_told |= from.channel_told;
    into.initiative = into.initiative.or(from.initiative);
    into.evidence.extend(from.evidence);
    into.traits.told += from.traits.told;
    into.traits.pronoun &= from.traits.pronoun;
    into.traits.noun &= from.traits.noun;
    into.traits.title &= from.traits.title;
    into.traits.context &= from.traits.context;
    into.traits.strict &= from.traits.strict;
    into.traits.complete |= from.traits.complete;
    into.traits.named = into.traits.named.max(from.traits.named);
    into.traits.bare = into.traits.bare.min(from.traits.bare);
    into.traits.spread = into.traits.spread.min(from.traits.spread);
}

/// A bare state, delegation or unnamed post beside somebody who is known to represent it says nothing more.
fn drop_shadows(entities: &Entities, participants: &mut Vec<Participant>) {
    let all: Vec<Who> = participants.iter().map(|p| p.who).collect();
    participants.retain(|p| {
        let party = party_of(entities, p.who);
        match p.who {
            Who::Entity(_) => true,
            Who::Party(_) => !all.iter().any(|w| *w != p.who && party_of(entities, *w) == party),
            Who::Post(_, code) => !all.iter().any(|w| matches!(w, Who::Entity(e) if party_of(entities, *w) == party && (entities.all[*e].office.is_none_or(|o| super::entities::same_office(code, o)) || vague(code)))),
        }
    });
}
