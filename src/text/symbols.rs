//! Words as small integers, so that lexicons compare numbers and not strings.

use rustc_hash::FxHashMap;

use super::fold_into;

/// A word form that some lexicon or the register knows; 0 is none.
pub type Symbol = u32;

/// Word forms and their symbols; filled while data is loaded, then only read.
#[derive(Debug, Default)]
pub struct Interner {
    words: FxHashMap<Box<str>, Symbol>,
    exact: FxHashMap<Box<str>, Symbol>,
    prefixes: FxHashMap<Box<str>, Symbol>,
    longest_prefix: usize,
    next: Symbol,
    buffer: String,
}

/// The symbols that one token answers to.
pub type Symbols = smallvec::SmallVec<[Symbol; 6]>;

fn enter(map: &mut FxHashMap<Box<str>, Symbol>, next: &mut Symbol, word: &str) -> Symbol {
    if let Some(&symbol) = map.get(word) {
        return symbol;
    }
    *next += 1;
    map.insert(word.into(), *next);
    *next
}

impl Interner {
    /// The symbol of a folded word, made where it is new.
    pub fn intern(&mut self, folded: &str) -> Symbol {
        enter(&mut self.words, &mut self.next, folded)
    }

    /// The symbol of a word as it stands, made where it is new.
    pub fn intern_word(&mut self, word: &str) -> Symbol {
        self.buffer.clear();
        fold_into(word, &mut self.buffer);
        enter(&mut self.words, &mut self.next, &self.buffer)
    }

    /// The symbol of a normalised word that counts with just these diacritics.
    pub fn intern_exact(&mut self, normalized: &str) -> Symbol {
        enter(&mut self.exact, &mut self.next, normalized)
    }

    /// The symbol that every word with this beginning answers to.
    pub fn intern_prefix(&mut self, folded: &str) -> Symbol {
        self.longest_prefix = self.longest_prefix.max(folded.len());
        enter(&mut self.prefixes, &mut self.next, folded)
    }

    /// A symbol that no word has.
    pub fn fresh(&mut self) -> Symbol {
        self.next += 1;
        self.next
    }

    /// The symbol of a known folded word.
    #[must_use]
    pub fn get(&self, folded: &str) -> Option<Symbol> {
        self.words.get(folded).copied()
    }

    /// All folded words and their symbols, in no order.
    pub fn words(&self) -> impl Iterator<Item = (&str, Symbol)> {
        self.words.iter().map(|(word, symbol)| (&**word, *symbol))
    }

    /// The symbol of a known word with just these diacritics.
    #[must_use]
    pub fn get_exact(&self, normalized: &str) -> Option<Symbol> {
        self.exact.get(normalized).copied()
    }

    /// Adds the symbols of all known beginnings of a folded word.
    pub fn push_prefixes(&self, folded: &str, out: &mut Symbols) {
        let ends = folded
            .char_indices()
            .map(|(at, _)| at)
            .skip(1)
            .chain([folded.len()]);
        for end in ends.take_while(|end| *end <= self.longest_prefix) {
            if let Some(&symbol) = self.prefixes.get(&folded[..end]) {
                out.push(symbol);
            }
        }
    }
}
