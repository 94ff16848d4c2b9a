//! `rapporteur extract`: the contacts of articles in files or on standard input.
//!
//! Input is JSON Lines, one JSON object, or plain texts (`--text`). Articles are read on all cores and their
//! events printed in the order of the input. Bad articles are told on standard error with file and line; the
//! rest goes on, and the exit code is 1 in the end. How many were in a language that cannot be read is told at last.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, BufWriter, IsTerminal, Write},
    num::NonZeroUsize,
    ops::ControlFlow,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use prost::Message;
use rapporteur::{
    article::{Article, DEFAULT_MAX_BYTES, DecodeError, Decoder, Mapping, Preset, PublishedAt},
    data,
    event::ContactEvent,
    extract::{Engine, Extracted, explain, extract_or_pass},
};

use super::{
    input::{self, Input, Record},
    parallel, pretty,
};

/// Exit code: some input was bad.
const BAD_INPUT: u8 = 1;
/// Exit code: standard output failed.
const BAD_OUTPUT: u8 = 74;
/// A progress bar comes up only for what takes longer.
const PATIENCE: Duration = Duration::from_millis(700);

/// What to read and how to print it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files of articles; standard input where there is none, or for "-".
    files: Vec<PathBuf>,
    /// How to print the events.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Tell what each stage made of every article, then its events, for a person.
    #[arg(long, conflicts_with = "format")]
    explain: bool,
    /// Each file is one plain text, not JSON.
    #[arg(long, requires = "published_at")]
    text: bool,
    /// When the texts were published: an ISO date or an RFC 3339 time.
    #[arg(long, value_name = "DATE", requires = "text", value_parser = published_at)]
    published_at: Option<PublishedAt>,
    /// Language of the texts, a BCP 47 tag; recognised where not given.
    #[arg(long, value_name = "TAG", requires = "text")]
    language: Option<String>,
    /// Headline of the text.
    #[arg(long, requires = "text")]
    title: Option<String>,
    /// How the JSON of the articles is laid out.
    #[arg(long, value_enum, default_value_t = Layout::Default, conflicts_with = "text")]
    layout: Layout,
    /// Print only events of at least this confidence, 0 to 1.
    #[arg(long, value_name = "X", default_value_t = 0.0, value_parser = confidence)]
    min_confidence: f64,
    /// Lexicons and register from a directory instead of those built in.
    #[arg(long, value_name = "DIR", env = "RAPPORTEUR_DATA")]
    data: Option<PathBuf>,
    #[command(flatten)]
    overlays: super::Overlays,
    /// Threads that read articles; all cores where not given.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

/// How events are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line of canonical ProtoJSON an event.
    Json,
    /// For a person at a terminal.
    Pretty,
    /// Protobuf messages, each preceded by its length as a varint.
    Protobuf,
}

/// How the JSON of articles is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// `id`, `title`, `body`, `published_at`, `language`, `url`, `source`.
    Default,
    /// IPTC ninjs.
    Ninjs,
}

/// How bytes become articles.
enum Reader {
    /// Each record is a JSON object.
    Json(Box<Decoder>),
    /// Each file is the text of an article.
    Text {
        title: String,
        published_at: PublishedAt,
        language: Option<String>,
    },
}

impl Reader {
    fn new(args: &Args) -> Self {
        if let (true, Some(published_at)) = (args.text, &args.published_at) {
            return Self::Text {
                title: args.title.clone().unwrap_or_default(),
                published_at: published_at.clone(),
                language: args.language.clone(),
            };
        }
        let preset = match args.layout {
            Layout::Default => Preset::Default,
            Layout::Ninjs => Preset::Ninjs,
        };
        Self::Json(Box::new(Decoder::new(&Mapping {
            preset,
            ..Mapping::default()
        })))
    }

    fn read(&self, bytes: &[u8]) -> Result<Article, DecodeError> {
        match self {
            Self::Json(decoder) => decoder.decode(bytes, None),
            Self::Text {
                title,
                published_at,
                language,
            } => Article::from_text(
                bytes,
                DEFAULT_MAX_BYTES,
                title.clone(),
                published_at.clone(),
                language.clone(),
            ),
        }
    }
}

/// What became of one article.
struct Outcome {
    /// Its events, as they are to be printed.
    output: Vec<u8>,
    /// The code of its language, where that cannot be read.
    passed_over: Option<&'static str>,
    /// What is wrong with it.
    problem: Option<String>,
    /// Bytes of input.
    length: u64,
}

/// Where the data is read from: `--data`, else what is built in.
pub fn source(directory: Option<&PathBuf>) -> data::Source {
    directory.map_or(data::Source::Embedded, |directory| {
        data::Source::Directory(directory.clone())
    })
}

/// Runs the command and gives its exit code.
pub fn main(args: &Args) -> u8 {
    let engine = match super::load_engine(&source(args.data.as_ref()), &args.overlays.overlays) {
        Ok(engine) => engine,
        Err(code) => return code,
    };
    let reader = Reader::new(args);
    let inputs = Input::all(&args.files);
    let progress = Progress::new(inputs.iter().map(Input::size).sum());
    // Colours are for terminals; the other formats are bytes, and pass untouched.
    let result = if args.format == Format::Pretty || args.explain {
        run(
            args,
            &engine,
            &reader,
            &inputs,
            &progress,
            anstream::stdout().lock(),
        )
    } else {
        run(args, &engine, &reader, &inputs, &progress, io::stdout().lock())
    };
    progress.bar.finish_and_clear();
    match result {
        Ok(0) => 0,
        Ok(_) => BAD_INPUT,
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            eprintln!("rapporteur: standard output: {error}");
            BAD_OUTPUT
        }
    }
}

