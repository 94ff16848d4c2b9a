//! What the check of the register would call wrong and is right: `register/exceptions.csv`.

use serde::Deserialize;

use super::rows::{list, table};
use crate::data::{Findings, Source};

const FILE: &str = "register/exceptions.csv";

/// What an exception excuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Several hold an office that one holds.
    Overlap,
    /// Nobody holds it for a while.
    Gap,
    /// Nobody holds it any more.
    Vacant,
    /// Two people of much the same name.
    Namesakes,
    /// A capital that is no row of the cities.
    City,
    /// A code that is none of ISO 3166-1.
    Code,
}

#[derive(Debug, Clone, Deserialize)]
struct Row {
    rule: Rule,
    party: String,
    office: String,
    names: String,
    reason: String,
}

/// The exceptions, and which of them have been of use.
#[derive(Debug)]
pub struct Exceptions {
    rows: Vec<(usize, Row, bool)>,
}

impl Exceptions {
    /// Reads the table; no such file is no exceptions.
    pub fn read(source: &Source, findings: &mut Findings) -> Self {
        if source.read(FILE).is_err() {
            return Self { rows: Vec::new() };
        }
        match table::<Row>(source, FILE) {
            Ok(rows) => Self {
                rows: rows.into_iter().map(|(line, row)| (line, row, false)).collect(),
            },
            Err(error) => {
                findings.error(
                    FILE,
                    error.row,
                    error.reason,
                    "write rule,party,office,names,reason; rule is overlap, gap, vacant, namesakes, city or code",
                );
                Self { rows: Vec::new() }
            }
        }
    }

    /// Whether something is excused: a row of the rule, party and office that names all of these people, or none.
    pub fn excuse(&mut self, rule: Rule, party: &str, office: &str, names: &[&str]) -> bool {
        let mut excused = false;
        for (_, row, used) in &mut self.rows {
            let named: Vec<&str> = list(&row.names).collect();
            if row.rule == rule
                && row.party == party
                && row.office == office
                && (named.is_empty() || names.iter().all(|name| named.contains(name)))
            {
                *used = true;
                excused = true;
            }
        }
        excused
    }

    /// Tells the rows that say no reason or excuse nothing.
    pub fn finish(self, findings: &mut Findings) {
        for (line, row, used) in self.rows {
            if row.reason.trim().is_empty() {
                findings.error(FILE, line, "no reason is given", "say why this is right");
            }
            if !used {
                findings.warning(FILE, line, "nothing is excused by this row", "take it out");
            }
        }
    }
}
