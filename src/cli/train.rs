//! `rapporteur train`: the weights of confidence and topics, learnt from annotated articles.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use rapporteur::{
    article::Decoder,
    eval::GoldArticle,
    extract::{Engine, confidence_features, topic_features},
    model::Training,
    train::{self, Bag, Lessons},
};

use super::extract::source;

/// Exit code: the input is bad, or nothing could be written.
const FAILED: u8 = 1;
/// Parts of the cross-validation.
const FOLDS: usize = 10;

/// Where to learn from, and where to write what was learnt.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Gold files: JSON Lines of `{"article": …, "events": […]}`.
    #[arg(required = true)]
    gold: Vec<PathBuf>,
    /// Data directory: lexicons and register are read from it, the models written below it.
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Only print the figures, write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Events whose confidence is below the threshold are not published: it is set so that this share is right.
    #[arg(long, value_name = "X", default_value_t = 0.92, value_parser = super::extract::confidence)]
    precision: f64,
    /// How much large weights of the confidence are held down.
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    confidence_penalty: f64,
    /// How much large weights of the topics are held down.
    #[arg(long, value_name = "X", default_value_t = 3.0)]
    topics_penalty: f64,
}

/// Why nothing was learnt.
#[derive(Debug, thiserror::Error)]
enum TrainError {
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{path}:{line}: {reason}")]
    Line {
        path: String,
        line: usize,
        reason: String,
    },
    #[error("standard output: {0}")]
    Write(#[from] io::Error),
    #[error(transparent)]
    Data(#[from] rapporteur::extract::LoadError),
}

/// Runs the command and gives its exit code.
pub fn main(args: &Args) -> u8 {
    match run(args) {
        Ok(()) => 0,
        Err(error @ TrainError::Data(_)) => super::report(&error, super::BAD_DATA),
        Err(error) => super::report(&error, FAILED),
    }
}

fn run(args: &Args) -> Result<(), TrainError> {
    let engine = Engine::load_untrained(&source(Some(&args.data)), &[])?;
    let mut lessons = Lessons::default();
    for path in &args.gold {
        read(&engine, path, &mut lessons)?;
    }
    let mut out = io::stdout().lock();
    learn(
        args,
        &mut out,
        "confidence",
        &confidence_features(),
        &lessons.contacts,
        &lessons,
        args.confidence_penalty,
        args.precision,
    )?;
    learn(
        args,
        &mut out,
        "topics",
        &topic_features(engine.register()),
        &lessons.topics,
        &lessons,
        args.topics_penalty,
        0.0,
    )
}

fn read(engine: &Engine, path: &Path, lessons: &mut Lessons) -> Result<(), TrainError> {
    let name = || path.display().to_string();
    let text = fs::read_to_string(path).map_err(|source| TrainError::File { path: name(), source })?;
    let decoder = Decoder::default();
    for (number, line) in (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let bad = |reason: String| TrainError::Line {
            path: name(),
            line: number,
            reason,
        };
        let gold = GoldArticle::parse(line).map_err(|error| bad(error.to_string()))?;
        let article = decoder
            .decode(gold.article.to_string().as_bytes(), None)
            .map_err(|error| bad(error.to_string()))?;
        lessons.read(engine, &article, &gold.events);
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn learn(
    args: &Args,
    out: &mut impl Write,
    name: &str,
    features: &[String],
    bags: &[Bag],
    lessons: &Lessons,
    penalty: f64,
    precision: f64,
) -> Result<(), TrainError> {
    let gold = if name == "topics" {
        lessons.gold_topics
    } else {
        lessons.gold_contacts
    };
    let chances = train::cross_validate(bags, features.len(), penalty, FOLDS);
    let right = bags.iter().filter(|b| b.right).count();
    writeln!(
        out,
        "{name}: {} cases, {right} of them right, {gold} in gold, {} articles",
        bags.len(),
        lessons.articles
    )?;
    writeln!(out, "cross-validated in {FOLDS} parts:")?;
    writeln!(out, "  from  cases   said  right")?;
    for row in train::reliability(&chances, bags) {
        writeln!(
            out,
            "  {:.1} {:>7} {:>6.3} {:>6.3}",
            row.from, row.count, row.said, row.right
        )?;
    }
    let best = train::balance(&chances, bags, gold, precision);
    for (what, b) in [("all", train::at(&chances, bags, gold, 0.0)), ("chosen", best)] {
        writeln!(
            out,
            "  {what}: threshold {:.2} precision {:.3} recall {:.3} F1 {:.3}",
            b.threshold, b.precision, b.recall, b.f1
        )?;
    }
    if args.dry_run {
        return Ok(());
    }
    let mut model = train::fit(bags, features.len(), penalty);
    model.threshold = best.threshold;
    let training = Training {
        articles: lessons.articles,
        cases: bags.len(),
        right,
    };
    let path = args.data.join("model").join(format!("{name}.toml"));
    let failed = |source| TrainError::File {
        path: path.display().to_string(),
        source,
    };
    fs::create_dir_all(args.data.join("model")).map_err(failed)?;
    fs::write(&path, model.table(features, training)).map_err(failed)?;
    writeln!(out, "  written to {}", path.display())?;
    Ok(())
}
