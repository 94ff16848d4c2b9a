//! Which language a text is in, paragraph by paragraph.
//!
//! Three witnesses are heard, the cheapest first. *Writing*: the script of the words, and letters that texts of a
//! language never hold (Ukrainian "і" is not Russian). *Function words*: of two languages the one whose own words,
//! those that the other does not have, are the more; relatives that share "de" and "que" come apart so. And a
//! *library* that weighs the text against all languages that it knows, which takes longer than reading a short
//! article, and is asked only where the others do not bear out the article's own tag.

use std::ops::Range;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use whatlang::Detector;

use super::{Script, fold_into, token::script_of};

/// Letters of an article that are enough to tell its language.
const SAMPLE: usize = 2000;
/// Fewer letters tell nothing: the tag is believed.
const TEXT_ENOUGH: usize = 40;
/// With fewer letters the library takes a relative that has no lexicon for one that has, and the other way round.
const TEXT_LONG: usize = 300;
/// Words of an article that are weighed.
const WORDS: usize = 120;
/// Words of a paragraph that are weighed at first, and where that leaves a doubt.
const PARAGRAPH_WORDS: (usize, usize) = (20, 80);
/// Words without which nothing is confirmed: in an article, in a paragraph.
const ENOUGH_WORDS: (usize, usize) = (20, 12);
/// Percentage of the words that must be function words of the language: one that inflects has few.
const SHARE: usize = 7;
/// Percentage of function words below which a paragraph is not in the article's language.
const STRANGE: usize = 5;
/// Own words there must be for each of another language's, and at the least.
const LEAD: usize = 2;
const LEAST: usize = 3;

/// A language that can be read.
#[derive(Debug)]
struct Language {
    iso639_3: String,
    code: String,
    script: Script,
}

/// The language of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// One that can be read, by its number.
    Known(usize),
    /// Another, by its ISO 639-3 code; `und` where it is not recognised.
    Other(&'static str),
}

/// The paragraphs of one language, as byte ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The language's number.
    pub language: usize,
    /// Its paragraphs, in order.
    pub paragraphs: Vec<Range<usize>>,
}

/// All languages that can be read, and what tells them apart.
#[derive(Debug, Default)]
pub struct Languages {
    all: Vec<Language>,
    /// Function words and the languages they are of, a bit each.
    words: FxHashMap<Box<str>, u64>,
    /// Letters and the languages that do not have them.
    alien: FxHashMap<char, u64>,
}

/// What a text was found to hold.
#[derive(Debug, Default)]
struct Tally {
    words: usize,
    letters: usize,
    /// Words of each script.
    scripts: [usize; 4],
    /// The languages of each function word.
    known: SmallVec<[u64; 64]>,
    /// Letters that no text of a language holds.
    alien: SmallVec<[usize; 16]>,
}

impl Tally {
    fn of(&self, language: usize) -> usize {
        self.known.iter().filter(|of| **of >> language & 1 == 1).count()
    }

    /// Words that are function words of one language and not of the other.
    fn only(&self, one: usize, other: usize) -> usize {
        let only = |of: &&u64| **of >> one & 1 == 1 && **of >> other & 1 == 0;
        self.known.iter().filter(only).count()
    }
}

fn is_letter(c: char) -> bool {
    // The large tables of Unicode are slow to ask.
    ('\u{4e00}'..='\u{9fff}').contains(&c) || c.is_alphabetic()
}

/// Words of letters; a Han character is a word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(is_letter)?;
        rest = &rest[start..];
        let mut chars = rest.char_indices();
        let (_, first) = chars.next()?;
        let end = if script_of(first) == Script::Hani {
            first.len_utf8()
        } else {
            let end = |(_, c): &(usize, char)| {
                !(is_letter(*c) || ('\u{300}'..='\u{36f}').contains(c) || ('\u{64b}'..='\u{65f}').contains(c))
                    || script_of(*c) == Script::Hani
            };
            chars.find(end).map_or(rest.len(), |(at, _)| at)
        };
        let (word, behind) = rest.split_at(end);
        rest = behind;
        Some(word)
    })
}

