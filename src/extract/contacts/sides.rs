//! From arguments to participants: which of them stand on which side of the contact, in what part.
//!
//! The frame of the predicate decides: whoever visits is the visitor and the goal the host, whoever is received by
//! somebody his guest. Each side is a list of mentions with a role, and its participants are whom those refer to.

use super::{Finder, Participant, Who, arguments::Arguments, reading::Predicate};
use crate::{
    event::ParticipantRole,
    extract::document::Trigger,
    lexicon::{Frame, Tense},
};

/// A side of a contact: mentions, and the role that they play.
pub(super) type Side = (Vec<usize>, Option<ParticipantRole>);

impl Finder<'_, '_> {
    /// The two or more sides of a frame: mentions and the roles that they play.
    pub(super) fn sides(&self, p: &Predicate<'_>, a: &Arguments) -> Vec<Side> {
        use ParticipantRole::{Host, Initiator, Mediator, Visitor};
        let (frame, passive) = (p.rule.frame, p.passive);
        let noun = p.tense == Tense::Noun;
        let mut sides: Vec<Side> = Vec::new();
        let mut side = |mentions: &[&Vec<usize>], role: Option<ParticipantRole>| {
            let all: Vec<usize> = mentions.iter().flat_map(|m| m.iter().copied()).collect();
            sides.push((all, role));
        };
        match frame {
            Frame::Meet | Frame::Negotiate | Frame::Gather => {
                side(&[&a.subject], None);
                side(&[&a.objects], None);
                side(&[&a.with], None);
                side(&[&a.between], None);
                if passive {
                    side(&[&a.by], None);
                }
                if noun || frame == Frame::Gather {
                    side(&[&a.of], None);
                }
                if a.with.is_empty() && a.between.is_empty() && a.objects.is_empty() {
                    side(&[&a.to], None);
                }
            }
            Frame::Receive if noun => {
                side(&[&a.subject], None);
                side(&[&a.of, &a.by], None);
                side(&[&a.with, &a.to, &a.between, &a.objects], None);
            }
            Frame::Receive if passive => {
                side(&[&a.subject, &a.objects], Some(Visitor));
                side(&[&a.by], Some(Host));
                side(&[&a.with], None);
            }
            Frame::Receive => {
                side(&[&a.subject], Some(Host));
                side(&[&a.objects], Some(Visitor));
                side(&[&a.with], None);
            }
            Frame::Visit => {
                if noun {
                    side(&[&a.of, &a.by, &a.subject], Some(Visitor));
                } else {
                    side(&[&a.subject], Some(Visitor));
                }
                side(&[&a.objects, &a.goal], Some(Host));
                side(&[&a.with, &a.to], None);
            }
            Frame::Call | Frame::Write => {
                if noun {
                    let from: Vec<usize> = if a.from.is_empty() {
                        a.of.clone()
                    } else {
                        a.from.clone()
                    };
                    let clear = !from.is_empty() || !a.to.is_empty();
                    let caller = if from.is_empty() { a.subject.clone() } else { from };
                    side(
                        &[&caller],
                        clear
                            .then_some(Initiator)
                            .filter(|_| a.with.is_empty() && a.between.is_empty()),
                    );
                    side(
                        &[&a.subject
                            .iter()
                            .copied()
                            .filter(|s| !caller.contains(s))
                            .collect()],
                        None,
                    );
                    side(&[&a.to, &a.with, &a.between, &a.objects], None);
                } else if passive {
                    side(&[&a.by], Some(Initiator));
                    side(&[&a.subject, &a.to], None);
                } else {
                    side(&[&a.subject], Some(Initiator));
                    let goal: &[usize] = if a.objects.is_empty() && a.to.is_empty() || frame == Frame::Write {
                        &a.goal
                    } else {
                        &[]
                    };
                    side(&[&a.objects, &a.to, &a.with, &goal.to_vec()], None);
                }
            }
            Frame::Get => {
                side(&[&a.subject], None);
                side(
                    &[
                        &a.from,
                        &a.by,
                        &a.of.iter().copied().filter(|m| !a.from.contains(m)).collect(),
                        &a.objects,
                    ],
                    Some(Initiator),
                );
            }
            Frame::Mediate => {
                side(&[&a.subject, &a.by], Some(Mediator));
                side(&[&a.objects, &a.between, &a.of, &a.with], None);
            }
            Frame::Summon => {
                if passive {
                    let summoner = if a.by.is_empty() {
                        [&a.to[..], &a.goal[..]].concat()
                    } else {
                        a.by.clone()
                    };
                    side(&[&summoner], Some(Initiator));
                    side(&[&a.subject, &a.objects], None);
                } else {
                    side(&[&a.subject], Some(Initiator));
                    side(&[&a.objects, &a.of], None);
                }
            }
            Frame::Invite => {
                if passive {
                    side(&[&a.by], Some(Initiator));
                    side(&[&a.subject, &a.objects], None);
                } else {
                    side(&[&a.subject, &a.of], Some(Initiator));
                    side(&[&a.objects, &a.to, &a.with], None);
                }
            }
        }
        sides.push((a.presence.clone(), None));
        sides.retain(|s| !s.0.is_empty());
        sides
    }

    /// Who takes part: those told, those whom the verb or the story tells without a phrase, but nothing that is only
    /// what they spoke about.
    pub(super) fn taking_part(
        &self,
        p: &Predicate<'_>,
        sides: &[Side],
        arguments: &mut Arguments,
    ) -> Vec<Participant> {
        let mut participants = self.participants(sides, p.trigger);
        self.add_unspoken(p, sides, arguments, &mut participants);
        self.settle_counterparts(sides, &mut participants);
        self.drop_matter(arguments, &mut participants);
        self.drop_shadows(&mut participants);
        self.drop_gatherings(p.rule.frame, &mut participants);
        participants
    }

    /// Whom the mentions of the sides refer to.
    pub(super) fn participants(&self, sides: &[Side], trigger: &Trigger) -> Vec<Participant> {
        let mut participants: Vec<Participant> = Vec::new();
        for (mentions, role) in sides {
            for &m in mentions {
                for who in self.who(m, trigger) {
                    add(&mut participants, who, Some(m), *role);
                }
            }
        }
        participants
    }
}

/// Adds a participant, or a role and a mention to the one that is there.
pub fn add(
    participants: &mut Vec<Participant>,
    who: Who,
    mention: Option<usize>,
    role: Option<ParticipantRole>,
) {
    match participants.iter_mut().find(|p| p.who == who) {
        Some(p) => {
            p.mentions.extend(mention.filter(|m| !p.mentions.contains(m)));
            p.roles.extend(role.filter(|r| !p.roles.contains(r)));
        }
        None => participants.push(Participant {
            who,
            mentions: mention.into_iter().collect(),
            roles: role.into_iter().collect(),
        }),
    }
}
