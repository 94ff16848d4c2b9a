//! One contact or several: what one predicate tells of several meetings.
//!
//! A leader who phoned three others made three calls, envoys hand over their letters one by one, and "met A and then, on
//! Friday, B" tells two meetings of one subject, each with its own day.

use super::{
    Draft, Finder, Participant, When, arguments::Arguments, party_of, reading::Predicate, sides::Side,
};
use crate::{
    event::{ContactKind, Office},
    extract::{document::starting, status},
    lexicon::{Frame, OfficeCode, Word},
    register::PartyId,
};

impl Finder<'_, '_> {
    /// Participants and day of each contact told; takes the participants out of the draft.
    pub(super) fn tellings(
        &self,
        p: &Predicate<'_>,
        sides: &[Side],
        arguments: &Arguments,
        draft: &mut Draft,
    ) -> Vec<(Vec<Participant>, Option<When>)> {
        let participants = std::mem::take(&mut draft.participants);
        let mut tellings: Vec<(Vec<Participant>, Option<When>)> = self
            .split(p, draft.kind, sides, participants)
            .into_iter()
            .map(|participants| (participants, draft.when))
            .collect();
        let subject = match sides.first() {
            Some(first) if !arguments.next.is_empty() => {
                self.participants(std::slice::from_ref(first), p.trigger)
            }
            _ => return tellings,
        };
        for group in &arguments.next {
            let side = [(group.clone(), None)];
            let mut partners = self.participants(&side, p.trigger);
            self.settle_counterparts(&side, &mut partners);
            partners.retain(|p| {
                !subject
                    .iter()
                    .any(|s| party_of(self.entities, s.who) == party_of(self.entities, p.who))
            });
            if partners.is_empty() || subject.is_empty() {
                continue;
            }
            let own = self.own_day(p, group[0], draft.status);
            let both = subject.iter().cloned().chain(partners).collect();
            tellings.push((both, own.or(draft.when)));
        }
        tellings
    }

    /// The day told right before the partner of a further contact.
    fn own_day(&self, p: &Predicate<'_>, partner: usize, told: status::Reading) -> Option<When> {
        let start = self.mentions[partner].start;
        let time = starting(&self.times.all, p.trigger.end, start)
            .iter()
            .rfind(|t| t.is_exact() && t.end <= start && start - t.end <= 3)?;
        let days = time.resolve(self.times.anchor, status::direction(told.status))?;
        Some(When {
            days,
            span: (time.start, time.end),
            distance: 3,
            reported: false,
        })
    }

    /// Calls with several people, and contacts told as separate, are one for each partner.
    fn split(
        &self,
        p: &Predicate<'_>,
        kind: ContactKind,
        sides: &[Side],
        participants: Vec<Participant>,
    ) -> Vec<Vec<Participant>> {
        let document = self.document;
        let frame = p.rule.frame;
        let (first, last) = document.sentence(p.trigger.start);
        let told = |word: Word| (first..last).any(|i| document.words(i).has(word));
        let separately = told(Word::Separately);
        let each = kind == ContactKind::PhoneCall
            && !told(Word::Together)
            && matches!(frame, Frame::Call | Frame::Meet);
        // Envoys who hand over their letters are received one by one.
        let ambassador = |p: &Participant| self.has_office(p.who, OfficeCode::Office(Office::Ambassador));
        let each = each
            || matches!(frame, Frame::Receive | Frame::Get)
                && participants.iter().filter(|p| ambassador(p)).count() > 1
                && participants.iter().filter(|p| !ambassador(p)).count() > 0;
        if !(separately || each) || frame == Frame::Gather || participants.len() < 3 {
            return vec![participants];
        }
        let Some((one, _)) = sides.first() else {
            return vec![participants];
        };
        let untold = participants.iter().any(|p| p.mentions.is_empty());
        let on_first =
            |p: &Participant| p.mentions.is_empty() || !untold && p.mentions.iter().any(|m| one.contains(m));
        let (host, others): (Vec<Participant>, Vec<Participant>) =
            participants.into_iter().partition(|p| on_first(p));
        let host_parties: Vec<_> = host
            .iter()
            .filter_map(|p| party_of(self.entities, p.who))
            .collect();
        if host.is_empty() || others.is_empty() || host_parties.iter().any(|p| *p != host_parties[0]) {
            return vec![host.into_iter().chain(others).collect()];
        }
        let mut parties: Vec<PartyId> = Vec::new();
        for other in &others {
            if let Some(party) = party_of(self.entities, other.who)
                && !parties.contains(&party)
            {
                parties.push(party);
            }
        }
        parties
            .into_iter()
            .map(|party| {
                let partner = others
                    .iter()
                    .filter(|o| party_of(self.entities, o.who) == Some(party));
                host.iter().chain(partner).cloned().collect()
            })
            .collect()
    }
}
