//! Learning the weights of the models from annotated articles.
//!
//! Both models answer "is this right?" for a [`Bag`] of cases, one of which is enough: a contact is a bag of one
//! case, a topic of a contact is a bag of all its words in the article. The weights are those that make the
//! annotations most likely, large weights held down by an L2 penalty; they are found by gradient descent from
//! zero, without chance, so that the same articles give the same weights.

use crate::{
    article::Article,
    eval::{Event, align},
    extract::{Engine, readings},
    model::{Case, Logistic},
};

/// Steps of the descent.
const STEPS: i32 = 500;
/// Width of a step.
const PACE: f64 = 0.05;

/// Cases of which one is enough, and whether one was right.
#[derive(Debug, Clone)]
pub struct Bag {
    /// The article: bags of one article are never split between training and test.
    pub article: usize,
    /// The cases.
    pub cases: Vec<Case>,
    /// The annotation.
    pub right: bool,
}

/// What annotated articles teach.
#[derive(Debug, Clone, Default)]
pub struct Lessons {
    /// Articles.
    pub articles: usize,
    /// A bag a contact read.
    pub contacts: Vec<Bag>,
    /// Contacts in gold.
    pub gold_contacts: usize,
    /// A bag a topic of a contact that was found.
    pub topics: Vec<Bag>,
    /// Topics in gold of the contacts found.
    pub gold_topics: usize,
}

impl Lessons {
    /// Reads an article and holds its contacts against the annotation.
    pub fn read(&mut self, engine: &Engine, article: &Article, gold: &[Event]) {
        let read = readings(engine, article);
        let found: Vec<Event> = read.iter().map(|r| Event::from(&r.event)).collect();
        let pairs = align(gold, &found);
        let number = self.articles;
        self.articles += 1;
        self.gold_contacts += gold.len();
        for (at, reading) in read.into_iter().enumerate() {
            let pair = pairs.iter().find(|(_, f)| *f == at).map(|(g, _)| &gold[*g]);
            self.contacts.push(Bag {
                article: number,
                cases: vec![reading.case],
                right: pair.is_some(),
            });
            let Some(pair) = pair else { continue };
            self.gold_topics += pair.topics.len();
            for (code, cases) in reading.topics {
                let right = pair.topics.contains(&code);
                self.topics.push(Bag {
                    article: number,
                    cases,
                    right,
                });
            }
        }
    }
}

/// The weights that make the bags most likely.
#[must_use]
pub fn fit<'b>(bags: impl IntoIterator<Item = &'b Bag>, features: usize, penalty: f64) -> Logistic {
    let bags: Vec<&Bag> = bags.into_iter().collect();
    let mut model = Logistic::blank(features);
    #[allow(clippy::cast_precision_loss)]
    let share = 1.0 / bags.len().max(1) as f64;
    let (mut first, mut second) = (vec![0.0; features], vec![0.0; features]);
    for step in 1..=STEPS {
        let mut slope: Vec<f64> = model.weights.iter().map(|w| w * penalty).collect();
        for bag in &bags {
            add_slope(&model, bag, &mut slope);
        }
        let (fade, fade_square) = (1.0 - 0.9_f64.powi(step), 1.0 - 0.999_f64.powi(step));
        let pace = PACE * (1.0 - 0.9 * f64::from(step) / f64::from(STEPS));
        for i in 0..features {
            let g = slope[i] * share;
            first[i] = 0.9 * first[i] + 0.1 * g;
            second[i] = 0.999 * second[i] + 0.001 * g * g;
            model.weights[i] -= pace * (first[i] / fade) / ((second[i] / fade_square).sqrt() + 1e-9);
        }
    }
    model
}

/// Adds the gradient of a bag's negative log likelihood.
fn add_slope(model: &Logistic, bag: &Bag, slope: &mut [f64]) {
    let chances: Vec<f64> = bag.cases.iter().map(|c| model.probability(c)).collect();
    let none: f64 = chances.iter().map(|p| 1.0 - p).product();
    // Not right: the sum of all chances. Right: the same, weighed by how little the others explain.
    let weight = if bag.right {
        -none / (1.0 - none).max(1e-9)
    } else {
        1.0
    };
    for (case, chance) in bag.cases.iter().zip(chances) {
        for (f, v) in case {
            slope[*f as usize] += weight * chance * f64::from(*v);
        }
    }
}

/// The probability of every bag by a model trained on the other articles, in `folds` parts.
#[must_use]
pub fn cross_validate(bags: &[Bag], features: usize, penalty: f64, folds: usize) -> Vec<f64> {
    let mut chances = vec![0.0; bags.len()];
    for fold in 0..folds {
        let model = fit(
            bags.iter().filter(|b| b.article % folds != fold),
            features,
            penalty,
        );
        for (chance, bag) in chances
            .iter_mut()
            .zip(bags)
            .filter(|(_, b)| b.article % folds == fold)
        {
            *chance = model.any(&bag.cases);
        }
    }
    chances
}

