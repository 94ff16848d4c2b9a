//! When two names are the same person's.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use super::gold::{Event, Person};

/// A name without accents, case and punctuation: words separated by one space.
pub(super) fn fold(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    let letters = name
        .nfkd()
        .filter(|c| canonical_combining_class(*c) == 0)
        .flat_map(char::to_lowercase);
    for c in letters.filter(|c| canonical_combining_class(*c) == 0) {
        let plain = match c {
            'ø' => 'o',
            'ł' => 'l',
            'đ' => 'd',
            'ı' => 'i',
            'ς' => 'σ',
            other => other,
        };
        if !(plain.is_alphanumeric() || plain == '_') {
            gap = true;
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        match plain {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            other => out.push(other),
        }
    }
    out
}

/// Whether an extracted person is a gold one: the party is right, and the name is one of the accepted
/// spellings, or shares the surname with one.
pub(super) fn same(gold: &Person, found: &Person) -> bool {
    if gold.party() != found.party() {
        return false;
    }
    let name = fold(&found.name);
    let Some(last) = name.split(' ').next_back().filter(|last| !last.is_empty()) else {
        return false;
    };
    let long = last.chars().count() > 3;
    std::iter::once(&gold.name)
        .chain(&gold.aliases)
        .map(|form| fold(form))
        .any(|form| {
            form == name
                || form.split(' ').next_back() == Some(last)
                || (long && form.split(' ').any(|word| word == last))
        })
}

/// The named people that two events share, each once.
pub(super) fn shared<'a>(gold: &'a Event, found: &'a Event) -> Vec<(&'a Person, &'a Person)> {
    let mut left: Vec<&Person> = found.named().collect();
    let mut pairs = Vec::new();
    for person in gold.named() {
        if let Some(at) = left.iter().position(|candidate| same(person, candidate)) {
            pairs.push((person, left.remove(at)));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, aliases: &[&str], country: &str) -> Person {
        Person {
            name: name.into(),
            aliases: aliases.iter().map(|&a| a.into()).collect(),
            country: country.into(),
            organization: String::new(),
            office: "OTHER".into(),
        }
    }

    #[test]
    fn names_fold_without_accents_case_and_punctuation() {
        assert_eq!(fold("Recep Tayyip ERDOĞAN"), "recep tayyip erdogan");
        assert_eq!(fold(" Jean-Yves  Le Drian."), "jean yves le drian");
        assert_eq!(fold("Łukasz Strauß-Kahn"), "lukasz strauss kahn");
        assert_eq!(fold("İbrahim Kalın"), "ibrahim kalin");
        assert_eq!(fold("…"), "");
    }

    #[test]
    fn a_surname_is_enough_where_the_party_is_right() {
        let gold = person("Volodymyr Zelensky", &["Zelenskyy", "Volodymyr Zelenski"], "UKR");
        assert!(same(&gold, &person("Zelenskyy", &[], "UKR")));
        assert!(same(&gold, &person("V. Zelenski", &[], "UKR")));
        assert!(!same(&gold, &person("Zelensky", &[], "RUS")));
        assert!(!same(&gold, &person("Andriy Yermak", &[], "UKR")));
        assert!(!same(&gold, &person("", &[], "UKR")));
        // A long family name may come first, a short one not.
        assert!(same(
            &person("Zhang Jun", &[], "CHN"),
            &person("Zhang", &[], "CHN")
        ));
        assert!(!same(
            &person("Xi Jinping", &[], "CHN"),
            &person("Xi", &[], "CHN")
        ));
    }
}
