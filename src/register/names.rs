//! The spellings of people's names in one trie.

use rustc_hash::FxHashMap;

use super::PersonId;
use crate::{
    lexicon::{
        Trie,
        pattern::{Case, Form},
    },
    text::{Interner, Symbol, TokenRules, fold, tokenize},
};

/// Number of a spelling.
pub type NameId = u32;

/// A spelling and whom it may stand for.
#[derive(Debug, Clone, Default)]
pub struct NameForm {
    /// Whom, in the order of the register.
    pub people: Vec<PersonId>,
    /// It is a part of the name used alone, not the whole.
    pub partial: bool,
}

/// Gathers spellings.
#[derive(Debug, Default)]
pub struct NameIndex {
    ids: FxHashMap<(Vec<Symbol>, bool), NameId>,
    pub forms: Vec<NameForm>,
    pub trie: Trie,
}

impl NameIndex {
    /// Adds a spelling of a person's name, and the variants that differ in hyphens alone.
    pub fn add(&mut self, person: PersonId, spelling: &str, partial: bool, interner: &mut Interner) {
        let tokens = tokenize(spelling, &TokenRules::default());
        let capital = tokens.first().is_some_and(|t| t.capital);
        let words: Vec<&str> = tokens.iter().map(|t| t.text(spelling)).collect();
        if words.is_empty() {
            return;
        }
        let mut variants = vec![words.clone()];
        if words.contains(&"-") {
            variants.push(words.iter().copied().filter(|w| *w != "-").collect());
        }
        for words in variants {
            let symbols: Vec<Symbol> = words.iter().map(|w| interner.intern(&fold(w))).collect();
            let fresh = NameId::try_from(self.forms.len()).unwrap_or(NameId::MAX);
            let id = *self.ids.entry((symbols.clone(), partial)).or_insert(fresh);
            if id == fresh {
                self.forms.push(NameForm { people: Vec::new(), partial });
                let case = if capital { Case::Capital } else { Case::Any };
                self.trie.insert(&Form { symbols, case }, id);
            }
            let form = &mut self.forms[id as usize];
            if !form.people.contains(&person) {
                form.people.push(person);
            }
        }
    }
}

/// The spellings that follow from a full name and its family part: first and family name, with and without
/// the Arabic article, particles dropped.
pub fn derived(name: &str, family: &str) -> (Vec<String>, Vec<String>) {
    let mut full = vec![name.to_owned()];
    let mut partial = vec![family.to_owned()];
    let words: Vec<&str> = name.split_whitespace().collect();
    if words.len() > 2 && name.ends_with(family) && !family.contains(' ') {
        full.push(format!("{} {family}", words[0]));
        full.push(format!("{} {family}", words[words.len() - 2]));
    }
    for article in ["al-", "el-", "Al-", "El-", "ul-", "Al ", "El "] {
        if let Some(bare) = family.strip_prefix(article) {
            partial.push(bare.to_owned());
            let swapped = if article.to_lowercase().starts_with('a') { "El" } else { "Al" };
            for form in [format!("al-{bare}"), format!("el-{bare}"), format!("{swapped}-{bare}"), format!("{swapped} {bare}")] {
                full.push(name.replace(family, &form));
                partial.push(form);
            }
            full.push(name.replace(family, bare));
        }
    }
    full.retain(|f| f.contains(' ') || f.contains('-') || *f == name);
    (full, partial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middle_names_and_the_arabic_article_may_be_left_out() {
        let (full, _) = derived("Recep Tayyip Erdoğan", "Erdoğan");
        assert!(full.contains(&"Recep Erdoğan".to_owned()) && full.contains(&"Tayyip Erdoğan".to_owned()));
        let (full, partial) = derived("Abdel Fattah el-Sisi", "el-Sisi");
        assert!(full.contains(&"Abdel Fattah Sisi".to_owned()) && partial.contains(&"Sisi".to_owned()));
    }
}
