//! All entries of a pack in one trie over symbols: every entry that begins at a token is found in one walk.
//!
//! A [`TrieBuilder`] takes entries in any order; the [`Trie`] that it freezes to lies in four flat arrays. Its nodes
//! are numbered level by level, so that the children of a node follow one another in the order of their symbols
//! and an edge's place tells the node that it leads to.

use rustc_hash::FxHashMap;

use super::pattern::Case;
use crate::text::{Symbol, Symbols, Token};

/// Number of an entry in its pack.
pub type EntryId = u32;

/// A place in a trie; 0 is the root.
pub type Node = u32;

/// Gathers entries.
#[derive(Debug, Default)]
pub struct TrieBuilder {
    edges: FxHashMap<(Node, Symbol), Node>,
    /// Parent and symbol of every node but the root.
    nodes: Vec<(Node, Symbol)>,
    accepts: Vec<(Node, EntryId, Case)>,
}

impl TrieBuilder {
    /// The node that a symbol leads to.
    pub fn child(&mut self, node: Node, symbol: Symbol) -> Node {
        let fresh = Node::try_from(self.nodes.len() + 1).unwrap_or(Node::MAX);
        let next = *self.edges.entry((node, symbol)).or_insert(fresh);
        if next == fresh {
            self.nodes.push((node, symbol));
        }
        next
    }

    /// The node that a sequence of symbols leads to.
    pub fn descend(&mut self, node: Node, symbols: &[Symbol]) -> Node {
        symbols
            .iter()
            .fold(node, |node, symbol| self.child(node, *symbol))
    }

    /// An entry ends at the node.
    pub fn accept(&mut self, node: Node, entry: EntryId, case: Case) {
        self.accepts.push((node, entry, case));
    }

    /// The symbols that are an entry by themselves, in order.
    #[must_use]
    pub fn singles(&self) -> Vec<Symbol> {
        let symbol = |node: Node| match self.nodes.get(node.checked_sub(1)? as usize)? {
            (0, symbol) => Some(*symbol),
            _ => None,
        };
        let mut singles: Vec<Symbol> = self
            .accepts
            .iter()
            .filter_map(|(node, ..)| symbol(*node))
            .collect();
        singles.sort_unstable();
        singles.dedup();
        singles
    }

    /// The nodes at which entries end.
    #[cfg(test)]
    pub fn accepted(&self) -> Vec<Node> {
        self.accepts.iter().map(|(node, ..)| *node).collect()
    }

    /// The finished trie.
    #[must_use]
    pub fn freeze(mut self) -> Trie {
        drop(self.edges);
        let count = self.nodes.len() + 1;
        // Children of every old node, by symbol.
        let mut first = vec![0_u32; count + 1];
        for &(parent, _) in &self.nodes {
            first[parent as usize + 1] += 1;
        }
        for at in 0..count {
            first[at + 1] += first[at];
        }
        let mut children = vec![(0, 0); self.nodes.len()];
        let mut next = first.clone();
        for (node, &(parent, symbol)) in (1..).zip(&self.nodes) {
            children[next[parent as usize] as usize] = (symbol, node);
            next[parent as usize] += 1;
        }
        // New numbers, level by level.
        let mut order: Vec<Node> = Vec::with_capacity(count);
        order.push(0);
        let mut trie = Trie {
            symbols: Vec::with_capacity(count),
            ..Trie::default()
        };
        let mut edges: Vec<u32> = Vec::with_capacity(count + 1);
        let mut at = 0;
        while at < order.len() {
            let old = order[at] as usize;
            edges.push(u32::try_from(trie.symbols.len()).unwrap_or(u32::MAX));
            let mine = &mut children[first[old] as usize..first[old + 1] as usize];
            mine.sort_unstable();
            for &(symbol, child) in &*mine {
                trie.symbols.push(symbol);
                order.push(child);
            }
            at += 1;
        }
        edges.push(u32::try_from(trie.symbols.len()).unwrap_or(u32::MAX));
        let mut new = vec![0; count];
        for (number, &old) in (0..).zip(&order) {
            new[old as usize] = number;
        }
        // What ends where.
        for accept in &mut self.accepts {
            accept.0 = new[accept.0 as usize];
        }
        self.accepts.sort_unstable();
        self.accepts.dedup();
        let mut ends = vec![0_u32; count + 1];
        for &(node, ..) in &self.accepts {
            ends[node as usize + 1] += 1;
        }
        for at in 0..count {
            ends[at + 1] += ends[at];
        }
        trie.nodes = edges.into_iter().zip(ends).collect();
        trie.accepts = self
            .accepts
            .iter()
            .map(|&(_, entry, case)| (entry, case))
            .collect();
        // The root's children, by symbol.
        let roots = trie.nodes[1].0 as usize;
        let highest = trie.symbols[..roots].last().map_or(0, |symbol| *symbol as usize);
        trie.roots = vec![0; highest + 1];
        for (node, &symbol) in (1..).zip(&trie.symbols[..roots]) {
            trie.roots[symbol as usize] = node;
        }
        trie
    }
}