impl Languages {
    /// Adds a language: its codes, script, folded function words and the letters that it does not have.
    pub fn add<'w>(
        &mut self,
        (code, iso639_3): (&str, &str),
        script: Script,
        words: impl Iterator<Item = &'w str>,
        alien: &str,
    ) {
        let bit = 1_u64
            .checked_shl(u32::try_from(self.all.len()).unwrap_or(u32::MAX))
            .unwrap_or(0);
        words.for_each(|word| *self.words.entry(word.into()).or_default() |= bit);
        alien
            .chars()
            .for_each(|c| *self.alien.entry(c).or_default() |= bit);
        self.all.push(Language {
            iso639_3: iso639_3.to_owned(),
            code: code.to_owned(),
            script,
        });
    }

    fn weigh(&self, text: &str, most: usize, tally: &mut Tally) {
        tally.alien.resize(self.all.len(), 0);
        let mut folded = String::new();
        for word in words(text).take(most) {
            tally.words += 1;
            if let Some(first) = word.chars().next() {
                tally.scripts[script_of(first) as usize] += 1;
            }
            for c in word.chars() {
                tally.letters += 1;
                if !c.is_ascii()
                    && let Some(of) = self.alien.get(&c)
                {
                    let lack = tally.alien.iter_mut().enumerate();
                    lack.filter(|(at, _)| of >> at & 1 == 1)
                        .for_each(|(_, n)| *n += 1);
                }
            }
            folded.clear();
            fold_into(word, &mut folded);
            if let Some(of) = self.words.get(folded.as_str()) {
                tally.known.push(*of);
            }
        }
    }

    /// Whether the writing of a text can be the language's.
    fn writes(&self, tally: &Tally, language: usize) -> bool {
        tally.scripts[self.all[language].script as usize] * 2 >= tally.words
            && tally.alien[language] * 100 <= tally.letters
    }

    /// Whether the text is beyond doubt in the language.
    fn confirms(&self, tally: &Tally, language: usize, enough: usize, share: usize) -> bool {
        tally.words >= enough
            && self.writes(tally, language)
            && tally.of(language) * 100 >= tally.words * share
            && (0..self.all.len())
                .filter(|other| *other != language)
                .all(|other| tally.only(language, other) >= LEAST.max(LEAD * tally.only(other, language)))
    }

    /// The language with most function words among those that the writing can be.
    fn best(&self, tally: &Tally) -> Option<usize> {
        (0..self.all.len())
            .filter(|language| self.writes(tally, *language))
            .max_by_key(|language| (tally.of(*language), std::cmp::Reverse(*language)))
    }

    fn by_library(&self, text: &str) -> Option<(Found, bool)> {
        let info = Detector::new().detect(text)?;
        let code = info.lang().code();
        let known = self.all.iter().position(|language| language.iso639_3 == code);
        Some((known.map_or(Found::Other(code), Found::Known), info.is_reliable()))
    }

    /// The language of an article. Its tag is believed where the text bears it out, or cannot tell.
    #[must_use]
    pub fn of_article(&self, title: &str, body: &str, tag: Option<&str>) -> Found {
        let primary = tag.map(|tag| tag.split(['-', '_']).next().unwrap_or(tag));
        let tagged = primary.and_then(|tag| self.all.iter().position(|l| l.code.eq_ignore_ascii_case(tag)));
        let mut tally = Tally::default();
        self.weigh(body, WORDS, &mut tally);
        if let Some(tagged) = tagged
            && self.confirms(&tally, tagged, ENOUGH_WORDS.0, SHARE)
        {
            return Found::Known(tagged);
        }
        self.weigh(title, WORDS, &mut tally);
        let tagged = tagged.filter(|tagged| tally.words == 0 || self.writes(&tally, *tagged));
        if let Some(tagged) = tagged
            && tally.letters < TEXT_ENOUGH
        {
            return Found::Known(tagged);
        }
        let best = self
            .best(&tally)
            .filter(|best| self.confirms(&tally, *best, ENOUGH_WORDS.0, SHARE));
        let sample: String = title
            .chars()
            .chain(['\n'])
            .chain(body.chars())
            .take(SAMPLE)
            .collect();
        match (self.by_library(&sample), best, tagged) {
            (Some((Found::Known(_), true)), Some(best), _) => Found::Known(best),
            (Some((Found::Other(_), true)), Some(best), _) if tally.letters < TEXT_LONG => Found::Known(best),
            (Some((found, true)), ..) => found,
            (_, Some(known), _) | (_, None, Some(known)) => Found::Known(known),
            (Some((found, false)), None, None) => found,
            (None, None, None) => Found::Other("und"),
        }
    }

    /// The parts of a text whose paragraphs are in several languages, that of the article first; `None` where all are
    /// in one. Paragraphs too short to tell are the article's; what is in a language that cannot be read is left out.
    #[must_use]
    pub fn parts(&self, text: &str, main: usize) -> Option<Vec<Part>> {
        let mut parts = vec![Part {
            language: main,
            paragraphs: Vec::new(),
        }];
        let mut mixed = false;
        for paragraph in paragraphs(text) {
            let Found::Known(language) = self.of_paragraph(&text[paragraph.clone()], main) else {
                mixed = true;
                continue;
            };
            mixed |= language != main;
            match parts.iter_mut().find(|part| part.language == language) {
                Some(part) => part.paragraphs.push(paragraph),
                None => parts.push(Part {
                    language,
                    paragraphs: vec![paragraph],
                }),
            }
        }
        mixed.then_some(parts)
    }

    fn of_paragraph(&self, text: &str, main: usize) -> Found {
        let mut tally = Tally::default();
        self.weigh(text, PARAGRAPH_WORDS.0, &mut tally);
        let usual = self.writes(&tally, main)
            && tally.of(main) * 100 >= tally.words * SHARE
            && (0..self.all.len()).all(|other| tally.only(main, other) >= tally.only(other, main));
        if usual || tally.words < ENOUGH_WORDS.1 {
            return Found::Known(main);
        }
        let mut tally = Tally::default();
        self.weigh(text, PARAGRAPH_WORDS.1, &mut tally);
        if self.confirms(&tally, main, ENOUGH_WORDS.1, SHARE) {
            return Found::Known(main);
        }
        let other = self
            .best(&tally)
            .filter(|best| *best != main && self.confirms(&tally, *best, ENOUGH_WORDS.1, SHARE));
        let strange = !self.writes(&tally, main) || tally.of(main) * 100 < tally.words * STRANGE;
        if other.is_none() && !(strange && tally.words >= ENOUGH_WORDS.0) {
            return Found::Known(main);
        }
        match (other, self.by_library(text)) {
            (Some(other), Some((Found::Known(library), _))) if library == other => Found::Known(other),
            (None, Some((found, true))) => found,
            _ => Found::Known(main),
        }
    }
}

