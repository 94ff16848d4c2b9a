//! Whether what was found is enough to be a contact.
//!
//! A contact has two sides. How surely both were told, whether they act on one another, and whether words only call for
//! talks or tell of people on one journey, decides here.

use super::{
    Draft, Finder, Participant, Who, arguments::Arguments, parties_of, reading::Predicate, sides::Side,
};
use crate::{
    event::{ContactKind, ContactStatus, Office, ParticipantRole},
    extract::entities::Referent,
    lexicon::{Frame, OfficeCode, Tense},
};

/// How far the sides of a contact are told.
pub(super) struct Balance {
    /// Both were found by markers or position of the predicate's own frame.
    pub complete: bool,
    /// There is a contact.
    pub suffices: bool,
}

impl Finder<'_, '_> {
    /// Weighs the sides. Parts that the frame gives them are taken back where each does to the other the same.
    pub(super) fn balance(
        &self,
        p: &Predicate<'_>,
        sides: &[Side],
        arguments: &Arguments,
        draft: &mut Draft,
    ) -> Balance {
        // "They discussed": people told before are both sides at once.
        let together = sides.iter().any(|s| {
            s.0.iter()
                .any(|m| matches!(self.entities.of[*m], Referent::They | Referent::Collective(..)))
        });
        let mutual = matches!(
            p.rule.frame,
            Frame::Meet | Frame::Negotiate | Frame::Gather | Frame::Mediate
        );
        // "un appel entre A et B", "A et B se sont téléphoné": a frame with two parts, told of both at once.
        let reciprocal = self.count_parties(&[&arguments.between]) > 1
            || p.tense == Tense::Noun && self.count_parties(&[&arguments.of]) > 1
            || p.aux.reflexive && (together || self.count_parties(&[&arguments.subject]) > 1);
        if reciprocal && !mutual {
            for p in &mut draft.participants {
                p.roles.clear();
            }
        }
        let mutual = mutual || reciprocal;
        let participants = &draft.participants;
        let several = parties_of(self.entities, participants).len() > 1;
        let company = arguments.both || sides.iter().any(|s| self.count_parties(&[&s.0]) > 1);
        let complete = sides.iter().filter(|s| !s.0.is_empty()).count() > 1
            || (arguments.clitic.is_some() || arguments.dropped && !arguments.with.is_empty()) && several
            || mutual && (together || company);
        // What takes an object is no contact of its subjects among themselves.
        let one_sided = !mutual
            && !complete
            && arguments.clitic.is_none()
            && participants.iter().all(|p| !p.mentions.is_empty());
        let open = p.rule.strict && (!complete || arguments.pronoun && participants.len() < 2);
        Balance {
            complete,
            suffices: several && !one_sided && !open,
        }
    }

    /// "They did not discuss Ukraine": what was not talked about is no contact refused.
    pub(super) fn is_topic_left_out(&self, p: &Predicate<'_>, draft: &Draft) -> bool {
        p.rule.strict
            && draft.kind == ContactKind::Exchange
            && draft.status.status == ContactStatus::Refused
            && draft.status.cue.is_none()
    }

    /// Talks that somebody's words call for between states are no contact told.
    pub(super) fn is_called_for(&self, p: &Predicate<'_>, arguments: &Arguments, draft: &Draft) -> bool {
        let start = p.trigger.start;
        let speaker = &arguments.subject;
        p.tense == Tense::Noun
            && self.document.quoted(start)
            && draft
                .participants
                .iter()
                .all(|p| self.bare(p.who) || p.mentions.iter().all(|m| speaker.contains(m)))
            && self.quote_exceeds(start, 8)
    }

    /// Ministers of several states who travel to a third meet by another sentence's words, if at all; and in "Meets
    /// Norwegian counterpart, heads to Berlin" a counterpart without a name is no subject of its own.
    pub(super) fn is_crowd_on_the_way(&self, p: &Predicate<'_>, sides: &[Side], draft: &Draft) -> bool {
        let travellers = sides
            .iter()
            .find(|s| s.1 == Some(ParticipantRole::Visitor))
            .map_or(0, |s| self.count_parties(&[&s.0]));
        let nobody = |p: &Participant| matches!(p.who, Who::Post(_, OfficeCode::Office(Office::Unknown)));
        p.rule.frame == Frame::Visit
            && draft.kind == ContactKind::Visit
            && (travellers > 1 || draft.participants.iter().any(nobody))
    }
}
