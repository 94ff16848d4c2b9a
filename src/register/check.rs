//! Checks the tables as a whole: what loads can still be wrong.
//!
//! Loading stops at the first row that breaks the format. This reads every row there is and tells all that is
//! wrong with it, and with the rows beside it: codes that are none of ISO 3166-1, two holders of an office that one
//! person holds, years without a head of state, one person under two spellings, a spelling that fits two
//! office holders of the same time. What only looks wrong is excused in `register/exceptions.csv`.

use std::{collections::BTreeMap, path::PathBuf};

use isocountry::CountryCode;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::DeserializeOwned;

use super::{
    dates,
    exceptions::{Exceptions, Rule},
    overlay::{self, Located},
    rows::{
        CityRow, GovernmentRow, GroupRow, OrganizationRow, SiteRow, SpellingRow, StateRow, TermRow, TopicRow,
        list,
    },
};
use crate::{
    data::{Finding, Findings, Source},
    event::Office,
    lexicon::office,
    text::{Script, fold},
};

/// Offices that one person holds at a time.
const EXCLUSIVE: [&str; 5] = [
    "HEAD_OF_STATE",
    "HEAD_OF_GOVERNMENT",
    "FOREIGN_MINISTER",
    "DEFENCE_MINISTER",
    "HEAD_OF_ORGANIZATION",
];
/// Offices that are never empty for long.
const LASTING: [&str; 2] = ["HEAD_OF_STATE", "HEAD_OF_GOVERNMENT"];
/// Days that such an office may stand empty between two holders.
const LONGEST_GAP: i32 = 60;
/// Classes of sources.
const SOURCES: [&str; 5] = ["wikidata", "reign", "government-site", "press", "encyclopedia"];
/// Kinds of organisations.
const KINDS: [&str; 2] = ["intergovernmental", "movement"];

/// Everything that is wrong with the register's tables and the overlays on them.
#[must_use]
pub fn check(source: &Source, overlays: &[PathBuf]) -> Vec<Finding> {
    let mut findings = Findings::default();
    let exceptions = Exceptions::read(source, &mut findings);
    let mut check = Check {
        source,
        findings,
        exceptions,
        parties: FxHashMap::default(),
        cities: FxHashSet::default(),
    };
    check.cities();
    check.states();
    check.organizations();
    check.groups();
    check.sites();
    check.governments();
    check.topics();
    let terms = check.terms(overlays);
    check.posts(&terms);
    check.people(&terms, overlays);
    let Check {
        mut findings,
        exceptions,
        ..
    } = check;
    exceptions.finish(&mut findings);
    findings.0.sort();
    findings.0
}

struct Check<'c> {
    source: &'c Source,
    findings: Findings,
    exceptions: Exceptions,
    /// Codes of states (true) and organisations.
    parties: FxHashMap<String, bool>,
    /// Cities with their states.
    cities: FxHashSet<(String, String)>,
}

