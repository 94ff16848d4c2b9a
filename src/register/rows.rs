//! The rows of the tables as they are written, and how they are read.

use serde::{Deserialize, de::DeserializeOwned};

use super::RegisterError;
use crate::data::Source;

#[derive(Debug, Clone, Deserialize)]
pub struct StateRow {
    pub code: String,
    pub alpha2: String,
    pub name: String,
    pub official_name: String,
    pub capital: String,
    pub leader: String,
    pub name_order: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct OrganizationRow {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub seat: String,
    pub seat_country: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct GroupRow {
    pub code: String,
    pub name: String,
    pub members: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct GovernmentRow {
    pub state: String,
    pub organization: String,
    pub start: String,
    pub end: String,
    pub source: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct TopicRow {
    pub code: String,
    pub label: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct CityRow {
    pub name: String,
    pub country: String,
    pub rank: u8,
    pub latin: String,
    pub cyrl: String,
    pub arab: String,
    pub hans: String,
    pub hant: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct SiteRow {
    pub name: String,
    pub city: String,
    pub country: String,
    pub aliases: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TermRow {
    pub party: String,
    pub office: String,
    pub name: String,
    pub start: String,
    pub end: String,
    pub source: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct SpellingRow {
    pub name: String,
    #[serde(default)]
    pub family: String,
    #[serde(default)]
    pub aliases: String,
    #[serde(default)]
    pub script: String,
    #[serde(default)]
    pub forms: String,
}

/// The rows of a table with their numbers.
pub fn rows<T: DeserializeOwned>(file: &str, text: &str) -> Result<Vec<(usize, T)>, RegisterError> {
    let mut found = Vec::new();
    for (at, row) in csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .enumerate()
    {
        let row: T = row.map_err(|e| RegisterError {
            file: file.to_owned(),
            row: at + 2,
            reason: e.to_string(),
        })?;
        found.push((at + 2, row));
    }
    Ok(found)
}

/// The rows of a table of the data.
pub fn table<T: DeserializeOwned>(source: &Source, file: &str) -> Result<Vec<(usize, T)>, RegisterError> {
    let text = source.read(file).map_err(|e| RegisterError {
        file: file.to_owned(),
        row: 0,
        reason: e.to_string(),
    })?;
    rows(file, &text)
}

/// The parts of a field that holds a list.
pub fn list(field: &str) -> impl Iterator<Item = &str> {
    field.split(';').map(str::trim).filter(|f| !f.is_empty())
}
