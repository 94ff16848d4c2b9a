//! The lexicon tried on its own sentences.
//!
//! Every rule of a pack has examples. Here each is read as an article is, and must show the rule that it is an example
//! of; a date must come out as told. Every entry is also read in its own words: one that does not match them can
//! never match anything.

use jiff::civil::Date;

use super::{
    Engine,
    document::{AtomKind, Document, all_hits},
    times::{self, Direction},
};
use crate::{
    article::{Article, PublishedAt},
    data::{Finding, Findings, Source},
    lexicon::{Entry, Origin, Pack, StateForm, line_of, pattern::sample},
    text::SectionMap,
};

/// Readings of an entry that are tried.
const READINGS: usize = 4;

/// Everything that the packs of an engine fail at.
#[must_use]
pub fn trial(engine: &Engine, source: &Source) -> Vec<Finding> {
    let mut findings = Findings::default();
    for pack in &engine.packs {
        examples(engine, source, pack, &mut findings);
        dates(engine, source, pack, &mut findings);
        if let Ok((_, origins)) = Pack::load_with_origins(source, &pack.code, &engine.register) {
            own_words(engine, source, pack, &origins, &mut findings);
        }
    }
    findings.0.sort();
    findings.0.dedup();
    findings.0
}

fn article(pack: &Pack, text: &str, published_at: PublishedAt) -> Article {
    Article {
        id: "example".to_owned(),
        url: String::new(),
        source: String::new(),
        title: String::new(),
        body: text.to_owned(),
        language: Some(pack.code.clone()),
        published_at,
        record: None,
    }
}

/// An example of a contact must fire its trigger, one of an office must be read as it, one of a cue must cue.
fn examples(engine: &Engine, source: &Source, pack: &Pack, findings: &mut Findings) {
    let published_at = PublishedAt {
        text: "2020-01-01".to_owned(),
        date: Date::constant(2020, 1, 1),
    };
    for (file, entry, sentence) in &pack.examples {
        let article = article(pack, sentence, published_at.clone());
        let map = SectionMap::new(&article.title, &article.body);
        let document = Document::read(engine, pack, &article, &map, None);
        let (shown, of) = match *entry {
            Entry::Contact(rule, _) => (
                document
                    .triggers
                    .iter()
                    .any(|t| t.readings.iter().any(|(found, _)| *found == rule)),
                format!("contact `{}`", pack.contacts[rule].id),
            ),
            Entry::Office(rule, _) => (
                document.atoms.iter().any(
                    |atom| matches!(atom.kind, AtomKind::Office(found, _) if same_office(pack, found, rule)),
                ),
                format!("an office {:?}", pack.offices[rule].code),
            ),
            Entry::Collective(rule) => (
                document.atoms.iter().any(|atom| {
                    let mut kinds = vec![atom.kind];
                    kinds.extend(document.alternatives.get(&atom.start).into_iter().flatten());
                    kinds.contains(&AtomKind::Collective(rule))
                }),
                format!("a collective of {}", pack.collectives[rule].count),
            ),
            Entry::Cue(rule) => (
                document
                    .cues
                    .iter()
                    .any(|cue| pack.cues[cue.value].status == pack.cues[rule].status),
                format!("a cue to {:?}", pack.cues[rule].status),
            ),
            _ => continue,
        };
        if !shown {
            findings.error(
                file,
                line_of(source, file, sentence),
                format!("the example `{sentence}` does not show {of}: {}", seen(&document)),
                "mend the example, or the forms above it",
            );
        }
    }
}

/// Whether two rules tell the same office of the same party.
fn same_office(pack: &Pack, one: usize, other: usize) -> bool {
    let (one, other) = (&pack.offices[one], &pack.offices[other]);
    one.code == other.code && (one.party == other.party || one.party.is_none() || other.party.is_none())
}

/// What is read in a text, for a person.
fn seen(document: &Document<'_>) -> String {
    let pack = document.pack;
    let mut found: Vec<String> = Vec::new();
    for atom in &document.atoms {
        if let AtomKind::Office(rule, _) = atom.kind {
            let code = pack.offices[rule].code;
            found.push(format!("`{}` as {code:?}", document.text(atom.start, atom.end)));
        }
    }
    for trigger in &document.triggers {
        for (rule, tense) in &trigger.readings {
            let (words, id) = (
                document.text(trigger.start, trigger.end),
                &pack.contacts[*rule].id,
            );
            found.push(format!("`{words}` as contact {id} ({tense:?})"));
        }
    }
    for cue in &document.cues {
        let status = pack.cues[cue.value].status;
        found.push(format!("`{}` as {status:?}", document.text(cue.start, cue.end)));
    }
    if found.is_empty() {
        "nothing is read in it".to_owned()
    } else {
        format!("read is {}", found.join(", "))
    }
}

