//! What looks like a participant and is none.
//!
//! A bare state beside its president says nothing more, a gathering's name is not a guest at it, and what two leaders
//! talked about does not take part.

use super::{Finder, Participant, Who, arguments::Arguments, party_of};
use crate::{
    event::Office,
    extract::entities::Referent,
    lexicon::{Frame, OfficeCode, Word},
    register::PartyId,
};

impl Finder<'_, '_> {
    /// "The two leaders discussed the fight against Al-Shabaab": where the subject tells all sides, a bare party that
    /// follows is what they talked about.
    pub(super) fn drop_matter(&self, arguments: &Arguments, participants: &mut Vec<Participant>) {
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
    pub(super) fn drop_gatherings(&self, frame: Frame, participants: &mut Vec<Participant>) {
        let bodies = |p: &Participant| {
            let organization = matches!(p.who, Who::Party(party) if !self.document.register().party_info(party).is_state && !self.document.register().party_info(party).is_movement);
            organization && p.mentions.iter().all(|m| self.mentions[*m].marked(&[Word::Of]))
        };
        // "Summits of the EAEU and the CIS will be held": nobody is told but the gatherings.
        if frame == Frame::Gather && participants.iter().all(bodies) {
            participants.clear();
        }
        if frame != Frame::Negotiate && participants.iter().filter(|p| !bodies(p)).count() > 1 {
            participants.retain(|p| !bodies(p));
        }
    }

    /// A bare state beside a person who represents it says nothing more; neither does an own delegation.
    pub(super) fn drop_shadows(&self, participants: &mut Vec<Participant>) {
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

    /// Whether nobody in particular is meant: a state or organisation, or its delegation.
    pub(super) fn bare(&self, who: Who) -> bool {
        matches!(
            who,
            Who::Party(_) | Who::Post(_, OfficeCode::Office(Office::Delegation))
        )
    }
}
