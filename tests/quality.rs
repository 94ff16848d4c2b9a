//! No language becomes worse unseen: floors of the figures over the gold articles, language by language.
//!
//! `tests/quality.toml` holds them, a little below what was reached last. Whoever makes the extraction better raises
//! them; a change that costs a language more than that little is told here which figures it costs. `rapporteur eval --misses`
//! over the file then tells what is lost.

use std::{collections::BTreeMap, fs, path::Path, sync::atomic::AtomicUsize, sync::atomic::Ordering, thread};

use rapporteur::{
    article::Decoder,
    data::Source,
    eval::{Figure, GoldArticle, predicted, score},
    event::ContactEvent,
    extract::{Engine, extract},
};
use serde::Deserialize;

/// Floors by kind (`wire`, `hard`), language and figure.
#[derive(Debug, Deserialize)]
struct Floors(BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>);

fn gold(file: &Path) -> Vec<GoldArticle> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines()
        .map(|line| GoldArticle::parse(line).unwrap())
        .collect()
}

/// The contacts of all articles, read on all cores.
fn events(engine: &Engine, articles: &[&GoldArticle]) -> Vec<ContactEvent> {
    let next = AtomicUsize::new(0);
    let work = || {
        let decoder = Decoder::default();
        let mut found = Vec::new();
        while let Some(gold) = articles.get(next.fetch_add(1, Ordering::Relaxed)) {
            let bytes = gold.article.to_string();
            found.extend(extract(engine, &decoder.decode(bytes.as_bytes(), None).unwrap()));
        }
        found
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    })
}

#[test]
fn no_language_falls_below_its_floors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let Floors(floors) = toml::from_str(&fs::read_to_string(root.join("quality.toml")).unwrap()).unwrap();
    let mut sets = Vec::new();
    for (kind, languages) in &floors {
        for (language, figures) in languages {
            let file = match kind.as_str() {
                "wire" => format!("gold/wire-{language}.jsonl"),
                "hard" => format!("gold/{language}.jsonl"),
                other => panic!("quality.toml: wire or hard, not {other}"),
            };
            sets.push((kind, language, figures, gold(&root.join(file))));
        }
    }
    let engine = Engine::load(&Source::Embedded).unwrap();
    for pack in engine.packs() {
        for kind in ["wire", "hard"] {
            let there = floors.get(kind).is_some_and(|set| set.contains_key(&pack.code));
            assert!(there, "quality.toml has no floors for [{kind}.{}]", pack.code);
        }
    }
    let articles: Vec<&GoldArticle> = sets.iter().flat_map(|set| &set.3).collect();
    let found = predicted(&events(&engine, &articles));
    let mut short = Vec::new();
    for (kind, language, figures, gold) in &sets {
        let reached = score(gold, &found);
        for (name, floor) in *figures {
            let figure = Figure::ALL
                .into_iter()
                .find(|figure| figure.name() == name)
                .unwrap_or_else(|| panic!("quality.toml: no figure `{name}`"));
            let value = reached.get(figure);
            println!("{kind}.{language} {name} {value:.3} (floor {floor})");
            if value < *floor {
                short.push(format!(
                    "[{kind}.{language}] {name}: {value:.3} is less than {floor}"
                ));
            }
        }
    }
    assert!(short.is_empty(), "\n{}", short.join("\n"));
}
