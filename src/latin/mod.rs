//! Names of people in Latin letters, where the register does not know whose they are.
//!
//! A pack of another script says in its `names.toml` how its language writes names, and this module applies it:
//!
//! ```text
//! words of the name ─► without the father's name, in the plain case ─► each the first that is known of
//!     as its party's people spell it (register, names.toml) ─ as names.toml spells it ─
//!     as the register's people spell it ─ letter by letter, or syllable by syllable
//! ```
//!
//! The outcome is what a reader of English would expect or can at least pronounce: nothing but Latin letters, the
//! same for the same name on every run. What was written stays in the participant's `mention`.

mod format;
mod letters;
mod parts;

use std::collections::BTreeMap;

use pinyin::ToPinyin;
use rustc_hash::{FxHashMap, FxHashSet};
use strsim::jaro_winkler;

use crate::{
    register::{PartyId, Person, Register},
    text::{fold, normalize},
};
use format::Declension;
pub use format::NamesFile;
use letters::Letters;
use parts::{Counts, Parts};

/// Two spellings that sound less alike are not of one word.
const ALIKE: f64 = 0.7;
/// Most words of a name that are looked up together.
const TOGETHER: usize = 3;
/// Letters that a case ending leaves of a word.
const STEM: usize = 2;

/// How one language's names are written in Latin letters.
#[derive(Debug, Default)]
pub struct Latin {
    cased: bool,
    letters: Letters,
    home: FxHashSet<PartyId>,
    foreign: Letters,
    syllables: bool,
    separators: Vec<char>,
    families: FxHashSet<String>,
    readings: BTreeMap<char, String>,
    family_readings: BTreeMap<String, String>,
    words: FxHashMap<String, String>,
    by_party: FxHashMap<(PartyId, String), String>,
    openings: Vec<(String, String)>,
    patronymics: Vec<String>,
    declensions: Vec<Declension>,
    alone: Vec<(String, String)>,
    parts: Parts,
}

impl Latin {
    /// Compiles the file of a language; `cased` where its script has capitals.
    ///
    /// # Errors
    /// A reason, where a table is of a party that the register does not have.
    pub fn new(file: NamesFile, cased: bool, register: &Register) -> Result<Self, String> {
        let mut by_party = FxHashMap::default();
        for (code, words) in &file.parties {
            let party = register
                .party(code)
                .ok_or_else(|| format!("names of `{code}`, which the register does not have"))?;
            by_party.extend(words.iter().map(|(word, to)| ((party, fold(word)), to.clone())));
        }
        let home = file
            .home
            .iter()
            .map(|code| register.party(code).ok_or_else(|| format!("no party `{code}`")))
            .collect::<Result<_, _>>()?;
        let mut foreign = file.letters.clone();
        foreign.extend(file.foreign);
        let mut openings: Vec<(String, String)> = file
            .openings
            .iter()
            .map(|(from, to)| (fold(from), to.clone()))
            .collect();
        openings.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        Ok(Self {
            cased,
            letters: Letters::new(&file.letters, &file.unwritten),
            home,
            foreign: Letters::new(&foreign, ""),
            syllables: file.syllables,
            separators: file.separators.chars().collect(),
            families: file.families.into_iter().collect(),
            readings: file.readings,
            family_readings: file.family_readings,
            words: file
                .words
                .iter()
                .map(|(word, to)| (fold(word), to.clone()))
                .collect(),
            by_party,
            openings,
            patronymics: file.patronymics.iter().map(|ending| fold(ending)).collect(),
            declensions: file.declension,
            alone: file.alone,
            parts: Parts::default(),
        })
    }

