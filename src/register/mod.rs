//! What is known of the world: parties, places, topics, and who held which office when.
//!
//! Read from `data/register/` and from the user's overlay files, which have the same columns and whose rows
//! come on top. A person is known by the usual English form of the name; an office holder is a person with a
//! party, an office and a term, so that "the Finnish president" means another man in another year.

mod check;
mod dates;
mod exceptions;
pub mod import;
mod load;
mod names;
mod overlay;
mod people;
mod rows;

use std::{fmt, path::PathBuf};

use jiff::civil::Date;
use rustc_hash::FxHashMap;

pub use check::check;
pub use load::RegisterError;
pub use names::{NameForm, NameId};
pub use people::{Person, PersonId, Term};

use crate::{
    data::Source,
    event::Office,
    lexicon::Trie,
    text::{Interner, Script},
};

/// A state or organisation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartyId(pub u16);

impl fmt::Debug for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "party#{}", self.0)
    }
}

/// Several parties with one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GroupId(pub u16);

/// A city or site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceId(pub u32);

/// A topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicId(pub u16);

/// A state or an organisation.
#[derive(Debug, Clone)]
pub struct Party {
    /// ISO 3166-1 alpha-3 or organisation code.
    pub code: String,
    /// English name.
    pub name: String,
    /// Whether it is a state; else an organisation.
    pub is_state: bool,
    /// An armed or political movement.
    pub is_movement: bool,
    /// Capital or seat.
    pub capital: Option<PlaceId>,
    /// Office of its effective leader.
    pub leader: Office,
    /// The family name comes first in the usual English form of its people's names.
    pub family_first: bool,
}

/// A city or site where contacts take place.
#[derive(Debug, Clone)]
pub struct Place {
    /// Usual English name.
    pub name: String,
    /// The state it lies in.
    pub country: Option<PartyId>,
    /// 1 for capitals and world cities to 3 for small places.
    pub rank: u8,
    /// The city, where this is a site in one.
    pub city: Option<String>,
}

/// A movement that rules a state without being its recognised government.
#[derive(Debug, Clone)]
pub struct Government {
    /// The state.
    pub state: PartyId,
    /// Who rules it.
    pub organization: PartyId,
    /// First day.
    pub start: Date,
    /// The day it ended.
    pub end: Option<Date>,
}

/// A topic code and what it covers.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Code.
    pub code: String,
    /// What it covers.
    pub label: String,
}

/// All tables, checked and indexed.
#[derive(Debug)]
pub struct Register {
    parties: Vec<Party>,
    by_code: FxHashMap<String, PartyId>,
    groups: Vec<(String, Vec<PartyId>)>,
    places: Vec<Place>,
    place_forms: Vec<(PlaceId, Script, Vec<String>)>,
    place_index: FxHashMap<(String, String), PlaceId>,
    governments: Vec<Government>,
    topics: Vec<Topic>,
    people: People,
}

/// People, their terms and the spellings of their names.
#[derive(Debug, Default)]
pub struct People {
    people: Vec<Person>,
    terms_by_post: FxHashMap<(PartyId, Office), Vec<(PersonId, usize)>>,
    names: Trie,
    forms: Vec<NameForm>,
    interner: Interner,
    /// Full and family names in other scripts than the Latin one, as the tables have them.
    spellings: Vec<(PersonId, Script, Box<str>)>,
}

impl Register {
    /// Loads all tables, the overlays on top.
    ///
    /// # Errors
    /// Where a file is missing or a row breaks the format.
    pub fn load(source: &Source, overlays: &[PathBuf]) -> Result<Self, RegisterError> {
        let register = Self::load_tables(source)?;
        let people = register.load_people(source, overlays)?;
        Ok(register.with_people(people))
    }

    /// Loads all tables but those of people, which is what language packs are checked against.
    ///
    /// # Errors
    /// Where a file is missing or a row breaks the format.
    pub fn load_tables(source: &Source) -> Result<Self, RegisterError> {
        load::load(source)
    }

    /// Loads the tables of people, the overlays on top.
    ///
    /// # Errors
    /// Where a file is missing or a row breaks the format.
    pub fn load_people(&self, source: &Source, overlays: &[PathBuf]) -> Result<People, RegisterError> {
        load::people(source, overlays, self)
    }

    /// The register with these people.
    #[must_use]
    pub fn with_people(self, people: People) -> Self {
        Self { people, ..self }
    }

    /// The party of this code.
    #[must_use]
    pub fn party(&self, code: &str) -> Option<PartyId> {
        self.by_code.get(code).copied()
    }

