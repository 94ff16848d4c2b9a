//! Gold articles, and extracted events in the same terms.

use std::{collections::HashMap, fmt};

use serde::Deserialize;
use serde_json::Value;

use crate::event::{ContactEvent, ParticipantRole, identity::party_code};

/// An article and the contacts in it.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldArticle {
    /// The article's id.
    pub id: String,
    /// Its language, without region.
    pub language: String,
    /// The article as it arrives on the input topic.
    pub article: Value,
    /// Every contact in it.
    pub events: Vec<Event>,
}

/// Why a line is no gold article.
#[derive(Debug, thiserror::Error)]
pub enum GoldError {
    /// Not JSON of this shape.
    #[error("not a gold article: {0}")]
    Json(#[from] serde_json::Error),
    /// The article lacks a text.
    #[error("not a gold article: article.{0} is missing or no text")]
    Missing(&'static str),
}

/// A contact, reduced to what is scored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// Such as `PHONE_CALL`.
    pub kind: String,
    /// Such as `HELD`.
    pub status: String,
    /// Who takes part.
    pub participants: Vec<Person>,
    /// When, where told.
    pub date: Option<Day>,
    /// Where, where told.
    pub place: Option<Where>,
    /// The party on whose initiative, where told.
    pub initiator: Option<String>,
    /// Codes of topics.
    pub topics: Vec<String>,
}

/// Who takes part in a contact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Person {
    /// Full name, empty where there is none.
    #[serde(default)]
    pub name: String,
    /// Other spellings that count as right.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The state represented.
    #[serde(default)]
    pub country: String,
    /// The organisation represented.
    #[serde(default)]
    pub organization: String,
    /// Such as `HEAD_OF_STATE`.
    pub office: String,
}

impl Person {
    /// The party represented: the country, else the organisation.
    #[must_use]
    pub fn party(&self) -> &str {
        [self.country.as_str(), self.organization.as_str()]
            .into_iter()
            .find(|code| !code.is_empty())
            .unwrap_or("?")
    }
}

/// Days, inclusive, as ISO dates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Day {
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
}

impl Day {
    /// Whether two spans have a day in common. ISO dates compare as texts.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

/// Where a contact takes place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Where {
    /// City or site.
    #[serde(default)]
    pub name: String,
    /// ISO 3166-1 alpha-3.
    #[serde(default)]
    pub country: String,
}

impl GoldArticle {
    /// Reads a line of a gold file.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(line: &str) -> Result<Self, GoldError> {
        #[derive(Deserialize)]
        struct Line {
            article: Value,
            events: Vec<Event>,
        }
        let Line { article, events } = serde_json::from_str(line)?;
        let text = |field| {
            article
                .get(field)
                .and_then(Value::as_str)
                .ok_or(GoldError::Missing(field))
        };
        let id = text("id")?.to_owned();
        let language = text("language")?.split('-').next().unwrap_or_default().to_owned();
        Ok(Self {
            id,
            language,
            article,
            events,
        })
    }
}

impl Event {
    /// The country it takes place in, empty where not told.
    #[must_use]
    pub fn country(&self) -> &str {
        self.place.as_ref().map_or("", |place| &place.country)
    }

    /// The party codes, sorted, each once.
    #[must_use]
    pub fn parties(&self) -> Vec<&str> {
        let mut parties: Vec<&str> = self.participants.iter().map(Person::party).collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    }

    /// The participants with a name.
    pub fn named(&self) -> impl Iterator<Item = &Person> {
        self.participants.iter().filter(|person| !person.name.is_empty())
    }
}

impl From<&ContactEvent> for Event {
    fn from(event: &ContactEvent) -> Self {
        let participants = event.participants.iter().map(|participant| Person {
            name: participant.name.clone(),
            aliases: Vec::new(),
            country: participant.country.clone(),
            organization: participant.organization.clone(),
            office: short(participant.office().as_str_name(), "OFFICE_"),
        });
        let mut topics: Vec<String> = event
            .topics
            .iter()
            .map(|topic| topic.code.clone())
            .filter(|code| !code.is_empty())
            .collect();
        topics.sort_unstable();
        topics.dedup();
        let day = |text: &str| text.chars().take(10).collect::<String>();
        Self {
            kind: short(event.kind().as_str_name(), "CONTACT_KIND_"),
            status: short(event.status().as_str_name(), "CONTACT_STATUS_"),
            participants: participants.collect(),
            date: event
                .date
                .as_ref()
                .filter(|date| !date.start.is_empty())
                .map(|date| Day {
                    start: day(&date.start),
                    end: day(if date.end.is_empty() {
                        &date.start
                    } else {
                        &date.end
                    }),
                }),
            place: event
                .place
                .as_ref()
                .filter(|place| !(place.name.is_empty() && place.country.is_empty()))
                .map(|place| Where {
                    name: place.name.clone(),
                    country: place.country.clone(),
                }),
            initiator: event
                .participants
                .iter()
                .find(|participant| participant.roles().any(|role| role == ParticipantRole::Initiator))
                .map(|participant| party_code(participant).to_owned()),
            topics,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} [", self.kind, self.status)?;
        for (i, person) in self.participants.iter().enumerate() {
            let name = if person.name.is_empty() {
                "·"
            } else {
                &person.name
            };
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{name}/{}", person.party())?;
        }
        match &self.date {
            None => write!(f, "] no date")?,
            Some(date) if date.start == date.end => write!(f, "] {}", date.start)?,
            Some(date) => write!(f, "] {}..{}", date.start, date.end)?,
        }
        if let Some(place) = &self.place {
            write!(f, " in {}/{}", place.name, place.country)?;
        }
        if let Some(initiator) = &self.initiator {
            write!(f, " by {initiator}")?;
        }
        for topic in &self.topics {
            write!(f, " {topic}")?;
        }
        Ok(())
    }
}

/// Extracted events by the id of their article.
pub type Predicted = HashMap<String, Vec<Event>>;

/// Extracted events in the terms of gold, by the id of the article that each names.
pub fn predicted<'a>(events: impl IntoIterator<Item = &'a ContactEvent>) -> Predicted {
    let mut by_article = Predicted::new();
    for event in events {
        let id = event.article.as_ref().map_or("", |article| &article.id);
        by_article.entry(id.to_owned()).or_default().push(event.into());
    }
    by_article
}

fn short(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}
