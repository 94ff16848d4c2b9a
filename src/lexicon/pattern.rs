//! The notation that lexicon entries are written in, and its expansion into sequences of plain items.
//!
//! | notation | stands for |
//! |---|---|
//! | `chef de l'Etat` | these words, whatever their case and diacritics |
//! | `Elysée` | a capital in the entry asks for a capital in the text; all capitals ask for all capitals |
//! | `rencontr*` | any word that begins so |
//! | `rencontr{e\|ent\|a}` | one of several; words or parts of words, nested at will |
//! | `[très\|fort] bref` | with one of them, or without |
//! | `=à` | this word with just these diacritics |
//! | `<month>` | a slot: a span that another entry has recognised |
//! | `$avoir` | a macro of the pack |

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::trie::{EntryId, Node, TrieBuilder};
use crate::text::{Interner, Kind, Symbol, TokenRules, fold_into, normalize, tokenize};

/// More plain forms than this from one entry is a mistake in the entry.
const MAX_FORMS: usize = 4000;

/// What a word of the text must be for an entry to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// Anything.
    Any,
    /// Its first word begins with a capital, where the script has any.
    Capital,
    /// Its first word is all capitals.
    Upper,
}

/// Compiles entries against one pack's token rules, straight into a trie.
///
/// An entry is never written out in full: what its brackets lead to is followed as a set of [`State`]s, so that
/// readings that have come to the same node go on as one.
#[derive(Debug)]
pub struct Compiler<'p> {
    /// How the pack splits words.
    rules: &'p TokenRules,
    /// The pack's macros.
    macros: &'p BTreeMap<String, String>,
    /// Slots by name.
    slots: &'p BTreeMap<String, Symbol>,
    /// Chunks between blanks, compiled before.
    chunks: FxHashMap<Box<str>, Chunk>,
}

/// What a stretch between blanks comes to.
#[derive(Debug, Clone, Default)]
struct Chunk {
    symbols: SmallVec<[Symbol; 4]>,
    case: Option<Case>,
}

/// One reading of an entry, up to where it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    node: Node,
    case: Option<Case>,
    /// What stands since the last blank.
    chunk: String,
    /// Readings that have come together here.
    readings: usize,
}

impl<'p> Compiler<'p> {
    /// A compiler for a pack with these rules, macros and slots.
    #[must_use]
    pub fn new(
        rules: &'p TokenRules,
        macros: &'p BTreeMap<String, String>,
        slots: &'p BTreeMap<String, Symbol>,
    ) -> Self {
        Self {
            rules,
            macros,
            slots,
            chunks: FxHashMap::default(),
        }
    }

    /// Enters all plain forms of `entry` as `id`.
    ///
    /// # Errors
    /// A reason, where the entry is malformed.
    pub fn compile(
        &mut self,
        entry: &str,
        id: EntryId,
        interner: &mut Interner,
        trie: &mut TrieBuilder,
    ) -> Result<(), String> {
        let text = self.apply_macros(entry)?;
        let named = |reason: String| format!("`{entry}`: {reason}");
        let mut chars = text.chars().peekable();
        let start = vec![State {
            readings: 1,
            ..State::default()
        }];
        let mut states = self
            .sequence(&mut chars, start, None, interner, trie)
            .map_err(named)?;
        if chars.peek().is_some() {
            return Err(named("unbalanced brackets".to_owned()));
        }
        self.flush(&mut states, interner, trie).map_err(named)?;
        for state in states {
            if state.node == 0 {
                return Err(named("an empty form".to_owned()));
            }
            trie.accept(state.node, id, state.case.unwrap_or(Case::Any));
        }
        Ok(())
    }

    /// Enters the one form of a name taken literally, no notation in it; nothing where it holds no word.
    pub fn compile_plain(&self, name: &str, id: EntryId, interner: &mut Interner, trie: &mut TrieBuilder) {
        let (mut node, mut case) = (0, None);
        for token in tokenize(name, self.rules) {
            case.get_or_insert(if token.capital { Case::Capital } else { Case::Any });
            node = trie.child(node, interner.intern_word(token.text(name)));
        }
        if node != 0 {
            trie.accept(node, id, case.unwrap_or(Case::Any));
        }
    }

    /// The entry with its macros written out.
    ///
    /// # Errors
    /// A reason, where there is no such macro.
    pub fn expanded(&self, entry: &str) -> Result<String, String> {
        self.apply_macros(entry)
    }

