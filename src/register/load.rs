//! Reads and checks the tables.

use std::{fs, path::PathBuf};

use rustc_hash::FxHashMap;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Government, Party, PartyId, People, Person, PersonId, Place, PlaceId, Register, Term, Topic, dates,
    names::{NameIndex, derived},
};
use crate::{data::Source, event::Office, lexicon::office, text::Script};

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
#[error("{file}, row {row}: {reason}")]
pub struct RegisterError {
    /// The file, below `data/`, or the overlay's path.
    pub file: String,
    /// Row number, the header being 1; 0 where the file as a whole is at fault.
    pub row: usize,
    /// What is wrong.
    pub reason: String,
}

#[derive(Deserialize)]
struct StateRow {
    code: String,
    #[allow(dead_code)]
    alpha2: String,
    name: String,
    #[allow(dead_code)]
    official_name: String,
    capital: String,
    leader: String,
    name_order: String,
}

#[derive(Deserialize)]
struct OrganizationRow {
    code: String,
    name: String,
    kind: String,
    seat: String,
    seat_country: String,
}

#[derive(Deserialize)]
struct GroupRow {
    code: String,
    #[allow(dead_code)]
    name: String,
    members: String,
}

#[derive(Deserialize)]
struct GovernmentRow {
    state: String,
    organization: String,
    start: String,
    end: String,
    #[allow(dead_code)]
    source: String,
}

#[derive(Deserialize)]
struct TopicRow {
    code: String,
    label: String,
}

#[derive(Deserialize)]
struct CityRow {
    name: String,
    country: String,
    rank: u8,
    latin: String,
    cyrl: String,
    arab: String,
    hans: String,
    hant: String,
}

#[derive(Deserialize)]
struct SiteRow {
    name: String,
    city: String,
    country: String,
    aliases: String,
}

#[derive(Deserialize)]
struct TermRow {
    party: String,
    office: String,
    name: String,
    start: String,
    end: String,
    source: String,
}

#[derive(Deserialize)]
struct SpellingRow {
    name: String,
    #[serde(default)]
    family: String,
    #[serde(default)]
    aliases: String,
    #[serde(default)]
    script: String,
    #[serde(default)]
    forms: String,
}

/// The rows of a table with their numbers.
fn rows<T: DeserializeOwned>(file: &str, text: &str) -> Result<Vec<(usize, T)>, RegisterError> {
    let mut found = Vec::new();
    for (at, row) in csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .enumerate()
    {
        let row: T = row.map_err(|e| RegisterError {
            file: file.to_owned(),
            row: at + 2,
            reason: e.to_string(),
        })?;
        found.push((at + 2, row));
    }
    Ok(found)
}

fn table<T: DeserializeOwned>(source: &Source, file: &str) -> Result<Vec<(usize, T)>, RegisterError> {
    let text = source.read(file).map_err(|e| RegisterError {
        file: file.to_owned(),
        row: 0,
        reason: e.to_string(),
    })?;
    rows(file, &text)
}

fn list(field: &str) -> impl Iterator<Item = &str> {
    field.split(';').map(str::trim).filter(|f| !f.is_empty())
}

/// All tables but those of people.
pub(super) fn load(source: &Source) -> Result<Register, RegisterError> {
    let mut register = Register {
        parties: Vec::new(),
        by_code: FxHashMap::default(),
        groups: Vec::new(),
        places: Vec::new(),
        place_forms: Vec::new(),
        place_index: FxHashMap::default(),
        governments: Vec::new(),
        topics: Vec::new(),
        people: People::default(),
    };
    parties(source, &mut register)?;
    places(source, &mut register)?;
    let file = "register/governments.csv";
    for (number, row) in table::<GovernmentRow>(source, file)? {
        let fail = |reason: String| RegisterError {
            file: file.to_owned(),
            row: number,
            reason,
        };
        let party = |code: &str| {
            register
                .party(code)
                .ok_or_else(|| fail(format!("no party `{code}`")))
        };
        let government = Government {
            state: party(&row.state)?,
            organization: party(&row.organization)?,
            start: dates::first_day(&row.start)
                .ok_or_else(|| fail(format!("start `{}` is no date", row.start)))?,
            end: if row.end.is_empty() {
                None
            } else {
                dates::end_day(&row.end)
            },
        };
        register.governments.push(government);
    }
    for (_, row) in table::<TopicRow>(source, "register/topics.csv")? {
        register.topics.push(Topic {
            code: row.code,
            label: row.label,
        });
    }
    Ok(register)
}

fn add_party(register: &mut Register, file: &str, row: usize, party: Party) -> Result<(), RegisterError> {
    let fail = |reason: String| RegisterError {
        file: file.to_owned(),
        row,
        reason,
    };
    let id = PartyId(u16::try_from(register.parties.len()).map_err(|e| fail(e.to_string()))?);
    if register.by_code.insert(party.code.clone(), id).is_some() {
        return Err(fail(format!("`{}` stands twice", party.code)));
    }
    register.parties.push(party);
    Ok(())
}

