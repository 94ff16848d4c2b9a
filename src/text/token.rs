//! Splits text into words, numbers and punctuation, by rules that a language pack sets.

use std::sync::LazyLock;

use serde::Deserialize;
use smallvec::SmallVec;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters.
    Word,
    /// Digits.
    Number,
    /// A single other character.
    Punct,
}

/// The writing system of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub enum Script {
    /// Latin, and everything without a rule of its own.
    Latn,
    /// Cyrillic.
    Cyrl,
    /// Arabic.
    Arab,
    /// Han characters, simplified or traditional.
    Hani,
}

/// A word, number or punctuation mark.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// First byte in the joined text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub kind: Kind,
    /// Number of its sentence, from 0.
    pub sentence: u32,
    /// Number of its paragraph, from 0.
    pub paragraph: u32,
    /// Its first letter is a capital.
    pub capital: bool,
    /// It has two letters or more and all are capitals.
    pub upper: bool,
    /// White space stands before it.
    pub spaced: bool,
    /// Its writing system.
    pub script: Script,
}

impl Token {
    /// The token's words in `text`.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start as usize..self.end as usize]
    }
}

/// How a language splits its words.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenRules {
    /// Words that end in an apostrophe and stand before another: l', d', qu'.
    pub elided: Vec<String>,
    /// Endings that an apostrophe sets off: 's. `*` stands for any.
    pub apostrophe_suffixes: Vec<String>,
    /// Abbreviations whose full stop does not end a sentence, without the stop.
    pub abbreviations: Vec<String>,
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '‘')
}

pub(super) fn script_of(c: char) -> Script {
    match c {
        '\0'..='\u{3ff}' => Script::Latn,
        '\u{400}'..='\u{52f}' => Script::Cyrl,
        '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => {
            Script::Arab
        }
        '\u{2e80}'..='\u{2fdf}'
        | '\u{3007}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Script::Hani,
        _ => Script::Latn,
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphabetic()
        || ('\u{300}'..='\u{36f}').contains(&c)
        || ('\u{64b}'..='\u{65f}').contains(&c)
        || matches!(c, '\u{640}' | '\u{670}' | '\u{200c}' | '\u{ad}')
}

pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200b}' | '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        )
}

/// What the tokenizer asks of a character.
#[derive(Clone, Copy)]
struct Class(u8);

impl Class {
    const WORD: u8 = 1;
    const NUMERIC: u8 = 2;
    const SPACE: u8 = 4;
    const LETTER: u8 = 8;
    const UPPER: u8 = 16;
    const LOWER: u8 = 32;

