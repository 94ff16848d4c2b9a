//! The register held against tables of office holders that others compiled.
//!
//! The tables are not part of the project. `RAPPORTEUR_REFERENCE` names the folder that holds them: effective leaders since
//! 1950 (REIGN), heads of state and of government of 2021 and foreign ministers of January 2023 (every-politician,
//! from Wikidata and from Wikipedia), leaders of the G20 and of ASEAN in August 2026. They have gaps and rows that were
//! out of date when they were taken, so that agreement is no hundred percent; less than the floors means that the register has become
//! worse.

use std::{collections::HashMap, env, fs, path::Path, path::PathBuf};

use jiff::civil::Date;
use rapporteur::{
    data::Source,
    event::Office,
    register::{PartyId, Person, Register},
    text::fold,
};

const HEADS: [Office; 2] = [Office::HeadOfState, Office::HeadOfGovernment];
/// The register writes those who stand in for the monarch of a realm, the tables the monarch.
const MONARCHS: [&str; 2] = ["Elizabeth II", "Charles III"];

fn folder() -> Option<PathBuf> {
    let folder = env::var_os("RAPPORTEUR_REFERENCE").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED: set RAPPORTEUR_REFERENCE to the folder of the reference tables to run this");
    }
    folder
}

/// The rows of a table as maps from column to value, whatever its encoding.
fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            header
                .iter()
                .cloned()
                .zip(record.iter().map(str::to_owned))
                .collect()
        })
        .collect()
}

