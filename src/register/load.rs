//! Reads and checks the tables.

use std::path::PathBuf;

use rustc_hash::FxHashMap;

use super::{
    Government, Party, PartyId, People, Person, PersonId, Place, PlaceId, Register, Term, Topic, dates,
    names::{NameIndex, derived},
    overlay::{self, Located},
    rows::{
        CityRow, GovernmentRow, GroupRow, OrganizationRow, SiteRow, SpellingRow, StateRow, TermRow, TopicRow,
        list, table,
    },
};
use crate::{data::Source, event::Office, lexicon::office, text::Script};

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {reason}", row_of(*row))]
pub struct RegisterError {
    /// The file, below `data/`, or the overlay's path.
    pub file: String,
    /// Row number, the header being 1; 0 where the file as a whole is at fault.
    pub row: usize,
    /// What is wrong.
    pub reason: String,
}

fn row_of(row: usize) -> String {
    if row == 0 {
        String::new()
    } else {
        format!(", row {row}")
    }
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

/// The scripts that a text's words are written in.
pub(super) fn scripts_of(text: &str) -> Vec<Script> {
    crate::text::tokenize(text, &crate::text::TokenRules::default())
        .iter()
        .filter(|token| token.kind == crate::text::Kind::Word)
        .map(|token| token.script)
        .collect()
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
    let mut terms: Vec<Located<TermRow>> = Vec::new();
    for file in listing("register/terms")? {
        terms.extend(
            table(source, &file)?
                .into_iter()
                .map(|(row, term)| (file.clone(), row, term)),
        );
    }
    let mut own_spellings = Vec::new();
    for overlay in overlays {
        let added = overlay::read(overlay)?;
        overlay::lay(&mut terms, added.terms);
        own_spellings.extend(added.spellings);
    }
    let mut by_name: FxHashMap<String, PersonId> = FxHashMap::default();
    for (file, row, term) in terms {
        let fail = |reason: String| RegisterError {
            file: file.clone(),
            row,
            reason,
        };
        let (party, office) = (register.party(&term.party), office(&term.office));
        let (party, office) = match (party, office) {
            (Some(party), Some(office)) if !term.name.trim().is_empty() => (party, office),
            _ => return Err(fail(overlay::refusal(&term, party.is_some(), office.is_some()))),
        };
        let (start, end) = overlay::term_days(&term).map_err(fail)?;
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
    for (file, row, spelling) in own_spellings {
        let id = by_name.get(&spelling.name).ok_or_else(|| RegisterError {
            file,
            row,
            reason: format!(
                "nobody is called `{}`: spell the name as in register/terms or in an overlay of terms",
                spelling.name
            ),
        })?;
        spellings.push((*id, spelling));
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