/// Paragraphs as the tokenizer counts them: what blank lines set apart.
fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    let (mut end, mut newlines) = (0, 0);
    for (at, c) in text.char_indices() {
        if super::token::is_space(c) {
            newlines += usize::from(c == '\n');
            continue;
        }
        if newlines > 1
            && let Some(start) = start.take()
        {
            found.push(start..end);
        }
        newlines = 0;
        start.get_or_insert(at);
        end = at + c.len_utf8();
    }
    found.extend(start.map(|start| start..end));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages() -> Languages {
        let mut languages = Languages::default();
        let mut add = |code, iso, script, words: &str, alien| {
            languages.add((code, iso), script, words.split(' '), alien)
        };
        add(
            "es",
            "spa",
            Script::Latn,
            "de la el los las en y que con una su por del al a se",
            "ãõç",
        );
        add(
            "pt",
            "por",
            Script::Latn,
            "de a o os as em e que com uma seu por do ao da se no na",
            "ñ",
        );
        add(
            "ru",
            "rus",
            Script::Cyrl,
            "и в на с по не что для из о к от за",
            "іїєґў",
        );
        languages
    }

    const SPANISH: &str = "El presidente de la República se reunió en la capital con el ministro de los Países Bajos y con una \
                           delegación de empresarios que viajan por las provincias del sur.";
    const PORTUGUESE: &str = "O presidente da República reuniu-se na capital com o ministro dos Países Baixos e com uma delegação \
                              de empresários que viajam pelas províncias do sul, a convite do seu homólogo.";
    const RUSSIAN: &str = "Президент встретился в столице с министром иностранных дел и обсудил с ним поставки газа на рынки \
                           соседних стран, о которых не раз говорили на переговорах в Москве и в Минске.";
    const UKRAINIAN: &str = "Президент зустрівся у столиці з міністром закордонних справ і обговорив із ним постачання газу на \
                             ринки сусідніх країн, про які не раз говорили на переговорах у Києві та в Мінську.";

    #[test]
    fn a_wrong_tag_does_not_ruin_an_article() {
        let languages = languages();
        for tag in [None, Some("es"), Some("pt-BR"), Some("ru"), Some("xx")] {
            assert_eq!(languages.of_article("", SPANISH, tag), Found::Known(0), "{tag:?}");
            assert_eq!(
                languages.of_article("", PORTUGUESE, tag),
                Found::Known(1),
                "{tag:?}"
            );
            assert_eq!(languages.of_article("", RUSSIAN, tag), Found::Known(2), "{tag:?}");
        }
    }

    #[test]
    fn a_relative_without_a_lexicon_is_told_from_the_language_that_has_one() {
        for tag in [None, Some("uk"), Some("ru")] {
            assert_eq!(
                languages().of_article("", UKRAINIAN, tag),
                Found::Other("ukr"),
                "{tag:?}"
            );
        }
    }

    #[test]
    fn what_is_too_short_to_tell_is_what_its_tag_says() {
        assert_eq!(languages().of_article("", "OK", Some("pt")), Found::Known(1));
        assert!(matches!(
            languages().of_article("", "Да", Some("pt")),
            Found::Other(_)
        ));
    }

    #[test]
    fn paragraphs_of_another_language_are_a_part_of_their_own() {
        let languages = languages();
        assert_eq!(languages.parts(&[SPANISH, SPANISH].join("\n\n"), 0), None);
        let text = ["Título", SPANISH, RUSSIAN, "Punto.", UKRAINIAN, SPANISH].join("\n\n");
        let parts = languages.parts(&text, 0).expect("several");
        let told = |part: &Part| {
            part.paragraphs
                .iter()
                .map(|p| text[p.clone()].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (parts[0].language, told(&parts[0])),
            (
                0,
                vec!["Título".into(), SPANISH.into(), "Punto.".into(), SPANISH.into()]
            )
        );
        assert_eq!((parts[1].language, told(&parts[1])), (2, vec![RUSSIAN.into()]));
    }
}