/// Precision, recall and F1 of what is at least as likely as a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// The threshold.
    pub threshold: f64,
    /// Share that is right.
    pub precision: f64,
    /// Share of all in gold.
    pub recall: f64,
    /// F1 of both.
    pub f1: f64,
}

/// The threshold of the best F1 whose precision is at least `precision`; the most precise one where none is.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn balance(chances: &[f64], bags: &[Bag], gold: usize, precision: f64) -> Balance {
    (0..100)
        .map(|percent| at(chances, bags, gold, f64::from(percent) / 100.0))
        .max_by(|a, b| {
            let key = |x: &Balance| -> (f64, f64) {
                if x.precision >= precision {
                    (1.0, x.f1)
                } else {
                    (0.0, x.precision)
                }
            };
            let (x, y) = (key(a), key(b));
            x.0.total_cmp(&y.0).then(x.1.total_cmp(&y.1))
        })
        .unwrap_or_else(|| at(chances, bags, gold, 0.5))
}

/// The balance at a threshold.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn at(chances: &[f64], bags: &[Bag], gold: usize, threshold: f64) -> Balance {
    let told = chances.iter().zip(bags).filter(|(p, _)| **p >= threshold);
    let (mut right, mut all) = (0usize, 0usize);
    for (_, bag) in told {
        all += 1;
        right += usize::from(bag.right);
    }
    let share = |a: usize, b: usize| if b == 0 { 0.0 } else { a as f64 / b as f64 };
    Balance {
        threshold,
        precision: share(right, all),
        recall: share(right, gold),
        f1: share(2 * right, all + gold),
    }
}

/// A row of a reliability table: what was said to be about so likely, and how much of it was right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// From this probability on.
    pub from: f64,
    /// Bags.
    pub count: usize,
    /// Their mean probability.
    pub said: f64,
    /// The share that is right.
    pub right: f64,
}

/// The reliability of probabilities, in tenths.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn reliability(chances: &[f64], bags: &[Bag]) -> Vec<Row> {
    (0..10)
        .map(|tenth| {
            let (from, to) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
            let within: Vec<(f64, bool)> = chances
                .iter()
                .zip(bags)
                .filter(|(p, _)| **p >= from && (**p < to || tenth == 9))
                .map(|(p, b)| (*p, b.right))
                .collect();
            let n = within.len().max(1) as f64;
            Row {
                from,
                count: within.len(),
                said: within.iter().map(|w| w.0).sum::<f64>() / n,
                right: within.iter().filter(|w| w.1).count() as f64 / n,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bag(article: usize, cases: &[&[u16]], right: bool) -> Bag {
        let cases = cases
            .iter()
            .map(|c| c.iter().map(|f| (*f, 1.0)).collect())
            .collect();
        Bag {
            article,
            cases,
            right,
        }
    }

    #[test]
    fn learns_what_tells_right_from_wrong() {
        let bags: Vec<Bag> = (0..40)
            .map(|i| bag(i, &[if i % 4 == 0 { &[0, 1] } else { &[0] }], i % 4 == 0))
            .collect();
        let model = fit(&bags, 2, 0.1);
        assert!(model.any(&bags[0].cases) > 0.8);
        assert!(model.any(&bags[1].cases) < 0.2);
        assert_eq!(model, fit(&bags, 2, 0.1));
    }

    #[test]
    fn one_case_of_a_bag_is_enough() {
        let bags: Vec<Bag> = (0..60)
            .map(|i| {
                if i % 2 == 0 {
                    bag(i, &[&[0], &[1], &[0]], true)
                } else {
                    bag(i, &[&[0], &[0]], false)
                }
            })
            .collect();
        let model = fit(&bags, 2, 0.1);
        assert!(model.probability(&[(1, 1.0)]) > 0.8);
        assert!(model.probability(&[(0, 1.0)]) < 0.2);
    }

    #[test]
    fn the_threshold_keeps_the_precision_asked_for() {
        let bags: Vec<Bag> = (0..10).map(|i| bag(i, &[&[0]], i >= 3)).collect();
        let chances: Vec<f64> = (0..10).map(|i| f64::from(i) / 10.0 + 0.05).collect();
        let free = balance(&chances, &bags, 7, 0.0);
        assert!((free.f1 - 1.0).abs() < 1e-9 && free.threshold > 0.25 && free.threshold <= 0.35);
        let rows = reliability(&chances, &bags);
        assert_eq!(rows.len(), 10);
        assert_eq!(rows.iter().map(|r| r.count).sum::<usize>(), 10);
    }
}
