//! How fast articles are read: bytes of text and articles a second on one core, a language and a stage each.
//!
//! `cargo bench --bench extract` measures the gold articles of `tests/gold`, warm. A byte is a byte of the
//! title or the body in UTF-8. Criterion prints elements (articles) and bytes a second.

use std::{collections::BTreeMap, fs, hint::black_box, path::Path, time::Duration};

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use rapporteur::{
    article::{Article, Decoder, html},
    data,
    event::ContactEvent,
    extract::{Engine, extract},
};
use serde_json::Value;

/// The articles of one language, plain and hard, as bytes and decoded.
struct Sample {
    json: Vec<Vec<u8>>,
    articles: Vec<Article>,
}

impl Sample {
    fn throughput(&self) -> Throughput {
        let bytes: usize = self
            .articles
            .iter()
            .map(|article| article.title.len() + article.body.len())
            .sum();
        Throughput::ElementsAndBytes {
            elements: self.articles.len() as u64,
            bytes: bytes as u64,
        }
    }
}

fn samples() -> BTreeMap<String, Sample> {
    let decoder = Decoder::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gold");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("tests/gold")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let mut samples = BTreeMap::new();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "jsonl"))
    {
        for line in fs::read_to_string(file).expect("a gold file").lines() {
            let line: Value = serde_json::from_str(line).expect("a gold article");
            let language = line["article"]["language"].as_str().expect("a language");
            let language = language.split('-').next().unwrap_or(language).to_owned();
            let json = line["article"].to_string().into_bytes();
            let article = decoder.decode(&json, None).expect("an article");
            let sample = samples.entry(language).or_insert_with(|| Sample {
                json: Vec::new(),
                articles: Vec::new(),
            });
            sample.json.push(json);
            sample.articles.push(article);
        }
    }
    samples
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    group
}

fn languages(criterion: &mut Criterion) {
    let engine = Engine::load(&data::Source::Embedded).expect("the built-in data");
    let samples = samples();
    let mut group = group(criterion, "extract");
    for (language, sample) in &samples {
        group.throughput(sample.throughput());
        group.bench_function(language, |bencher| {
            bencher.iter(|| {
                sample
                    .articles
                    .iter()
                    .map(|article| extract(&engine, black_box(article)).len())
                    .sum::<usize>()
            });
        });
    }
}

/// What surrounds the extraction in the service: reading JSON and HTML, writing events.
fn stages(criterion: &mut Criterion) {
    let engine = Engine::load(&data::Source::Embedded).expect("the built-in data");
    let decoder = Decoder::default();
    let samples = samples();
    let mut group = group(criterion, "stage");
    for (language, sample) in samples
        .iter()
        .filter(|(language, _)| *language == "fr" || *language == "en")
    {
        group.throughput(sample.throughput());
        group.bench_function(format!("decode/{language}"), |bencher| {
            bencher.iter(|| {
                sample
                    .json
                    .iter()
                    .filter(|json| decoder.decode(black_box(json), None).is_ok())
                    .count()
            });
        });
        let pages: Vec<String> = sample
            .articles
            .iter()
            .map(|article| format!("<p>{}</p>", article.body.replace("\n\n", "</p>\n<p>")))
            .collect();
        group.bench_function(format!("html/{language}"), |bencher| {
            bencher.iter(|| {
                pages
                    .iter()
                    .map(|page| {
                        html::detect(page).map_or(0, |markup| html::to_text(black_box(page), markup).len())
                    })
                    .sum::<usize>()
            });
        });
        let events: Vec<Vec<ContactEvent>> = sample
            .articles
            .iter()
            .map(|article| extract(&engine, article))
            .collect();
        group.bench_function(format!("protobuf/{language}"), |bencher| {
            bencher.iter(|| {
                let events = events.iter().flatten();
                events
                    .map(|event| prost::Message::encode_to_vec(black_box(event)).len())
                    .sum::<usize>()
            });
        });
        group.bench_function(format!("json/{language}"), |bencher| {
            bencher.iter(|| {
                let events = events.iter().flatten();
                events
                    .filter_map(|event| serde_json::to_vec(black_box(event)).ok())
                    .map(|v| v.len())
                    .sum::<usize>()
            });
        });
    }
    group.finish();

    let mut group = self::group(criterion, "start");
    group.bench_function("load", |bencher| {
        bencher.iter(|| Engine::load(&data::Source::Embedded).expect("the built-in data"));
    });
}

/// Long articles cost in proportion to their length.
fn lengths(criterion: &mut Criterion) {
    let engine = Engine::load(&data::Source::Embedded).expect("the built-in data");
    let samples = samples();
    let mut group = group(criterion, "length");
    for (language, sample) in samples
        .iter()
        .filter(|(language, _)| *language == "fr" || *language == "en")
    {
        let bodies: Vec<&str> = sample
            .articles
            .iter()
            .map(|article| article.body.as_str())
            .collect();
        let all = bodies.join("\n\n");
        for kilobytes in [1, 32, 1024] {
            let mut body = all.repeat(1 + kilobytes * 1024 / all.len());
            let end = (0..=kilobytes * 1024)
                .rev()
                .find(|at| body.is_char_boundary(*at))
                .unwrap_or(0);
            body.truncate(end);
            let mut article = sample.articles[0].clone();
            article.body = body;
            group.throughput(Throughput::Bytes(article.body.len() as u64));
            group.bench_function(format!("{language}/{kilobytes}KB"), |bencher| {
                bencher.iter(|| extract(&engine, black_box(&article)).len());
            });
        }
    }
}

criterion_group!(benches, languages, stages, lengths);
criterion_main!(benches);
