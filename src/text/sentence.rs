//! Sentence boundaries: terminal punctuation, unless an abbreviation or an initial stands before it.

use super::{Kind, Token, TokenRules, normalize};

fn ends(mark: &str) -> bool {
    matches!(mark, "." | "!" | "?" | "…" | "。" | "！" | "？" | "؟" | "۔")
}

fn closes(mark: &str) -> bool {
    matches!(
        mark,
        "\"" | "»" | "”" | "’" | "'" | ")" | "]" | "」" | "』" | "）" | "“"
    )
}

/// No sentence of prose has more tokens; what has (lists, text without punctuation) is cut, so that no stage that
/// works a sentence at a time costs more than the text is long.
const LONGEST: usize = 400;

/// Numbers the sentences of `tokens`.
pub fn mark_sentences(text: &str, tokens: &mut [Token], rules: &TokenRules) {
    let mut sentence = 0;
    let mut pending = false;
    let mut first = 0;
    for i in 0..tokens.len() {
        let token = tokens[i];
        if i > 0 && (tokens[i - 1].paragraph != token.paragraph || i - first >= LONGEST) {
            sentence += 1;
            first = i;
            pending = false;
        } else if pending {
            let word = token.text(text);
            if ends(word) || closes(word) && !token.spaced {
                tokens[i].sentence = sentence;
                continue;
            }
            pending = false;
            sentence += 1;
            first = i;
        }
        tokens[i].sentence = sentence;
        if token.kind == Kind::Punct && ends(token.text(text)) {
            pending = is_end(text, tokens, i, rules);
        }
    }
}

fn is_end(text: &str, tokens: &[Token], at: usize, rules: &TokenRules) -> bool {
    let mark = tokens[at].text(text);
    if matches!(mark, "。" | "！" | "？" | "؟" | "!" | "?" | "۔") {
        return true;
    }
    let mut after = at + 1;
    while after < tokens.len()
        && (closes(tokens[after].text(text)) || ends(tokens[after].text(text)))
        && !tokens[after].spaced
    {
        after += 1;
    }
    let Some(next) = tokens.get(after) else {
        return true;
    };
    if !next.spaced {
        return false;
    }
    let opens = next.kind == Kind::Word && (next.capital || !next.text(text).chars().any(char::is_lowercase))
        || next.kind == Kind::Number
        || next.kind == Kind::Punct;
    if !opens {
        return false;
    }
    if mark == "." && at > 0 && !tokens[at].spaced {
        let before = &tokens[at - 1];
        let word = before.text(text);
        if before.kind == Kind::Word && before.capital && word.chars().count() == 1 && next.kind == Kind::Word
        {
            return false;
        }
        if before.kind == Kind::Word && rules.abbreviations.contains(&normalize(word)) {
            return false;
        }
        // An ordinal such as "24. Februar", or a list number.
        if before.kind == Kind::Number && word.len() <= 2 && rules.abbreviations.iter().any(|a| a == "#") {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenize;

    fn sentences(text: &str, abbreviations: &[&str]) -> u32 {
        let rules = TokenRules {
            abbreviations: abbreviations.iter().map(|a| (*a).to_owned()).collect(),
            ..TokenRules::default()
        };
        let mut tokens = tokenize(text, &rules);
        mark_sentences(text, &mut tokens, &rules);
        tokens.last().map_or(0, |t| t.sentence + 1)
    }

    #[test]
    fn initials_and_abbreviations_do_not_end_a_sentence() {
        assert_eq!(sentences("V. Poutine a vu M. Macron. Il a parlé.", &["m"]), 2);
    }

    #[test]
    fn closing_quotes_belong_to_the_sentence_they_close() {
        assert_eq!(sentences("«Non.» Il a dit oui.", &[]), 2);
    }

    #[test]
    fn only_what_is_longer_than_any_sentence_is_cut() {
        assert_eq!(sentences(&"Il a parlé. ".repeat(300), &[]), 300);
        assert_eq!(sentences(&"mot ".repeat(1000), &[]), 3);
    }

    #[test]
    fn a_paragraph_ends_a_sentence() {
        assert_eq!(sentences("Un titre\n\nUn corps", &[]), 2);
    }
}