/// An example of a date rule must be read by that rule, and mean the days that it tells.
fn dates(engine: &Engine, source: &Source, pack: &Pack, findings: &mut Findings) {
    let file = format!("lexicon/{}/time.toml", pack.code);
    for (rule, example) in &pack.time_examples {
        let line = line_of(source, &file, example);
        let parts: Vec<&str> = example.split('|').map(str::trim).collect();
        let parsed = match parts[..] {
            [words, day, span] => PublishedAt::parse(day).map(|day| (words, day, span)),
            _ => None,
        };
        let Some((words, day, span)) = parsed else {
            let problem = format!("the example `{example}` is not told as examples are");
            findings.error(&file, line, problem, "write `words | YYYY-MM-DD | start..end`");
            continue;
        };
        let article = article(pack, words, day);
        let map = SectionMap::new(&article.title, &article.body);
        let document = Document::read(engine, pack, &article, &map, None);
        let times = times::read(&document);
        let mut read = Vec::new();
        for (layer, time) in document.times.iter().zip(&times.all) {
            // Words without a sentence around them may tell of the past or of what is to come.
            for direction in [Direction::Nearest, Direction::Past, Direction::Future] {
                let days = time.resolve(times.anchor, direction);
                let days = days.map_or_else(String::new, |days| format!("{}..{}", days.start, days.end));
                let found = (layer.value, days, document.text(time.start, time.end));
                if !read.contains(&found) {
                    read.push(found);
                }
            }
        }
        if read.iter().any(|(found, days, _)| found == rule && days == span) {
            continue;
        }
        let told: Vec<String> = read
            .iter()
            .map(|(found, days, words)| {
                let by = if found == rule { "" } else { ", by another rule" };
                format!("`{words}` as `{days}`{by}")
            })
            .collect();
        let told = if told.is_empty() {
            "no date is read in it".to_owned()
        } else {
            format!("read is {}", told.join(", "))
        };
        let problem = format!("the example `{example}` does not come out so: {told}");
        findings.error(&file, line, problem, "mend the example, or the rule above it");
    }
}

/// An entry that is not found in its own words is found nowhere.
fn own_words(engine: &Engine, source: &Source, pack: &Pack, origins: &[Origin], findings: &mut Findings) {
    let fillers = Fillers::new(pack, origins);
    for origin in origins {
        // A macro that is lacking stops the pack at loading.
        let found = (0..READINGS).any(|pick| {
            let words = fillers.fill(&sample(&origin.expanded, pick));
            let close = words.replace(" . ", ".").replace(" , ", ",").replace(" '", "'");
            let texts = [words.clone(), format!("{words}x"), format!("X{words}"), close];
            texts.iter().any(|text| {
                let hits = all_hits(engine, pack, text);
                hits.iter().any(|hit| hit.entry == origin.entry)
            })
        });
        if !found {
            findings.error(
                &origin.file,
                line_of(source, &origin.file, &origin.form),
                format!(
                    "`{}` can never match: it is not found in its own words",
                    origin.form
                ),
                "see how a text is split into words (data/lexicon/README.md), or take it out",
            );
        }
    }
}

/// Words that fill the slots of an entry.
struct Fillers(Vec<(&'static str, String)>);

impl Fillers {
    fn new(pack: &Pack, origins: &[Origin]) -> Self {
        let first = |wanted: fn(Entry) -> bool| {
            origins
                .iter()
                .find(|o| wanted(pack.entries[o.entry as usize]))
                .map_or_else(String::new, |o| sample(&o.expanded, 0))
        };
        Self(vec![
            ("<day>", "5".to_owned()),
            ("<monthnum>", "5".to_owned()),
            ("<year>", "2021".to_owned()),
            ("<n>", "3".to_owned()),
            ("<month>", first(|entry| matches!(entry, Entry::Month(5)))),
            ("<weekday>", first(|entry| matches!(entry, Entry::Weekday(1)))),
            (
                "<adj>",
                first(|entry| matches!(entry, Entry::State(_, StateForm::Adjective))),
            ),
            (
                "<state>",
                first(|entry| matches!(entry, Entry::State(_, StateForm::Name))),
            ),
        ])
    }

    fn fill(&self, words: &str) -> String {
        self.0
            .iter()
            .fold(words.to_owned(), |text, (slot, word)| text.replace(slot, word))
    }
}
