//! Words as small integers, so that lexicons compare numbers and not strings.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::fold_into;

/// A word form that some lexicon or the register knows; 0 is none.
pub type Symbol = u32;

/// The symbols that one token answers to.
pub type Symbols = SmallVec<[Symbol; 6]>;

/// A word's bytes, in place where they are few: a look-up that follows no pointer is twice as fast.
type Key = SmallVec<[u8; 24]>;

/// Word forms and their symbols; filled while data is loaded, then only read.
#[derive(Debug, Default)]
pub struct Interner {
    words: FxHashMap<Key, Symbol>,
    exact: FxHashMap<Key, Symbol>,
    prefixes: Prefixes,
    next: Symbol,
    buffer: String,
}

fn enter(map: &mut FxHashMap<Key, Symbol>, next: &mut Symbol, word: &str) -> Symbol {
    if let Some(&symbol) = map.get(word.as_bytes()) {
        return symbol;
    }
    *next += 1;
    map.insert(Key::from_slice(word.as_bytes()), *next);
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
        let symbol = self.prefixes.symbol(folded);
        if *symbol == 0 {
            self.next += 1;
            *symbol = self.next;
        }
        *symbol
    }

    /// A symbol that no word has.
    pub fn fresh(&mut self) -> Symbol {
        self.next += 1;
        self.next
    }

    /// The symbol of a known folded word.
    #[must_use]
    pub fn get(&self, folded: &str) -> Option<Symbol> {
        self.words.get(folded.as_bytes()).copied()
    }

    /// All folded words and their symbols, in no order.
    pub fn words(&self) -> impl Iterator<Item = (&str, Symbol)> {
        self.words
            .iter()
            .filter_map(|(word, symbol)| Some((std::str::from_utf8(word).ok()?, *symbol)))
    }

    /// The symbol of a known word with just these diacritics.
    #[must_use]
    pub fn get_exact(&self, normalized: &str) -> Option<Symbol> {
        self.exact.get(normalized.as_bytes()).copied()
    }

    /// Adds the symbols of all known beginnings of a folded word.
    pub fn push_prefixes(&self, folded: &str, out: &mut Symbols) {
        self.prefixes.push(folded, out);
    }
}

/// Beginnings of words, letter by letter.
#[derive(Debug)]
struct Prefixes {
    edges: FxHashMap<(u32, char), u32>,
    /// The symbol of the beginning that ends at each node, 0 for none.
    symbols: Vec<Symbol>,
}

impl Default for Prefixes {
    fn default() -> Self {
        Self {
            edges: FxHashMap::default(),
            symbols: vec![0],
        }
    }
}

impl Prefixes {
    fn symbol(&mut self, prefix: &str) -> &mut Symbol {
        let mut node = 0;
        for c in prefix.chars() {
            let fresh = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
            node = *self.edges.entry((node, c)).or_insert(fresh);
            if node == fresh {
                self.symbols.push(0);
            }
        }
        &mut self.symbols[node as usize]
    }

    fn push(&self, word: &str, out: &mut Symbols) {
        let mut node = 0;
        for c in word.chars() {
            match self.edges.get(&(node, c)) {
                Some(next) => node = *next,
                None => return,
            }
            let symbol = self.symbols[node as usize];
            if symbol != 0 {
                out.push(symbol);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_answers_to_its_known_beginnings_and_to_itself() {
        let mut interner = Interner::default();
        let (short, long, word) = (
            interner.intern_prefix("re"),
            interner.intern_prefix("rencontr"),
            interner.intern_word("Été"),
        );
        let mut found = Symbols::new();
        interner.push_prefixes("rencontrent", &mut found);
        assert_eq!(found.as_slice(), [short, long]);
        found.clear();
        interner.push_prefixes("r", &mut found);
        assert!(found.is_empty());
        assert_eq!(
            (interner.get("ete"), interner.get("re"), interner.get_exact("été")),
            (Some(word), None, None)
        );
        assert_eq!(interner.intern_prefix("re"), short);
    }
}