    fn apply_macros(&self, entry: &str) -> Result<String, String> {
        let mut text = entry.to_owned();
        for _ in 0..8 {
            let Some(at) = text.find('$') else { return Ok(text) };
            let end = text[at + 1..]
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .map_or(text.len(), |n| at + 1 + n);
            let name = &text[at + 1..end];
            let value = self
                .macros
                .get(name)
                .ok_or_else(|| format!("`{entry}`: no macro ${name}"))?;
            text = format!("{}{{{value}}}{}", &text[..at], &text[end..]);
        }
        Err(format!("`{entry}`: macros nest too deep"))
    }

    /// Follows the entry from `states` to its end or to the bracket that closes it.
    fn sequence(
        &mut self,
        chars: &mut Chars<'_>,
        states: Vec<State>,
        close: Option<char>,
        interner: &mut Interner,
        trie: &mut TrieBuilder,
    ) -> Result<Vec<State>, String> {
        let before = if close.is_some() {
            states.clone()
        } else {
            Vec::new()
        };
        let (mut done, mut states) = (Vec::new(), states);
        loop {
            match chars.peek().copied() {
                None if close.is_none() => break,
                None => return Err("a bracket is not closed".to_owned()),
                Some(c) if Some(c) == close => break,
                Some('}' | ']') => return Err("unbalanced brackets".to_owned()),
                Some('|') if close.is_some() => {
                    chars.next();
                    done.append(&mut states);
                    states.clone_from(&before);
                }
                Some(open @ ('{' | '[')) => {
                    chars.next();
                    let end = if open == '{' { '}' } else { ']' };
                    let without = if open == '[' { states.clone() } else { Vec::new() };
                    states = self.sequence(chars, states, Some(end), interner, trie)?;
                    chars.next();
                    states.extend(without);
                    if states.iter().map(|state| state.readings).sum::<usize>() > MAX_FORMS {
                        return Err(format!("more than {MAX_FORMS} forms"));
                    }
                }
                Some(c) if c.is_whitespace() => {
                    chars.next();
                    self.flush(&mut states, interner, trie)?;
                }
                Some(c) => {
                    chars.next();
                    for state in &mut states {
                        state.chunk.push(c);
                    }
                }
            }
        }
        done.append(&mut states);
        Ok(done)
    }

    /// A blank or the end: what stands since the last blank is a chunk.
    fn flush(
        &mut self,
        states: &mut Vec<State>,
        interner: &mut Interner,
        trie: &mut TrieBuilder,
    ) -> Result<(), String> {
        for state in states.iter_mut().filter(|state| !state.chunk.is_empty()) {
            if !self.chunks.contains_key(state.chunk.as_str()) {
                let chunk = self.chunk(&state.chunk, interner)?;
                self.chunks.insert(state.chunk.as_str().into(), chunk);
            }
            if let Some(chunk) = self.chunks.get(state.chunk.as_str()) {
                state.node = trie.descend(state.node, &chunk.symbols);
                state.case = state.case.or(chunk.case);
            }
            state.chunk.clear();
        }
        if states.len() > 1 {
            states.sort_unstable();
            states.dedup_by(|state, kept| {
                let same = (state.node, state.case) == (kept.node, kept.case);
                kept.readings += if same { state.readings } else { 0 };
                same
            });
        }
        Ok(())
    }

    fn chunk(&self, chunk: &str, interner: &mut Interner) -> Result<Chunk, String> {
        let mut out = Chunk::default();
        let mut rest = chunk;
        while let Some(at) = rest.find('<') {
            let end = rest[at..].find('>').map(|n| at + n).ok_or("`<` without `>`")?;
            self.words(&rest[..at], &mut out, interner);
            let name = &rest[at + 1..end];
            out.symbols
                .push(*self.slots.get(name).ok_or_else(|| format!("no slot <{name}>"))?);
            out.case.get_or_insert(Case::Any);
            rest = &rest[end + 1..];
        }
        self.words(rest, &mut out, interner);
        Ok(out)
    }

