//! The spellings of people's names in one trie.

use rustc_hash::FxHashMap;

use super::PersonId;
use crate::{
    lexicon::{Node, TrieBuilder, pattern::Case},
    text::{Interner, TokenRules, tokenize},
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
    ids: FxHashMap<(Node, bool), NameId>,
    pub forms: Vec<NameForm>,
    pub trie: TrieBuilder,
    pub interner: Interner,
    rules: TokenRules,
}

impl NameIndex {
    /// Adds a spelling of a person's name, the variant without hyphens where it has any, and those of a name of three
    /// words with a hyphen between the first two or the last two ("Denis Sassou-Nguesso").
    pub fn add(&mut self, person: PersonId, spelling: &str, partial: bool) {
        let tokens = tokenize(spelling, &self.rules);
        let case = if tokens.first().is_some_and(|t| t.capital) {
            Case::Capital
        } else {
            Case::Any
        };
        let hyphen = |word: &str| word == "-";
        let (mut whole, mut plain) = (0, 0);
        for word in tokens.iter().map(|t| t.text(spelling)) {
            let symbol = self.interner.intern_word(word);
            whole = self.trie.child(whole, symbol);
            if !hyphen(word) {
                plain = self.trie.child(plain, symbol);
            }
        }
        for node in [whole, plain] {
            if node != 0 {
                self.add_at(node, person, partial, case);
            }
        }
        let words: Vec<&str> = tokens.iter().map(|t| t.text(spelling)).collect();
        if partial || words.len() < 3 || words.iter().any(|w| hyphen(w)) {
            return;
        }
        for joined in [0, words.len() - 2] {
            let mut node = 0;
            for (at, word) in words.iter().enumerate() {
                let symbol = self.interner.intern_word(word);
                node = self.trie.child(node, symbol);
                if at == joined {
                    let dash = self.interner.intern_word("-");
                    node = self.trie.child(node, dash);
                }
            }
            self.add_at(node, person, partial, case);
        }
    }

    fn add_at(&mut self, node: Node, person: PersonId, partial: bool, case: Case) {
        let fresh = NameId::try_from(self.forms.len()).unwrap_or(NameId::MAX);
        let id = *self.ids.entry((node, partial)).or_insert(fresh);
        if id == fresh {
            self.forms.push(NameForm {
                people: Vec::new(),
                partial,
            });
            self.trie.accept(node, id, case);
        }
        let form = &mut self.forms[id as usize];
        if !form.people.contains(&person) {
            form.people.push(person);
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
            let swapped = if article.to_lowercase().starts_with('a') {
                "El"
            } else {
                "Al"
            };
            for form in [
                format!("al-{bare}"),
                format!("el-{bare}"),
                format!("{swapped}-{bare}"),
                format!("{swapped} {bare}"),
            ] {
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
