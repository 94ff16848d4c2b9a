//! Parts of names and their usual Latin form, as the people of the register spell them.
//!
//! The register writes a person in Latin letters and in other scripts. Where both have as many words, the words
//! answer to each other: "Дмитрий Кулеба" and "Dmytro Kuleba" say how a Ukrainian of that name spells himself,
//! "Дмитрий Медведев" and "Dmitry Medvedev" how a Russian does. Words that sound nothing alike are not paired.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::register::PartyId;

/// Spellings counted.
#[derive(Debug, Default)]
pub struct Counts(BTreeMap<(Option<PartyId>, String), BTreeMap<String, u32>>);

impl Counts {
    /// Somebody of that party spells `word` (folded) so.
    pub fn add(&mut self, party: Option<PartyId>, word: &str, latin: &str) {
        let mut count = |party| {
            let spellings = self.0.entry((party, word.to_owned())).or_default();
            *spellings.entry(latin.to_owned()).or_default() += 1;
        };
        count(None);
        if party.is_some() {
            count(party);
        }
    }

    /// The most frequent spelling of each word; of equals the first by the alphabet.
    pub fn finish(self) -> Parts {
        let mut parts = Parts::default();
        for ((party, word), spellings) in self.0 {
            let best = spellings
                .into_iter()
                .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))
                .map(|(latin, _)| latin);
            let Some(latin) = best else { continue };
            match party {
                Some(party) => parts.by_party.insert((party, word), latin),
                None => parts.all.insert(word, latin),
            };
        }
        parts
    }
}

/// The usual spelling of parts of names, in one party and in all.
#[derive(Debug, Default)]
pub struct Parts {
    pub by_party: FxHashMap<(PartyId, String), String>,
    pub all: FxHashMap<String, String>,
}
