//! From pieces to mentions: what a phrase begins with, what it takes, and whether it stands in the end.
//!
//! A phrase begins with one piece, or with several nationalities before a plural office; [`super::joining`] says which of
//! the pieces behind belong to it. A phrase that is only an adjective or a common office is no mention.

use smallvec::SmallVec;

use super::{
    Mention, MentionKind, OfficeMention,
    gap::Gap,
    pieces::{Part, Piece},
};
use crate::{
    event::Office,
    extract::document::{AtomKind, Document, Words, covering},
    lexicon::{OfficeCode, StateForm, Word},
    register::PartyId,
};

/// Puts pieces together.
pub(super) struct Assembler<'d, 'a> {
    pub document: &'d Document<'a>,
    pub pieces: &'d [Piece],
}

impl Assembler<'_, '_> {
    /// All mentions.
    pub(super) fn mentions(&self) -> Vec<Mention> {
        let mut mentions: Vec<Mention> = Vec::new();
        let mut at = 0;
        while at < self.pieces.len() {
            let (mention, next) = self.mention(at);
            mentions.extend(mention);
            at = next.max(at + 1);
        }
        mentions
    }

    /// The mention that begins with piece `at`, and the piece behind it.
    fn mention(&self, at: usize) -> (Option<Mention>, usize) {
        let document = self.document;
        let piece = self.pieces[at];
        let mut m = Mention {
            start: piece.start,
            end: piece.end,
            kind: MentionKind::Person,
            name: None,
            office: None,
            parties: SmallVec::new(),
            either: SmallVec::new(),
            place: None,
            marker: Words::default(),
            possessive: false,
            group: 0,
            his: false,
            speaker: false,
            listed: false,
        };
        match piece.part {
            Part::He => {
                m.kind = MentionKind::He;
                return (Some(m), at + 1);
            }
            Part::They => {
                m.kind = MentionKind::They;
                return (Some(m), at + 1);
            }
            Part::Atom(AtomKind::Collective(rule)) => {
                let collective = &document.pack.collectives[rule];
                m.kind = MentionKind::Collective(collective.count);
                m.office = collective.office.map(|office| OfficeMention {
                    start: piece.start,
                    end: piece.end,
                    code: OfficeCode::Office(office),
                    plural: true,
                    weak: false,
                    shifted: false,
                });
                return (Some(m), at + 1);
            }
            Part::Atom(AtomKind::Group(group)) => {
                m.kind = MentionKind::Group;
                m.parties
                    .extend(document.register().members(group).iter().copied());
                return (Some(m), at + 1);
            }
            Part::Atom(AtomKind::Place(_)) => return (None, at + 1),
            _ => {}
        }
        // Parties before a plural office: "the Russian and Ukrainian presidents".
        let mut next = at;
        let mut leading: SmallVec<[PartyId; 3]> = SmallVec::new();
        if let Some(parties_end) = self.leading_parties(at, &mut leading) {
            next = parties_end;
            m.parties = leading;
            self.take_office(&mut m, next);
            next += 1;
        } else {
            self.take(&mut m, next);
            next += 1;
        }
        let mut closed = false;
        while !closed && next < self.pieces.len() {
            let taken = self.extend(&mut m, next);
            if taken == 0 {
                closed = true;
            }
            next += taken;
        }
        (self.finish(m), next)
    }

    /// Two or more nationalities joined by "and" before a plural office.
    fn leading_parties(&self, at: usize, out: &mut SmallVec<[PartyId; 3]>) -> Option<usize> {
        let mut next = at;
        loop {
            let piece = self.pieces.get(next)?;
            match piece.part {
                Part::Atom(AtomKind::State(party, _) | AtomKind::Organization(party)) => out.push(party),
                Part::Atom(AtomKind::Office(_, true)) if out.len() > 1 => return Some(next),
                _ => return None,
            }
            let following = self.pieces.get(next + 1)?;
            let gap = self.gap(piece.end, following.start);
            let office_next = matches!(following.part, Part::Atom(AtomKind::Office(..)));
            if !(matches!(gap, Gap::And | Gap::Comma | Gap::Hyphen)
                || office_next && matches!(gap, Gap::Nothing | Gap::Possessive | Gap::Hyphen))
            {
                return None;
            }
            next += 1;
        }
    }

    /// Takes piece `at` into the mention.
    pub(super) fn take(&self, m: &mut Mention, at: usize) {
        let piece = self.pieces[at];
        m.end = m.end.max(piece.end);
        match piece.part {
            Part::Name(known) => m.name = Some((piece.start, piece.end, known)),
            Part::Atom(AtomKind::Office(..)) => self.take_office(m, at),
            Part::Atom(AtomKind::State(party, form)) => {
                if m.office.is_none() && m.name.is_none() {
                    m.kind = MentionKind::State(form);
                }
                for other in self.document.alternatives.get(&piece.start).into_iter().flatten() {
                    if let AtomKind::State(other, _) = other {
                        m.either.push(*other);
                    }
                }
                if matches!(form, StateForm::Capital | StateForm::Seat) {
                    m.place = self.document.register().party_info(party).capital;
                }
                push(&mut m.parties, party);
            }
            Part::Atom(AtomKind::Organization(party)) => {
                if m.office.is_none() && m.name.is_none() {
                    m.kind = MentionKind::Organization;
                }
                push(&mut m.parties, party);
            }
            _ => {}
        }
    }