    /// Learns how the people of the register are spelled, each with a spelling in this script.
    pub fn learn<'p>(&mut self, people: impl Iterator<Item = (&'p Person, &'p str)>) {
        let mut counts = Counts::default();
        for (person, spelling) in people {
            let party = person.terms.first().map(|term| term.party);
            let words: Vec<&str> = self.split(spelling);
            let name: Vec<&str> = person.name.split(' ').collect();
            let family: Vec<&str> = person.family.split(' ').collect();
            let name = if words.len() == 1 { family } else { name };
            if words.len() != name.len() || self.syllables && words.len() == 1 {
                continue;
            }
            for (word, latin) in words.into_iter().zip(name) {
                let alike = self.syllables
                    || jaro_winkler(&self.letters(party).write(word), &fold(latin).replace('\'', ""))
                        >= ALIKE;
                if alike && latin.chars().count() > 1 && !latin.contains('.') {
                    counts.add(party, &fold(word), latin);
                }
            }
        }
        self.parts = counts.finish();
    }

    /// Whether a word is the name after the father.
    #[must_use]
    pub fn is_patronymic(&self, word: &str) -> bool {
        if self.patronymics.is_empty() {
            return false;
        }
        let word = fold(word);
        let fits = |ending: &String| {
            word.strip_suffix(ending.as_str())
                .is_some_and(|stem| stem.chars().count() >= STEM)
        };
        self.patronymics.iter().any(fits)
    }

    /// The name in Latin letters. `party` is whom the person represents, `family_first` the order of names there,
    /// where known.
    #[must_use]
    pub fn name(&self, written: &str, party: Option<PartyId>, family_first: Option<bool>) -> String {
        let latin = if self.syllables {
            self.read(written, party, family_first)
        } else {
            self.spell(written, party)
        };
        if latin.chars().any(char::is_alphabetic) {
            latin
        } else {
            written.to_owned()
        }
    }

    fn split<'n>(&self, name: &'n str) -> Vec<&'n str> {
        name.split(|c: char| c.is_whitespace() || self.separators.contains(&c))
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// The usual form of a folded word or of several.
    fn known(&self, word: &str, party: Option<PartyId>) -> Option<&str> {
        let key = party.map(|party| (party, word.to_owned()));
        let own = key
            .as_ref()
            .and_then(|key| self.by_party.get(key).or_else(|| self.parts.by_party.get(key)));
        own.or_else(|| self.words.get(word))
            .or_else(|| self.parts.all.get(word))
            .map(String::as_str)
    }

    /// Whether the word is known as a name in the party, or from the language's own list.
    fn is_sure(&self, word: &str, party: Option<PartyId>) -> bool {
        let word = fold(word);
        let key = party.map(|party| (party, word.clone()));
        self.words.contains_key(&word)
            || key
                .is_some_and(|key| self.by_party.contains_key(&key) || self.parts.by_party.contains_key(&key))
    }

    fn spell(&self, written: &str, party: Option<PartyId>) -> String {
        let words = self.nominative(&self.usual(self.split(written)), party);
        let mut out: Vec<String> = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            let together = (2..=TOGETHER.min(words.len() - at)).rev().find_map(|len| {
                let key = fold(&words[at..at + len].join(" "));
                self.known(&key, party).map(|latin| (len, latin.to_owned()))
            });
            let alone = || {
                self.known(&fold(&words[at]), party)
                    .map(|latin| (1, latin.to_owned()))
            };
            let (len, latin) = together
                .or_else(|| self.opened(&words[at..], 2, party))
                .or_else(alone)
                .or_else(|| self.opened(&words[at..], 1, party))
                .unwrap_or_else(|| (1, self.word(&words[at], party)));
            out.push(latin);
            at += len;
        }
        out.retain(|word| !word.is_empty());
        out.join(" ")
    }

    /// So many words with an opening of as many.
    fn opened(&self, words: &[String], len: usize, party: Option<PartyId>) -> Option<(usize, String)> {
        let joined = fold(&words.get(..len)?.join(" "));
        let (opening, latin) = self.openings.iter().find(|(opening, _)| {
            let rest = joined.strip_prefix(opening.as_str());
            opening.matches(' ').count() + 1 == len && rest.is_some_and(|rest| rest.chars().count() >= STEM)
        })?;
        let last = &words[len - 1];
        // Folding a letter gives a letter.
        let skip = opening.rsplit(' ').next().unwrap_or_default().chars().count();
        let rest: String = last.chars().skip(skip).collect();
        let rest = self.word(&rest, party);
        Some((
            len,
            if latin.ends_with(' ') {
                format!("{latin}{rest}")
            } else {
                format!("{latin}{}", rest.to_lowercase())
            },
        ))
    }

    /// How the people of a party are spelled; whose party is not known is at home.
    fn letters(&self, party: Option<PartyId>) -> &Letters {
        match party {
            Some(party) if !self.home.is_empty() && !self.home.contains(&party) => &self.foreign,
            _ => &self.letters,
        }
    }

    /// One word, the parts of a double name each by itself.
    fn word(&self, word: &str, party: Option<PartyId>) -> String {
        if let Some(latin) = self.known(&fold(word), party) {
            return latin.to_owned();
        }
        let parts = word.split('-').filter(|part| !part.is_empty());
        let parts = parts.map(|part| match self.known(&fold(part), party) {
            Some(latin) => latin.to_owned(),
            None => {
                let capital = !self.cased || part.chars().next().is_some_and(char::is_uppercase);
                let latin = self.letters(party).write(part);
                if capital { capitalized(&latin) } else { latin }
            }
        });
        parts.collect::<Vec<_>>().join("-")
    }

    /// Without the father's name, the given name first.
    fn usual<'n>(&self, mut words: Vec<&'n str>) -> Vec<&'n str> {
        if words.len() == 3 && self.is_patronymic(words[2]) && !self.is_patronymic(words[1]) {
            return vec![words[1], words[0]];
        }
        if words.len() > 2 && self.is_patronymic(words[1]) {
            words.remove(1);
        }
        words
    }

    /// The words in the plain case, as far as the first of them tells which one they are in.
    fn nominative(&self, words: &[&str], party: Option<PartyId>) -> Vec<String> {
        let plain = || words.iter().map(|word| (*word).to_owned()).collect();
        let is_known = |word: &str| self.known(&fold(word), party).is_some();
        let Some((first, rest)) = words.split_first() else {
            return Vec::new();
        };
        if self.is_sure(first, party) || is_known(first) && rest.is_empty() {
            return plain();
        }
        if rest.is_empty() {
            return vec![
                replaced(first, &self.alone)
                    .next()
                    .unwrap_or_else(|| (*first).to_owned()),
            ];
        }
        let found = self.declensions.iter().find_map(|case| {
            // "Александру" is a Romanian by himself, and a Russian in the dative beside a surname in the dative.
            let fits = |base: &String| self.is_sure(base, party) || is_known(base) && !is_known(first);
            let declined = !is_known(first)
                || rest
                    .iter()
                    .any(|word| replaced(word, &case.rest).next().is_some());
            replaced(first, &case.first)
                .find(|base| declined && fits(base))
                .map(|base| (base, case))
        });
        let Some((base, case)) = found else {
            return plain();
        };
        let rest = rest.iter().map(|word| {
            replaced(word, &case.rest)
                .find(|base| is_known(base))
                .or_else(|| is_known(word).then(|| (*word).to_owned()))
                .or_else(|| replaced(word, &case.rest).next())
                .unwrap_or_else(|| (*word).to_owned())
        });
        std::iter::once(base).chain(rest).collect()
    }

    fn read(&self, written: &str, party: Option<PartyId>, family_first: Option<bool>) -> String {
        let parts = self.split(written);
        if let [name] = parts[..] {
            if let Some(latin) = self.known(&fold(name), party) {
                return latin.to_owned();
            }
            if family_first != Some(false)
                && let Some((family, given)) = self.family(name)
            {
                let family = self
                    .family_readings
                    .get(family)
                    .cloned()
                    .unwrap_or_else(|| self.syllables(family));
                return format!("{} {}", capitalized(&family), capitalized(&self.syllables(given)));
            }
        }
        let parts = parts
            .into_iter()
            .map(|part| match self.known(&fold(part), party) {
                Some(latin) => latin.to_owned(),
                None => capitalized(&self.syllables(part)),
            });
        parts.collect::<Vec<_>>().join(" ")
    }

    /// Characters read in Hanyu Pinyin as one word, an apostrophe before a syllable that begins with a vowel.
    fn syllables(&self, characters: &str) -> String {
        let mut out = String::new();
        for c in normalize(characters).chars() {
            let syllable = match (self.readings.get(&c), c.to_pinyin()) {
                (Some(reading), _) => reading.clone(),
                (None, Some(pinyin)) => pinyin.plain().to_owned(),
                (None, None) => self.letters.write(&c.to_string()),
            };
            if !out.is_empty() && syllable.starts_with(['a', 'e', 'o']) {
                out.push('\'');
            }
            out.push_str(&syllable);
        }
        out
    }

    /// Family and given name, where the name begins with a family name and has the right length.
    fn family<'n>(&self, name: &'n str) -> Option<(&'n str, &'n str)> {
        let count = name.chars().count();
        [2, 1].into_iter().find_map(|len| {
            let (at, _) = name.char_indices().nth(len)?;
            let (family, given) = name.split_at(at);
            (self.families.contains(family) && count <= len + 2).then_some((family, given))
        })
    }
}

/// The word with its ending replaced, by every rule that fits.
fn replaced<'r>(word: &'r str, rules: &'r [(String, String)]) -> impl Iterator<Item = String> + 'r {
    rules.iter().filter_map(move |(ending, put)| {
        let stem = word.strip_suffix(ending.as_str())?;
        (stem.chars().count() >= STEM).then(|| format!("{stem}{put}"))
    })
}

/// A capital at the beginning, behind an article that stands before a hyphen.
fn capitalized(word: &str) -> String {
    let (article, word) = match word.rfind('-') {
        Some(at) => word.split_at(at + 1),
        None => ("", word),
    };
    let mut chars = word.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    article.chars().chain(first).chain(chars).collect()
}

#[cfg(test)]
mod tests;
