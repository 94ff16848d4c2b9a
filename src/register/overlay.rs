//! The user's own rows, laid on the tables of people: a register that does not age with the release.
//!
//! An overlay has the columns of a table of terms or of a table of people; its header tells which. A term takes the
//! place of every row of the tables with its party, office and name, so that what is wrong can be put right; a
//! spelling is added to those there are.

use std::{fs, path::Path};

use jiff::civil::Date;

use super::{
    RegisterError, dates,
    rows::{SpellingRow, TermRow, rows},
};

/// Columns of a table of terms.
pub const TERMS: [&str; 6] = ["party", "office", "name", "start", "end", "source"];
/// Columns of the tables of people: spellings in Latin letters, and in another script.
const SPELLINGS: [[&str; 3]; 2] = [["name", "family", "aliases"], ["name", "script", "forms"]];

/// A row with its file and number.
pub type Located<T> = (String, usize, T);

/// What an overlay adds.
#[derive(Debug, Default)]
pub struct Overlay {
    /// Terms.
    pub terms: Vec<Located<TermRow>>,
    /// Spellings of names.
    pub spellings: Vec<Located<SpellingRow>>,
}

/// Reads an overlay file.
///
/// # Errors
/// Where it cannot be read, its header is none of ours or a row does not fit it.
pub fn read(path: &Path) -> Result<Overlay, RegisterError> {
    let file = path.display().to_string();
    let fail = |row: usize, reason: String| RegisterError {
        file: file.clone(),
        row,
        reason,
    };
    let text = fs::read_to_string(path).map_err(|e| fail(0, e.to_string()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let header = csv::Reader::from_reader(text.as_bytes())
        .headers()
        .map_err(|e| fail(1, e.to_string()))?
        .clone();
    let is = |columns: &[&str]| header.iter().map(str::trim).eq(columns.iter().copied());
    let mut overlay = Overlay::default();
    if is(&TERMS) {
        overlay.terms = located(&file, rows(&file, text)?);
    } else if SPELLINGS.iter().any(|columns| is(columns)) {
        overlay.spellings = located(&file, rows(&file, text)?);
    } else {
        let columns: Vec<&str> = header.iter().collect();
        return Err(fail(
            1,
            format!(
                "the header is `{}`: write `{}` for terms, `{}` or `{}` for spellings",
                columns.join(","),
                TERMS.join(","),
                SPELLINGS[0].join(","),
                SPELLINGS[1].join(",")
            ),
        ));
    }
    Ok(overlay)
}

fn located<T>(file: &str, rows: Vec<(usize, T)>) -> Vec<Located<T>> {
    rows.into_iter()
        .map(|(row, value)| (file.to_owned(), row, value))
        .collect()
}

/// Lays an overlay's terms on those there are.
pub fn lay(terms: &mut Vec<Located<TermRow>>, added: Vec<Located<TermRow>>) {
    terms.retain(|(_, _, old)| {
        !added
            .iter()
            .any(|(_, _, new)| new.party == old.party && new.office == old.office && new.name == old.name)
    });
    terms.extend(added);
}

/// What is wrong with a term whose party, office or name is none, and what to do.
pub fn refusal(term: &TermRow, party: bool, office: bool) -> String {
    if !party {
        format!(
            "no party `{}`: write a code of register/states.csv (ISO 3166-1 alpha-3) or of register/organizations.csv",
            term.party
        )
    } else if !office {
        format!(
            "no office `{}`: write HEAD_OF_STATE, HEAD_OF_GOVERNMENT, FOREIGN_MINISTER or another of the schema",
            term.office
        )
    } else {
        "no name: write the usual English form of the holder's full name".to_owned()
    }
}

/// First day and end of a term.
///
/// # Errors
/// What is wrong with them, and what to do.
pub fn term_days(term: &TermRow) -> Result<(Date, Option<Date>), String> {
    let no_date =
        |column: &str, text: &str| format!("{column} `{text}` is no date: write YYYY-MM-DD, YYYY-MM or YYYY");
    let start = dates::first_day(&term.start).ok_or_else(|| no_date("start", &term.start))?;
    let end = match term.end.as_str() {
        "" => None,
        end => Some(dates::end_day(end).ok_or_else(|| no_date("end", end))?),
    };
    if end.is_some_and(|end| end < start) {
        return Err(format!(
            "the term of {} ends ({}) before it starts ({}): correct one of them",
            term.name, term.end, term.start
        ));
    }
    Ok((start, end))
}
