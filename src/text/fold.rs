//! Two spellings of a word to compare by: `normalize` keeps its diacritics, `fold` drops them.
//!
//! News writes "Etat" for "État" and "Zelenskyy" for "Зеленський"; lexicons match on the folded form, and on
//! the normalised one where a diacritic makes another word of it ("à", "a").
//!
//! Both work letter by letter unless combining marks are about, so that a table of the common letters, made once
//! from the full rules, serves almost every word.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// Lower case, with typographic apostrophes made plain and Arabic vowel signs dropped.
#[must_use]
pub fn normalize(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    normalize_into(word, &mut out);
    out
}

/// [`normalize`]s onto the end of `out`.
pub fn normalize_into(word: &str, out: &mut String) {
    rewrite(word, out, |letter| &letter.normalized, normalize_fully);
}

/// [`normalize`]d, without diacritics, and with letters that news writes in several ways made one.
#[must_use]
pub fn fold(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    fold_into(word, &mut out);
    out
}

/// [`fold`]s onto the end of `out`.
pub fn fold_into(word: &str, out: &mut String) {
    rewrite(word, out, |letter| &letter.folded, fold_fully);
}

/// Letters below this code point stand in the table.
const TABLE: u32 = 0x700;

/// What becomes of a letter by itself.
#[derive(Default)]
struct Letter {
    /// Depends on its neighbours: the word needs the full rules.
    joined: bool,
    normalized: Short,
    folded: Short,
}

/// A few bytes of UTF-8.
#[derive(Default)]
struct Short {
    len: u8,
    bytes: [u8; 7],
}

impl Short {
    fn new(text: &str) -> Option<Self> {
        let mut short = Self {
            len: u8::try_from(text.len()).ok()?,
            ..Self::default()
        };
        short
            .bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        Some(short)
    }

    fn text(&self) -> &str {
        self.bytes
            .get(..self.len.into())
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

static LETTERS: LazyLock<Vec<Letter>> = LazyLock::new(|| (0..TABLE).map(letter).collect());

fn letter(code: u32) -> Letter {
    let joined = || Letter {
        joined: true,
        ..Letter::default()
    };
    let Some(c) = char::from_u32(code).filter(|c| !unicode_normalization::char::is_combining_mark(*c)) else {
        return joined();
    };
    let (word, mut normalized, mut folded) = (c.to_string(), String::new(), String::new());
    normalize_fully(&word, &mut normalized);
    fold_fully(&word, &mut folded);
    match (Short::new(&normalized), Short::new(&folded)) {
        (Some(normalized), Some(folded)) => Letter {
            joined: false,
            normalized,
            folded,
        },
        _ => joined(),
    }
}

fn rewrite(word: &str, out: &mut String, of: impl Fn(&Letter) -> &Short, fully: impl Fn(&str, &mut String)) {
    let from = out.len();
    if word.is_ascii() {
        out.push_str(word);
        out[from..].make_ascii_lowercase();
        return;
    }
    let letters = LETTERS.as_slice();
    for c in word.chars() {
        match letters.get(c as usize) {
            Some(letter) if !letter.joined => out.push_str(of(letter).text()),
            // Han characters are what they are.
            None if ('\u{4e00}'..='\u{9fff}').contains(&c) => out.push(c),
            _ => {
                out.truncate(from);
                return fully(word, out);
            }
        }
    }
}

fn normalize_fully(word: &str, out: &mut String) {
    for c in word.nfc() {
        match c {
            '’' | 'ʼ' | '‘' => out.push('\''),
            'İ' => out.push('i'),
            '\u{64b}'..='\u{652}' | '\u{670}' | '\u{640}' | '\u{200c}'..='\u{200f}' | '\u{ad}' => {}
            _ => out.extend(c.to_lowercase()),
        }
    }
}

fn fold_fully(word: &str, out: &mut String) {
    let mut normalized = String::with_capacity(word.len());
    normalize_fully(word, &mut normalized);
    for c in normalized.chars() {
        fold_char(c, out);
    }
}

fn fold_char(c: char, out: &mut String) {
    match c {
        'ø' => out.push('o'),
        'ł' => out.push('l'),
        'đ' | 'ð' => out.push('d'),
        'ı' => out.push('i'),
        'ə' => out.push('a'),
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'þ' => out.push_str("th"),
        'ё' => out.push('е'),
        'أ' | 'إ' | 'آ' | 'ٱ' => out.push('ا'),
        'ى' | 'ی' => out.push('ي'),
        'ة' => out.push('ه'),
        'ک' => out.push('ك'),
        'й' | 'ї' => out.push(c),
        '\u{300}'..='\u{36f}' => {}
        _ if c.is_ascii() => out.push(c),
        _ => {
            let mut parts = std::iter::once(c).nfd();
            if let Some(base) = parts.next() {
                out.push(base);
            }
            out.extend(
                parts
                    .filter(|p| !('\u{300}'..='\u{36f}').contains(p) && !('\u{64b}'..='\u{655}').contains(p)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_the_spellings_of_a_word_one() {
        assert_eq!(fold("État"), fold("Etat"));
        assert_eq!(fold("Niinistö"), "niinisto");
        assert_eq!(fold("İSTANBUL"), "istanbul");
        assert_eq!(fold("Ağaoğlu"), "agaoglu");
        assert_eq!(fold("الأُردن"), fold("الاردن"));
        assert_eq!(fold("Лавров"), "лавров");
        assert_eq!(fold("Зеленский"), "зеленский");
    }

    #[test]
    fn normalising_keeps_the_difference_that_folding_drops() {
        assert_ne!(normalize("à"), normalize("a"));
        assert_eq!(normalize("L’"), "l'");
    }

    #[test]
    fn the_table_of_letters_says_what_the_full_rules_say() {
        for word in [
            "Ἀθήνα",
            "Łódź",
            "Đà Nẵng",
            "القُدس",
            "Ёлка",
            "ЙОД",
            "Straße",
            "Œuvre",
            "北京",
            "e\u{301}tat",
            "L’Été",
            "İĞIı",
            "ﬁn",
        ] {
            let (mut normalized, mut folded) = (String::new(), String::new());
            normalize_fully(word, &mut normalized);
            fold_fully(word, &mut folded);
            assert_eq!((normalize(word), fold(word)), (normalized, folded), "{word}");
        }
    }
}
