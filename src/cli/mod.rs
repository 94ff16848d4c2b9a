//! The command line: a file a subcommand.
//!
//! Exit codes: 0 all well; 1 some input was bad; 2 usage or settings; 3 data that cannot be loaded.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use rapporteur::data;

mod eval;
mod extract;
mod input;
mod parallel;
mod pretty;

/// Exit code: the data cannot be loaded.
pub const BAD_DATA: u8 = 3;

/// Reads news articles and publishes the diplomatic contacts in them.
#[derive(Debug, Parser)]
#[command(name = "rapporteur", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the contacts of articles in files or on standard input.
    Extract(extract::Args),
    /// Score the extraction against annotated articles.
    Eval(eval::Args),
}

/// Runs the command that was asked for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let code = match cli.command {
        Command::Extract(args) => extract::main(&args),
        Command::Eval(args) => eval::main(&args),
    };
    ExitCode::from(code)
}

/// An error on stderr, with all its causes, and its exit code.
fn report(error: &dyn std::error::Error, code: u8) -> u8 {
    eprintln!("rapporteur: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    code
}

/// The engine, or the exit code after telling what is wrong with its data.
fn load_engine(source: &data::Source) -> Result<rapporteur::extract::Engine, u8> {
    rapporteur::extract::Engine::load(source).map_err(|error| report(&error, BAD_DATA))
}
