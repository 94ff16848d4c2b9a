//! All entries of a pack in one trie over symbols: every entry that begins at a token is found in one walk.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::pattern::{Case, Form};
use crate::text::{Symbol, Symbols, Token};

/// Number of an entry in its pack.
pub type EntryId = u32;

type Node = u32;

/// Entries by the symbols they consist of.
#[derive(Debug, Default)]
pub struct Trie {
    edges: FxHashMap<(Node, Symbol), Node>,
    accepts: Vec<SmallVec<[(EntryId, Case); 1]>>,
}

/// An entry found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// What was found.
    pub entry: EntryId,
}

/// The tokens of a text as the trie sees them.
pub trait Input {
    /// The symbols of token `at`.
    fn symbols(&self, at: usize) -> &Symbols;
    /// Spans that begin at token `at` and answer to a slot: the slot and one past the span's last token.
    fn slots(&self, at: usize) -> &[(Symbol, usize)];
    /// The token itself.
    fn token(&self, at: usize) -> &Token;
    /// One past the last token that a match may cover when it begins at `at`.
    fn limit(&self, at: usize) -> usize;
}

impl Trie {
    /// Adds a form of an entry.
    pub fn insert(&mut self, form: &Form, entry: EntryId) {
        if self.accepts.is_empty() {
            self.accepts.push(SmallVec::new());
        }
        let mut node = 0;
        for &symbol in &form.symbols {
            let fresh = Node::try_from(self.accepts.len()).unwrap_or(Node::MAX);
            let next = *self.edges.entry((node, symbol)).or_insert(fresh);
            if next == fresh {
                self.accepts.push(SmallVec::new());
            }
            node = next;
        }
        let accepts = &mut self.accepts[node as usize];
        if !accepts.contains(&(entry, form.case)) {
            accepts.push((entry, form.case));
        }
    }

    /// Every entry that begins at token `at`, shortest first.
    pub fn find(&self, input: &impl Input, at: usize, out: &mut Vec<Hit>) {
        if self.accepts.is_empty() {
            return;
        }
        let first = out.len();
        self.walk(input, at, at, input.limit(at), 0, out);
        if out.len() > first + 1 {
            let mut found = out.split_off(first);
            found.sort_unstable_by_key(|h| (h.end, h.entry));
            found.dedup();
            out.append(&mut found);
        }
    }

    fn walk(&self, input: &impl Input, start: usize, at: usize, limit: usize, node: Node, out: &mut Vec<Hit>) {
        if at > start {
            let first = input.token(start);
            for &(entry, case) in &self.accepts[node as usize] {
                let fits = match case {
                    Case::Any => true,
                    Case::Capital => first.capital,
                    Case::Upper => first.upper || first.capital && first.end - first.start == 1,
                };
                if fits {
                    out.push(Hit { start, end: at, entry });
                }
            }
        }
        if at >= limit {
            return;
        }
        for &symbol in input.symbols(at) {
            if let Some(&next) = self.edges.get(&(node, symbol)) {
                self.walk(input, start, at + 1, limit, next, out);
            }
        }
        for &(slot, end) in input.slots(at) {
            if end <= limit
                && let Some(&next) = self.edges.get(&(node, slot))
            {
                self.walk(input, start, end, limit, next, out);
            }
        }
    }
}