/// Reads all inputs and prints their events; gives the number of problems.
fn run(
    args: &Args,
    engine: &Engine,
    reader: &Reader,
    inputs: &[Input],
    progress: &Progress,
    out: impl Write,
) -> io::Result<u64> {
    let threads = args
        .threads
        .or_else(|| thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN);
    let out = std::cell::RefCell::new(BufWriter::with_capacity(1 << 16, out));
    let mut failure = None;
    let mut problems = 0;
    let mut passed_over: BTreeMap<&str, u64> = BTreeMap::new();
    let mut keep = |result: io::Result<()>| match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failure.get_or_insert(error);
            ControlFlow::Break(())
        }
    };
    let keep = std::cell::RefCell::new(&mut keep);
    let produced = parallel::ordered(
        threads,
        |feed| {
            for input in inputs {
                let mut wanted = true;
                let mut give = |record| {
                    wanted = feed.give(Ok(record)).is_continue();
                    wanted
                };
                let result = if matches!(reader, Reader::Text { .. }) {
                    input::read_text(input, DEFAULT_MAX_BYTES).map(|record| {
                        give(record);
                    })
                } else {
                    input::read_json(input, DEFAULT_MAX_BYTES, &mut give)
                };
                if let Err(error) = result {
                    wanted = feed.give(Err(format!("{}: {error}", input.name()))).is_continue();
                }
                if !wanted {
                    break;
                }
            }
        },
        |job: Result<Record, String>| match job {
            Ok(record) => read(args, engine, reader, &record),
            Err(problem) => Outcome {
                output: Vec::new(),
                passed_over: None,
                problem: Some(problem),
                length: 0,
            },
        },
        |outcome| {
            if let Some(problem) = &outcome.problem {
                problems += 1;
                progress.bar.suspend(|| eprintln!("rapporteur: {problem}"));
            }
            if let Some(language) = outcome.passed_over {
                *passed_over.entry(language).or_default() += 1;
            }
            progress.advance(outcome.length);
            keep.borrow_mut()(out.borrow_mut().write_all(&outcome.output))
        },
        || keep.borrow_mut()(out.borrow_mut().flush()),
    );
    if let Err(panic) = produced {
        std::panic::resume_unwind(panic);
    }
    let flushed = out.into_inner().flush();
    if !passed_over.is_empty() {
        eprintln!("rapporteur: {}", tell_passed_over(&passed_over));
    }
    match failure {
        Some(error) => Err(error),
        None => flushed.map(|()| problems),
    }
}

/// "note: 3 articles are in languages without a lexicon: nld 2, und 1".
fn tell_passed_over(passed_over: &BTreeMap<&str, u64>) -> String {
    let mut text = match passed_over.values().sum() {
        1 => "note: 1 article is in a language without a lexicon and was passed over:".to_owned(),
        count => format!("note: {count} articles are in languages without a lexicon and were passed over:"),
    };
    for (at, (language, count)) in passed_over.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma} {language} {count}");
    }
    text
}

/// Reads one article and prints its events into memory.
fn read(args: &Args, engine: &Engine, reader: &Reader, record: &Record) -> Outcome {
    let mut passed_over = None;
    let mut told = |extracted: Extracted| {
        let mut events = match extracted {
            Extracted::Events(events) => events,
            Extracted::PassedOver(language) => {
                passed_over = Some(language);
                Vec::new()
            }
        };
        events.retain(|event: &ContactEvent| event.confidence >= args.min_confidence);
        events
    };
    let result = reader
        .read(&record.bytes)
        .map_err(|error| error.to_string())
        .and_then(|article| {
            let output = if args.explain {
                let (extracted, explanation) = explain(engine, &article);
                let events = told(extracted);
                let mut output = explanation.to_string().into_bytes();
                output.push(b'\n');
                pretty::write(&mut output, &events).map(|()| output)
            } else {
                print(args.format, &told(extract_or_pass(engine, &article)))
            };
            output.map_err(|error| error.to_string())
        });
    match result {
        Ok(output) => Outcome {
            output,
            passed_over,
            problem: None,
            length: record.length,
        },
        Err(problem) => Outcome {
            output: Vec::new(),
            passed_over: None,
            problem: Some(format!("{}: {problem}", record.origin)),
            length: record.length,
        },
    }
}

fn print(format: Format, events: &[ContactEvent]) -> io::Result<Vec<u8>> {
    let mut output = Vec::new();
    match format {
        Format::Json => {
            for event in events {
                serde_json::to_writer(&mut output, event)?;
                output.push(b'\n');
            }
        }
        Format::Pretty => pretty::write(&mut output, events)?,
        Format::Protobuf => {
            for event in events {
                event
                    .encode_length_delimited(&mut output)
                    .map_err(io::Error::other)?;
            }
        }
    }
    Ok(output)
}

fn published_at(text: &str) -> Result<PublishedAt, String> {
    PublishedAt::parse(text).ok_or_else(|| "neither an ISO date nor an RFC 3339 time".to_owned())
}

/// Reads a confidence from the command line.
pub fn confidence(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|x| (0.0..=1.0).contains(x))
        .ok_or_else(|| "not a number from 0 to 1".to_owned())
}

/// A progress bar on a terminal, where the output is not there too.
struct Progress {
    bar: ProgressBar,
    start: Instant,
}

impl Progress {
    fn new(size: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::hidden());
        let template = if size.is_some() {
            "{bar:30} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left"
        } else {
            "{spinner} {bytes} {bytes_per_sec}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            start: Instant::now(),
        }
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
        let late = self.start.elapsed() > PATIENCE;
        if late && self.bar.is_hidden() && io::stderr().is_terminal() && !io::stdout().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}
