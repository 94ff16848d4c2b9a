//! `rapporteur register`: the register of office holders, brought up to date.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use clap::Subcommand;
use rapporteur::register::import::{Import, ImportError};

use super::{BAD_DATA, extract::source, report};

/// Exit code: some input was bad.
const BAD_INPUT: u8 = 1;
/// Exit code: standard output failed.
const BAD_OUTPUT: u8 = 74;

/// What to do with the register.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Turn the answer to data/register/terms.rq into an overlay on standard output.
    ///
    /// Ask the Wikidata query service for application/sparql-results+json. What cannot become a row is told on
    /// standard error with the reason, and the exit code is then 1.
    Import {
        /// The answer in SPARQL 1.1 Query Results JSON; "-" is standard input.
        answer: PathBuf,
        /// Register to hold it against, instead of that built in.
        #[arg(long, value_name = "DIR", env = "RAPPORTEUR_DATA")]
        data: Option<PathBuf>,
    },
}

/// Why nothing could be imported.
#[derive(Debug, thiserror::Error)]
enum RegisterError {
    #[error("{path}: {source}")]
    Read { path: String, source: io::Error },
    #[error("{path}: {source}")]
    Import { path: String, source: ImportError },
    #[error("overlay: {0}")]
    Overlay(#[from] csv::Error),
    #[error("standard output: {0}")]
    Write(#[from] io::Error),
}

/// Runs the command and gives its exit code.
pub fn main(args: &Args) -> u8 {
    let Command::Import { answer, data } = &args.command;
    match import(answer, data.as_ref()) {
        Ok(code) => code,
        Err(RegisterError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error @ RegisterError::Write(_)) => report(&error, BAD_OUTPUT),
        Err(
            error @ RegisterError::Import {
                source: ImportError::Register(_),
                ..
            },
        ) => report(&error, BAD_DATA),
        Err(error) => report(&error, BAD_INPUT),
    }
}

fn import(answer: &Path, data: Option<&PathBuf>) -> Result<u8, RegisterError> {
    let path = answer.display().to_string();
    let json = text(answer).map_err(|source| RegisterError::Read {
        path: path.clone(),
        source,
    })?;
    let import = Import::read(&source(data), &json).map_err(|source| RegisterError::Import {
        path: path.clone(),
        source,
    })?;
    let mut out = io::stdout().lock();
    out.write_all(import.overlay()?.as_bytes())?;
    out.flush()?;
    for refused in &import.refused {
        eprintln!(
            "rapporteur: {path}: binding {}, {}: {}",
            refused.binding, refused.person, refused.reason
        );
    }
    eprintln!(
        "rapporteur: {} rows, {} refused",
        import.len(),
        import.refused.len()
    );
    Ok(if import.refused.is_empty() { 0 } else { BAD_INPUT })
}

fn text(path: &Path) -> io::Result<String> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        Ok(text)
    } else {
        fs::read_to_string(path)
    }
}