    /// Takes the office that piece `at` tells, with its party.
    pub(super) fn take_office(&self, m: &mut Mention, at: usize) {
        let document = self.document;
        let piece = self.pieces[at];
        let Part::Atom(AtomKind::Office(rule, plural)) = piece.part else {
            return;
        };
        let rule = &document.pack.offices[rule];
        m.kind = MentionKind::Person;
        m.end = m.end.max(piece.end);
        let before = (1..=3)
            .filter_map(|n| piece.start.checked_sub(n))
            .take_while(|i| {
                document.words(*i).any(&[
                    Word::Linker,
                    Word::Former,
                    Word::Deputy,
                    Word::Acting,
                    Word::Elect,
                ]) || covering(&document.adjectives, *i).is_some()
                    || document.is(*i, &["-"])
            });
        let shifted = before
            .into_iter()
            .any(|i| document.words(i).any(&[Word::Former, Word::Deputy, Word::Elect]))
            || (piece.end < document.tokens.len() && document.words(piece.end).any(&[Word::Elect]))
            || document.is(piece.end, &["-"])
                && piece.end + 1 < document.tokens.len()
                && document.words(piece.end + 1).has(Word::Elect);
        m.office = Some(OfficeMention {
            start: piece.start,
            end: piece.end,
            code: rule.code,
            plural,
            weak: rule.weak,
            shifted,
        });
        if let Some(party) = rule.party {
            push(&mut m.parties, party);
        }
        // A nationality inside the words of the office: "ministre russe des affaires étrangères". What is listed as no
        // office at all ("the Ukraine crisis") is nobody's.
        if rule.code == OfficeCode::Office(Office::Unknown) {
            return;
        }
        for adjective in document.adjectives.iter().chain(&document.state_names) {
            if piece.start <= adjective.start && adjective.end <= piece.end && rule.party.is_none() {
                push(&mut m.parties, adjective.value);
            }
        }
    }

    /// Whether a nationality is a noun of its own: an article before it, and no word behind it that it could qualify.
    fn stands_alone(&self, m: &Mention) -> bool {
        let document = self.document;
        let (first, last) = document.sentence(m.start);
        let article = m.start > first
            && document.words(m.start - 1).has(Word::Linker)
            && document.tokens[m.start].kind == crate::text::Kind::Word;
        if !article || !document.pack.names.cased || m.end >= last {
            return false;
        }
        let before = m.start.checked_sub(2).filter(|b| *b >= first);
        let after = document.words(m.end);
        let verb = after.any(&[
            Word::Have,
            Word::Be,
            Word::Will,
            Word::Report,
            Word::Not,
            Word::Reflexive,
        ]) || document.triggers.iter().any(|t| t.start == m.end)
            || document.is(m.end, &[",", "."]);
        let noun_before = before.is_some_and(|b| {
            document.words(b).is_empty()
                && document.tokens[b].kind == crate::text::Kind::Word
                && !document.triggers.iter().any(|t| t.end == b + 1)
        });
        verb && !noun_before
    }

    /// "Ukraine-Hilfe", "Iran-backed": the first half of a word that is neither an office nor a contact nor another party.
    fn is_part_of_word(&self, m: &Mention) -> bool {
        let document = self.document;
        let joined = document.is(m.end, &["-", "‑"])
            && !document.tokens[m.end].spaced
            && document
                .tokens
                .get(m.end + 1)
                .is_some_and(|t| !t.spaced && t.kind == crate::text::Kind::Word);
        if !joined || !document.pack.names.cased {
            return false;
        }
        let next = m.end + 1;
        covering(&document.triggers, next).is_none()
            && covering(&document.atoms, next).is_none()
            && document.words(next).is_empty()
            && !self.pieces.iter().any(|p| p.start == next)
    }

    /// "The president": a common office with nothing but its article, which may mean a holder named before.
    fn refers_back(&self, m: &Mention) -> bool {
        let document = self.document;
        let (first, _) = document.sentence(m.start);
        let singular = m.office.is_some_and(|o| !o.plural && !o.shifted);
        singular
            && m.start > first
            && document.words(m.start - 1).has(Word::Linker)
            && !document.words(m.end).has(Word::Of)
    }

    /// The mention, unless it is none by itself.
    fn finish(&self, mut m: Mention) -> Option<Mention> {
        let person = m.name.is_some() || m.office.is_some();
        if person {
            m.kind = MentionKind::Person;
            if m.name.is_none()
                && m.office.is_some_and(|o| o.weak)
                && m.parties.is_empty()
                && !self.refers_back(&m)
            {
                return None;
            }
            return Some(m);
        }
        // A nationality alone is an adjective of something else, unless nothing follows that it could belong to:
        // "le Français a promis", "el salvadoreño llegó". An honorific alone is nobody.
        match m.kind {
            MentionKind::State(StateForm::Adjective) if self.stands_alone(&m) => {
                m.kind = MentionKind::Person;
                Some(m)
            }
            MentionKind::State(StateForm::Adjective) => None,
            MentionKind::State(_) | MentionKind::Organization if self.is_part_of_word(&m) => None,
            MentionKind::State(_) | MentionKind::Organization => Some(m),
            _ => None,
        }
    }
}

pub(super) fn push(parties: &mut SmallVec<[PartyId; 3]>, party: PartyId) {
    if !parties.contains(&party) {
        parties.push(party);
    }
}
