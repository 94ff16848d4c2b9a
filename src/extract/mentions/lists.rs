//! Names and offices told once for several, or apart from each other.
//!
//! "Los presidentes de Chile, Boric, y de Argentina, Milei" tells one office for two holders; in "le ministre chargé de …,
//! Wang Yu-chi" the name follows in apposition; "the president" alone means somebody only where one was named.

use smallvec::SmallVec;

use super::{Mention, MentionKind, may_shorten};
use crate::{
    event::Office,
    extract::document::{Document, covering},
    lexicon::{OfficeCode, StateForm, Word},
};

/// Longest stretch between an office and the name set off by commas behind it, in tokens.
const APPOSITION_REACH: usize = 10;

/// Common offices that refer to nobody named before are no mentions: "the president of the club".
pub(super) fn drop_strangers(mentions: &mut Vec<Mention>) {
    let mut named: SmallVec<[OfficeCode; 8]> = SmallVec::new();
    mentions.retain(|m| {
        let Some(office) = m.office else { return true };
        if m.name.is_some() {
            named.push(office.code);
        }
        let bare = office.weak && m.name.is_none() && m.parties.is_empty();
        !bare || named.iter().any(|long| may_shorten(office.code, *long))
    });
}

/// "Los presidentes de Chile, Boric, y de Argentina, Milei": an office told once for holders each told with a state.
pub(super) fn distribute_office(document: &Document<'_>, mentions: &mut Vec<Mention>) {
    let mut at = 0;
    while at < mentions.len() {
        let head = &mentions[at];
        let shared = head
            .office
            .filter(|o| head.name.is_none() && head.parties.len() == 1 && o.code != OfficeCode::Partner);
        let pairs = shared
            .map(|_| holders(document, mentions, at))
            .unwrap_or_default();
        let plural = shared.is_some_and(|o| o.plural);
        if let (Some(mut office), true) = (shared, pairs.len() > 1 || plural && !pairs.is_empty()) {
            office.plural = false;
            let last = pairs[pairs.len() - 1].1;
            let mut told: Vec<Mention> = Vec::new();
            for (state, name) in &pairs {
                let mut holder = mentions[*name].clone();
                holder.start = mentions[*state].start;
                holder.office = Some(office);
                holder.parties = mentions[*state].parties.clone();
                holder.listed = *state != at;
                told.push(holder);
            }
            mentions.splice(at..=last, told);
            at += pairs.len();
            continue;
        }
        at += 1;
    }
}

/// The state and the name of each holder in the list that mention `at` begins: the first state is its own.
fn holders(document: &Document<'_>, mentions: &[Mention], at: usize) -> Vec<(usize, usize)> {
    let comma = |i: usize| document.is(i, &[",", "،"]);
    let between =
        |from: usize, to: usize, ok: &dyn Fn(usize) -> bool| from < to && to - from < 6 && (from..to).all(ok);
    let bare_name = |m: &Mention| m.name.is_some() && m.office.is_none() && m.parties.is_empty();
    let mut pairs = Vec::new();
    let mut state = at;
    loop {
        let name = state + 1;
        let named = mentions.get(name).is_some_and(|m| {
            bare_name(m)
                && document.tokens[m.start].sentence == document.tokens[mentions[at].start].sentence
                && between(mentions[state].end, m.start, &comma)
        });
        if !named {
            return pairs;
        }
        pairs.push((state, name));
        let end = mentions[name].end;
        let next = name + 1;
        let listed = mentions.get(next).is_some_and(|m| {
            matches!(
                m.kind,
                MentionKind::State(StateForm::Name) | MentionKind::Organization
            ) && m.parties.len() == 1
                && document.tokens[m.start].sentence == document.tokens[end - 1].sentence
                && between(end, m.start, &|i| {
                    comma(i)
                        || document.is(i, &[";", "؛"])
                        || document.words(i).any(&[Word::And, Word::Of, Word::Linker])
                })
                && (end..m.start).any(|i| document.words(i).has(Word::Of))
        });
        if !listed {
            return pairs;
        }
        state = next;
    }
}

/// "Le ministre taïwanais chargé des Affaires continentales, Wang Yu-chi, …": what stands between an office and the
/// name in apposition to it says what the office is about, and is no mention of its own.
pub(super) fn adopt_names(document: &Document<'_>, mentions: &mut Vec<Mention>) {
    let mut at = 0;
    while at < mentions.len() {
        let office = &mentions[at];
        let titled = office.kind == MentionKind::Person
            && office.name.is_none()
            && office.office.is_some_and(|o| {
                !o.plural
                    && !matches!(
                        o.code,
                        OfficeCode::Partner | OfficeCode::Office(Office::Delegation)
                    )
            });
        if let Some(named) = titled.then(|| apposition(document, mentions, at)).flatten() {
            let (name, end) = (mentions[named].name, mentions[named].end);
            mentions[at].name = name;
            mentions[at].end = end;
            mentions.drain(at + 1..=named);
        }
        at += 1;
    }
}

/// The mention that names the holder of the office told by mention `at`.
fn apposition(document: &Document<'_>, mentions: &[Mention], at: usize) -> Option<usize> {
    let office = &mentions[at];
    let (_, last) = document.sentence(office.start);
    let comma = |i: usize| document.is(i, &[",", "،", "，"]);
    let named = (at + 1..mentions.len())
        .take(4)
        .find(|i| mentions[*i].name.is_some())?;
    let name = &mentions[named];
    let (from, to) = (office.end, name.start.checked_sub(1)?);
    let set_off = to > from
        && to - from <= APPOSITION_REACH
        && comma(to)
        && name.end <= last
        && (name.end == last || comma(name.end));
    let bare = name.office.is_none() && name.parties.is_empty();
    let plain = set_off
        && (from..to).all(|i| {
            !document.words(i).any(&[
                Word::Have,
                Word::Be,
                Word::Will,
                Word::Not,
                Word::Report,
                Word::Relative,
                Word::Subordinate,
                Word::With,
                Word::By,
                Word::Between,
            ]) && !document.is(i, &[";", ":", "(", ")", ",", "،", "«", "»", "“", "”", "\""])
                && covering(&document.triggers, i).is_none()
                && covering(&document.times, i).is_none()
        });
    let holds = |person: &crate::register::PersonId| {
        let terms = &document.register().person(*person).terms;
        terms.is_empty() || terms.iter().any(|t| office.parties.contains(&t.party))
    };
    let fits = office.parties.is_empty()
        || name
            .name
            .and_then(|n| n.2)
            .is_none_or(|id| document.register().name_form(id).people.iter().any(holds));
    (bare && plain && fits).then_some(named)
}
