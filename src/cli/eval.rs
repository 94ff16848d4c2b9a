//! `rapporteur eval`: the extraction, scored against annotated articles.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::{self, BufRead, BufReader, Write},
    num::NonZeroUsize,
    ops::ControlFlow,
    path::{Path, PathBuf},
    thread,
};

use clap::ValueEnum;
use rapporteur::{
    article::Decoder,
    eval::{Figure, Figures, GoldArticle, Miss, MissKind, Predicted, predicted, score, score_with_misses},
    event::ContactEvent,
    extract::{Engine, extract},
};
use serde_json::{Map, Value};

use super::{
    extract::{confidence, source},
    parallel,
};

/// Exit code: a figure is short, or the input is bad.
const FAILED: u8 = 1;

/// What to score and how to tell it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Gold files: JSON Lines of `{"article": …, "events": […]}`.
    #[arg(required = true)]
    gold: Vec<PathBuf>,
    /// Score these events, as `extract` printed them, instead of extracting.
    #[arg(long, value_name = "FILE")]
    predicted: Option<PathBuf>,
    /// One row of figures each.
    #[arg(long, value_enum, default_value_t = By::Lang)]
    by: By,
    /// Tell every event that is not right, and what stands against it.
    #[arg(long)]
    misses: bool,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Fail where this figure of all articles together is smaller.
    #[arg(long, value_name = "NAME=X", value_parser = bound)]
    min: Vec<(Figure, f64)>,
    /// Fail where this figure of all articles together is greater.
    #[arg(long, value_name = "NAME=X", value_parser = bound)]
    max: Vec<(Figure, f64)>,
    /// Score only events of at least this confidence, 0 to 1.
    #[arg(long, value_name = "X", default_value_t = 0.0, value_parser = confidence)]
    min_confidence: f64,
    /// Lexicons and register from a directory instead of those built in.
    #[arg(long, value_name = "DIR", env = "RAPPORTEUR_DATA")]
    data: Option<PathBuf>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// A language.
    Lang,
    /// An article.
    Doc,
}

/// Why nothing could be scored.
#[derive(Debug, thiserror::Error)]
enum EvalError {
    #[error("{path}: {source}")]
    Read { path: String, source: io::Error },
    #[error("{path}:{line}: {reason}")]
    Line {
        path: String,
        line: usize,
        reason: String,
    },
    #[error("article {id}: {reason}")]
    Article { id: String, reason: String },
    #[error("standard output: {0}")]
    Write(#[from] io::Error),
}

/// Runs the command and gives its exit code.
pub fn main(args: &Args) -> u8 {
    match run(args) {
        Ok(code) | Err(Failure::Told(code)) => code,
        Err(Failure::Error(EvalError::Write(error))) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(Failure::Error(error)) => super::report(&error, FAILED),
    }
}

enum Failure {
    /// Already told, with this exit code.
    Told(u8),
    Error(EvalError),
}

impl<E: Into<EvalError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

fn run(args: &Args) -> Result<u8, Failure> {
    let mut gold = Vec::new();
    for path in &args.gold {
        gold.extend(lines(path, |line| {
            GoldArticle::parse(line).map_err(|error| error.to_string())
        })?);
    }
    let mut events = if let Some(path) = &args.predicted {
        lines(path, |line| {
            serde_json::from_str::<ContactEvent>(line).map_err(|error| format!("no event: {error}"))
        })?
    } else {
        let engine = super::load_engine(&source(args.data.as_ref()), &[]).map_err(Failure::Told)?;
        extract_all(&engine, &gold)?
    };
    events.retain(|event| event.confidence >= args.min_confidence);
    let found = predicted(&events);
    warn_of_strays(&gold, &found);

    let (total, misses) = score_with_misses(&gold, &found);
    let mut groups: BTreeMap<&str, Vec<&GoldArticle>> = BTreeMap::new();
    for article in &gold {
        let group = match args.by {
            By::Lang => &article.language,
            By::Doc => &article.id,
        };
        groups.entry(group).or_default().push(article);
    }
    let rows: Vec<(&str, Figures)> = groups
        .into_iter()
        .map(|(name, articles)| (name, score(articles, &found)))
        .collect();

    let mut out = io::stdout().lock();
    if args.misses {
        for miss in &misses {
            write_miss(&mut out, miss)?;
        }
    }
    if args.json {
        let all = std::iter::once(("all", &total)).chain(rows.iter().map(|(name, figures)| (*name, figures)));
        let object: Map<String, Value> = all
            .map(|(name, figures)| (name.to_owned(), json(figures)))
            .collect();
        writeln!(out, "{}", Value::from(object))?;
    } else {
        write_table(&mut out, &rows, &total)?;
    }
    out.flush()?;

    let short = short(&total, &args.min, &args.max);
    if short.is_empty() {
        return Ok(0);
    }
    eprintln!("rapporteur: short of the mark: {}", short.join(", "));
    Ok(FAILED)
}

/// The lines of a file that are not blank, each read by `read`.
fn lines<T>(path: &Path, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, EvalError> {
    let name = || path.display().to_string();
    let failed = |source| EvalError::Read { path: name(), source };
    let reader: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(fs::File::open(path).map_err(failed)?))
    };
    let mut found = Vec::new();
    for (number, line) in (1..).zip(reader.lines()) {
        let line = line.map_err(failed)?;
        if !line.trim().is_empty() {
            found.push(read(&line).map_err(|reason| EvalError::Line {
                path: name(),
                line: number,
                reason,
            })?);
        }
    }
    Ok(found)
}

