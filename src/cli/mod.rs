//! The command line: a file a subcommand.
//!
//! Exit codes: 0 all well; 1 some input was bad; 2 usage or settings; 3 data that cannot be loaded; 4 a topic
//! is missing; 5 not permitted by the brokers; 6 Kafka failed for good; 7 stopped with work in hand (it will
//! be read again); 8 the schema registry refuses; 70 a defect of the program.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use rapporteur::{
    data,
    settings::{self, Settings},
};

mod check;
mod demo;
mod eval;
mod extract;
mod health;
mod input;
mod parallel;
mod pretty;
mod register;
mod replay;
mod run;
mod tail;
mod topics;
mod train;

/// Exit code: the settings are at fault.
pub const BAD_SETTINGS: u8 = 2;
/// Exit code: the data cannot be loaded.
pub const BAD_DATA: u8 = 3;

/// Reads news articles and publishes the diplomatic contacts in them.
#[derive(Debug, Parser)]
#[command(name = "rapporteur", version, about, propagate_version = true)]
struct Cli {
    /// Settings file (TOML); the environment overrides it: RAPPORTEUR__KAFKA__BROKERS and so on.
    #[arg(long, global = true, value_name = "FILE", env = "RAPPORTEUR_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the contacts of articles in files or on standard input.
    Extract(extract::Args),
    /// Score the extraction against annotated articles.
    Eval(eval::Args),
    /// Learn the weights of confidence and topics from annotated articles.
    Train(train::Args),
    /// Read articles from Kafka and publish their contacts, until told to stop.
    Run(run::Args),
    /// Put dead letters back to the input topic, each once.
    Replay(replay::Args),
    /// Show it at work with an in-process broker and sample articles.
    Demo(demo::Args),
    /// Check the settings and, on request, the brokers, without starting.
    Check(check::Args),
    /// Ask a running service whether it is well.
    Health(health::Args),
    /// Show the contacts on the output topic.
    Tail(tail::Args),
    /// Make or check the topics.
    Topics(topics::Args),
    /// Bring the register of office holders up to date.
    Register(register::Args),
}

/// The user's own rows of the register.
#[derive(Debug, clap::Args)]
pub struct Overlays {
    /// Rows laid on the register's, later files on top; may be given several times.
    #[arg(long = "overlay", value_name = "FILE")]
    overlays: Vec<PathBuf>,
}

/// Runs the command that was asked for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = cli.config.as_deref();
    let code = match cli.command {
        Command::Extract(args) => extract::main(&args),
        Command::Register(args) => register::main(&args),
        Command::Eval(args) => eval::main(&args),
        Command::Train(args) => train::main(&args),
        Command::Run(args) => run::main(&args, config),
        Command::Replay(args) => replay::main(&args, config),
        Command::Demo(args) => demo::main(&args),
        Command::Check(args) => check::main(&args, config),
        Command::Health(args) => health::main(&args, config),
        Command::Tail(args) => tail::main(&args, config),
        Command::Topics(args) => topics::main(&args, config),
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

/// The settings, or the exit code after telling what is wrong with them.
fn load_settings(config: Option<&std::path::Path>) -> Result<Settings, u8> {
    settings::load(config).map_err(|error| report(&error, BAD_SETTINGS))
}

/// The engine, or the exit code after telling what is wrong with its data.
fn load_engine(source: &data::Source, overlays: &[PathBuf]) -> Result<rapporteur::extract::Engine, u8> {
    rapporteur::extract::Engine::load_with(source, overlays).map_err(|error| report(&error, BAD_DATA))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_commands_are_well_formed() {
        super::Cli::command().debug_assert();
    }
}
