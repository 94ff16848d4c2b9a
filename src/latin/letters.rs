//! Letter by letter, by a table whose longest entry wins.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::text::normalize;

/// Stands for a consonant that Latin letters leave out: it keeps the vowels around it apart.
const SILENT: &str = "'";

/// The letters of a script and how they are written in Latin ones.
#[derive(Debug, Default)]
pub struct Letters {
    table: FxHashMap<Box<[char]>, Box<str>>,
    longest: usize,
    /// Read between consonants; empty where vowels are written.
    unwritten: String,
}

impl Letters {
    pub fn new(table: &BTreeMap<String, String>, unwritten: &str) -> Self {
        let table: FxHashMap<Box<[char]>, Box<str>> = table
            .iter()
            .map(|(from, to)| (from.chars().collect(), to.as_str().into()))
            .collect();
        Self {
            longest: table.keys().map(|from| from.len()).max().unwrap_or(0),
            table,
            unwritten: unwritten.to_owned(),
        }
    }

    /// A word in Latin letters, in lower case.
    pub fn write(&self, word: &str) -> String {
        let mut chars = vec!['^'];
        chars.extend(normalize(word).chars());
        chars.push('$');
        let mut units: Vec<String> = Vec::with_capacity(chars.len());
        let mut at = 0;
        while at < chars.len() {
            let found = (1..=self.longest.min(chars.len() - at))
                .rev()
                .find_map(|len| self.table.get(&chars[at..at + len]).map(|to| (len, to)));
            if let Some((len, to)) = found {
                units.push(to.to_string());
                at += len;
                continue;
            }
            units.push(match chars[at] {
                c if c.is_ascii_lowercase() || matches!(c, '-' | '.') => c.to_string(),
                // A letter of another language or script.
                c if c.is_alphabetic() => plain(c),
                _ => String::new(),
            });
            at += 1;
        }
        units.retain(|unit| !unit.is_empty());
        if !self.unwritten.is_empty() {
            units = self.vocalize(units);
        }
        let out = units.concat().replace(SILENT, "");
        // A consonant left out carries a vowel at the least.
        if out.is_empty() && !units.is_empty() {
            "a".to_owned()
        } else {
            out
        }
    }

    /// Puts vowels where three consonants meet, or two at an end of the word.
    fn vocalize(&self, units: Vec<String>) -> Vec<String> {
        let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
        let mut out: Vec<String> = Vec::with_capacity(units.len() * 2);
        // Consonants since the last vowel, and whether the word has one yet.
        let (mut run, mut begun) = (0, false);
        for unit in units {
            if unit.ends_with('-') {
                (run, begun) = (0, false);
                out.push(unit);
                continue;
            }
            if !unit.starts_with(vowel) {
                let least = if begun { 2 } else { 1 };
                if run == least {
                    out.push(self.unwritten.clone());
                    (run, begun) = (0, true);
                }
                run += 1;
            }
            if unit.ends_with(vowel) {
                (run, begun) = (0, true);
            }
            out.push(unit);
        }
        if run > 1 {
            out.insert(out.len() - 1, self.unwritten.clone());
        }
        out
    }
}

/// A letter that the table does not have, as a general library writes it.
fn plain(c: char) -> String {
    let latin = deunicode::deunicode_char(c).unwrap_or_default();
    latin
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(table: &[(&str, &str)], unwritten: &str) -> Letters {
        let table = table
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
            .collect();
        Letters::new(&table, unwritten)
    }

    #[test]
    fn the_longest_entry_wins_and_the_ends_of_a_word_count() {
        let letters = letters(
            &[
                ("е", "e"),
                ("^е", "ye"),
                ("в", "v"),
                ("ий$", "y"),
                ("и", "i"),
                ("й", "i"),
                ("л", "l"),
            ],
            "",
        );
        assert_eq!(letters.write("Евлий"), "yevly");
        assert_eq!(letters.write("лийе"), "liie");
    }

    #[test]
    fn consonants_get_the_vowels_that_nobody_writes() {
        let letters = letters(
            &[
                ("م", "m"),
                ("ق", "q"),
                ("د", "d"),
                ("ا", "a"),
                ("س", "s"),
                ("ع", "'"),
                ("^ال", "al-"),
            ],
            "a",
        );
        assert_eq!(letters.write("المقداد"), "al-maqdad");
        assert_eq!(letters.write("سعد"), "saad");
    }

    #[test]
    fn a_letter_that_no_table_has_is_a_latin_one_all_the_same() {
        assert_eq!(letters(&[], "").write("Ж"), "zh");
    }
}