fn parties(source: &Source, register: &mut Register) -> Result<(), RegisterError> {
    let file = "register/states.csv";
    let mut capitals = Vec::new();
    for (row, state) in table::<StateRow>(source, file)? {
        let fail = |reason: String| RegisterError {
            file: file.to_owned(),
            row,
            reason,
        };
        let leader = office(&state.leader).ok_or_else(|| fail(format!("no office `{}`", state.leader)))?;
        let family_first = match state.name_order.as_str() {
            "family-first" => true,
            "given-first" => false,
            other => return Err(fail(format!("name_order `{other}`: family-first or given-first"))),
        };
        capitals.push((state.code.clone(), state.capital, state.code.clone()));
        let party = Party {
            code: state.code,
            name: state.name,
            is_state: true,
            is_movement: false,
            capital: None,
            leader,
            family_first,
        };
        add_party(register, file, row, party)?;
    }
    let file = "register/organizations.csv";
    for (row, org) in table::<OrganizationRow>(source, file)? {
        capitals.push((org.code.clone(), org.seat, org.seat_country));
        let party = Party {
            code: org.code,
            name: org.name,
            is_state: false,
            is_movement: org.kind == "movement",
            capital: None,
            leader: Office::HeadOfOrganization,
            family_first: false,
        };
        add_party(register, file, row, party)?;
    }
    let file = "register/groups.csv";
    for (row, group) in table::<GroupRow>(source, file)? {
        let fail = |reason: String| RegisterError {
            file: file.to_owned(),
            row,
            reason,
        };
        let members = list(&group.members)
            .map(|m| register.party(m).ok_or_else(|| fail(format!("no party `{m}`"))))
            .collect::<Result<_, _>>()?;
        register.groups.push((group.code, members));
    }
    for (code, name, country) in capitals {
        if let Some(&party) = register.by_code.get(&code) {
            let place = add_place(register, &name, &country, 1, None);
            register.parties[party.0 as usize].capital = place;
        }
    }
    Ok(())
}

fn add_place(
    register: &mut Register,
    name: &str,
    country: &str,
    rank: u8,
    city: Option<String>,
) -> Option<PlaceId> {
    if name.is_empty() {
        return None;
    }
    let key = (name.to_owned(), country.to_owned());
    if let Some(&id) = register.place_index.get(&key) {
        return Some(id);
    }
    let id = PlaceId(u32::try_from(register.places.len()).ok()?);
    let country = register.party(country);
    register.places.push(Place {
        name: name.to_owned(),
        country,
        rank,
        city,
    });
    register.place_index.insert(key, id);
    Some(id)
}

fn places(source: &Source, register: &mut Register) -> Result<(), RegisterError> {
    let file = "register/cities.csv";
    for (_, city) in table::<CityRow>(source, file)? {
        let Some(id) = add_place(register, &city.name, &city.country, city.rank, None) else {
            continue;
        };
        let latin = std::iter::once(city.name.as_str())
            .chain(list(&city.latin))
            .map(str::to_owned)
            .collect();
        let han = list(&city.hans)
            .chain(list(&city.hant))
            .map(str::to_owned)
            .collect();
        let forms = [
            (Script::Latn, latin),
            (Script::Cyrl, list(&city.cyrl).map(str::to_owned).collect()),
            (Script::Arab, list(&city.arab).map(str::to_owned).collect()),
            (Script::Hani, han),
        ];
        for (script, forms) in forms {
            register.place_forms.push((id, script, forms));
        }
    }
    let file = "register/sites.csv";
    for (_, site) in table::<SiteRow>(source, file)? {
        let Some(id) = add_place(register, &site.name, &site.country, 2, Some(site.city)) else {
            continue;
        };
        let mut by_script: FxHashMap<Script, Vec<String>> = FxHashMap::default();
        for form in std::iter::once(site.name.as_str()).chain(list(&site.aliases)) {
            by_script
                .entry(script_of(form))
                .or_default()
                .push(form.to_owned());
        }
        let mut forms: Vec<_> = by_script.into_iter().collect();
        forms.sort();
        for (script, forms) in forms {
            register.place_forms.push((id, script, forms));
        }
    }
    Ok(())
}

fn script_of(text: &str) -> Script {
    crate::text::tokenize(text, &crate::text::TokenRules::default())
        .first()
        .map_or(Script::Latn, |t| t.script)
}

