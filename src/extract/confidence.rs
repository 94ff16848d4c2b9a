//! How sure a reading is: a logistic model over how the contact was found.

use super::contacts::{Contact, Traits};
use crate::event::ContactStatus;

/// The features of a contact, in the order of the model's weights.
pub fn features(contact: &Contact, parties: usize) -> [f64; 14] {
    let t: &Traits = &contact.traits;
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    let count = |n: usize, most: u32| f64::from(u32::try_from(n).unwrap_or(most).min(most));
    [
        1.0,
        flag(t.pronoun),
        flag(t.noun),
        flag(t.title),
        flag(t.named > 1),
        flag(t.named == 0),
        flag(t.bare > 0),
        flag(t.context),
        flag(t.complete),
        flag(t.strict),
        flag(t.told > 1),
        count(t.spread, 30) / 10.0,
        flag(contact.when.is_some()),
        flag(contact.status.status == ContactStatus::Held) + 0.1 * count(parties, 8),
    ]
}

/// Weights of [`features`].
const WEIGHTS: [f64; 14] = [
    0.6, -0.7, -0.2, -0.5, 0.6, -0.5, -0.4, -2.5, 0.6, -0.4, 0.7, -0.35, 0.6, 0.2,
];

/// The share of such contacts that are right, 0 to 1.
pub fn of(contact: &Contact, parties: usize) -> f64 {
    let sum: f64 = features(contact, parties)
        .iter()
        .zip(WEIGHTS)
        .map(|(f, w)| f * w)
        .sum();
    let p = 1.0 / (1.0 + (-sum).exp());
    (p * 1000.0).round() / 1000.0
}
