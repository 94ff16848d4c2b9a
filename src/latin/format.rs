//! What `names.toml` of a language pack looks like; unknown keys refused.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How names of people are written in Latin letters.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NamesFile {
    /// Letters, alone or in company, and what they become; `^` and `$` are the ends of a word. The longest wins.
    pub letters: BTreeMap<String, String>,
    /// The vowel that is read between consonants where the script writes none.
    pub unwritten: String,
    /// Parties whose people's names are at home in the script; empty where that makes no difference.
    pub home: Vec<String>,
    /// Letters that are read otherwise in names from elsewhere, where every vowel is written.
    pub foreign: BTreeMap<String, String>,
    /// Every character is a syllable, read in Hanyu Pinyin.
    pub syllables: bool,
    /// What stands between the parts of a name beside white space.
    pub separators: String,
    /// Family names that stand first, where every character is a syllable.
    pub families: Vec<String>,
    /// Characters that names read otherwise than a dictionary does first.
    pub readings: BTreeMap<char, String>,
    /// Characters that are read otherwise as a family name.
    pub family_readings: BTreeMap<String, String>,
    /// Names and parts of names in their usual Latin form.
    pub words: BTreeMap<String, String>,
    /// The same for the people of one party.
    pub parties: BTreeMap<String, BTreeMap<String, String>>,
    /// Beginnings that are written as this and read on as a word of its own.
    pub openings: BTreeMap<String, String>,
    /// Endings of the name after the father, which the usual form leaves out.
    pub patronymics: Vec<String>,
    /// Cases: what they do to the first word of a name and to the others.
    pub declension: Vec<Declension>,
    /// Endings that are a case's whatever stands before: (ending, what the plain form has).
    pub alone: Vec<(String, String)>,
}

/// A case: its endings and what the plain form has in their place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declension {
    /// Of the first word, where the plain form is a known name.
    pub first: Vec<(String, String)>,
    /// Of the other words.
    pub rest: Vec<(String, String)>,
}
