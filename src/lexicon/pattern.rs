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

use crate::text::{Interner, Kind, Symbol, TokenRules, fold, normalize, tokenize};

/// More plain forms than this from one entry is a mistake in the entry.
const MAX_FORMS: usize = 4000;

/// What a word of the text must be for an entry to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Anything.
    Any,
    /// Its first word begins with a capital, where the script has any.
    Capital,
    /// Its first word is all capitals.
    Upper,
}

/// A plain form of an entry: what to match, symbol by symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// One symbol a token, or a slot.
    pub symbols: Vec<Symbol>,
    /// The case asked for.
    pub case: Case,
}

/// Compiles entries against one pack's token rules.
#[derive(Debug)]
pub struct Compiler<'p> {
    /// How the pack splits words.
    pub rules: &'p TokenRules,
    /// The pack's macros.
    pub macros: &'p BTreeMap<String, String>,
    /// Slots by name.
    pub slots: &'p BTreeMap<String, Symbol>,
}

impl Compiler<'_> {
    /// All plain forms of `entry`.
    ///
    /// # Errors
    /// A reason, where the entry is malformed.
    pub fn compile(&self, entry: &str, interner: &mut Interner) -> Result<Vec<Form>, String> {
        let text = self.apply_macros(entry)?;
        let mut forms = Vec::new();
        for plain in expand(&text)? {
            let form = self.form(&plain, interner).map_err(|e| format!("`{entry}`: {e}"))?;
            if form.symbols.is_empty() {
                return Err(format!("`{entry}`: an empty form"));
            }
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        Ok(forms)
    }

    /// The one form of a name taken literally, no notation in it; none where it holds no word.
    pub fn compile_plain(&self, name: &str, interner: &mut Interner) -> Option<Form> {
        let (mut symbols, mut case) = (Vec::new(), None);
        for token in tokenize(name, self.rules) {
            let word = token.text(name);
            case.get_or_insert(if token.capital { Case::Capital } else { Case::Any });
            symbols.push(interner.intern(&fold(word)));
        }
        (!symbols.is_empty()).then(|| Form { symbols, case: case.unwrap_or(Case::Any) })
    }

    fn apply_macros(&self, entry: &str) -> Result<String, String> {
        let mut text = entry.to_owned();
        for _ in 0..8 {
            let Some(at) = text.find('$') else { return Ok(text) };
            let end = text[at + 1..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(text.len(), |n| at + 1 + n);
            let name = &text[at + 1..end];
            let value = self.macros.get(name).ok_or_else(|| format!("`{entry}`: no macro ${name}"))?;
            text = format!("{}{{{value}}}{}", &text[..at], &text[end..]);
        }
        Err(format!("`{entry}`: macros nest too deep"))
    }

    fn form(&self, plain: &str, interner: &mut Interner) -> Result<Form, String> {
        let mut symbols = Vec::new();
        let mut case = None;
        for chunk in plain.split_whitespace() {
            let mut rest = chunk;
            while let Some(at) = rest.find('<') {
                let end = rest[at..].find('>').map(|n| at + n).ok_or("`<` without `>`")?;
                self.words(&rest[..at], &mut symbols, &mut case, interner);
                let name = &rest[at + 1..end];
                symbols.push(*self.slots.get(name).ok_or_else(|| format!("no slot <{name}>"))?);
                case.get_or_insert(Case::Any);
                rest = &rest[end + 1..];
            }
            self.words(rest, &mut symbols, &mut case, interner);
        }
        Ok(Form { symbols, case: case.unwrap_or(Case::Any) })
    }

    fn words(&self, chunk: &str, symbols: &mut Vec<Symbol>, case: &mut Option<Case>, interner: &mut Interner) {
        if chunk.is_empty() {
            return;
        }
        let (chunk, exact) = chunk.strip_prefix('=').map_or((chunk, false), |c| (c, true));
        let (chunk, open) = chunk.strip_suffix('*').map_or((chunk, false), |c| (c, true));
        // An elided word is recognised by the word after it: lend it one.
        let lent = chunk.ends_with(['\'', '’']);
        let text = if lent { format!("{chunk}x") } else { chunk.to_owned() };
        let (chunk, mut tokens) = (text.as_str(), tokenize(&text, self.rules));
        if lent && tokens.len() > 1 {
            tokens.pop();
        }
        // An ending that an apostrophe sets off is one word in a text, where something stands before it.
        if chunk.starts_with(['\'', '’']) && tokens.len() == 2 && !self.rules.apostrophe_suffixes.is_empty() {
            tokens[1].start = tokens[0].start;
            tokens.remove(0);
        }
        for (i, token) in tokens.iter().enumerate() {
            let word = token.text(chunk);
            case.get_or_insert(match token.kind {
                Kind::Word if token.upper => Case::Upper,
                Kind::Word if token.capital => Case::Capital,
                _ => Case::Any,
            });
            symbols.push(if open && i + 1 == tokens.len() {
                interner.intern_prefix(&fold(word))
            } else if exact {
                interner.intern(&format!("={}", normalize(word)))
            } else {
                interner.intern(&fold(word))
            });
        }
    }
}

/// All readings of `{a|b}` and `[c]` in `text`.
fn expand(text: &str) -> Result<Vec<String>, String> {
    let mut chars = text.chars().peekable();
    let forms = sequence(&mut chars, text, None)?;
    if chars.peek().is_some() {
        return Err(format!("`{text}`: unbalanced brackets"));
    }
    Ok(forms)
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn sequence(chars: &mut Chars<'_>, text: &str, close: Option<char>) -> Result<Vec<String>, String> {
    let mut alternatives = Vec::new();
    let mut forms = vec![String::new()];
    loop {
        match chars.peek().copied() {
            None if close.is_none() => break,
            None => return Err(format!("`{text}`: a bracket is not closed")),
            Some(c) if Some(c) == close => break,
            Some('}' | ']') => return Err(format!("`{text}`: unbalanced brackets")),
            Some('|') if close.is_some() => {
                chars.next();
                alternatives.append(&mut forms);
                forms = vec![String::new()];
            }
            Some(open @ ('{' | '[')) => {
                chars.next();
                let end = if open == '{' { '}' } else { ']' };
                let mut inner = sequence(chars, text, Some(end))?;
                chars.next();
                if open == '[' {
                    inner.push(String::new());
                }
                if forms.len() * inner.len() > MAX_FORMS {
                    return Err(format!("`{text}`: more than {MAX_FORMS} forms"));
                }
                forms = forms.iter().flat_map(|f| inner.iter().map(move |i| format!("{f}{i}"))).collect();
            }
            Some(c) => {
                chars.next();
                for form in &mut forms {
                    form.push(c);
                }
            }
        }
    }
    alternatives.append(&mut forms);
    Ok(alternatives)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_expand_to_every_reading() {
        let mut forms = expand("[a] {b|c{d|}} e").expect("well-formed");
        forms.sort();
        assert_eq!(forms, [" b e", " c e", " cd e", "a b e", "a c e", "a cd e"]);
    }

    #[test]
    fn malformed_entries_are_named() {
        for bad in ["{a", "a}", "[a", "a]"] {
            assert!(expand(bad).is_err(), "{bad}");
        }
    }
}
