//! Which language a stretch of text is in: a library's guess among the languages that have a pack,
//! with the article's own tag to break a tie.
//!
//! The library weighs the text against all languages that it knows, which takes longer than reading a short article.
//! A tag that the commonest words bear out is therefore believed without asking it: see [`CommonWords`].

use rustc_hash::FxHashMap;
use whatlang::Detector;

use super::{Kind, TokenRules, fold_into, tokenize};

const TEXT_ENOUGH: usize = 40;

/// A language to choose from: its code (`fr`) and its ISO 639-3 code (`fra`).
pub type Choice<'a> = (&'a str, &'a str);

/// The code among `choices` that `text` is most likely written in, or `None` where it is in another language.
///
/// `hint` decides where the text is too short to tell or the guess is unsure; it never overrules a sure guess.
#[must_use]
pub fn detect(text: &str, hint: Option<&str>, choices: &[Choice<'_>]) -> Option<String> {
    let hint = hint
        .map(|h| h.split(['-', '_']).next().unwrap_or(h).to_ascii_lowercase())
        .filter(|h| choices.iter().any(|(code, _)| code == h));
    if hint.is_some()
        && text
            .chars()
            .filter(|c| c.is_alphabetic())
            .take(TEXT_ENOUGH)
            .count()
            < TEXT_ENOUGH
    {
        return hint;
    }
    let Some(info) = Detector::new().detect(text) else {
        return hint;
    };
    let guess = choices
        .iter()
        .find(|(_, iso)| *iso == info.lang().code())
        .map(|(code, _)| (*code).to_owned());
    if info.is_reliable() || hint.is_none() {
        guess
    } else {
        hint
    }
}

/// The function words of all languages, each with the languages that it is one of.
#[derive(Debug, Default)]
pub struct CommonWords {
    languages: FxHashMap<Box<str>, u64>,
}

impl CommonWords {
    /// Adds a folded word of the language numbered `language`.
    pub fn add(&mut self, word: &str, language: usize) {
        let bit = u32::try_from(language)
            .ok()
            .and_then(|shift| 1_u64.checked_shl(shift))
            .unwrap_or(0);
        *self.languages.entry(word.into()).or_default() |= bit;
    }

    /// Words of `text` that were looked at, and how many of them are function words of each of `languages` languages.
    #[must_use]
    pub fn count(&self, text: &str, languages: usize) -> (usize, Vec<usize>) {
        const WORDS: usize = 120;
        const BYTES: usize = 2400;
        let end = (0..=BYTES.min(text.len()))
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        let text = &text[..end];
        let (mut seen, mut counts, mut folded) = (0, vec![0; languages], String::new());
        let tokens = tokenize(text, &TokenRules::default());
        for token in tokens.iter().filter(|token| token.kind == Kind::Word).take(WORDS) {
            seen += 1;
            folded.clear();
            fold_into(token.text(text), &mut folded);
            let Some(&of) = self.languages.get(folded.as_str()) else {
                continue;
            };
            for (language, count) in counts.iter_mut().enumerate() {
                *count += usize::from(of >> language & 1 == 1);
            }
        }
        (seen, counts)
    }

    /// Whether the text is beyond doubt in the language numbered `language` of `languages`.
    #[must_use]
    pub fn confirm(&self, text: &str, language: usize, languages: usize) -> bool {
        let (seen, counts) = self.count(text, languages);
        let own = counts.get(language).copied().unwrap_or(0);
        let other = counts
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != language)
            .map(|(_, n)| *n)
            .max()
            .unwrap_or(0);
        seen >= ENOUGH_WORDS && own * 100 >= seen * SHARE && own * 10 >= other * LEAD
    }
}

/// Words without which nothing is confirmed.
const ENOUGH_WORDS: usize = 20;
/// Percentage of the words that must be function words of the language.
const SHARE: usize = 15;
/// How many tenths of any other language's function words must be found.
const LEAD: usize = 14;