fn own(path: &str) -> Vec<HashMap<String, String>> {
    rows(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
}

struct World {
    register: Register,
    /// Codes by folded names of states.
    states: HashMap<String, String>,
    alpha2: HashMap<String, String>,
    /// Folded spellings by name.
    spellings: HashMap<String, Vec<String>>,
}

impl World {
    fn load() -> Self {
        let (mut states, mut alpha2) = (HashMap::new(), HashMap::new());
        for row in own("data/register/states.csv") {
            states.insert(plain(&row["name"]), row["code"].clone());
            states.insert(plain(&row["official_name"]), row["code"].clone());
            alpha2.insert(row["alpha2"].clone(), row["code"].clone());
        }
        for row in own("data/lexicon/en/states.csv") {
            for name in row["names"]
                .split(';')
                .filter(|name| !name.contains(['{', '[', '*']))
            {
                states.entry(plain(name)).or_insert_with(|| row["code"].clone());
            }
        }
        let mut spellings: HashMap<String, Vec<String>> = HashMap::new();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/register/people")).unwrap()
        {
            for row in rows(&entry.unwrap().path()) {
                let Some(aliases) = row.get("aliases") else {
                    continue;
                };
                let all = aliases.split(';').chain([row["family"].as_str()]);
                spellings
                    .entry(row["name"].clone())
                    .or_default()
                    .extend(all.filter(|alias| !alias.is_empty()).map(plain));
            }
        }
        Self {
            register: Register::load(&Source::Embedded, &[]).unwrap(),
            states,
            alpha2,
            spellings,
        }
    }

    fn state(&self, name: &str) -> Option<PartyId> {
        self.register.party(self.states.get(&plain(name))?)
    }

    fn holders(&self, party: PartyId, offices: &[Office], day: Date) -> Vec<&Person> {
        offices
            .iter()
            .flat_map(|office| self.register.holders(party, *office, day))
            .map(|id| self.register.person(id))
            .collect()
    }

    /// Whether a label of a table means the person: the same words but for order and spelling.
    fn same(&self, label: &str, person: &Person) -> bool {
        let label = plain(label);
        let mut names = vec![plain(&person.name)];
        names.extend(self.spellings.get(&person.name).into_iter().flatten().cloned());
        names.iter().any(|name| {
            let words: Vec<&str> = name.split(' ').collect();
            let shared = label.split(' ').filter(|word| words.contains(word)).count();
            shared >= 2 || strsim::normalized_damerau_levenshtein(&label, name) >= 0.75
        })
    }

    /// Whether a surname of a table is one of the person's words.
    fn surname(&self, label: &str, person: &Person) -> bool {
        let label = plain(label);
        let mut names = vec![plain(&person.name)];
        names.extend(self.spellings.get(&person.name).into_iter().flatten().cloned());
        let words = names.iter().flat_map(|name| name.split(' '));
        words.into_iter().any(|word| {
            label.split(' ').any(|part| {
                part == word || part.len() > 3 && strsim::normalized_damerau_levenshtein(part, word) >= 0.65
            })
        })
    }
}

/// Folded, and nothing but letters, digits and single blanks.
fn plain(name: &str) -> String {
    let folded = fold(name);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Tells the agreement and what does not agree; fails below the floor.
fn agreement(table: &str, floor: f64, outcomes: &[(bool, String)]) {
    let right = outcomes.iter().filter(|(right, _)| *right).count();
    #[allow(clippy::cast_precision_loss)]
    let share = right as f64 / outcomes.len() as f64;
    println!("{table}: {right} of {} agree, {share:.3}", outcomes.len());
    let wrong = outcomes.iter().filter(|(right, _)| !right);
    let wrong: Vec<&str> = wrong.map(|(_, row)| row.as_str()).collect();
    for row in &wrong {
        println!("  {row}");
    }
    assert!(
        share >= floor,
        "{table}: {share:.3} is less than {floor}\n{}",
        wrong.join("\n")
    );
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn names(people: &[&Person]) -> String {
    let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    names.join(", ")
}

#[test]
fn heads_of_2021_are_those_of_the_tables() {
    let Some(folder) = folder() else { return };
    let world = World::load();
    for (table, label) in [
        ("heads_wikidata_2021", "officeholderLabel"),
        ("heads_wikipedia_2021", "officeholderlabel"),
    ] {
        let mut outcomes = Vec::new();
        for row in rows(&folder.join(format!("{table}.csv"))) {
            let name = &row[label];
            let Some(party) = world.state(&row["country"]).filter(|_| !name.is_empty()) else {
                continue;
            };
            if MONARCHS.contains(&name.as_str()) && world.register.party_info(party).code != "GBR" {
                continue;
            }
            let found = world.register.people().any(|(_, person)| {
                let heads = |term: &&rapporteur::register::Term| {
                    term.party == party
                        && HEADS.contains(&term.office)
                        && term.start.year() <= 2023
                        && term.end.is_none_or(|end| end.year() >= 2020)
                };
                person.terms.iter().any(|term| heads(&term)) && world.same(name, person)
            });
            outcomes.push((found, format!("{}: {name}", row["country"])));
        }
        agreement(table, 0.92, &outcomes);
    }
}

#[test]
fn foreign_ministers_of_january_2023_are_those_of_the_tables() {
    let Some(folder) = folder() else { return };
    let world = World::load();
    for (table, floor) in [
        ("foreign_ministers_wikidata_2023-01", 0.92),
        ("foreign_ministers_wikipedia_2023-01", 0.87),
    ] {
        let mut outcomes = Vec::new();
        for row in rows(&folder.join(format!("{table}.csv"))) {
            let name = &row["name"];
            let Some(party) = world.state(&row["countryLabel"]).filter(|_| !name.is_empty()) else {
                continue;
            };
            let mut people = world.holders(party, &[Office::ForeignMinister], day("2023-01-15"));
            people.extend(world.holders(party, &[Office::ForeignMinister], day("2022-12-20")));
            let found = people.iter().any(|person| world.same(name, person));
            outcomes.push((
                found,
                format!("{}: {name}, not {}", row["countryLabel"], names(&people)),
            ));
        }
        agreement(table, floor, &outcomes);
    }
}

#[test]
fn leaders_of_august_2026_are_those_of_the_tables() {
    let Some(folder) = folder() else { return };
    let world = World::load();
    for table in ["g20_leaders_2026-08", "asean_leaders_2026-08"] {
        let mut outcomes = Vec::new();
        for row in rows(&folder.join(format!("{table}.csv"))) {
            let Some(code) = world.alpha2.get(&row["ISO"]) else {
                continue;
            };
            let party = world.register.party(code).unwrap();
            for column in ["Head of Government", "Head of State"] {
                let name = &row[column];
                if name.is_empty() || MONARCHS.contains(&name.as_str()) && code != "GBR" {
                    continue;
                }
                let people = world.holders(party, &HEADS, day("2026-08-15"));
                let found = people.iter().any(|person| world.same(name, person));
                outcomes.push((found, format!("{code}: {name}, not {}", names(&people))));
            }
        }
        agreement(table, 0.95, &outcomes);
    }
}

#[test]
fn effective_leaders_since_1991_are_heads_in_the_register() {
    let Some(folder) = folder() else { return };
    let world = World::load();
    let codes: HashMap<String, String> = own("tests/register/cow.csv")
        .into_iter()
        .map(|row| (row["cow"].clone(), row["iso"].clone()))
        .collect();
    let mut outcomes = Vec::new();
    for row in rows(&folder.join("reign_leaderlist_2021-03.csv")) {
        let number = |column: &str| row.get(column).and_then(|text| text.parse::<i16>().ok());
        let (Some(from), Some(to)) = (number("syear"), number("eyear")) else {
            continue;
        };
        if to < 1991 {
            continue;
        }
        let abbreviation = &row["stateabb"];
        let code = codes.get(abbreviation).unwrap_or(abbreviation);
        // States that are no more, and Andorra's co-princes.
        let Some(party) = world.register.party(code).filter(|_| code != "AND") else {
            continue;
        };
        // The middle of the term, in months: the tables know the end to the month only.
        let first = (from * 12 + number("smonth").unwrap_or(1) - 1).max(1991 * 12);
        let last = to * 12 + number("emonth").unwrap_or(12) - 1;
        if last - first < 2 {
            continue;
        }
        let middle = i16::midpoint(first, last);
        let month = i8::try_from(middle % 12 + 1).unwrap();
        let people = world.holders(party, &HEADS, Date::new(middle / 12, month, 15).unwrap());
        let found = people.iter().any(|person| world.surname(&row["leader"], person));
        outcomes.push((
            found,
            format!(
                "{code} {}-{month:02}: {}, not {}",
                middle / 12,
                row["leader"],
                names(&people)
            ),
        ));
    }
    assert!(outcomes.len() > 1000, "{} leaders", outcomes.len());
    agreement("reign_leaderlist_2021-03", 0.97, &outcomes);
}