impl Check<'_> {
    /// The rows of a table that can be read; those that cannot are told.
    fn read<T: DeserializeOwned>(&mut self, file: &str) -> Vec<(usize, T)> {
        let text = match self.source.read(file) {
            Ok(text) => text,
            Err(error) => {
                let remedy = "every table of data/register must be there, in UTF-8";
                self.findings.error(file, 0, error.to_string(), remedy);
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        for (line, row) in (2..).zip(csv::Reader::from_reader(text.as_bytes()).deserialize::<T>()) {
            match row {
                Ok(row) => found.push((line, row)),
                Err(error) => {
                    self.findings
                        .error(file, line, error.to_string(), "give it the columns of the header");
                }
            }
        }
        found
    }

    fn is_state(&self, code: &str) -> bool {
        self.parties.get(code).copied().unwrap_or(false)
    }

    fn add_party(&mut self, file: &str, line: usize, code: &str, state: bool) {
        if self.parties.insert(code.to_owned(), state).is_some() {
            self.findings.error(
                file,
                line,
                format!("`{code}` stands twice"),
                "take one of them out",
            );
        }
    }

    fn trimmed(&mut self, file: &str, line: usize, fields: &[&str]) {
        for field in fields.iter().filter(|f| f.trim() != **f || f.contains("  ")) {
            let problem = format!("`{field}` has a blank too many");
            self.findings.error(file, line, problem, "take it out");
        }
    }

    fn cities(&mut self) {
        let file = "register/cities.csv";
        for (line, city) in self.read::<CityRow>(file) {
            self.trimmed(file, line, &[&city.name]);
            if !(1..=3).contains(&city.rank) {
                let problem = format!("rank {} of {}", city.rank, city.name);
                self.findings.error(file, line, problem, "1, 2 or 3");
            }
            for (column, script) in [
                (&city.cyrl, Script::Cyrl),
                (&city.arab, Script::Arab),
                (&city.hans, Script::Hani),
                (&city.hant, Script::Hani),
            ] {
                self.scripts(file, line, list(column), script);
            }
            if !self.cities.insert((city.name.clone(), city.country.clone())) {
                let problem = format!("{} in {} stands twice", city.name, city.country);
                self.findings.error(file, line, problem, "make one row of them");
            }
        }
    }

    fn scripts<'f>(&mut self, file: &str, line: usize, forms: impl Iterator<Item = &'f str>, script: Script) {
        for form in forms.filter(|form| !super::load::scripts_of(form).contains(&script)) {
            let problem = format!("`{form}` holds no {script:?} letters");
            self.findings
                .error(file, line, problem, "move it to where its script belongs");
        }
    }

    fn states(&mut self) {
        let file = "register/states.csv";
        let mut alpha2: FxHashSet<String> = FxHashSet::default();
        for (line, state) in self.read::<StateRow>(file) {
            self.trimmed(
                file,
                line,
                &[&state.code, &state.name, &state.official_name, &state.capital],
            );
            match CountryCode::for_alpha3(&state.code) {
                Ok(country) if country.alpha2() == state.alpha2 => {}
                Ok(country) => {
                    let problem = format!(
                        "alpha2 of {} is {}, not {}",
                        state.code,
                        country.alpha2(),
                        state.alpha2
                    );
                    self.findings
                        .error(file, line, problem, "write the code of ISO 3166-1");
                }
                Err(_) if self.exceptions.excuse(Rule::Code, &state.code, "", &[]) => {}
                Err(_) => {
                    let problem = format!("`{}` is no alpha-3 code of ISO 3166-1", state.code);
                    let remedy =
                        "write the one that is, or give the reason in register/exceptions.csv (rule code)";
                    self.findings.error(file, line, problem, remedy);
                }
            }
            if !alpha2.insert(state.alpha2.clone()) {
                let problem = format!("alpha2 `{}` stands twice", state.alpha2);
                self.findings
                    .error(file, line, problem, "write the code of ISO 3166-1");
            }
            if state.name.is_empty() || state.official_name.is_empty() {
                self.findings
                    .error(file, line, "a name is missing", "write name and official_name");
            }
            if !LASTING.contains(&state.leader.as_str()) {
                let problem = format!("leader `{}`", state.leader);
                self.findings
                    .error(file, line, problem, "HEAD_OF_STATE or HEAD_OF_GOVERNMENT");
            }
            if !["family-first", "given-first"].contains(&state.name_order.as_str()) {
                let problem = format!("name_order `{}`", state.name_order);
                self.findings
                    .error(file, line, problem, "family-first or given-first");
            }
            let city = (state.capital.clone(), state.code.clone());
            if !state.capital.is_empty()
                && !self.cities.contains(&city)
                && !self
                    .exceptions
                    .excuse(Rule::City, &state.code, "", &[&state.capital])
            {
                let problem = format!("the capital {} is not in register/cities.csv", state.capital);
                let remedy = format!(
                    "add its row there, with country {}, or give the reason in register/exceptions.csv (rule city)",
                    state.code
                );
                self.findings.error(file, line, problem, remedy);
            }
            self.add_party(file, line, &state.code, true);
        }
        let cities: Vec<(String, String)> = self.cities.iter().cloned().collect();
        for (name, country) in cities {
            if !self.is_state(&country) {
                let problem = format!("{name}: no state `{country}`");
                self.findings.error(
                    "register/cities.csv",
                    0,
                    problem,
                    "write a code of register/states.csv",
                );
            }
        }
    }

    fn organizations(&mut self) {
        let file = "register/organizations.csv";
        for (line, organization) in self.read::<OrganizationRow>(file) {
            let OrganizationRow {
                code,
                name,
                kind,
                seat,
                seat_country,
            } = &organization;
            self.trimmed(file, line, &[code, name, seat]);
            self.code(file, line, code);
            if !KINDS.contains(&kind.as_str()) {
                self.findings
                    .error(file, line, format!("kind `{kind}` of {code}"), KINDS.join(" or "));
            }
            if !seat_country.is_empty() && !self.is_state(seat_country) {
                let problem = format!("seat_country `{seat_country}` of {code} is no state");
                self.findings
                    .error(file, line, problem, "write a code of register/states.csv");
            }
            if !seat.is_empty() && !self.cities.contains(&(seat.clone(), seat_country.clone())) {
                let problem =
                    format!("the seat {seat} ({seat_country}) of {code} is not in register/cities.csv");
                self.findings.error(file, line, problem, "add its row there");
            }
            self.add_party(file, line, code, false);
        }
    }

    fn code(&mut self, file: &str, line: usize, code: &str) {
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if code.is_empty() || !code.chars().all(plain) {
            self.findings
                .error(file, line, format!("code `{code}`"), "write it in A-Z, 0-9 and _");
        }
    }

    fn groups(&mut self) {
        let file = "register/groups.csv";
        let mut codes: FxHashSet<String> = FxHashSet::default();
        for (line, group) in self.read::<GroupRow>(file) {
            self.code(file, line, &group.code);
            if self.parties.contains_key(&group.code) || !codes.insert(group.code.clone()) {
                let problem = format!("`{}` stands for something else as well", group.code);
                self.findings
                    .error(file, line, problem, "give it a code of its own");
            }
            if group.name.is_empty() {
                self.findings.error(file, line, "no name", "write one");
            }
            let members: Vec<&str> = list(&group.members).collect();
            if members.len() < 2 {
                let problem = format!("{} has {} members", group.code, members.len());
                self.findings
                    .error(file, line, problem, "a group is two parties or more");
            }
            for member in members.iter().filter(|m| !self.parties.contains_key(**m)) {
                let problem = format!("no party `{member}`");
                self.findings.error(
                    file,
                    line,
                    problem,
                    "write codes of states.csv or organizations.csv",
                );
            }
        }
    }

    fn sites(&mut self) {
        let file = "register/sites.csv";
        let mut sites = FxHashSet::default();
        for (line, site) in self.read::<SiteRow>(file) {
            self.trimmed(file, line, &[&site.name, &site.city]);
            if !self.is_state(&site.country) {
                let problem = format!("{}: no state `{}`", site.name, site.country);
                self.findings
                    .error(file, line, problem, "write a code of register/states.csv");
            }
            // Many sites lie in places too small for cities.csv, but none in one that is spelled otherwise there.
            let city = (site.city.clone(), site.country.clone());
            let there = self.cities.iter().filter(|(_, country)| *country == site.country);
            if !self.cities.contains(&city)
                && let Some(near) = nearest(&site.city, there.map(|(name, _)| name.as_str()))
            {
                let problem = format!(
                    "{}: the city {} is `{near}` in register/cities.csv",
                    site.name, site.city
                );
                self.findings.error(file, line, problem, "spell it as there");
            }
            if !sites.insert((site.name.clone(), site.country.clone())) {
                let problem = format!("{} stands twice", site.name);
                self.findings.error(file, line, problem, "make one row of them");
            }
        }
    }

    fn governments(&mut self) {
        let file = "register/governments.csv";
        for (line, row) in self.read::<GovernmentRow>(file) {
            if !self.is_state(&row.state) {
                let problem = format!("no state `{}`", row.state);
                self.findings
                    .error(file, line, problem, "write a code of register/states.csv");
            }
            if self.parties.get(&row.organization) != Some(&false) {
                let problem = format!("no organisation `{}`", row.organization);
                self.findings
                    .error(file, line, problem, "write a code of register/organizations.csv");
            }
            self.dates(file, line, &row.organization, &row.start, &row.end);
            self.source_class(file, line, &row.source);
        }
    }

    fn topics(&mut self) {
        let file = "register/topics.csv";
        let mut codes = FxHashSet::default();
        for (line, topic) in self.read::<TopicRow>(file) {
            let plain = |c: char| c.is_ascii_lowercase() || c == '-';
            if topic.code.is_empty() || !topic.code.chars().all(plain) {
                let problem = format!("code `{}`", topic.code);
                self.findings.error(file, line, problem, "write it in a-z and -");
            }
            if topic.label.is_empty() {
                let problem = format!("{} says not what it covers", topic.code);
                self.findings.error(file, line, problem, "write a label");
            }
            if !codes.insert(topic.code.clone()) {
                let problem = format!("`{}` stands twice", topic.code);
                self.findings.error(file, line, problem, "take one of them out");
            }
        }
    }

    fn dates(&mut self, file: &str, line: usize, who: &str, start: &str, end: &str) -> bool {
        let mut sound = true;
        let mut told = |problem: String, remedy: &str| {
            self.findings.error(file, line, problem, remedy);
            sound = false;
        };
        let first = dates::first_day(start);
        if first.is_none() {
            told(
                format!("{who}: start `{start}` is no date"),
                "write YYYY-MM-DD, YYYY-MM or YYYY",
            );
        }
        let last = dates::end_day(end);
        if !end.is_empty() && last.is_none() {
            told(
                format!("{who}: end `{end}` is no date"),
                "write YYYY-MM-DD, YYYY-MM or YYYY, or nothing",
            );
        }
        if let (Some(first), Some(last)) = (first, last)
            && last <= first
        {
            told(
                format!("{who}: from {start} to {end} is no time"),
                "correct one of the dates",
            );
        }
        for (column, date) in [("start", first), ("end", last)] {
            if let Some(date) = date.filter(|d| d.year() < 1940 || d.year() > 2027) {
                told(format!("{who}: {column} in {}", date.year()), "correct the year");
            }
        }
        sound
    }

    fn source_class(&mut self, file: &str, line: usize, source: &str) {
        if !SOURCES.contains(&source) {
            let problem = format!("source `{source}`");
            self.findings.error(file, line, problem, SOURCES.join(", "));
        }
    }

    /// All terms that can be read, the overlays on top.
    fn terms(&mut self, overlays: &[PathBuf]) -> Vec<Located<TermRow>> {
        let files = self.files("register/terms");
        let mut terms: Vec<Located<TermRow>> = Vec::new();
        for file in files {
            let rows = self.read::<TermRow>(&file);
            terms.extend(rows.into_iter().map(|(line, row)| (file.clone(), line, row)));
        }
        for overlay in overlays {
            match overlay::read(overlay) {
                Ok(added) => overlay::lay(&mut terms, added.terms),
                Err(error) => {
                    let remedy = "data/register/README.md tells what an overlay looks like";
                    self.findings.error(&error.file, error.row, error.reason, remedy);
                }
            }
        }
        terms.retain(|(file, line, term)| {
            let line = *line;
            self.trimmed(file, line, &[&term.party, &term.name, &term.start, &term.end]);
            let (party, office) = (self.parties.contains_key(&term.party), office(&term.office));
            if !party || office.is_none() || term.name.is_empty() {
                let refusal = overlay::refusal(term, party, office.is_some());
                let (problem, remedy) = refusal.split_once(": ").unwrap_or((&refusal, ""));
                self.findings.error(file, line, problem, remedy);
            }
            if office == Some(Office::HeadOfOrganization) && self.is_state(&term.party) {
                let problem = format!("{} is a state and has no {}", term.party, term.office);
                let remedy = "write HEAD_OF_STATE or HEAD_OF_GOVERNMENT";
                self.findings.error(file, line, problem, remedy);
            }
            self.source_class(file, line, &term.source);
            self.dates(file, line, &term.name, &term.start, &term.end)
        });
        terms
    }

    fn files(&mut self, folder: &str) -> Vec<String> {
        self.source.files(folder).unwrap_or_else(|error| {
            self.findings
                .error(folder, 0, error.to_string(), "the folder must be there");
            Vec::new()
        })
    }

    /// Who follows whom in every office that one person holds.
    fn posts(&mut self, terms: &[Located<TermRow>]) {
        let mut posts: BTreeMap<(&str, &str), Vec<&Located<TermRow>>> = BTreeMap::new();
        for located in terms {
            let term = &located.2;
            posts
                .entry((&term.party, &term.office))
                .or_default()
                .push(located);
        }
        for ((party, office), mut holders) in posts {
            holders.sort_by(|a, b| Span::of(&a.2).0.cmp(&Span::of(&b.2).0));
            for (at, (file, line, one)) in holders.iter().enumerate() {
                for (_, _, other) in &holders[..at] {
                    if !Span::certain_overlap(one, other) {
                        continue;
                    }
                    let same = one.name == other.name;
                    if same {
                        let problem = format!(
                            "{} holds {office} of {party} twice at a time: {}..{} and {}..{}",
                            one.name, other.start, other.end, one.start, one.end
                        );
                        self.findings.error(file, *line, problem, "make one row of them");
                    } else if EXCLUSIVE.contains(&office)
                        && !self
                            .exceptions
                            .excuse(Rule::Overlap, party, office, &[&one.name, &other.name])
                    {
                        let problem = format!(
                            "{} ({}..{}) and {} ({}..{}) are {office} of {party} at a time",
                            other.name, other.start, other.end, one.name, one.start, one.end
                        );
                        let remedy = "end the one on the day the other begins, \
                                      or give the reason in register/exceptions.csv (rule overlap)";
                        self.findings.error(file, *line, problem, remedy);
                    }
                }
            }
            if LASTING.contains(&office) {
                self.gaps(party, office, &holders);
            }
        }
    }

    fn gaps(&mut self, party: &str, office: &str, holders: &[&Located<TermRow>]) {
        let mut last: Option<(&TermRow, Date)> = None;
        let mut open = false;
        for (file, line, term) in holders {
            let Some(start) = dates::first_day(&term.start) else {
                continue;
            };
            if let Some((before, end)) = last {
                let days = (start - end).get_days();
                if !open
                    && days > LONGEST_GAP
                    && !self
                        .exceptions
                        .excuse(Rule::Gap, party, office, &[&before.name, &term.name])
                {
                    let problem = format!(
                        "nobody is {office} of {party} for {days} days, from {} ({}) to {} ({})",
                        before.name, before.end, term.name, term.start
                    );
                    let remedy = "add who was, or give the reason in register/exceptions.csv (rule gap)";
                    self.findings.error(file, *line, problem, remedy);
                }
            }
            match dates::end_day(&term.end) {
                None => open = true,
                Some(end) if last.is_none_or(|(_, latest)| latest < end) => last = Some((term, end)),
                Some(_) => {}
            }
        }
        if let (false, Some((file, line, _)), Some((before, _))) = (open, holders.last(), last)
            && !self.exceptions.excuse(Rule::Vacant, party, office, &[])
        {
            let problem = format!(
                "nobody is {office} of {party} since {} ({})",
                before.name, before.end
            );
            let remedy = "add who is, or give the reason in register/exceptions.csv (rule vacant)";
            self.findings.error(file, *line, problem, remedy);
        }
    }

    fn people(&mut self, terms: &[Located<TermRow>], overlays: &[PathBuf]) {
        let mut people: BTreeMap<&str, Vec<&Located<TermRow>>> = BTreeMap::new();
        for located in terms {
            people.entry(&located.2.name).or_default().push(located);
        }
        let mut spellings: Vec<Located<SpellingRow>> = Vec::new();
        for file in self.files("register/people") {
            let rows = self.read::<SpellingRow>(&file);
            spellings.extend(rows.into_iter().map(|(line, row)| (file.clone(), line, row)));
        }
        for overlay in overlays {
            spellings.extend(overlay::read(overlay).unwrap_or_default().spellings);
        }
        let mut rows: FxHashSet<(&str, &str, &str)> = FxHashSet::default();
        let mut families: FxHashMap<&str, (&str, &str)> = FxHashMap::default();
        for (file, line, row) in &spellings {
            self.trimmed(file, *line, &[&row.name, &row.family]);
            if !people.contains_key(row.name.as_str()) {
                let near = nearest(&row.name, people.keys().copied());
                let remedy = near.map_or_else(
                    || "give a term in register/terms, or take the row out".to_owned(),
                    |near| {
                        format!(
                            "did you mean `{near}`? else give a term in register/terms, or take the row out"
                        )
                    },
                );
                let problem = format!("nobody in register/terms is called `{}`", row.name);
                self.findings.error(file, *line, problem, remedy);
            }
            if !rows.insert((file, &row.name, &row.script)) {
                let problem = format!("`{}` stands twice", row.name);
                self.findings.error(file, *line, problem, "make one row of them");
            }
            if !row.family.is_empty() {
                let (family, at) = *families.entry(&row.name).or_insert((&row.family, file));
                if family != row.family {
                    let problem = format!(
                        "the family name of {} is `{}`, but `{family}` in {at}",
                        row.name, row.family
                    );
                    self.findings
                        .error(file, *line, problem, "write one of them in both");
                }
            }
            let script = match row.script.as_str() {
                "" => Some(Script::Latn),
                "Cyrl" => Some(Script::Cyrl),
                "Arab" => Some(Script::Arab),
                "Hans" | "Hant" => Some(Script::Hani),
                other => {
                    self.findings.error(
                        file,
                        *line,
                        format!("script `{other}`"),
                        "Cyrl, Arab, Hans or Hant",
                    );
                    None
                }
            };
            if let Some(script) = script {
                self.scripts(file, *line, list(&row.aliases).chain(list(&row.forms)), script);
            }
        }
        self.spelled_twice(&people, &spellings);
        self.ambiguous(&people, &spellings);
    }

    /// One person under two names.
    fn spelled_twice(
        &mut self,
        people: &BTreeMap<&str, Vec<&Located<TermRow>>>,
        spellings: &[Located<SpellingRow>],
    ) {
        let mut keys: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in people.keys() {
            keys.entry(key(name)).or_default().push(name);
        }
        for (_, _, row) in spellings.iter().filter(|(_, _, row)| row.script.is_empty()) {
            for alias in list(&row.aliases).filter(|alias| alias.contains(' ')) {
                // Only an alias that somebody else is called by is of interest.
                if let Some(named) = keys.get_mut(&key(alias))
                    && !named.contains(&row.name.as_str())
                    && people.contains_key(row.name.as_str())
                {
                    named.push(&row.name);
                }
            }
        }
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for named in keys.values() {
            for (at, one) in named.iter().enumerate() {
                pairs.extend(named[at + 1..].iter().map(|other| (*one, *other)));
            }
        }
        let mut by_party: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, terms) in people {
            for (_, _, term) in terms {
                let names = by_party.entry(&term.party).or_default();
                if !names.contains(name) {
                    names.push(name);
                }
            }
        }
        for names in by_party.values() {
            for (at, one) in names.iter().enumerate() {
                pairs.extend(
                    names[at + 1..]
                        .iter()
                        .filter(|other| alike(one, other))
                        .map(|other| (*one, *other)),
                );
            }
        }
        for pair in &mut pairs {
            if pair.0 > pair.1 {
                *pair = (pair.1, pair.0);
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        for (one, other) in pairs {
            if one == other || self.exceptions.excuse(Rule::Namesakes, "", "", &[one, other]) {
                continue;
            }
            if let Some((file, line, term)) = people.get(other).and_then(|terms| terms.first()) {
                let of = people.get(one).and_then(|terms| terms.first());
                let at = of.map_or_else(String::new, |(file, line, term)| {
                    format!(" ({} of {}, {file}:{line})", term.office, term.party)
                });
                let problem = format!(
                    "`{other}` ({} of {}) may be `{one}`{at} under another spelling",
                    term.office, term.party
                );
                let remedy = "use one name in every file and make the other an alias, \
                              or tell them apart in register/exceptions.csv (rule namesakes)";
                self.findings.error(file, *line, problem, remedy);
            }
        }
    }

    /// A full name that two people answer to who are in office at the same time.
    fn ambiguous(
        &mut self,
        people: &BTreeMap<&str, Vec<&Located<TermRow>>>,
        spellings: &[Located<SpellingRow>],
    ) {
        let mut aliases: FxHashMap<(String, &str), Vec<Alias<'_>>> = FxHashMap::default();
        for located in spellings {
            let row = &located.2;
            let script = if row.script.starts_with("Han") {
                "Han"
            } else {
                &row.script
            };
            for alias in list(&row.aliases).chain(list(&row.forms)) {
                let whole = alias.contains([' ', '-', '·']);
                if whole {
                    let named = aliases.entry((fold(alias), script)).or_default();
                    if named.iter().all(|(other, _)| other.2.name != row.name) {
                        named.push((located, alias));
                    }
                }
            }
        }
        for named in aliases.values().filter(|named| named.len() > 1) {
            for (at, (one, alias)) in named.iter().enumerate() {
                for (other, _) in &named[..at] {
                    let (name, rival) = (one.2.name.as_str(), other.2.name.as_str());
                    let terms = |name: &str| people.get(name).cloned().unwrap_or_default();
                    let together = terms(name)
                        .iter()
                        .any(|a| terms(rival).iter().any(|b| Span::certain_overlap(&a.2, &b.2)));
                    if together && !self.exceptions.excuse(Rule::Namesakes, "", "", &[name, rival]) {
                        let problem = format!(
                            "`{alias}` stands for {name} and for {rival} ({}:{}), who are in office at the same time",
                            other.0, other.1
                        );
                        let remedy = "leave it to one of them, or say in register/exceptions.csv \
                                      (rule namesakes) why both go by it";
                        self.findings.error(&one.0, one.1, problem, remedy);
                    }
                }
            }
        }
    }
}

/// A row of spellings and one of them.
type Alias<'s> = (&'s Located<SpellingRow>, &'s str);

/// The days that a term has for certain.
struct Span;

impl Span {
    /// First day that the start can mean, for sorting.
    fn of(term: &TermRow) -> (Option<Date>, Option<Date>) {
        (dates::first_day(&term.start), dates::end_day(&term.end))
    }

    /// Whether two terms overlap whatever their dates leave open.
    fn certain_overlap(one: &TermRow, other: &TermRow) -> bool {
        let begins = |term: &TermRow| latest(&term.start);
        let ends = |term: &TermRow| {
            if term.end.is_empty() {
                Some(Date::MAX)
            } else {
                dates::first_day(&term.end)
            }
        };
        match (begins(one), ends(one), begins(other), ends(other)) {
            (Some(a), Some(b), Some(c), Some(d)) => a < d && c < b,
            _ => false,
        }
    }
}

/// The last day that a date can mean.
fn latest(text: &str) -> Option<Date> {
    let end = dates::end_day(text)?;
    if dates::first_day(text)? == end {
        Some(end)
    } else {
        end.yesterday().ok()
    }
}

/// A name as a careless eye sees it: no diacritics, no hyphens, no year of birth.
fn key(name: &str) -> String {
    let bare = name
        .rfind(" (")
        .filter(|_| name.ends_with(')'))
        .map_or(name, |at| &name[..at]);
    fold(bare).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether two names of one party may be one person's: the words of the one are in the other, in order and with the
/// same last word, or they differ in a letter or two.
fn alike(one: &str, other: &str) -> bool {
    if one.ends_with(')') && other.ends_with(')') {
        return false;
    }
    let words = |name: &str| -> Vec<String> {
        fold(name)
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|w| !w.is_empty() && w.parse::<u16>().is_err())
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (words(one), words(other));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    let inside = short.len() > 1 && short.len() < long.len() && {
        let mut rest = long.iter();
        short.iter().all(|word| rest.any(|other| other == word))
    };
    let (a, b) = (a.concat(), b.concat());
    let near = a.len().min(b.len()) > 9 && strsim::normalized_damerau_levenshtein(&a, &b) >= 0.9;
    inside || near
}

/// The name that is spelled most like this one.
fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = key(name);
    names
        .map(|other| (other, strsim::jaro_winkler(&wanted, &key(other))))
        .filter(|(_, likeness)| *likeness > 0.93)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(other, _)| other)
}
