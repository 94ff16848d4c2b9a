//! Noun phrases that may take part in a contact: names, offices, nationalities and states put together.
//!
//! Atoms and names become [`pieces`], walked from left to right; what stands between two of them (a [`gap`]: nothing, an
//! article, "of", a possessive, a comma, a bracket) decides in [`joining`] whether the second belongs to the phrase that the
//! first began, as [`assembling`] takes it. Then [`lists`] gives names and offices told once to all they are told for,
//! [`markers`] finds the words that govern each phrase, and [`groups`] joins the phrases of one enumeration.

mod assembling;
mod gap;
mod groups;
mod joining;
mod lists;
mod markers;
mod pieces;

use smallvec::SmallVec;

use super::{
    document::{Document, Stretch, Words},
    names::Name,
};
use crate::{
    event::Office,
    lexicon::{OfficeCode, StateForm, Word},
    register::{NameId, PartyId, PlaceId},
};
use assembling::Assembler;

/// What a mention is, in the main.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MentionKind {
    /// Somebody, by name or office.
    Person,
    /// A state by its name, capital or seat.
    State(StateForm),
    /// An organisation.
    Organization,
    /// Several parties under one name.
    Group,
    /// Several people told before: "the two leaders"; how many, 0 where not told.
    Collective(usize),
    /// A pronoun for one.
    He,
    /// A pronoun for several.
    They,
}

/// Classes of the words that govern a noun phrase.
const GOVERNORS: [Word; 14] = [
    Word::With,
    Word::By,
    Word::To,
    Word::From,
    Word::Of,
    Word::In,
    Word::Between,
    Word::About,
    Word::After,
    Word::Before,
    Word::During,
    Word::Without,
    Word::Other,
    Word::Presence,
];

/// Classes of the words that may stand between a phrase and what governs it, and between its parts.
const FILLERS: [Word; 6] = [
    Word::Linker,
    Word::Former,
    Word::Acting,
    Word::Deputy,
    Word::Elect,
    Word::Respective,
];

/// An office as a mention tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficeMention {
    /// First token of its words.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What it stands for.
    pub code: OfficeCode,
    /// Several holders.
    pub plural: bool,
    /// The words alone are no mention.
    pub weak: bool,
    /// It is told as past, deputy or to come.
    pub shifted: bool,
}

/// A noun phrase.
#[derive(Debug, Clone)]
pub struct Mention {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// What it is.
    pub kind: MentionKind,
    /// The name: tokens and register spelling.
    pub name: Option<(usize, usize, Option<NameId>)>,
    /// The office.
    pub office: Option<OfficeMention>,
    /// The parties told.
    pub parties: SmallVec<[PartyId; 3]>,
    /// Parties that the words for the first one may also stand for: "Congolese".
    pub either: SmallVec<[PartyId; 2]>,
    /// The place that a capital or seat also is.
    pub place: Option<PlaceId>,
    /// Classes of the word that governs it.
    pub marker: Words,
    /// A possessive follows it: "Putin's".
    pub possessive: bool,
    /// Mentions joined by "and" or commas share a number.
    pub group: usize,
    /// A pronoun's possessive stands before it: "his counterpart".
    pub his: bool,
    /// It is the subject of a reporting verb.
    pub speaker: bool,
    /// It goes on with the list of holders that the mention before it is in.
    pub listed: bool,
}

impl Mention {
    /// Whether it is told as governed by one of these classes.
    pub fn marked(&self, words: &[Word]) -> bool {
        self.marker.any(words)
    }

    /// Whether nothing governs it, so that it may be a subject or object.
    pub fn free(&self) -> bool {
        !self.marker.any(&GOVERNORS)
    }

    /// Whether it is a pronoun.
    pub fn pronoun(&self) -> bool {
        matches!(self.kind, MentionKind::He | MentionKind::They)
    }
}

impl Stretch for Mention {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

/// All mentions of the document, by their place.
pub fn assemble(document: &Document<'_>, names: &[Name]) -> Vec<Mention> {
    let pieces = pieces::pieces(document, names);
    let mut mentions = Assembler {
        document,
        pieces: &pieces,
    }
    .mentions();
    lists::adopt_names(document, &mut mentions);
    lists::distribute_office(document, &mut mentions);
    lists::drop_strangers(&mut mentions);
    markers::mark(document, &mut mentions);
    groups::join(document, &mut mentions);
    groups::mark_speakers(document, &mut mentions);
    mentions
}

/// Whether a common office ("the minister") may be meant for a holder of that office.
pub fn may_shorten(short: OfficeCode, long: OfficeCode) -> bool {
    short == long
        || short == OfficeCode::Office(Office::Minister)
            && matches!(
                long,
                OfficeCode::Office(Office::ForeignMinister | Office::DefenceMinister)
            )
}

/// How telling an office is: the lower the more.
pub fn office_rank(code: OfficeCode) -> usize {
    const ORDER: [Office; 13] = [
        Office::HeadOfState,
        Office::HeadOfGovernment,
        Office::ForeignMinister,
        Office::DefenceMinister,
        Office::HeadOfOrganization,
        Office::SecurityAdviser,
        Office::Envoy,
        Office::Ambassador,
        Office::MilitaryChief,
        Office::Legislator,
        Office::SeniorOfficial,
        Office::Minister,
        Office::Other,
    ];
    match code {
        OfficeCode::Office(office) => ORDER.iter().position(|o| *o == office).unwrap_or(ORDER.len()),
        OfficeCode::Leader | OfficeCode::Counterpart | OfficeCode::Partner => 0,
    }
}
