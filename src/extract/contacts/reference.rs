//! Whom a mention refers to, as somebody who takes part.
//!
//! Names and offices are settled in [`crate::extract::entities`]; here are those that only the story before tells: pronouns,
//! "his guest", "the two leaders", "her counterpart". The nearer, the more a subject and the oftener told, the likelier
//! somebody is meant.

use super::{Contact, Finder, Participant, Who, add, party_of, sides::Side};
use crate::{
    event::Office,
    extract::{
        document::Trigger,
        entities::{Referent, same_office},
        mentions::{MentionKind, may_shorten},
    },
    lexicon::{OfficeCode, Word},
    register::PartyId,
};

impl Finder<'_, '_> {
    /// Those whom the mention stands for.
    pub(super) fn who(&self, m: usize, trigger: &Trigger) -> Vec<Who> {
        match &self.entities.of[m] {
            Referent::He
                if self.mentions[m].start < trigger.start
                    && self.mentions[m].free()
                    && !self.mentions[m].marked(&[Word::Object]) =>
            {
                self.pronouns[m].into_iter().collect()
            }
            Referent::Entity(e) => vec![Who::Entity(*e)],
            Referent::Posts(posts) => posts.iter().map(|(p, o)| Who::Post(*p, *o)).collect(),
            Referent::Parties(parties) => parties.iter().map(|p| Who::Party(*p)).collect(),
            Referent::Office(office) => {
                let home = self.entities.home.filter(|_| {
                    matches!(office, OfficeCode::Office(o) if leads(*o)) || *office == OfficeCode::Leader
                });
                home.map(|p| Who::Post(p, *office)).into_iter().collect()
            }
            Referent::He => self.antecedent(m, trigger).into_iter().collect(),
            Referent::They => self.previous(2, None, trigger),
            Referent::Partner => self.partner(m, trigger).into_iter().collect(),
            Referent::Collective(count, office) => self.previous(*count, *office, trigger),
            Referent::Counterpart(_) | Referent::None => Vec::new(),
        }
    }

    /// "His guest": whoever is spoken of beside the one to whom "his" refers.
    fn partner(&self, m: usize, trigger: &Trigger) -> Option<Who> {
        let mention = &self.mentions[m];
        let party = |i: usize| match &self.entities.of[i] {
            Referent::Entity(e) => self.entities.all[*e].party,
            Referent::Posts(posts) => posts.first().map(|p| p.0),
            Referent::He => self.pronouns[i].and_then(|w| party_of(self.entities, w)),
            _ => None,
        };
        let (first, _) = self.document.sentence(mention.start);
        let before = self.mentions_in(first, mention.start);
        let beside = before.clone().find(|i| self.mentions[*i].group == mention.group);
        let subject = before
            .rev()
            .find(|i| self.mentions[*i].free() && party(*i).is_some());
        let own = beside.or(subject).and_then(party).or_else(|| {
            self.antecedent_at(mention.start, None)
                .and_then(|w| party_of(self.entities, w))
        });
        let at = beside
            .map_or(mention.start, |i| self.mentions[i].start)
            .min(trigger.start);
        self.antecedent_at(at.min(mention.start), own)
    }

    /// The person that a pronoun stands for; as an object somebody else than the subject.
    fn antecedent(&self, m: usize, trigger: &Trigger) -> Option<Who> {
        let pronoun = &self.mentions[m];
        let object =
            pronoun.start >= trigger.end || pronoun.marked(&[Word::With, Word::By, Word::To, Word::Object]);
        let subject = self
            .subjects
            .last()
            .filter(|_| object)
            .and_then(|(_, subject)| subject.first());
        let party = subject
            .filter(|s| **s != m)
            .and_then(|s| match &self.entities.of[*s] {
                Referent::Entity(e) => self.entities.all[*e].party,
                Referent::Posts(posts) => posts.first().map(|p| p.0),
                Referent::He if *s < m => self.pronouns[*s].and_then(|w| party_of(self.entities, w)),
                _ => None,
            });
        self.antecedent_at(pronoun.start, party)
    }

