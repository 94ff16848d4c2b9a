//! Which language a stretch of text is in: a library's guess among the languages that have a pack,
//! with the article's own tag to break a tie.

use whatlang::Detector;

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
    if hint.is_some() && text.chars().filter(|c| c.is_alphabetic()).take(TEXT_ENOUGH).count() < TEXT_ENOUGH {
        return hint;
    }
    let Some(info) = Detector::new().detect(text) else { return hint };
    let guess = choices.iter().find(|(_, iso)| *iso == info.lang().code()).map(|(code, _)| (*code).to_owned());
    if info.is_reliable() || hint.is_none() { guess } else { hint }
}
