//! Participants whom no noun phrase tells.
//!
//! A pronoun fused with the verb ("l'a reçu"), the verb's ending alone ("fue recibido por …"), and the place ("received at
//! the Kremlin") each stand for somebody; who that is, [`super::reference`] knows.

use super::{
    Finder, Participant, Who, add, arguments::Arguments, parties_of, party_of, reading::Predicate,
    sides::Side,
};
use crate::{
    event::{Office, ParticipantRole},
    extract::{
        document::{AtomKind, starting},
        places::Where,
    },
    lexicon::{Frame, OfficeCode, StateForm, Tense, Word},
    register::PartyId,
};

impl Finder<'_, '_> {
    /// Adds those whom a pronoun beside the verb, its ending or nothing at all tells.
    pub(super) fn add_unspoken(
        &self,
        p: &Predicate<'_>,
        sides: &[Side],
        arguments: &mut Arguments,
        participants: &mut Vec<Participant>,
    ) {
        self.add_clitic(p, arguments, participants);
        let finite = !matches!(p.tense, Tense::Infinitive | Tense::Gerund);
        if arguments.dropped && !participants.is_empty() && finite {
            self.add_dropped(p, arguments, participants);
        }
        if self.stands_alone(p, sides, arguments, participants) {
            arguments.dropped = true;
            self.add_dropped(p, arguments, participants);
        }
        // "Se reunieron en febrero": those who met before.
        arguments.both = arguments.plural
            && participants.is_empty()
            && matches!(
                p.tense,
                Tense::Past | Tense::Present | Tense::Future | Tense::Participle
            )
            && matches!(p.rule.frame, Frame::Meet | Frame::Negotiate | Frame::Gather);
        if arguments.both {
            for who in self.previous(2, None, p.trigger) {
                add(participants, who, None, None);
            }
            arguments.pronoun = true;
        }
    }

    /// "l'a reçu", "lui a téléphoné": the person told before who is not the subject.
    fn add_clitic(&self, p: &Predicate<'_>, arguments: &mut Arguments, participants: &mut Vec<Participant>) {
        let Some(word) = arguments.clitic else { return };
        let parties = parties_of(self.entities, participants);
        if parties.len() != 1
            || !(arguments.objects.is_empty() && arguments.with.is_empty()) && p.rule.frame != Frame::Receive
        {
            return;
        }
        let found: Vec<Who> = if word == Word::Them {
            self.previous(0, None, p.trigger)
        } else {
            self.antecedent_at(p.trigger.start, Some(parties[0]))
                .into_iter()
                .collect()
        };
        let role = (p.rule.frame == Frame::Receive).then_some(ParticipantRole::Visitor);
        for who in found {
            if party_of(self.entities, who).is_some_and(|party| party != parties[0]) {
                add(participants, who, None, role);
                arguments.pronoun = true;
            }
        }
    }

    /// "Fue recibido por Meloni": the person spoken of before, whom the verb's ending stands for.
    fn add_dropped(&self, p: &Predicate<'_>, arguments: &mut Arguments, participants: &mut Vec<Participant>) {
        let parties = parties_of(self.entities, participants);
        let apart = |who: &Who| party_of(self.entities, *who).is_some_and(|p| !parties.contains(&p));
        let found = match parties[..] {
            [] => None,
            [one] if p.tense == Tense::Noun => self
                .protagonist(one)
                .or_else(|| self.antecedent_at(p.trigger.start, Some(one))),
            [one] => self.antecedent_at(p.trigger.start, Some(one)),
            _ => self.antecedent_at(p.trigger.start, None).filter(apart),
        };
        let Some(who) = found else { return };
        let role = match (p.rule.frame, p.passive) {
            (Frame::Receive, true) | (Frame::Visit, _) => Some(ParticipantRole::Visitor),
            (Frame::Receive, false) => Some(ParticipantRole::Host),
            (Frame::Call | Frame::Write | Frame::Invite | Frame::Summon, false) => {
                Some(ParticipantRole::Initiator)
            }
            _ => None,
        };
        add(participants, who, None, role);
        arguments.pronoun = true;
    }

    /// "كما التقى رئيس مجلس النواب نبيه بري": one person alone behind the verb is whom the story's person met.
    fn stands_alone(
        &self,
        p: &Predicate<'_>,
        sides: &[Side],
        arguments: &Arguments,
        participants: &[Participant],
    ) -> bool {
        let document = self.document;
        document.pack.syntax.verb_first
            && document.pack.syntax.drops_subject
            && !arguments.dropped
            && matches!(p.rule.frame, Frame::Meet | Frame::Receive | Frame::Call)
            && matches!(p.tense, Tense::Past | Tense::Present | Tense::Future)
            && arguments
                .subject
                .iter()
                .all(|m| self.mentions[*m].start >= p.trigger.end)
            && sides.len() == 1
            && participants.iter().all(|other| !self.bare(other.who))
    }

    /// Adds the host whom only the place tells.
    pub(super) fn add_host(
        &self,
        p: &Predicate<'_>,
        place: Option<Where>,
        participants: &mut Vec<Participant>,
    ) {
        let parties = parties_of(self.entities, participants);
        let [guest] = parties[..] else { return };
        let elsewhere = place.and_then(|w| w.country).filter(|c| *c != guest);
        match p.rule.frame {
            // A visit's goal is its host.
            Frame::Visit if participants.iter().all(|p| !matches!(p.who, Who::Party(_))) => {
                if let Some(host) = elsewhere {
                    add(participants, Who::Party(host), None, Some(ParticipantRole::Host));
                }
            }
            // "In Ankara wurde der deutsche Botschafter ins Außenministerium einbestellt".
            Frame::Summon if p.passive => {
                if let Some(host) = elsewhere {
                    let ministry = Who::Post(host, OfficeCode::Office(Office::Delegation));
                    add(participants, ministry, None, Some(ParticipantRole::Initiator));
                }
            }
            Frame::Receive if p.passive => self.add_host_of_seat(p, guest, participants),
            _ => {}
        }
    }

    /// "Fue recibido en el Kremlin": the leader of the state whose seat is told.
    fn add_host_of_seat(&self, p: &Predicate<'_>, guest: PartyId, participants: &mut Vec<Participant>) {
        let document = self.document;
        let seat = starting(&document.atoms, p.bounds.0, p.bounds.1)
            .iter()
            .find_map(|a| match a.kind {
                AtomKind::State(party, StateForm::Seat)
                    if a.end <= p.bounds.1 && a.start.abs_diff(p.trigger.end) < 12 =>
                {
                    Some(party)
                }
                AtomKind::Place(place) if a.end <= p.bounds.1 && a.start.abs_diff(p.trigger.end) < 12 => {
                    let place = document.register().place_info(place);
                    place.country.filter(|_| place.city.is_some())
                }
                _ => None,
            });
        if let Some(host) = seat
            && host != guest
        {
            let leader = self.entities.all.iter().position(|e| {
                e.party == Some(host)
                    && matches!(e.office, Some(Office::HeadOfState | Office::HeadOfGovernment))
            });
            let who = leader.map_or(Who::Post(host, OfficeCode::Leader), Who::Entity);
            add(participants, who, None, Some(ParticipantRole::Host));
        }
    }
}
