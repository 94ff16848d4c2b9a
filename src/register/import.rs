//! From the answer of a SPARQL query to rows of terms: `data/register/terms.rq` asks Wikidata who holds which office.
//!
//! The answer comes in the SPARQL 1.1 Query Results JSON Format. Every binding becomes a term or is refused with a
//! reason: a guess would put somebody into an office whom nobody elected. Where the register knows the person by
//! another spelling, it is the register's that is written.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    RegisterError,
    overlay::{TERMS, term_days},
    rows::{OrganizationRow, SpellingRow, StateRow, TermRow, list, table},
};
use crate::{data::Source, lexicon::office, text::fold};

/// Class of the source of what is imported.
const SOURCE: &str = "wikidata";

/// An answer in SPARQL 1.1 Query Results JSON.
#[derive(Debug, Deserialize)]
struct Answer {
    results: Results,
}

#[derive(Debug, Deserialize)]
struct Results {
    bindings: Vec<BTreeMap<String, Term>>,
}

/// An RDF term of a binding.
#[derive(Debug, Deserialize)]
struct Term {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

/// A binding that became no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its number in the answer, from 1.
    pub binding: usize,
    /// Whom it is about, as far as it says.
    pub person: String,
    /// Why it was refused.
    pub reason: String,
}

/// What became of an answer.
#[derive(Debug, Default)]
pub struct Import {
    rows: Vec<TermRow>,
    /// The bindings that became no row.
    pub refused: Vec<Refused>,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The text is no answer.
    #[error("no SPARQL 1.1 query results in JSON (ask for application/sparql-results+json): {0}")]
    Json(#[from] serde_json::Error),
    /// The register it is held against.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

impl Import {
    /// Reads an answer.
    ///
    /// # Errors
    /// Where it is none, or the register cannot be read.
    pub fn read(source: &Source, json: &str) -> Result<Self, ImportError> {
        let answer: Answer = serde_json::from_str(json)?;
        let known = Known::read(source)?;
        let mut import = Self::default();
        for (binding, terms) in (1..).zip(&answer.results.bindings) {
            let text = |name: &str| terms.get(name).map_or("", |term| term.value.as_str());
            match row(&known, terms) {
                Ok(row) if import.rows.contains(&row) => {}
                Ok(row) => import.rows.push(row),
                Err(reason) => import.refused.push(Refused {
                    binding,
                    person: [text("personLabel"), text("person"), "somebody"]
                        .into_iter()
                        .find(|name| !name.is_empty())
                        .unwrap_or_default()
                        .to_owned(),
                    reason,
                }),
            }
        }
        import.rows.sort_by(|a, b| {
            (&a.party, &a.office, &a.start, &a.name).cmp(&(&b.party, &b.office, &b.start, &b.name))
        });
        Ok(import)
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows as an overlay file.
    ///
    /// # Errors
    /// Where the rows cannot be written.
    pub fn overlay(&self) -> Result<String, csv::Error> {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(TERMS)?;
        for row in &self.rows {
            writer.write_record([
                &row.party,
                &row.office,
                &row.name,
                &row.start,
                &row.end,
                &row.source,
            ])?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|error| csv::Error::from(error.into_error()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// What the register knows: its parties, and what its people are called.
struct Known {
    parties: Vec<String>,
    /// Names by the spellings of people who have held an office of a party.
    names: BTreeMap<(String, String), Vec<String>>,
}

impl Known {
    fn read(source: &Source) -> Result<Self, RegisterError> {
        let mut parties: Vec<String> = Vec::new();
        for (_, row) in table::<StateRow>(source, "register/states.csv")? {
            parties.push(row.code);
        }
        for (_, row) in table::<OrganizationRow>(source, "register/organizations.csv")? {
            parties.push(row.code);
        }
        let files = |folder: &str| {
            source.files(folder).map_err(|error| RegisterError {
                file: folder.to_owned(),
                row: 0,
                reason: error.to_string(),
            })
        };
        let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in files("register/terms")? {
            for (_, row) in table::<TermRow>(source, &file)? {
                held.entry(row.name).or_default().push(row.party);
            }
        }
        let mut names: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        let mut add = |spelling: &str, name: &str| {
            for party in held.get(name).into_iter().flatten() {
                let named = names.entry((party.clone(), key(spelling))).or_default();
                if !named.iter().any(|n| n == name) {
                    named.push(name.to_owned());
                }
            }
        };
        for name in held.keys() {
            add(name, name);
        }
        for file in files("register/people")? {
            for (_, row) in table::<SpellingRow>(source, &file)? {
                for alias in list(&row.aliases).filter(|alias| alias.contains(' ')) {
                    add(alias, &row.name);
                }
            }
        }
        Ok(Self { parties, names })
    }

    /// The name that the register gives a person of this party.
    fn name(&self, party: &str, label: &str) -> String {
        match self.names.get(&(party.to_owned(), key(label))).map(Vec::as_slice) {
            Some([name]) => name.clone(),
            _ => label.to_owned(),
        }
    }
}

fn key(name: &str) -> String {
    fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn row(known: &Known, terms: &BTreeMap<String, Term>) -> Result<TermRow, String> {
    let party = literal(terms, "party")?.ok_or(
        "the state or organisation has no code: Wikidata lacks its ISO 3166-1 alpha-3 code (P298); write the row by hand",
    )?;
    if !known.parties.iter().any(|code| code == party) {
        return Err(format!(
            "no party `{party}` in the register: add it to register/states.csv or register/organizations.csv"
        ));
    }
    let code = literal(terms, "office")?.ok_or("no office: the query must bind ?office")?;
    if office(code).is_none() {
        return Err(format!(
            "no office `{code}`: use the codes of data/register/README.md"
        ));
    }
    let label =
        literal(terms, "personLabel")?.ok_or("the person has no name: the query must bind ?personLabel")?;
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if label.strip_prefix('Q').is_some_and(digits) {
        return Err(format!(
            "the person has no label in English, only `{label}`: write the row by hand"
        ));
    }
    let start = day(terms, "start")?.ok_or("no start of the term: find it and write the row by hand")?;
    let end = day(terms, "end")?.unwrap_or_default();
    let row = TermRow {
        name: known.name(party, label),
        party: party.to_owned(),
        office: code.to_owned(),
        start,
        end,
        source: SOURCE.to_owned(),
    };
    term_days(&row)?;
    Ok(row)
}

/// A variable's value; an error where it is known to be something unknown.
fn literal<'t>(terms: &'t BTreeMap<String, Term>, name: &str) -> Result<Option<&'t str>, String> {
    match terms.get(name) {
        None => Ok(None),
        Some(term) if term.kind == "bnode" || term.value.contains("/.well-known/genid/") => Err(format!(
            "{name} is an unknown value in Wikidata: find it and write the row by hand"
        )),
        Some(term) => Ok(Some(term.value.trim()).filter(|value| !value.is_empty())),
    }
}

/// A day as precise as Wikidata knows it.
fn day(terms: &BTreeMap<String, Term>, name: &str) -> Result<Option<String>, String> {
    let Some(value) = literal(terms, name)? else {
        return Ok(None);
    };
    let day = value.split('T').next().unwrap_or(value);
    let sound = day.len() == 10
        && day.is_char_boundary(4)
        && day.bytes().enumerate().all(|(at, byte)| {
            if matches!(at, 4 | 7) {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if !sound {
        return Err(format!("{name} `{value}` is no date after Christ"));
    }
    // Precision of Wikibase: 11 a day, 10 a month, 9 a year, less is more than a year.
    match literal(terms, &format!("{name}Precision"))? {
        None | Some("11") => Ok(Some(day.to_owned())),
        Some("10") => Ok(Some(day[..7].to_owned())),
        Some("9") => Ok(Some(day[..4].to_owned())),
        Some(other) => Err(format!(
            "{name} `{day}` is known to less than a year (precision {other}): find the year and write the row by hand"
        )),
    }
}