/// The tables of people, the overlays on top.
pub(super) fn people(
    source: &Source,
    overlays: &[PathBuf],
    register: &Register,
) -> Result<People, RegisterError> {
    let mut found = People::default();
    let listing = |folder: &str| {
        source.files(folder).map_err(|e| RegisterError {
            file: folder.to_owned(),
            row: 0,
            reason: e.to_string(),
        })
    };
    let mut terms: Vec<(String, usize, TermRow)> = Vec::new();
    for file in listing("register/terms")? {
        terms.extend(
            table(source, &file)?
                .into_iter()
                .map(|(row, term)| (file.clone(), row, term)),
        );
    }
    for overlay in overlays {
        let file = overlay.display().to_string();
        let text = fs::read_to_string(overlay).map_err(|e| RegisterError {
            file: file.clone(),
            row: 0,
            reason: e.to_string(),
        })?;
        let added: Vec<(usize, TermRow)> = rows(&file, &text)?;
        terms.retain(|(_, _, old)| {
            !added
                .iter()
                .any(|(_, new)| new.party == old.party && new.office == old.office && new.name == old.name)
        });
        terms.extend(added.into_iter().map(|(row, term)| (file.clone(), row, term)));
    }
    let mut by_name: FxHashMap<String, PersonId> = FxHashMap::default();
    for (file, row, term) in terms {
        let fail = |reason: String| RegisterError {
            file: file.clone(),
            row,
            reason,
        };
        let party = register
            .party(&term.party)
            .ok_or_else(|| fail(format!("no party `{}`", term.party)))?;
        let office = office(&term.office).ok_or_else(|| fail(format!("no office `{}`", term.office)))?;
        let start = dates::first_day(&term.start)
            .ok_or_else(|| fail(format!("start `{}` is no date", term.start)))?;
        let end = match term.end.as_str() {
            "" => None,
            end => Some(dates::end_day(end).ok_or_else(|| fail(format!("end `{end}` is no date")))?),
        };
        if end.is_some_and(|end| end < start) {
            return Err(fail(format!("{} ends before it starts", term.name)));
        }
        let id = match by_name.get(&term.name) {
            Some(&id) => id,
            None => {
                let id = PersonId(u32::try_from(found.people.len()).map_err(|e| fail(e.to_string()))?);
                by_name.insert(term.name.clone(), id);
                found.people.push(Person {
                    name: term.name,
                    family: String::new(),
                    terms: Vec::new(),
                });
                id
            }
        };
        found.people[id.0 as usize].terms.push(Term {
            party,
            office,
            start,
            end,
            source: term.source,
        });
    }
    let mut names = NameIndex::default();
    let mut spellings: Vec<(PersonId, SpellingRow)> = Vec::new();
    for file in listing("register/people")? {
        for (_, row) in table::<SpellingRow>(source, &file)? {
            // A spelling of somebody without a term serves nobody yet; `check --data` lists such rows.
            if let Some(&id) = by_name.get(&row.name) {
                spellings.push((id, row));
            }
        }
    }
    for (person, row) in &spellings {
        if !row.family.is_empty() {
            found.people[person.0 as usize].family.clone_from(&row.family);
        }
    }
    for (at, person) in found.people.iter_mut().enumerate() {
        person.terms.sort_by_key(|t| t.start);
        if let Some(bare) = person.name.rfind(" (").filter(|_| person.name.ends_with(')')) {
            person.name.truncate(bare);
        }
        if person.family.is_empty() {
            let family_first = person
                .terms
                .first()
                .is_some_and(|t| register.parties[t.party.0 as usize].family_first);
            let mut words = person.name.split_whitespace();
            let family = if family_first {
                words.next()
            } else {
                words.next_back()
            };
            person.family = family.unwrap_or_default().to_owned();
        }
        let id = PersonId(u32::try_from(at).unwrap_or(u32::MAX));
        let (full, partial) = derived(&person.name, &person.family);
        for form in full {
            names.add(id, &form, false);
        }
        for form in partial {
            names.add(id, &form, true);
        }
    }
    for (id, row) in &spellings {
        let family_words = found.people[id.0 as usize].family.split_whitespace().count();
        for alias in list(&row.aliases).chain(list(&row.forms)) {
            let partial = row.script.is_empty()
                && alias.split_whitespace().count() <= family_words.max(1)
                && !alias.contains('-')
                || !row.script.is_empty()
                    && row.script != "Hans"
                    && row.script != "Hant"
                    && !alias.contains(' ');
            names.add(*id, alias, partial);
            if !row.script.is_empty() {
                found.spellings.push((*id, script_of(alias), alias.into()));
            }
            if row.script.is_empty() && !partial {
                let words: Vec<&str> = alias.split_whitespace().collect();
                let family = if alias.contains(&found.people[id.0 as usize].family) {
                    found.people[id.0 as usize].family.clone()
                } else {
                    words.last().copied().unwrap_or_default().to_owned()
                };
                let (full, part) = derived(alias, &family);
                for form in full {
                    names.add(*id, &form, false);
                }
                if family.chars().count() > 3 {
                    for form in part {
                        names.add(*id, &form, true);
                    }
                }
            }
        }
    }
    for (at, person) in found.people.iter().enumerate() {
        let id = PersonId(u32::try_from(at).unwrap_or(u32::MAX));
        for (term_at, term) in person.terms.iter().enumerate() {
            found
                .terms_by_post
                .entry((term.party, term.office))
                .or_default()
                .push((id, term_at));
        }
    }
    for posts in found.terms_by_post.values_mut() {
        posts.sort_by_key(|(p, t)| (found.people[p.0 as usize].terms[*t].start, *p));
    }
    found.names = names.trie.freeze();
    found.forms = names.forms;
    found.interner = names.interner;
    Ok(found)
}