    /// The person last spoken of before token `at`, of another party than `not`: the nearer, the more a subject and
    /// the oftener told, the better.
    pub(super) fn antecedent_at(&self, at: usize, not: Option<PartyId>) -> Option<Who> {
        let document = self.document;
        let sentence = document.tokens[at].sentence;
        let title = document.in_title(at);
        let m = self.mentions.partition_point(|m| m.start < at);
        let mut best: Option<(i64, Who)> = None;
        let window = self.mentions[..m].partition_point(|o| document.tokens[o.start].sentence + 2 < sentence);
        for i in window..m {
            let mention = &self.mentions[i];
            let here = document.tokens[mention.start].sentence;
            if here + 2 < sentence
                || document.in_title(mention.start) != title
                || !matches!(mention.kind, MentionKind::Person | MentionKind::He)
            {
                continue;
            }
            let who = match &self.entities.of[i] {
                Referent::He => match self.pronouns[i] {
                    Some(who) => who,
                    None => continue,
                },
                Referent::Entity(e) => Who::Entity(*e),
                Referent::Posts(posts) if posts.len() == 1 => Who::Post(posts[0].0, posts[0].1),
                _ => continue,
            };
            if not.is_some() && party_of(self.entities, who) == not {
                continue;
            }
            let (first, _) = document.sentence(mention.start);
            let opens = !self.mentions[self.mentions_in(first, mention.start).start..i]
                .iter()
                .any(|o| o.kind == MentionKind::Person && o.free());
            let told = referred(&self.entities.of[i])
                .and_then(|one| self.told.get(&one))
                .map_or(0, |all| all.partition_point(|o| *o < m))
                .min(4);
            let mut score = 4 - 2 * i64::from(sentence - here) + i64::try_from(told).unwrap_or(0);
            if self
                .found
                .last()
                .is_some_and(|c| c.participants.iter().any(|p| p.who == who))
            {
                score += 3;
            }
            if mention.free() {
                score += if opens { 5 } else { 2 };
            }
            if best.is_none_or(|(s, _)| score >= s) {
                best = Some((score, who));
            }
        }
        best.map(|(_, who)| who)
    }

    /// The person whom the story is about, where there is one: who took part in most of what was told so far, of another
    /// party than `not`.
    pub(super) fn protagonist(&self, not: PartyId) -> Option<Who> {
        let mut told: Vec<(Who, usize)> = Vec::new();
        for who in self
            .found
            .iter()
            .flat_map(|c| c.participants.iter().map(|p| p.who))
        {
            let person = matches!(who, Who::Entity(_)) && party_of(self.entities, who) != Some(not);
            match told.iter_mut().find(|t| t.0 == who) {
                Some(t) => t.1 += 2,
                None if person => {
                    let title = self
                        .told
                        .get(&Some(who))
                        .and_then(|all| all.first())
                        .is_some_and(|m| self.document.in_title(self.mentions[*m].start));
                    told.push((who, 2 + 3 * usize::from(title)));
                }
                None => {}
            }
        }
        told.sort_by_key(|t| std::cmp::Reverse(t.1));
        match told[..] {
            [first, second, ..] if first.1 > second.1 && first.1 > 3 => Some(first.0),
            [only] if only.1 > 3 => Some(only.0),
            _ => None,
        }
    }

