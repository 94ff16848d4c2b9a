//! Names of people: known spellings from the register, and unknown ones by their shape and place.
//!
//! In cased scripts a name is a run of capitalised words (with initials, hyphens and particles inside) that no
//! lexicon claims; in the others it is what stands between an office or honorific and the next known word.

use rustc_hash::{FxHashMap, FxHashSet};

use super::document::{AtomKind, Document, Stretch, covering, ending, starting};
use crate::{
    register::{NameId, PersonId},
    text::{Kind, Script, fold},
};

/// Longest unknown name in a script without capitals, in tokens.
const UNCASED_WORDS: usize = 4;
/// Longest unknown name in Han characters that is not a transliteration.
const HAN_CHARACTERS: usize = 8;
/// Longest transliteration in Han characters.
const HAN_TRANSLITERATION: usize = 16;

/// A name in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// The spelling in the register, where it is one.
    pub known: Option<NameId>,
}

impl Stretch for Name {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

/// All names of the document, by their place.
pub fn find(document: &Document<'_>) -> Vec<Name> {
    let blocked = blocked(document);
    let mut names = known(document, &blocked);
    if document.pack.names.cased {
        add_runs(document, &blocked, &mut names);
    } else {
        add_uncased(document, &mut names);
    }
    names.sort_by_key(|n| (n.start, std::cmp::Reverse(n.end)));
    let mut end = 0;
    names.retain(|n| {
        let keep = n.start >= end;
        if keep {
            end = n.end;
        }
        keep
    });
    names
}

/// Tokens that a lexicon claims for something else.
fn blocked(document: &Document<'_>) -> Vec<bool> {
    let mut blocked = document.not_names.clone();
    let ranges = document
        .atoms
        .iter()
        .map(|a| (a.start, a.end))
        .chain(document.triggers.iter().map(|t| (t.start, t.end)))
        .chain(document.times.iter().map(|t| (t.start, t.end)))
        .chain(document.months.iter().map(|t| (t.start, t.end)))
        .chain(document.weekdays.iter().map(|t| (t.start, t.end)))
        .chain(document.channels.iter().map(|t| (t.start, t.end)));
    for (start, end) in ranges {
        blocked[start..end].fill(true);
    }
    for at in 0..document.tokens.len() {
        if !document.words(at).is_empty() {
            blocked[at..document.word_end(at)].fill(true);
        }
    }
    blocked
}

fn known(document: &Document<'_>, blocked: &[bool]) -> Vec<Name> {
    let mut found = Vec::new();
    let whole = told_whole(document);
    for hit in &document.names {
        let partial = document.register().name_form(hit.value).partial;
        // A city or a word of the language that is somebody's surname too stays what it is.
        let claimed = covering(&document.atoms, hit.start).is_some_and(|a| {
            let wider = a.start <= hit.start && hit.end <= a.end && a.end - a.start > hit.end - hit.start;
            let same = a.start == hit.start && a.end == hit.end;
            let person = hit.end - hit.start > 1
                || whole_elsewhere(document, &whole, hit.value)
                || titled(document, hit.start);
            wider || same && !(matches!(a.kind, AtomKind::Place(_)) && person && document.pack.names.cased)
        });
        let alone = partial && hit.end - hit.start == 1;
        if claimed
            || alone
                && blocked[hit.start]
                && !(document.tokens[hit.start].capital
                    && whole_elsewhere(document, &whole, hit.value)
                    && !document.not_names[hit.start])
        {
            continue;
        }
        found.push(Name {
            start: hit.start,
            end: hit.end,
            known: Some(hit.value),
        });
    }
    found
}

/// Whether an office or honorific stands right before the token.
fn titled(document: &Document<'_>, at: usize) -> bool {
    ending(&document.atoms, at).is_some_and(|a| matches!(a.kind, AtomKind::Office(..) | AtomKind::Honorific))
}

/// Whether somebody of that name is told by the whole name somewhere in the document.
fn whole_elsewhere(document: &Document<'_>, whole: &FxHashSet<PersonId>, name: NameId) -> bool {
    document
        .register()
        .name_form(name)
        .people
        .iter()
        .any(|person| whole.contains(person))
}

/// Those who are told by the whole name somewhere in the document.
fn told_whole(document: &Document<'_>) -> FxHashSet<PersonId> {
    let forms = document
        .names
        .iter()
        .map(|hit| document.register().name_form(hit.value));
    forms
        .filter(|form| !form.partial)
        .flat_map(|form| form.people.iter().copied())
        .collect()
}

fn add_runs(document: &Document<'_>, blocked: &[bool], names: &mut Vec<Name>) {
    let mut at = 0;
    let by_start: FxHashMap<usize, Name> = names.iter().map(|n| (n.start, n.clone())).collect();
    let mut runs = Vec::new();
    while at < document.tokens.len() {
        if !opens(document, blocked, at) && !by_start.contains_key(&at) {
            at += 1;
            continue;
        }
        let end = run_end(document, blocked, at);
        match by_start.get(&at) {
            // A known full name ends where the register says.
            Some(name) if end <= name.end || !is_partial(document, name) => {
                at = name.end;
                continue;
            }
            _ => {}
        }
        // "Boris Johnson" inside "Premierminister Boris Johnson": the run stops before a known full name.
        let cut = (at + 1..end)
            .find(|i| {
                by_start
                    .get(i)
                    .is_some_and(|n| !is_partial(document, n) && n.end - n.start > 1)
            })
            .unwrap_or(end);
        // "Macron-Scholz" is two people where the register knows both.
        if let Some(dash) = (at + 1..cut).find(|i| document.is(*i, &["-", "‑"]))
            && by_start.get(&at).is_some_and(|n| n.end == dash)
            && by_start.contains_key(&(dash + 1))
        {
            at = dash + 1;
            continue;
        }
        let words = (at..cut)
            .filter(|i| document.tokens[*i].kind == Kind::Word)
            .count();
        if words <= document.pack.names.max_words {
            runs.push(Name {
                start: at,
                end: cut,
                known: None,
            });
        }
        at = cut.max(at + 1);
    }
    // A run that is no more than a known partial name keeps the register's reading.
    names.retain(|n| covering(&runs, n.start).is_none_or(|r| n.end > r.end));
    let looked_up = runs.into_iter().map(|mut run| {
        // "E. Macron": behind initials the family name tells who it is.
        let mut family = run.start;
        while document.is(family + 1, &["."]) && is_initial(document, family) && family + 2 < run.end {
            family += 2;
        }
        run.known = by_start
            .get(&family)
            .filter(|n| n.end == run.end)
            .and_then(|n| n.known);
        run
    });
    names.extend(looked_up);
}

fn is_partial(document: &Document<'_>, name: &Name) -> bool {
    name.known
        .is_none_or(|id| document.register().name_form(id).partial)
}

/// Whether an unknown name may begin here.
fn opens(document: &Document<'_>, blocked: &[bool], at: usize) -> bool {
    let token = &document.tokens[at];
    if token.kind != Kind::Word || !token.capital || blocked[at] || token.script != document.pack.script {
        return false;
    }
    // A single letter opens a name only as an initial.
    let initial = document.word(at).chars().count() == 1;
    if initial && !document.is(at + 1, &["."]) {
        return false;
    }
    true
}

fn run_end(document: &Document<'_>, blocked: &[bool], start: usize) -> usize {
    let (_, limit) = document.sentence(start);
    let mut end = start + 1;
    loop {
        if document.is(end, &["."]) && end < limit && is_initial(document, end - 1) {
            end += 1;
            continue;
        }
        if end >= limit {
            return end;
        }
        let token = &document.tokens[end];
        let takes = |at: usize| {
            at < limit
                && document.tokens[at].kind == Kind::Word
                && document.tokens[at].capital
                && !blocked[at]
                && document.tokens[at].script == document.pack.script
        };
        if takes(end) && token.spaced {
            end += 1;
        } else if document.is(end, &["-", "‑"]) && !token.spaced && joined(document, end + 1, limit) {
            end += 2;
        } else if document.particles[end] && token.kind == Kind::Word && !token.capital {
            let mut after = end + 1;
            while after < limit && document.particles[after] && !document.tokens[after].capital {
                after += 1;
            }
            if document.is(after, &["-"]) {
                after += 1;
            }
            if takes(after)
                || after < limit
                    && document.tokens[after].capital
                    && document.pack.script == document.tokens[after].script
                    && !is_claimed(document, after)
            {
                end = after + 1;
            } else {
                return end;
            }
        } else {
            return end;
        }
    }
}

fn is_claimed(document: &Document<'_>, at: usize) -> bool {
    covering(&document.atoms, at).is_some()
}

fn joined(document: &Document<'_>, at: usize, limit: usize) -> bool {
    at < limit
        && document.tokens[at].kind == Kind::Word
        && !document.tokens[at].spaced
        && (document.tokens[at].capital
            || document.tokens[at - 2].capital && document.word(at).chars().count() <= 6)
        && !is_claimed(document, at)
}

fn is_initial(document: &Document<'_>, at: usize) -> bool {
    let word = document.word(at);
    document.tokens[at].kind == Kind::Word
        && document.tokens[at].capital
        && word.chars().count() <= 2
        && fold(word).chars().count() <= 2
}

/// Unknown names behind an office or honorific, in scripts without capitals.
fn add_uncased(document: &Document<'_>, names: &mut Vec<Name>) {
    let mut claimed: Vec<bool> = vec![false; document.tokens.len()];
    for name in names.iter() {
        claimed[name.start..name.end].fill(true);
    }
    let blocked = blocked(document);
    let mut found = Vec::new();
    for atom in &document.atoms {
        if !matches!(atom.kind, AtomKind::Office(_, false) | AtomKind::Honorific) {
            continue;
        }
        // The name follows at once, or after the nationality.
        let mut start = atom.end;
        while let Some(next) = starting(&document.atoms, start, start + 1).first() {
            if !matches!(
                next.kind,
                AtomKind::State(..) | AtomKind::Organization(_) | AtomKind::Honorific
            ) {
                break;
            }
            start = next.end;
        }
        let (_, limit) = document.sentence(atom.start);
        let han = document.pack.script == Script::Hani;
        let mut end = start;
        let mut dotted = false;
        while end < limit {
            let token = &document.tokens[end];
            let dot = document.is(end, &["·", "・", "‧", "•", "．"]);
            let longest = match (han, dotted) {
                (false, _) => UNCASED_WORDS,
                (true, false) => HAN_CHARACTERS,
                (true, true) => HAN_TRANSLITERATION,
            };
            if claimed[end]
                || !dot
                    && (token.kind != Kind::Word
                        || blocked[end] && !dotted
                        || token.script != document.pack.script)
            {
                break;
            }
            if end - start >= longest
                && !dot
                && !(han && (end..limit.min(start + 8)).any(|i| document.is(i, &["·", "・", "‧"])))
            {
                break;
            }
            dotted |= dot;
            end += 1;
        }
        let least = if han { 2 } else { 1 };
        if end - start >= least && !(end < limit && claimed[end] && han) {
            found.push(Name {
                start,
                end,
                known: None,
            });
        }
    }
    names.extend(found);
}
