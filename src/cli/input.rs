//! Articles from files and standard input.
//!
//! JSON Lines is the rule: one article a line. A file that holds one JSON object over several lines is one
//! article; that is known once its first line turns out not to be whole, and then only as many bytes are read
//! ahead as an article may have. A line of any length costs no more memory than that, either.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::de::IgnoredAny;

/// Where an article came from, to name it by in a message.
#[derive(Debug, Clone)]
pub struct Origin {
    name: Arc<str>,
    /// Line, from 1, where the input consists of lines.
    line: Option<u64>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// The bytes of one article.
#[derive(Debug)]
pub struct Record {
    /// Where they came from.
    pub origin: Origin,
    /// The bytes; of an article beyond the limit only the first, one more than the limit allows.
    pub bytes: Vec<u8>,
    /// How many bytes the input had, line ends included.
    pub length: u64,
}

/// A file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// The inputs that a command line names: standard input where it names none or "-".
    pub fn all(paths: &[PathBuf]) -> Vec<Self> {
        if paths.is_empty() {
            return vec![Self::Stdin];
        }
        let input = |path: &PathBuf| {
            if path == Path::new("-") {
                Self::Stdin
            } else {
                Self::File(path.clone())
            }
        };
        paths.iter().map(input).collect()
    }

    /// The name to tell it by.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Its size where that is known beforehand.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::File(path) => path
                .metadata()
                .ok()
                .filter(std::fs::Metadata::is_file)
                .map(|m| m.len()),
        }
    }

    /// Opens it for reading.
    pub fn open(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(match self {
            Self::Stdin => Box::new(BufReader::with_capacity(1 << 16, io::stdin())),
            Self::File(path) => Box::new(BufReader::with_capacity(1 << 16, File::open(path)?)),
        })
    }
}

/// Reads the whole of a plain text, or one byte more than `limit`.
pub fn read_text(input: &Input, limit: usize) -> io::Result<Record> {
    let mut bytes = Vec::new();
    input.open()?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    let length = bytes.len() as u64;
    Ok(Record {
        origin: Origin {
            name: input.name().into(),
            line: None,
        },
        bytes,
        length,
    })
}

/// Hands every article of an input of JSON to `give`, until it says to stop (`false`).
pub fn read_json(input: &Input, limit: usize, give: impl FnMut(Record) -> bool) -> io::Result<()> {
    split_json(input.open()?, &input.name(), limit, give)
}

fn split_json(
    mut reader: impl BufRead,
    name: &str,
    limit: usize,
    mut give: impl FnMut(Record) -> bool,
) -> io::Result<()> {
    let name: Arc<str> = name.into();
    let mut number = 0;
    let mut first = true;
    while let Some((mut bytes, length)) = read_line(&mut reader, limit)? {
        number += 1;
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let origin = |line| Origin {
            name: name.clone(),
            line,
        };
        if first && begins_object(&bytes) && bytes.len() <= limit {
            let mut ahead = Vec::new();
            reader
                .by_ref()
                .take((limit + 1 - bytes.len()) as u64)
                .read_to_end(&mut ahead)?;
            let line_end = bytes.len();
            bytes.extend_from_slice(&ahead);
            if serde_json::from_slice::<IgnoredAny>(&bytes).is_ok() {
                let length = bytes.len() as u64;
                give(Record {
                    origin: origin(None),
                    bytes,
                    length,
                });
                return Ok(());
            }
            bytes.truncate(line_end);
            if !give(Record {
                origin: origin(Some(number)),
                bytes,
                length,
            }) {
                return Ok(());
            }
            let rest = Cursor::new(ahead).chain(reader);
            return split_lines(rest, &name, number, limit, give);
        }
        first = false;
        if !give(Record {
            origin: origin(Some(number)),
            bytes,
            length,
        }) {
            return Ok(());
        }
    }
    Ok(())
}

fn split_lines(
    mut reader: impl BufRead,
    name: &Arc<str>,
    mut number: u64,
    limit: usize,
    mut give: impl FnMut(Record) -> bool,
) -> io::Result<()> {
    while let Some((bytes, length)) = read_line(&mut reader, limit)? {
        number += 1;
        let origin = Origin {
            name: name.clone(),
            line: Some(number),
        };
        if !bytes.trim_ascii().is_empty()
            && !give(Record {
                origin,
                bytes,
                length,
            })
        {
            break;
        }
    }
    Ok(())
}

/// Whether a line is the beginning of a JSON object that it does not end.
fn begins_object(line: &[u8]) -> bool {
    let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    text.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

/// The next line with its end, cut after `limit` + 1 bytes, and its whole length.
fn read_line(reader: &mut impl BufRead, limit: usize) -> io::Result<Option<(Vec<u8>, u64)>> {
    let mut line = Vec::new();
    let mut length = reader.take(limit as u64 + 1).read_until(b'\n', &mut line)? as u64;
    if length == 0 {
        return Ok(None);
    }
    if line.len() > limit && line.last() != Some(&b'\n') {
        // The rest of a line too long is passed over without being kept.
        length += reader.skip_until(b'\n')? as u64;
    }
    Ok(Some((line, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, limit: usize) -> Vec<(String, String)> {
        let mut found = Vec::new();
        split_json(text.as_bytes(), "f", limit, |record| {
            found.push((
                record.origin.to_string(),
                String::from_utf8(record.bytes).unwrap(),
            ));
            true
        })
        .unwrap();
        found
    }

    fn pair(origin: &str, text: &str) -> (String, String) {
        (origin.to_owned(), text.to_owned())
    }

    #[test]
    fn lines_are_articles_with_their_numbers() {
        assert_eq!(
            split("{}\n\n  \n{\"a\":1}", 99),
            [pair("f:1", "{}\n"), pair("f:4", "{\"a\":1}")]
        );
        assert_eq!(
            split("\noops\n{\n{}\n", 99),
            [pair("f:2", "oops\n"), pair("f:3", "{\n"), pair("f:4", "{}\n")]
        );
        assert_eq!(split("", 99), []);
    }

    #[test]
    fn an_object_over_several_lines_is_one_article() {
        assert_eq!(split("{\n\"a\":\n1}\n", 99), [pair("f", "{\n\"a\":\n1}\n")]);
    }

    #[test]
    fn a_broken_first_line_does_not_swallow_the_rest() {
        let lines = [pair("f:1", "{\"a\":\n"), pair("f:2", "{}\n"), pair("f:3", "{}")];
        assert_eq!(split("{\"a\":\n{}\n{}", 99), lines);
        assert_eq!(split("{\"a\":\n{}\n{}", 8), lines);
    }

    #[test]
    fn a_line_too_long_is_cut_and_the_next_one_read() {
        assert_eq!(
            split("{\"a\":\"xxxxxxxx\"}\n{}\n", 8),
            [pair("f:1", "{\"a\":\"xxx"), pair("f:2", "{}\n")]
        );
    }
}