/// Extracts on all cores.
fn extract_all(engine: &Engine, gold: &[GoldArticle]) -> Result<Vec<ContactEvent>, EvalError> {
    let decoder = Decoder::default();
    let workers = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let mut events = Vec::new();
    let mut failure = None;
    let produced = parallel::ordered(
        workers,
        |feed| {
            for article in gold {
                if feed.give(article).is_break() {
                    break;
                }
            }
        },
        |article: &GoldArticle| {
            let bytes = article.article.to_string();
            decoder
                .decode(bytes.as_bytes(), None)
                .map(|decoded| extract(engine, &decoded))
                .map_err(|error| EvalError::Article {
                    id: article.id.clone(),
                    reason: error.to_string(),
                })
        },
        |result| match result {
            Ok(found) => {
                events.extend(found);
                ControlFlow::Continue(())
            }
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        },
        || ControlFlow::Continue(()),
    );
    if let Err(panic) = produced {
        std::panic::resume_unwind(panic);
    }
    failure.map_or(Ok(events), Err)
}

fn warn_of_strays(gold: &[GoldArticle], found: &Predicted) {
    let known: HashSet<&str> = gold.iter().map(|article| article.id.as_str()).collect();
    let strays = found.keys().filter(|id| !known.contains(id.as_str())).count();
    if strays > 0 {
        eprintln!("rapporteur: note: events of {strays} articles that are not in gold are left out");
    }
}

fn write_miss(out: &mut impl Write, miss: &Miss<'_>) -> io::Result<()> {
    let what = match miss.kind {
        MissKind::Wrong => "WRONG",
        MissKind::Missed => "MISSED",
        MissKind::Extra => "EXTRA",
    };
    let text =
        |event: Option<&rapporteur::eval::Event>| event.map_or_else(|| "-".to_owned(), ToString::to_string);
    writeln!(
        out,
        "{what} {}\n   gold {}\n   pred {}",
        miss.article.id,
        text(miss.gold),
        text(miss.found)
    )
}

fn write_table(out: &mut impl Write, rows: &[(&str, Figures)], total: &Figures) -> io::Result<()> {
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0)
        .max(5)
        + 1;
    let cells: Vec<String> = Figure::ALL
        .iter()
        .map(|figure| format!("{:>7}", figure.name()))
        .collect();
    writeln!(out, "{:width$}{}", "", cells.join(" "))?;
    let several = if rows.len() > 1 { rows } else { &[] };
    for (name, figures) in several
        .iter()
        .map(|(name, figures)| (*name, figures))
        .chain([("all", total)])
    {
        let cells: Vec<String> = Figure::ALL
            .iter()
            .map(|figure| {
                let digits = if figure.is_count() { 0 } else { 3 };
                format!("{:>7.digits$}", figures.get(*figure))
            })
            .collect();
        writeln!(out, "{name:<width$}{}", cells.join(" "))?;
    }
    Ok(())
}

fn json(figures: &Figures) -> Value {
    let value = |figure: Figure| {
        let value = figures.get(figure);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        if figure.is_count() {
            Value::from(value as u64)
        } else {
            Value::from(value)
        }
    };
    Value::Object(
        Figure::ALL
            .iter()
            .map(|figure| (figure.name().to_owned(), value(*figure)))
            .collect(),
    )
}

/// The bounds that are not kept.
fn short(total: &Figures, min: &[(Figure, f64)], max: &[(Figure, f64)]) -> Vec<String> {
    let below = min
        .iter()
        .filter(|(figure, bound)| total.get(*figure) < *bound)
        .map(|bound| (bound, '<'));
    let above = max
        .iter()
        .filter(|(figure, bound)| total.get(*figure) > *bound)
        .map(|bound| (bound, '>'));
    below
        .chain(above)
        .map(|((figure, bound), sign)| format!("{figure} {:.3} {sign} {bound}", total.get(*figure)))
        .collect()
}

fn bound(text: &str) -> Result<(Figure, f64), String> {
    let (name, bound) = text.split_once('=').ok_or("not NAME=X")?;
    let bound: f64 = bound.parse().map_err(|_| format!("{bound:?} is no number"))?;
    Ok((name.parse()?, bound))
}
