//! Checks the language packs as a whole: what each lacks that the others have, and words that mean two things.
//!
//! A pack that loads is not yet one that reads the news: a state without a name, a status without a cue or a date rule
//! that was never written show only as contacts that are not found. So the packs are held against each other: what
//! most of them have, the rest is told to lack.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Entry, Origin, Pack, StateForm,
    format::{ContactsFile, ContextsFile, OfficesFile, StatusFile, TimeFile, TopicsFile, WordsFile},
    pack::read,
    pattern::Case,
    trie::EntryId,
};
use crate::{
    data::{Finding, Findings, Source},
    register::Register,
};

/// Of the other packs, so many in ten must have what a pack is told to lack.
const MOST: usize = 8;

/// Everything that is wrong with the packs.
#[must_use]
pub fn check(source: &Source, register: &Register) -> Vec<Finding> {
    let mut findings = Findings::default();
    let codes = source.folders("lexicon").unwrap_or_else(|error| {
        findings.error("lexicon", 0, error.to_string(), "the folder must be there");
        Vec::new()
    });
    let mut features: Vec<(String, BTreeSet<Feature>)> = Vec::new();
    for code in codes {
        match Pack::load_with_origins(source, &code, register) {
            Ok((pack, origins)) => {
                if pack.code != code {
                    let file = format!("lexicon/{code}/language.toml");
                    let problem = format!("its code is `{}`", pack.code);
                    findings.error(&file, 0, problem, "name the folder after the code");
                }
                ambiguous(source, register, &pack, &origins, &mut findings);
                features.push((code.clone(), of(source, register, &pack, &mut findings)));
            }
            Err(error) => findings.error(
                &error.file,
                0,
                error.reason,
                "data/lexicon/README.md tells the format",
            ),
        }
    }
    compare(&features, &mut findings);
    findings.0.sort();
    findings.0.dedup();
    findings.0
}