    fn of(c: char) -> Self {
        let flag = |holds: bool, bit: u8| if holds { bit } else { 0 };
        Self(
            flag(is_word_char(c), Self::WORD)
                | flag(c.is_numeric(), Self::NUMERIC)
                | flag(is_space(c), Self::SPACE)
                | flag(c.is_alphabetic(), Self::LETTER)
                | flag(c.is_uppercase(), Self::UPPER)
                | flag(c.is_lowercase(), Self::LOWER),
        )
    }

    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// Classes of the characters of the alphabets, so that the large tables of Unicode are seldom asked.
static CLASSES: LazyLock<Vec<Class>> = LazyLock::new(|| {
    (0..0x700)
        .map(|code| char::from_u32(code).map_or(Class(0), Class::of))
        .collect()
});

fn class(classes: &[Class], c: char) -> Class {
    match classes.get(c as usize) {
        Some(class) => *class,
        None if ('\u{4e00}'..='\u{9fff}').contains(&c) => Class(Class::WORD | Class::LETTER),
        None => Class::of(c),
    }
}

/// The tokens of `text`; sentences are not yet marked, paragraphs are.
#[must_use]
pub fn tokenize(text: &str, rules: &TokenRules) -> Vec<Token> {
    let classes = CLASSES.as_slice();
    let mut tokens = Vec::with_capacity(text.len() / 5);
    let mut rest = text.char_indices().peekable();
    let (mut paragraph, mut spaced, mut newlines) = (0, true, 0);
    while let Some((start, c)) = rest.next() {
        let first = class(classes, c);
        if first.has(Class::SPACE) {
            newlines += usize::from(c == '\n');
            spaced = true;
            continue;
        }
        if newlines > 1 && !tokens.is_empty() {
            paragraph += 1;
        }
        newlines = 0;
        let mut end = start + c.len_utf8();
        let script = script_of(c);
        let mut apostrophe = is_apostrophe(c);
        let kind = if first.has(Class::NUMERIC) && script != Script::Hani {
            while let Some(&(at, d)) = rest.peek() {
                if !class(classes, d).has(Class::NUMERIC) || script_of(d) == Script::Hani {
                    break;
                }
                end = at + d.len_utf8();
                rest.next();
            }
            Kind::Number
        } else if first.has(Class::WORD) {
            if script != Script::Hani {
                while let Some(&(at, d)) = rest.peek() {
                    let joins = class(classes, d).has(Class::WORD) && script_of(d) != Script::Hani
                        || is_apostrophe(d)
                            && text[at + d.len_utf8()..].chars().next().is_some_and(is_word_char);
                    if !joins {
                        break;
                    }
                    apostrophe |= is_apostrophe(d);
                    end = at + d.len_utf8();
                    rest.next();
                }
            }
            Kind::Word
        } else {
            Kind::Punct
        };
        let mut pieces: SmallVec<[(usize, usize); 3]> = SmallVec::new();
        if kind == Kind::Word && apostrophe {
            split_apostrophes(text, start, end, rules, &mut pieces);
        } else {
            pieces.push((start, end));
        }
        for (from, to) in pieces {
            let word = &text[from..to];
            let (mut letters, mut capital, mut lower) = (0, false, false);
            if kind == Kind::Word {
                for class in word.chars().map(|c| class(classes, c)) {
                    if class.has(Class::LETTER) {
                        capital |= letters == 0 && class.has(Class::UPPER);
                        letters += 1;
                    }
                    lower |= class.has(Class::LOWER);
                }
            }
            let upper = capital && letters > 1 && !lower;
            tokens.push(Token {
                start: u32::try_from(from).unwrap_or(u32::MAX),
                end: u32::try_from(to).unwrap_or(u32::MAX),
                kind,
                sentence: 0,
                paragraph,
                capital,
                upper,
                spaced,
                script,
            });
            spaced = false;
        }
    }
    tokens
}

fn split_apostrophes(
    text: &str,
    start: usize,
    end: usize,
    rules: &TokenRules,
    out: &mut SmallVec<[(usize, usize); 3]>,
) {
    let mut from = start;
    for (at, c) in text[start..end].char_indices().filter(|(_, c)| is_apostrophe(*c)) {
        let (at, after) = (start + at, start + at + c.len_utf8());
        if at < from {
            continue;
        }
        let before = super::normalize(&text[from..at]);
        if rules.elided.contains(&before) {
            out.push((from, after));
            from = after;
            continue;
        }
        let tail = super::normalize(&text[after..end]);
        if rules.apostrophe_suffixes.iter().any(|s| s == "*" || *s == tail) && at > from {
            out.push((from, at));
            from = at;
            break;
        }
    }
    if from < end {
        out.push((from, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<'t>(text: &'t str, rules: &TokenRules) -> Vec<&'t str> {
        tokenize(text, rules).iter().map(|t| t.text(text)).collect()
    }

    #[test]
    fn an_elided_article_is_a_word_of_its_own() {
        let rules = TokenRules {
            elided: vec!["l".into(), "d".into()],
            ..TokenRules::default()
        };
        assert_eq!(
            words("l’Élysée d'aujourd'hui", &rules),
            ["l’", "Élysée", "d'", "aujourd'hui"]
        );
    }

    #[test]
    fn an_apostrophe_suffix_is_a_word_of_its_own() {
        let rules = TokenRules {
            apostrophe_suffixes: vec!["s".into()],
            ..TokenRules::default()
        };
        assert_eq!(words("Russia’s O'Brien", &rules), ["Russia", "’s", "O'Brien"]);
        let any = TokenRules {
            apostrophe_suffixes: vec!["*".into()],
            ..TokenRules::default()
        };
        assert_eq!(words("Erdoğan'ın", &any), ["Erdoğan", "'ın"]);
    }

    #[test]
    fn han_characters_stand_alone_and_digits_together() {
        assert_eq!(
            words("9月23日，NATO", &TokenRules::default()),
            ["9", "月", "23", "日", "，", "NATO"]
        );
    }
}