    /// The party's row.
    #[must_use]
    pub fn party_info(&self, id: PartyId) -> &Party {
        &self.parties[id.0 as usize]
    }

    /// All parties.
    pub fn parties(&self) -> impl Iterator<Item = (PartyId, &Party)> {
        (0..).map(PartyId).zip(&self.parties)
    }

    /// Who speaks for the party on that day: a movement that rules the state, else the party itself.
    #[must_use]
    pub fn government(&self, party: PartyId, day: Date) -> PartyId {
        self.governments
            .iter()
            .find(|g| g.state == party && g.start <= day && g.end.is_none_or(|end| day < end))
            .map_or(party, |g| g.organization)
    }

    /// The group of this code.
    #[must_use]
    pub fn group(&self, code: &str) -> Option<GroupId> {
        let at = self.groups.iter().position(|(c, _)| c == code)?;
        u16::try_from(at).ok().map(GroupId)
    }

    /// The members of a group.
    #[must_use]
    pub fn members(&self, id: GroupId) -> &[PartyId] {
        &self.groups[id.0 as usize].1
    }

    /// The place of this English name in this state.
    #[must_use]
    pub fn place(&self, name: &str, country: &str) -> Option<PlaceId> {
        self.place_index
            .get(&(name.to_owned(), country.to_owned()))
            .copied()
    }

    /// The place's row.
    #[must_use]
    pub fn place_info(&self, id: PlaceId) -> &Place {
        &self.places[id.0 as usize]
    }

    /// Every place with its spellings in a script.
    pub fn place_forms(&self, script: Script) -> impl Iterator<Item = (PlaceId, &Vec<String>)> {
        self.place_forms
            .iter()
            .filter(move |(_, s, _)| *s == script)
            .map(|(id, _, forms)| (*id, forms))
    }

    /// The topic of this code.
    #[must_use]
    pub fn topic(&self, code: &str) -> Option<TopicId> {
        let at = self.topics.iter().position(|t| t.code == code)?;
        u16::try_from(at).ok().map(TopicId)
    }

    /// The topic's row.
    #[must_use]
    pub fn topic_info(&self, id: TopicId) -> &Topic {
        &self.topics[id.0 as usize]
    }

    /// All topics.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.topics.iter()
    }

    /// The person's row.
    #[must_use]
    pub fn person(&self, id: PersonId) -> &Person {
        &self.people.people[id.0 as usize]
    }

    /// All people.
    pub fn people(&self) -> impl Iterator<Item = (PersonId, &Person)> {
        (0..).map(PersonId).zip(&self.people.people)
    }

    /// All known spellings of people's names: entry numbers are [`NameId`]s.
    #[must_use]
    pub fn names(&self) -> &Trie {
        &self.people.names
    }

    /// The word forms that names consist of.
    #[must_use]
    pub fn name_words(&self) -> &Interner {
        &self.people.interner
    }

    /// The people with a spelling in this script, once each spelling.
    pub fn spellings(&self, script: Script) -> impl Iterator<Item = (&Person, &str)> {
        let of = move |(_, s, _): &&(PersonId, Script, Box<str>)| *s == script;
        self.people
            .spellings
            .iter()
            .filter(of)
            .map(|(id, _, spelling)| (self.person(*id), &**spelling))
    }

    /// What a spelling stands for.
    #[must_use]
    pub fn name_form(&self, id: NameId) -> &NameForm {
        &self.people.forms[id as usize]
    }

    /// Who held the office on that day, the latest to take it first.
    pub fn holders(&self, party: PartyId, office: Office, day: Date) -> impl Iterator<Item = PersonId> {
        let posts = self
            .people
            .terms_by_post
            .get(&(party, office))
            .map_or(&[][..], Vec::as_slice);
        posts
            .iter()
            .rev()
            .filter(move |(p, t)| self.person(*p).terms[*t].covers(day))
            .map(|(p, _)| *p)
    }

    /// Who led the state or organisation on that day.
    #[must_use]
    pub fn leader(&self, party: PartyId, day: Date) -> Option<(PersonId, Office)> {
        let first = self.party_info(party).leader;
        let mut offices = vec![first];
        offices.extend(
            [
                Office::HeadOfState,
                Office::HeadOfGovernment,
                Office::HeadOfOrganization,
            ]
            .iter()
            .filter(|o| **o != first),
        );
        offices
            .into_iter()
            .find_map(|o| self.holders(party, o, day).next().map(|p| (p, o)))
    }
}
