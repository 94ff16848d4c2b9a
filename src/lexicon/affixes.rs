//! What a language may take off a word to find its plain form, indexed by the letters it begins or ends with.

use rustc_hash::FxHashMap;

use super::{Word, format};
use crate::text::fold;

/// An affix, folded.
#[derive(Debug, Clone)]
pub struct Affix {
    /// Taken off the beginning.
    prefix: String,
    /// Taken off the end.
    suffix: String,
    /// Put in place of the suffix, or of the prefix where nothing is taken off the end.
    put: String,
    /// The marker it stands for.
    pub marker: Option<Word>,
    /// Letters that must be left.
    min: usize,
}

impl Affix {
    /// Whether only a beginning is taken off, so that the word keeps its ending.
    #[must_use]
    pub fn is_prefix(&self) -> bool {
        self.suffix.is_empty()
    }

    /// Whether the marker stands before the word: the affix has a beginning.
    #[must_use]
    pub fn leads(&self) -> bool {
        !self.prefix.is_empty()
    }

    /// Writes the plain form of a folded word to `bare`; `false` where the affix is not there or too little is left.
    pub fn strip(&self, folded: &str, bare: &mut String) -> bool {
        let rest = folded
            .strip_prefix(&*self.prefix)
            .and_then(|rest| rest.strip_suffix(&*self.suffix));
        let Some(rest) = rest.filter(|rest| rest.chars().take(self.min).count() == self.min) else {
            return false;
        };
        let (before, after) = if self.is_prefix() {
            (&*self.put, "")
        } else {
            ("", &*self.put)
        };
        bare.clear();
        bare.push_str(before);
        bare.push_str(rest);
        bare.push_str(after);
        true
    }
}

/// All affixes of a pack.
#[derive(Debug, Default)]
pub struct Affixes {
    all: Vec<Affix>,
    /// Endings by their last two letters; those of one letter by that alone.
    by_last: FxHashMap<(char, Option<char>), Vec<u32>>,
    by_first: FxHashMap<char, Vec<u32>>,
}

impl Affixes {
    /// Folds and indexes the affixes of a language file.
    ///
    /// # Errors
    /// A reason, where an affix takes nothing off or names a marker that is none.
    pub fn new(affixes: &[format::Affix]) -> Result<Self, String> {
        let mut index = Self::default();
        for (at, affix) in (0..).zip(affixes) {
            let marker = match affix.marker.as_deref() {
                None => None,
                Some(name) => Some(
                    Word::parse(name).ok_or_else(|| format!("no class `{name}` of words for an affix"))?,
                ),
            };
            let affix = Affix {
                prefix: fold(&affix.prefix),
                suffix: fold(&affix.suffix),
                put: fold(&affix.put),
                marker,
                min: affix.min,
            };
            let mut ending = affix.suffix.chars().rev();
            match (ending.next(), affix.prefix.chars().next()) {
                (Some(last), _) => index.by_last.entry((last, ending.next())).or_default().push(at),
                (None, Some(first)) => index.by_first.entry(first).or_default().push(at),
                (None, None) => return Err("an affix without prefix and suffix".to_owned()),
            }
            index.all.push(affix);
        }
        Ok(index)
    }

    /// The affixes that a folded word may have, in the order of the file.
    pub fn of(&self, folded: &str) -> impl Iterator<Item = &Affix> {
        let mut ending = folded.chars().rev();
        let (last, before) = (ending.next(), ending.next());
        let of = |key: Option<(char, Option<char>)>| {
            key.and_then(|key| self.by_last.get(&key))
                .map_or(&[][..], Vec::as_slice)
        };
        let one = of(last.map(|last| (last, None)));
        let two = of(last.zip(before).map(|(last, before)| (last, Some(before))));
        let first = folded
            .chars()
            .next()
            .and_then(|c| self.by_first.get(&c))
            .map_or(&[][..], Vec::as_slice);
        Merged([one, two, first]).map(|at| &self.all[at as usize])
    }
}

/// Ascending lists as one.
struct Merged<'a>([&'a [u32]; 3]);

impl Iterator for Merged<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let list = self
            .0
            .iter_mut()
            .filter(|list| !list.is_empty())
            .min_by_key(|list| list.first().copied())?;
        let (at, rest) = list.split_first()?;
        *list = rest;
        Some(*at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(affixes: &[(&str, &str, &str)], word: &str) -> Vec<String> {
        let affixes: Vec<format::Affix> = affixes
            .iter()
            .map(|(prefix, suffix, put)| format::Affix {
                prefix: (*prefix).to_owned(),
                suffix: (*suffix).to_owned(),
                put: (*put).to_owned(),
                marker: None,
                min: 2,
            })
            .collect();
        let affixes = Affixes::new(&affixes).expect("well-formed");
        let mut bare = String::new();
        affixes
            .of(word)
            .filter_map(|affix| {
                if affix.strip(word, &mut bare) {
                    Some(bare.clone())
                } else {
                    None
                }
            })
            .collect()
    }

    #[test]
    fn what_is_put_stands_where_the_affix_stood() {
        assert_eq!(bare(&[("", "ского", "ский")], "российского"), ["российский"]);
        assert_eq!(bare(&[("لل", "", "ال")], "للرييس"), ["الرييس"]);
        assert_eq!(bare(&[("وب", "ها", "")], "وببلدها"), ["بلد"]);
    }

    #[test]
    fn affixes_come_in_the_order_of_the_file_and_leave_enough() {
        assert_eq!(
            bare(
                &[("", "dan", ""), ("an", "", ""), ("", "an", ""), ("", "ndan", "")],
                "andan"
            ),
            ["an", "dan", "and"]
        );
    }
}
