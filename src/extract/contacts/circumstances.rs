//! Kind, place, day and status of what a predicate tells.
//!
//! The participants come in, and a [`Draft`] of the contact goes out, with the host whom its place tells. How it was read
//! is summed up as [`Traits`] for the reckoning of confidence.

use super::{
    Draft, Finder, Participant, Traits, Who,
    arguments::Arguments,
    channels::{wired, with_channel},
    each_once, parties_of, party_of,
    reading::Predicate,
};
use crate::{
    event::{ContactKind, ContactStatus},
    extract::{
        document::{Trigger, starting},
        places, status,
        times::Time,
    },
    lexicon::{Frame, Tense},
};

impl Finder<'_, '_> {
    /// What the predicate tells of those participants.
    pub(super) fn circumstances(&self, p: &Predicate<'_>, mut participants: Vec<Participant>) -> Draft {
        let (document, trigger) = (self.document, p.trigger);
        let told = status::read(
            document,
            self.mentions,
            trigger.start,
            trigger.end,
            p.tense,
            p.aux,
            p.bounds,
        );
        // Who is invited has not come yet.
        let told =
            if p.rule.frame == Frame::Invite && told.status == ContactStatus::Held && told.cue.is_none() {
                status::Reading {
                    status: ContactStatus::Proposed,
                    cue: None,
                }
            } else {
                told
            };
        let own = if p.rule.open {
            ContactKind::Exchange
        } else {
            p.rule.kind
        };
        let kind = p.channel.map_or(own, |channel| with_channel(own, channel));
        let place = if wired(kind) {
            None
        } else {
            places::find(
                document,
                self.mentions,
                trigger.start,
                trigger.end,
                p.bounds,
                matches!(p.rule.frame, Frame::Visit | Frame::Invite),
                &parties_of(self.entities, &participants),
            )
        };
        self.add_host(p, place, &mut participants);
        let when = self.when(trigger, p.bounds, told, p.tense);
        Draft {
            participants,
            kind,
            status: when.map_or(told, |(_, time)| {
                self.settle_status(p, told, &self.times.all[time])
            }),
            when: when.map(|w| w.0),
            place,
        }
    }

    /// The status in the light of the day: what lies ahead has not been held yet, what lies back is not planned.
    fn settle_status(&self, p: &Predicate<'_>, told: status::Reading, time: &Time) -> status::Reading {
        let mut reading = told;
        if (time.points_ahead(self.times.anchor) || self.coming(p.trigger, p.tense, time))
            && matches!(reading.status, ContactStatus::Held | ContactStatus::Ongoing)
            && p.tense != Tense::Past
        {
            reading.status = ContactStatus::Planned;
        }
        if time.points_back(self.times.anchor)
            && reading.status == ContactStatus::Planned
            && reading.cue.is_none()
            && p.tense == Tense::Infinitive
        {
            reading.status = ContactStatus::Held;
        }
        reading
    }

    /// The kind in the light of place, channel and number of parties; what goes by wire has no place.
    pub(super) fn settle_kind(&self, p: &Predicate<'_>, draft: &mut Draft) {
        let people = draft
            .participants
            .iter()
            .filter(|p| !matches!(p.who, Who::Party(_)))
            .filter_map(|p| party_of(self.entities, p.who));
        if p.rule.frame == Frame::Visit && draft.kind == ContactKind::Visit && each_once(people).len() > 1 {
            draft.kind = ContactKind::Meeting;
        }
        if draft.kind == ContactKind::Exchange
            && (draft.place.is_some() && p.channel.is_none() || p.channel == Some(ContactKind::Meeting))
        {
            draft.kind = ContactKind::Meeting;
        }
        if p.rule.frame == Frame::Gather
            && draft.kind == ContactKind::Summit
            && parties_of(self.entities, &draft.participants).len() == 2
        {
            draft.kind = ContactKind::Meeting;
        }
        if wired(draft.kind) {
            draft.place = None;
        }
    }

    /// How the contact was read.
    pub(super) fn traits(
        &self,
        p: &Predicate<'_>,
        arguments: &Arguments,
        complete: bool,
        draft: &Draft,
    ) -> Traits {
        let trigger = p.trigger;
        let participants = &draft.participants;
        let distance = |m: &usize| {
            let m = &self.mentions[*m];
            if m.end <= trigger.start {
                trigger.start - m.end
            } else {
                m.start.saturating_sub(trigger.end)
            }
        };
        let mentions = participants.iter().flat_map(|p| p.mentions.iter());
        let count = |is: fn(Who) -> bool| participants.iter().filter(|p| is(p.who)).count();
        Traits {
            pronoun: arguments.pronoun,
            noun: p.tense == Tense::Noun,
            title: self.document.in_title(trigger.start),
            named: count(|who| matches!(who, Who::Entity(_))),
            bare: count(|who| matches!(who, Who::Party(_))),
            context: self.in_context(trigger),
            complete,
            strict: p.rule.strict,
            told: 1,
            spread: mentions.map(distance).max().unwrap_or(0),
        }
    }

    /// Whether words of sport, culture or domestic politics stand near.
    fn in_context(&self, trigger: &Trigger) -> bool {
        let document = self.document;
        let (first, last) = document.sentence(trigger.start);
        starting(&document.contexts, first, last)
            .iter()
            .any(|c| c.start.abs_diff(trigger.start) < 25)
    }
}
