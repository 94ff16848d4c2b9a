//! On whose initiative a contact took place: "à l'initiative de Paris", "at Moscow's request".
//!
//! The phrase belongs to the predicate nearest to it; the party told beside it becomes the initiator.

use super::{Finder, Participant, party_of};
use crate::{
    event::ParticipantRole,
    extract::document::{Trigger, starting},
};

impl Finder<'_, '_> {
    /// The words of an initiative that belong to the predicate; marks whose it was.
    pub(super) fn initiative(
        &self,
        trigger: &Trigger,
        participants: &mut [Participant],
    ) -> Option<(usize, usize)> {
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        for phrase in starting(&document.initiatives, first, last) {
            if phrase.end > last {
                continue;
            }
            // The last one before the phrase, or the first one behind it.
            let behind = document.triggers.partition_point(|t| t.end <= phrase.start);
            let around = document.triggers.iter().take(behind + 1);
            let nearest = around.skip(behind.saturating_sub(1)).min_by_key(|t| {
                if t.end <= phrase.start {
                    phrase.start - t.end
                } else {
                    t.start.saturating_sub(phrase.end) + 4
                }
            });
            if nearest.is_some_and(|t| t.start != trigger.start)
                && nearest.is_some_and(|t| self.found.binary_search_by_key(&t.start, |c| c.trigger.0).is_ok())
            {
                continue;
            }
            // "à l'initiative de Paris", "at Moscow's request", "à l'initiative française".
            let from = self.mentions.partition_point(|m| m.end + 1 < phrase.start);
            let to = self.mentions_in(phrase.start, phrase.end + 4).end;
            let party = (from..to)
                .map(|i| (i, &self.mentions[i]))
                .filter(|(_, m)| {
                    m.start >= phrase.start && m.start <= phrase.end + 3
                        || m.end <= phrase.end && m.end + 1 >= phrase.start && m.start < phrase.end
                })
                .max_by_key(|(_, m)| (m.start >= phrase.start, std::cmp::Reverse(m.start)))
                .and_then(|(i, _)| {
                    self.who(i, trigger)
                        .first()
                        .and_then(|w| party_of(self.entities, *w))
                })
                .or_else(|| {
                    starting(&document.adjectives, phrase.start, phrase.end + 3)
                        .first()
                        .map(|a| a.value)
                });
            if let Some(party) = party
                && let Some(p) = participants
                    .iter_mut()
                    .find(|p| party_of(self.entities, p.who) == Some(party))
            {
                if !p.roles.contains(&ParticipantRole::Initiator) {
                    p.roles.push(ParticipantRole::Initiator);
                }
                let who = p.who;
                for p in participants.iter_mut().filter(|p| p.who != who) {
                    p.roles.retain(|r| *r != ParticipantRole::Initiator);
                }
                return Some((phrase.start, phrase.end));
            }
        }
        None
    }
}
