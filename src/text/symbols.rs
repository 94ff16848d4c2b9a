//! Words as small integers, so that lexicons compare numbers and not strings.

use rustc_hash::FxHashMap;

/// A word form that some lexicon or the register knows.
pub type Symbol = u32;

/// Word forms and their symbols; filled while data is loaded, then only read.
#[derive(Debug, Default)]
pub struct Interner {
    words: FxHashMap<String, Symbol>,
    prefixes: FxHashMap<String, Symbol>,
    next: Symbol,
}

/// The symbols that one token answers to.
pub type Symbols = smallvec::SmallVec<[Symbol; 6]>;

impl Interner {
    /// The symbol of a word, made where it is new.
    pub fn intern(&mut self, word: &str) -> Symbol {
        if let Some(&symbol) = self.words.get(word) {
            return symbol;
        }
        self.next += 1;
        self.words.insert(word.to_owned(), self.next);
        self.next
    }

    /// The symbol that every word with this beginning answers to.
    pub fn intern_prefix(&mut self, prefix: &str) -> Symbol {
        if let Some(&symbol) = self.prefixes.get(prefix) {
            return symbol;
        }
        self.next += 1;
        self.prefixes.insert(prefix.to_owned(), self.next);
        self.next
    }

    /// A symbol that no word has.
    pub fn fresh(&mut self) -> Symbol {
        self.next += 1;
        self.next
    }

    /// The symbol of a known word.
    #[must_use]
    pub fn get(&self, word: &str) -> Option<Symbol> {
        self.words.get(word).copied()
    }

    /// Adds the symbols of all known beginnings of a word.
    pub fn push_prefixes(&self, word: &str, out: &mut Symbols) {
        for (end, _) in word.char_indices().skip(1) {
            if let Some(&symbol) = self.prefixes.get(&word[..end]) {
                out.push(symbol);
            }
        }
        if let Some(&symbol) = self.prefixes.get(word) {
            out.push(symbol);
        }
    }
}