/// Entries by the symbols they consist of.
#[derive(Debug, Default)]
pub struct Trie {
    /// The root's children by their symbols, 0 where there is none.
    roots: Vec<Node>,
    /// Where each node's edges and what it accepts begin, and one more.
    nodes: Vec<(u32, u32)>,
    /// The symbols of all edges; edge `n` leads to node `n + 1`.
    symbols: Vec<Symbol>,
    accepts: Vec<(EntryId, Case)>,
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
    /// Every entry that begins at token `at`, shortest first.
    pub fn find(&self, input: &impl Input, at: usize, out: &mut Vec<Hit>) {
        let first = out.len();
        let limit = input.limit(at);
        if at >= limit {
            return;
        }
        for &symbol in input.symbols(at) {
            if let Some(&next) = self.roots.get(symbol as usize).filter(|node| **node != 0) {
                self.walk(input, at, at + 1, limit, next, out);
            }
        }
        for &(slot, end) in input.slots(at) {
            if end <= limit
                && let Some(&next) = self.roots.get(slot as usize).filter(|node| **node != 0)
            {
                self.walk(input, at, end, limit, next, out);
            }
        }
        if out.len() > first + 1 {
            out[first..].sort_unstable_by_key(|h| (h.end, h.entry));
            let mut kept = first + 1;
            for at in first + 1..out.len() {
                if out[at] != out[kept - 1] {
                    out[kept] = out[at];
                    kept += 1;
                }
            }
            out.truncate(kept);
        }
    }

    /// The entries that end at the same words, wherever there are two or more.
    pub fn shared(&self) -> impl Iterator<Item = &[(EntryId, Case)]> {
        self.nodes
            .windows(2)
            .map(|pair| &self.accepts[pair[0].1 as usize..pair[1].1 as usize])
            .filter(|entries| entries.len() > 1)
    }

    /// The node that a symbol leads to, of the edges numbered `from..to`.
    fn child(&self, from: u32, to: u32, symbol: Symbol) -> Option<Node> {
        const FEW: usize = 8;
        let from = from as usize;
        let symbols = &self.symbols[from..to as usize];
        let at = if symbols.len() <= FEW {
            symbols.iter().position(|s| *s == symbol)?
        } else {
            symbols.binary_search(&symbol).ok()?
        };
        Node::try_from(from + at + 1).ok()
    }

    fn walk(
        &self,
        input: &impl Input,
        start: usize,
        at: usize,
        limit: usize,
        node: Node,
        out: &mut Vec<Hit>,
    ) {
        let ((from, accepted), (to, all)) = (self.nodes[node as usize], self.nodes[node as usize + 1]);
        let accepts = accepted as usize..all as usize;
        if !accepts.is_empty() {
            let first = input.token(start);
            for &(entry, case) in &self.accepts[accepts] {
                let fits = match case {
                    Case::Any => true,
                    Case::Capital => first.capital,
                    Case::Upper => first.upper || first.capital && first.end - first.start == 1,
                };
                if fits {
                    out.push(Hit {
                        start,
                        end: at,
                        entry,
                    });
                }
            }
        }
        if at >= limit || from == to {
            return;
        }
        for &symbol in input.symbols(at) {
            if let Some(next) = self.child(from, to, symbol) {
                self.walk(input, start, at + 1, limit, next, out);
            }
        }
        for &(slot, end) in input.slots(at) {
            if end <= limit
                && let Some(next) = self.child(from, to, slot)
            {
                self.walk(input, start, end, limit, next, out);
            }
        }
    }
}