/// What a pack may have: the file it stands in, and what it is.
type Feature = (&'static str, String);

fn of(source: &Source, register: &Register, pack: &Pack, findings: &mut Findings) -> BTreeSet<Feature> {
    unproven(source, pack, findings);
    let mut found: BTreeSet<Feature> = BTreeSet::new();
    let folder = format!("lexicon/{}", pack.code);
    let mut failed =
        |file: &str, error: String| findings.error(&format!("{folder}/{file}"), 0, error, "mend it");
    let path = |file: &str| format!("{folder}/{file}");
    match read::<WordsFile>(source, &path("words.toml")) {
        Ok(file) => found.extend(
            file.words
                .into_iter()
                .filter(|(_, forms)| !forms.is_empty())
                .map(|(class, _)| ("words.toml", format!("class `{class}` of words"))),
        ),
        Err(error) => failed("words.toml", error.reason),
    }
    match read::<OfficesFile>(source, &path("offices.toml")) {
        Ok(file) => {
            let office = |code: &str| ("offices.toml", format!("office `{code}`"));
            found.extend(file.office.iter().map(|o| office(&o.code)));
            found.extend(
                file.office
                    .iter()
                    .filter(|o| !o.plural.is_empty())
                    .map(|o| ("offices.toml", format!("plural of office `{}`", o.code))),
            );
            found.extend(file.collective.iter().map(|c| {
                let office = if c.office.is_empty() {
                    "any office"
                } else {
                    &c.office
                };
                ("offices.toml", format!("collective of {} of {office}", c.count))
            }));
        }
        Err(error) => failed("offices.toml", error.reason),
    }
    match read::<ContactsFile>(source, &path("contacts.toml")) {
        Ok(file) => {
            found.extend(file.contact.iter().map(|c| {
                (
                    "contacts.toml",
                    format!("contact of kind {} and frame `{}`", c.kind, c.frame),
                )
            }));
            found.extend(
                file.channel
                    .iter()
                    .map(|c| ("contacts.toml", format!("channel {}", c.kind))),
            );
            for (name, list) in [("setting", &file.setting), ("initiative", &file.initiative)] {
                if !list.is_empty() {
                    found.insert(("contacts.toml", format!("list `{name}`")));
                }
            }
        }
        Err(error) => failed("contacts.toml", error.reason),
    }
    match read::<StatusFile>(source, &path("status.toml")) {
        Ok(file) => found.extend(file.cue.iter().map(|c| {
            (
                "status.toml",
                format!("cue to {} that governs `{}`", c.status, c.governs),
            )
        })),
        Err(error) => failed("status.toml", error.reason),
    }
    match read::<TimeFile>(source, &path("time.toml")) {
        Ok(file) => {
            found.extend(
                file.rule
                    .iter()
                    .map(|r| ("time.toml", format!("date rule `{}`", r.value))),
            );
            for (name, lists) in [("month", &file.months), ("weekday", &file.weekdays)] {
                for at in (0..lists.len()).filter(|at| lists[*at].is_empty()) {
                    failed("time.toml", format!("{name} {} has no word", at + 1));
                }
            }
        }
        Err(error) => failed("time.toml", error.reason),
    }
    match read::<TopicsFile>(source, &path("topics.toml")) {
        Ok(file) => {
            for topic in register.topics() {
                if file.topics.get(&topic.code).is_none_or(Vec::is_empty) {
                    failed("topics.toml", format!("topic `{}` has no word", topic.code));
                }
            }
        }
        Err(error) => failed("topics.toml", error.reason),
    }
    match read::<ContextsFile>(source, &path("contexts.toml")) {
        Ok(file) => found.extend(
            file.contexts
                .into_keys()
                .map(|name| ("contexts.toml", format!("context `{name}`"))),
        ),
        Err(error) => failed("contexts.toml", error.reason),
    }
    if !pack.names.honorifics.is_empty() {
        found.insert(("language.toml", "honorifics".to_owned()));
    }
    parties(register, pack, &mut found, findings);
    found
}

/// Rules without an example: nobody knows whether they hold.
fn unproven(source: &Source, pack: &Pack, findings: &mut Findings) {
    let mut told = |file: &str, forms: &[String], examples: &[String]| {
        if examples.is_empty() {
            let file = format!("lexicon/{}/{file}", pack.code);
            let form = forms.first().map_or("", String::as_str);
            let line = line_of(source, &file, form);
            let problem = format!("the rule that begins with `{form}` has no example");
            findings.error(&file, line, problem, "write a sentence that it must be read in");
        }
    };
    let path = |file: &str| format!("lexicon/{}/{file}", pack.code);
    if let Ok(file) = read::<OfficesFile>(source, &path("offices.toml")) {
        for office in &file.office {
            told("offices.toml", &office.forms, &office.examples);
        }
        for collective in &file.collective {
            told("offices.toml", &collective.forms, &collective.examples);
        }
    }
    if let Ok(file) = read::<ContactsFile>(source, &path("contacts.toml")) {
        for contact in &file.contact {
            told(
                "contacts.toml",
                std::slice::from_ref(&contact.id),
                &contact.examples,
            );
        }
    }
    if let Ok(file) = read::<StatusFile>(source, &path("status.toml")) {
        for cue in &file.cue {
            told("status.toml", &cue.forms, &cue.examples);
        }
    }
    if let Ok(file) = read::<TimeFile>(source, &path("time.toml")) {
        for rule in &file.rule {
            told("time.toml", &rule.forms, &rule.examples);
        }
    }
}

fn parties(register: &Register, pack: &Pack, found: &mut BTreeSet<Feature>, findings: &mut Findings) {
    let mut named = BTreeSet::new();
    for entry in &pack.entries {
        match *entry {
            Entry::State(party, form) => {
                let code = &register.party_info(party).code;
                let what = match form {
                    StateForm::Name => {
                        named.insert(code.clone());
                        continue;
                    }
                    StateForm::Adjective => "adjective",
                    StateForm::Capital => "capital",
                    StateForm::Seat => "seat",
                };
                found.insert(("states.csv", format!("{what} of {code}")));
            }
            Entry::Organization(party) => {
                let code = &register.party_info(party).code;
                found.insert(("organizations.csv", format!("organisation `{code}`")));
            }
            _ => {}
        }
    }
    for (_, party) in register.parties().filter(|(_, party)| party.is_state) {
        if !named.contains(&party.code) {
            let problem = format!("{} ({}) has no name", party.code, party.name);
            let file = format!("lexicon/{}/states.csv", pack.code);
            findings.error(&file, 0, problem, "write its row with the names that news uses");
        }
    }
}

/// What most packs have and one has not.
fn compare(packs: &[(String, BTreeSet<Feature>)], findings: &mut Findings) {
    let mut having: BTreeMap<&Feature, Vec<&str>> = BTreeMap::new();
    for (code, features) in packs {
        for feature in features {
            having.entry(feature).or_default().push(code);
        }
    }
    for (feature, codes) in having {
        for (code, _) in packs.iter().filter(|(code, _)| !codes.contains(&code.as_str())) {
            let others = packs.len() - 1;
            if others < 3 || codes.len() * 10 < others * MOST {
                continue;
            }
            let (file, what) = feature;
            findings.warning(
                &format!("lexicon/{code}/{file}"),
                0,
                format!(
                    "no {what}, which {} of {others} other languages have",
                    codes.len()
                ),
                "write its words, unless the language has none",
            );
        }
    }
}

/// Words that mean two things of one class.
fn ambiguous(source: &Source, register: &Register, pack: &Pack, origins: &[Origin], findings: &mut Findings) {
    let mut told: BTreeSet<(EntryId, EntryId)> = BTreeSet::new();
    for shared in pack.trie.shared().chain(pack.fillers.shared()) {
        for (at, one) in shared.iter().enumerate() {
            for other in &shared[..at] {
                let (Some((class, a)), Some((rival, b))) =
                    (meaning(register, pack, *one), meaning(register, pack, *other))
                else {
                    continue;
                };
                if class != rival || a == b || !told.insert((other.0, one.0)) {
                    continue;
                }
                let place = |entry: EntryId| {
                    let origin = origins.iter().find(|o| o.entry == entry);
                    origin.map_or((String::new(), 0), |o| {
                        (o.file.clone(), line_of(source, &o.file, &o.form))
                    })
                };
                let ((file, line), (other_file, other_line)) = (place(one.0), place(other.0));
                let problem = format!(
                    "{class} `{a}` has words that also mean `{b}` ({other_file}:{other_line} and after)"
                );
                findings.warning(
                    &file,
                    line,
                    problem,
                    "leave the words to one of them, or make them longer",
                );
            }
        }
    }
}

/// Class and meaning of an entry, where the same words should mean one thing only.
fn meaning(register: &Register, pack: &Pack, (entry, case): (EntryId, Case)) -> Option<(String, String)> {
    let code = |party| register.party_info(party).code.clone();
    Some(match pack.entries[entry as usize] {
        Entry::Cue(at) => {
            let cue = &pack.cues[at];
            (format!("cue ({:?})", cue.governs), format!("{:?}", cue.status))
        }
        Entry::Office(at, plural) => {
            let office = &pack.offices[at];
            let party = office.party.map(code).unwrap_or_default();
            let number = if plural { "plural office" } else { "office" };
            (number.to_owned(), format!("{:?} {party}", office.code))
        }
        Entry::Contact(at, tense) => {
            let contact = &pack.contacts[at];
            (
                format!("contact ({tense:?})"),
                format!("{:?}, {:?}", contact.kind, contact.frame),
            )
        }
        Entry::Time(at) => ("date rule".to_owned(), format!("{:?}", pack.times[at])),
        Entry::State(party, StateForm::Name) => (format!("state ({case:?})"), code(party)),
        Entry::Organization(party) => (format!("organisation ({case:?})"), code(party)),
        Entry::Group(group) => (format!("organisation ({case:?})"), format!("{group:?}")),
        Entry::Channel(kind) => ("channel".to_owned(), format!("{kind:?}")),
        Entry::Month(n) => ("month".to_owned(), n.to_string()),
        Entry::Weekday(n) => ("weekday".to_owned(), n.to_string()),
        Entry::Number(n) => ("number".to_owned(), n.to_string()),
        _ => return None,
    })
}

/// The line of a file of the data that a form is written on, 0 where it is not found.
#[must_use]
pub fn line_of(source: &Source, file: &str, form: &str) -> usize {
    let Ok(text) = source.read(file) else { return 0 };
    let quoted = format!("\"{form}\"");
    let at = text.find(&quoted).or_else(|| text.find(form));
    at.map_or(0, |at| text[..at].matches('\n').count() + 1)
}