    fn words(&self, chunk: &str, out: &mut Chunk, interner: &mut Interner) {
        if chunk.is_empty() {
            return;
        }
        let (chunk, exact) = chunk.strip_prefix('=').map_or((chunk, false), |c| (c, true));
        let (chunk, open) = chunk.strip_suffix('*').map_or((chunk, false), |c| (c, true));
        // An elided word is recognised by the word after it: lend it one, and leave it where it does not come off.
        let mut text = chunk.to_owned();
        let mut tokens = tokenize(chunk, self.rules);
        if chunk.ends_with(['\'', '’']) {
            let lent = format!("{chunk}x");
            let parts = tokenize(&lent, self.rules);
            if parts
                .last()
                .is_some_and(|last| last.start as usize == chunk.len())
            {
                text = lent;
                tokens = parts;
                tokens.pop();
            }
        }
        let chunk = text.as_str();
        // An ending that an apostrophe sets off is one word in a text, where something stands before it.
        if chunk.starts_with(['\'', '’']) && tokens.len() == 2 && !self.rules.apostrophe_suffixes.is_empty()
        {
            tokens[1].start = tokens[0].start;
            tokens.remove(0);
        }
        for (i, token) in tokens.iter().enumerate() {
            let word = token.text(chunk);
            out.case.get_or_insert(match token.kind {
                Kind::Word if token.upper => Case::Upper,
                Kind::Word if token.capital => Case::Capital,
                _ => Case::Any,
            });
            // Only words go on and only words have diacritics: a number or a mark stands for itself.
            let word_like = token.kind == Kind::Word;
            out.symbols.push(if open && word_like && i + 1 == tokens.len() {
                let mut folded = String::new();
                fold_into(word, &mut folded);
                interner.intern_prefix(&folded)
            } else if exact && word_like {
                interner.intern_exact(&normalize(word))
            } else {
                interner.intern_word(word)
            });
        }
    }
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

/// A text that an entry without macros matches: of alternatives the one numbered `pick`, optional parts where `pick`
/// is even, slots as they are written.
#[must_use]
pub fn sample(entry: &str, pick: usize) -> String {
    let mut chars = entry.chars().peekable();
    let text = sampled(&mut chars, None, pick);
    let words = text.split_whitespace().map(|word| {
        let word = word.strip_prefix('=').unwrap_or(word);
        word.strip_suffix('*').unwrap_or(word)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn sampled(chars: &mut Chars<'_>, close: Option<char>, pick: usize) -> String {
    let mut choices = vec![String::new()];
    while let Some(c) = chars.next() {
        let Some(last) = choices.last_mut() else { break };
        match c {
            c if Some(c) == close => break,
            '|' if close.is_some() => choices.push(String::new()),
            '{' => last.push_str(&sampled(chars, Some('}'), pick)),
            '[' => {
                let inside = sampled(chars, Some(']'), pick);
                if pick.is_multiple_of(2) {
                    last.push_str(&inside);
                }
            }
            c => last.push(c),
        }
    }
    let at = pick % choices.len();
    choices.swap_remove(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(entry: &str) -> Result<(Interner, TrieBuilder), String> {
        let (rules, macros, slots) = (TokenRules::default(), BTreeMap::new(), BTreeMap::new());
        let (mut interner, mut trie) = (Interner::default(), TrieBuilder::default());
        Compiler::new(&rules, &macros, &slots).compile(entry, 0, &mut interner, &mut trie)?;
        Ok((interner, trie))
    }

    #[test]
    fn brackets_expand_to_every_reading() {
        let (interner, mut trie) = compiled("[a] {b|c{d|}} e").expect("well-formed");
        let mut found = trie.accepted();
        found.sort_unstable();
        found.dedup();
        let mut wanted: Vec<Node> = ["b e", "c e", "cd e", "a b e", "a c e", "a cd e"]
            .iter()
            .map(|form| {
                let symbols: Vec<Symbol> = form.split(' ').filter_map(|word| interner.get(word)).collect();
                trie.descend(0, &symbols)
            })
            .collect();
        wanted.sort_unstable();
        assert_eq!(found, wanted);
    }

    #[test]
    fn marks_and_numbers_have_neither_endings_nor_diacritics() {
        for (entry, words) in [
            ("=à-b", vec!["-"]),
            ("F-16*", vec!["f", "-", "16"]),
            ("x-*", vec!["x", "-"]),
        ] {
            let (interner, _) = compiled(entry).expect("well-formed");
            assert!(words.iter().all(|word| interner.get(word).is_some()), "{entry}");
        }
        // A possessive is no elision: its apostrophe stays a mark of its own.
        let (interner, _) = compiled("leaders' summit").expect("well-formed");
        assert!(
            ["leaders", "'", "summit"]
                .iter()
                .all(|word| interner.get(word).is_some())
        );
    }

    #[test]
    fn a_sample_is_a_reading_of_its_entry() {
        let entry = "[très] bre{f|ve} =à <day> {mai|juin*}";
        assert_eq!(sample(entry, 0), "très bref à <day> mai");
        assert_eq!(sample(entry, 1), "breve à <day> juin");
    }

    #[test]
    fn malformed_entries_are_named() {
        for bad in ["{a", "a}", "[a", "a]", "[a]", "a <b", "<c>", "$d"] {
            let error = compiled(bad).err().unwrap_or_default();
            assert!(error.contains(bad), "{bad}: {error}");
        }
    }

    #[test]
    fn an_entry_with_too_many_readings_is_refused() {
        assert!(compiled("{a|b|c|d|e|f|g|h}{a|b|c|d|e|f|g|h}{a|b|c|d|e|f|g|h}{a|b|c|d|e|f|g|h}").is_err());
    }
}
