//! How sure a reading is: what the learnt weights are multiplied with.

use super::{
    contacts::{Contact, Who},
    document::Document,
    entities::Entities,
};
use crate::{
    event::{ContactKind, ContactStatus},
    lexicon::{Frame, Word},
    model::Case,
};

macro_rules! marks {
    ($($name:ident)*) => {
        /// What is known of how a contact was read.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy)]
        enum Mark { $($name,)* }
        const MARKS: &[&str] = &[$(stringify!($name),)*];
    };
}

marks! {
    any
    pronoun noun noun_with_pronoun headline two_named none_named one_named bare bare_alone all_bare unnamed_post unknown_person
    context context_in_article complete strict told_twice told_often spread far_apart dated day_near day_far placed initiated
    planned proposed cancelled refused ongoing cue
    three_parties many_parties
    meet receive visit call write get gather mediate negotiate summon invite
    summit exchange
    in_quote other_clause shared_sentence many_contacts twin same_people_elsewhere late early report_between about_before
}

/// Names of the features.
pub fn features() -> Vec<String> {
    MARKS.iter().map(|&name| name.to_owned()).collect()
}

/// The features of one of an article's contacts, of so many parties.
pub fn case(
    document: &Document<'_>,
    entities: &Entities,
    contacts: &[Contact],
    contact: &Contact,
    parties: usize,
) -> Case {
    let mut case = Case::new();
    let mut put = |mark: Mark, value: f32| {
        if value != 0.0 {
            case.push((mark as u16, value));
        }
    };
    let count = |n: usize, most: u16| f32::from(u16::try_from(n).unwrap_or(most).min(most));
    let t = &contact.traits;
    let (start, end) = contact.trigger;
    let (first, last) = document.sentence(start);
    put(Mark::spread, count(t.spread / document.scale(), 30) / 10.0);
    put(Mark::context_in_article, count(document.contexts.len(), 6) / 6.0);
    let mut set = |mark: Mark, holds: bool| put(mark, if holds { 1.0 } else { 0.0 });
    set(Mark::any, true);
    set(Mark::pronoun, t.pronoun);
    set(Mark::noun, t.noun);
    set(Mark::noun_with_pronoun, t.noun && t.pronoun);
    set(Mark::headline, t.title);
    set(Mark::two_named, t.named > 1);
    set(Mark::one_named, t.named == 1);
    set(Mark::none_named, t.named == 0);
    set(Mark::bare, t.bare > 0);
    set(Mark::bare_alone, t.bare > 0 && t.named == 1);
    set(
        Mark::all_bare,
        contact
            .participants
            .iter()
            .all(|p| matches!(p.who, Who::Party(_))),
    );
    set(
        Mark::unnamed_post,
        contact
            .participants
            .iter()
            .any(|p| matches!(p.who, Who::Post(..))),
    );
    set(
        Mark::unknown_person,
        contact
            .participants
            .iter()
            .any(|p| matches!(p.who, Who::Entity(e) if entities.all[e].person.is_none())),
    );
    set(Mark::context, t.context);
    set(Mark::complete, t.complete);
    set(Mark::strict, t.strict);
    set(Mark::told_twice, t.told == 2);
    set(Mark::told_often, t.told > 2);
    set(Mark::far_apart, t.spread > 25 * document.scale());
    set(Mark::dated, contact.when.is_some());
    set(
        Mark::day_near,
        contact.when.is_some_and(|w| w.distance <= 6 * document.scale()),
    );
    set(Mark::day_far, contact.when.is_some_and(|w| w.distance > 19));
    set(Mark::placed, contact.place.is_some());
    set(Mark::initiated, contact.initiative.is_some());
    let status = contact.status.status;
    set(Mark::planned, status == ContactStatus::Planned);
    set(Mark::proposed, status == ContactStatus::Proposed);
    set(Mark::cancelled, status == ContactStatus::Cancelled);
    set(Mark::refused, status == ContactStatus::Refused);
    set(Mark::ongoing, status == ContactStatus::Ongoing);
    set(Mark::cue, contact.status.cue.is_some());
    set(Mark::three_parties, parties == 3);
    set(Mark::many_parties, parties > 3);
    for (mark, frame) in [
        (Mark::meet, Frame::Meet),
        (Mark::receive, Frame::Receive),
        (Mark::visit, Frame::Visit),
        (Mark::call, Frame::Call),
        (Mark::write, Frame::Write),
        (Mark::get, Frame::Get),
        (Mark::gather, Frame::Gather),
        (Mark::mediate, Frame::Mediate),
        (Mark::negotiate, Frame::Negotiate),
        (Mark::summon, Frame::Summon),
        (Mark::invite, Frame::Invite),
    ] {
        set(mark, contact.frame == frame);
    }
    set(Mark::summit, contact.kind == ContactKind::Summit);
    set(Mark::exchange, contact.kind == ContactKind::Exchange);
    set(Mark::in_quote, document.quoted(start));
    let clause = |at: usize| document.words(at).any(&[Word::Relative, Word::Subordinate]);
    set(
        Mark::other_clause,
        (start.saturating_sub(8).max(first)..start).any(clause),
    );
    set(
        Mark::report_between,
        (end..(end + 8).min(last)).any(|i| document.words(i).has(Word::Report)),
    );
    set(
        Mark::about_before,
        (start.saturating_sub(3).max(first)..start)
            .any(|i| document.words(i).any(&[Word::About, Word::Without])),
    );
    let others = || {
        contacts
            .iter()
            .filter(|c| c.trigger != contact.trigger || c.participants != contact.participants)
    };
    set(
        Mark::shared_sentence,
        others().any(|c| c.sentence == contact.sentence),
    );
    set(Mark::many_contacts, contacts.len() > 4);
    let own = contact.parties(entities);
    set(Mark::twin, others().any(|c| c.parties(entities) == own));
    let people = |c: &Contact| {
        c.participants
            .iter()
            .filter(|p| matches!(p.who, Who::Entity(_)))
            .map(|p| p.who)
            .collect::<Vec<_>>()
    };
    let mine = people(contact);
    set(
        Mark::same_people_elsewhere,
        mine.len() > 1 && others().any(|c| people(c).iter().filter(|w| mine.contains(w)).count() > 1),
    );
    set(Mark::early, contact.sentence <= 2);
    set(Mark::late, contact.sentence > 8);
    case
}