    /// "The two leaders": the participants of the contact told last, or the people named last.
    pub(super) fn previous(&self, count: usize, office: Option<OfficeCode>, trigger: &Trigger) -> Vec<Who> {
        let sentence = self.document.tokens[trigger.start].sentence as usize;
        let near = |c: &&Contact| sentence - c.sentence.min(sentence) <= 6;
        let last = self.found.iter().rev().take_while(near).find(|c| {
            (count == 0 || c.participants.len() == count || c.parties(self.entities).len() == count)
                && office.is_none_or(|o| {
                    matches!(o, OfficeCode::Leader | OfficeCode::Office(Office::Delegation))
                        || c.participants.iter().any(|p| self.has_office(p.who, o))
                })
        });
        if let Some(last) = last {
            return last.participants.iter().map(|p| p.who).collect();
        }
        if count != 2 {
            return Vec::new();
        }
        // Nobody met yet: the two people of different parties who were named last.
        let mut people: Vec<Who> = Vec::new();
        let window = self.document.sentences[sentence.saturating_sub(3)].0;
        for m in self.mentions_in(window, trigger.start).rev() {
            if let Referent::Entity(e) = self.entities.of[m] {
                let who = Who::Entity(e);
                let party = self.entities.all[e].party;
                let fits = office.is_none_or(|o| {
                    matches!(o, OfficeCode::Leader | OfficeCode::Office(Office::Delegation))
                        || self.has_office(who, o)
                });
                if fits && party.is_some() && !people.iter().any(|w| party_of(self.entities, *w) == party) {
                    people.push(who);
                }
                if people.len() == 2 {
                    return people;
                }
            }
        }
        Vec::new()
    }

    /// Whether somebody holds that office, or one it is short for.
    pub(super) fn has_office(&self, who: Who, office: OfficeCode) -> bool {
        match who {
            Who::Entity(e) => self.entities.all[e]
                .office
                .is_some_and(|o| same_office(office, o) || may_shorten(office, OfficeCode::Office(o))),
            Who::Post(_, code) => may_shorten(office, code),
            Who::Party(_) => false,
        }
    }

    /// Counterparts take the office of the other side.
    pub(super) fn settle_counterparts(&self, sides: &[Side], participants: &mut Vec<Participant>) {
        for (mentions, role) in sides {
            for &m in mentions {
                let Referent::Counterpart(party) = self.entities.of[m] else {
                    continue;
                };
                let other = participants.iter().find_map(|p| match p.who {
                    Who::Entity(e) => self.entities.all[e].office.map(OfficeCode::Office),
                    Who::Post(_, code) => Some(code),
                    Who::Party(_) => None,
                });
                let plural = self.mentions[m].office.is_some_and(|o| o.plural);
                if party.is_none() && !plural {
                    let code = other.unwrap_or(OfficeCode::Office(Office::Unknown));
                    let own = participants.first().and_then(|p| party_of(self.entities, p.who));
                    let last = (0..m).rev().find_map(|i| match self.entities.of[i] {
                        Referent::Entity(e)
                            if self.entities.all[e].party != own
                                && self.entities.all[e].office.is_some_and(|o| same_office(code, o)) =>
                        {
                            Some(Who::Entity(e))
                        }
                        _ => None,
                    });
                    if let Some(who) = last {
                        add(participants, who, Some(m), *role);
                    }
                    continue;
                }
                let parties: Vec<PartyId> = if plural {
                    self.mentions[m].parties.to_vec()
                } else {
                    party.into_iter().collect()
                };
                for party in parties {
                    let code = other.unwrap_or(OfficeCode::Office(Office::Unknown));
                    let known = self.entities.all.iter().position(|e| {
                        e.party == Some(party) && e.office.is_some_and(|o| same_office(code, o))
                    });
                    let who = known.map_or(Who::Post(party, code), Who::Entity);
                    add(participants, who, Some(m), *role);
                }
            }
        }
    }
}

/// Whom a mention of one person refers to; nobody in particular for a pronoun.
pub(super) fn referred(referent: &Referent) -> Option<Option<Who>> {
    match referent {
        Referent::He => Some(None),
        Referent::Entity(e) => Some(Some(Who::Entity(*e))),
        Referent::Posts(posts) if posts.len() == 1 => Some(Some(Who::Post(posts[0].0, posts[0].1))),
        _ => None,
    }
}

/// Offices of which a state has one that stands for it abroad.
fn leads(office: Office) -> bool {
    matches!(
        office,
        Office::HeadOfState | Office::HeadOfGovernment | Office::ForeignMinister | Office::DefenceMinister
    )
}
