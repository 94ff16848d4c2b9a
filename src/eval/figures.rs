//! Counting what is right.

use std::{collections::BTreeSet, fmt, str::FromStr};

use super::{
    gold::{Event, GoldArticle, Predicted},
    names,
    pairing::{align, common, f1},
};

/// A figure, by the name it has in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Figure {
    /// Articles.
    Docs,
    /// Events in gold.
    Gold,
    /// Events extracted.
    Pred,
    /// Share of the extracted events that are in gold.
    Precision,
    /// Share of the gold events that were found.
    Recall,
    /// F1 of both.
    Event,
    /// Micro F1 over every filled slot: kind, status, each party, each name, date, place country, initiator, each
    /// topic; an event not found loses all its slots, one too many adds all of its own as false.
    Slots,
    /// F1 of the events whose parties, kind, status and date are all right.
    Exact,
    /// Of the events found, share whose parties are all right and no others.
    Parties,
    /// On the events found, F1 of the named people.
    Names,
    /// Of the people found, share whose office is right.
    Office,
    /// Of the events found, share whose kind is right.
    Kind,
    /// Of the events found, share whose status is right.
    Status,
    /// Of the events found, share whose date is right, absence included.
    Date,
    /// Of the dated events found, share whose date overlaps.
    DateOverlap,
    /// Of the events found, share whose country is right, absence included.
    Place,
    /// Of the events found, share whose initiator is right, absence included.
    Initiator,
    /// On the events found, F1 of the topics.
    Topics,
    /// Events extracted per article that has none.
    Alarms,
}

impl Figure {
    /// All figures, in the order of a table.
    pub const ALL: [Self; 19] = [
        Self::Docs,
        Self::Gold,
        Self::Pred,
        Self::Precision,
        Self::Recall,
        Self::Event,
        Self::Slots,
        Self::Exact,
        Self::Parties,
        Self::Names,
        Self::Office,
        Self::Kind,
        Self::Status,
        Self::Date,
        Self::DateOverlap,
        Self::Place,
        Self::Initiator,
        Self::Topics,
        Self::Alarms,
    ];

    /// The name in a table and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docs => "docs",
            Self::Gold => "gold",
            Self::Pred => "pred",
            Self::Precision => "P",
            Self::Recall => "R",
            Self::Event => "event",
            Self::Slots => "slots",
            Self::Exact => "exact",
            Self::Parties => "parties",
            Self::Names => "names",
            Self::Office => "office",
            Self::Kind => "kind",
            Self::Status => "status",
            Self::Date => "date",
            Self::DateOverlap => "date~",
            Self::Place => "place",
            Self::Initiator => "init",
            Self::Topics => "topics",
            Self::Alarms => "alarms",
        }
    }

    /// Whether it is a number of things and no share.
    #[must_use]
    pub const fn is_count(self) -> bool {
        matches!(self, Self::Docs | Self::Gold | Self::Pred)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Figure {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|figure| figure.name() == name)
            .ok_or_else(|| {
                let names: Vec<_> = Self::ALL.iter().map(|figure| figure.name()).collect();
                format!("no figure {name:?}: there are {}", names.join(", "))
            })
    }
}

/// Everything counted over some articles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    docs: usize,
    gold: usize,
    pred: usize,
    found: usize,
    docs_without: usize,
    false_alarms: usize,
    slots: Share,
    parties: usize,
    names: Share,
    offices: usize,
    kinds: usize,
    statuses: usize,
    dates: usize,
    dated: usize,
    dates_overlapping: usize,
    places: usize,
    initiators: usize,
    topics: Share,
    exact: usize,
}

/// Things right, of those in gold, and of those extracted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Share {
    right: usize,
    gold: usize,
    pred: usize,
}

impl Share {
    fn add(&mut self, right: usize, gold: usize, pred: usize) {
        self.right += right;
        self.gold += gold;
        self.pred += pred;
    }

    fn f1(&self) -> f64 {
        f1(self.right, self.gold, self.pred)
    }
}

/// What went wrong with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissKind {
    /// Found, but parties, kind, status or date are not right.
    Wrong,
    /// In gold and not found.
    Missed,
    /// Extracted and not in gold.
    Extra,
}

/// An event that is not right, and what stands against it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Miss<'a> {
    /// What went wrong.
    pub kind: MissKind,
    /// The article.
    pub article: &'a GoldArticle,
    /// What is in gold.
    pub gold: Option<&'a Event>,
    /// What was extracted.
    pub found: Option<&'a Event>,
}

/// Scores the events extracted from `gold` articles.
pub fn score<'a>(gold: impl IntoIterator<Item = &'a GoldArticle>, predicted: &'a Predicted) -> Figures {
    count(gold, predicted, |_| {})
}

/// Scores the events extracted from `gold` articles, and tells every one that is not right.
pub fn score_with_misses<'a>(
    gold: impl IntoIterator<Item = &'a GoldArticle>,
    predicted: &'a Predicted,
) -> (Figures, Vec<Miss<'a>>) {
    let mut misses = Vec::new();
    let figures = count(gold, predicted, |miss| misses.push(miss));
    (figures, misses)
}

fn count<'a>(
    articles: impl IntoIterator<Item = &'a GoldArticle>,
    predicted: &'a Predicted,
    mut miss: impl FnMut(Miss<'a>),
) -> Figures {
    let mut figures = Figures::default();
    for article in articles {
        let gold = &article.events[..];
        let found = predicted.get(&article.id).map_or(&[][..], Vec::as_slice);
        figures.docs += 1;
        figures.gold += gold.len();
        figures.pred += found.len();
        if gold.is_empty() {
            figures.docs_without += 1;
            figures.false_alarms += found.len();
        }
        figures
            .slots
            .add(0, gold.iter().map(slots).sum(), found.iter().map(slots).sum());
        let pairs = align(gold, found);
        for &(i, j) in &pairs {
            if !figures.pair(&gold[i], &found[j]) {
                let kind = MissKind::Wrong;
                miss(Miss {
                    kind,
                    article,
                    gold: Some(&gold[i]),
                    found: Some(&found[j]),
                });
            }
        }
        for (i, event) in gold.iter().enumerate() {
            if !pairs.iter().any(|pair| pair.0 == i) {
                miss(Miss {
                    kind: MissKind::Missed,
                    article,
                    gold: Some(event),
                    found: None,
                });
            }
        }
        for (j, event) in found.iter().enumerate() {
            if !pairs.iter().any(|pair| pair.1 == j) {
                miss(Miss {
                    kind: MissKind::Extra,
                    article,
                    gold: None,
                    found: Some(event),
                });
            }
        }
    }
    figures
}

/// How many slots an event fills.
fn slots(event: &Event) -> usize {
    2 + event.parties().len()
        + event.named().count()
        + event.topics.len()
        + usize::from(event.date.is_some())
        + usize::from(!event.country().is_empty())
        + usize::from(event.initiator.is_some())
}

impl Figures {
    /// Counts a found event; whether it is exactly right.
    fn pair(&mut self, gold: &Event, found: &Event) -> bool {
        self.found += 1;
        let people = names::shared(gold, found);
        self.names
            .add(people.len(), gold.named().count(), found.named().count());
        self.offices += people.iter().filter(|(g, f)| g.office == f.office).count();

        let (ours, theirs) = (gold.parties(), found.parties());
        let parties = ours == theirs;
        let kind = gold.kind == found.kind;
        let status = gold.status == found.status;
        let date = gold.date == found.date;
        let place = gold.country() == found.country();
        let initiator = gold.initiator == found.initiator;
        self.parties += usize::from(parties);
        self.kinds += usize::from(kind);
        self.statuses += usize::from(status);
        self.dates += usize::from(date);
        if let Some(day) = &gold.date {
            self.dated += 1;
            self.dates_overlapping +=
                usize::from(found.date.as_ref().is_some_and(|other| day.overlaps(other)));
        }
        self.places += usize::from(place);
        self.initiators += usize::from(initiator);

        let wanted: BTreeSet<&String> = gold.topics.iter().collect();
        let told: BTreeSet<&String> = found.topics.iter().collect();
        let topics = wanted.intersection(&told).count();
        self.topics.add(topics, wanted.len(), told.len());

        let exact = parties && kind && status && date;
        self.exact += usize::from(exact);
        self.slots.right += usize::from(kind)
            + usize::from(status)
            + common(&ours, &theirs)
            + people.len()
            + topics
            + usize::from(gold.date.is_some() && date)
            + usize::from(!gold.country().is_empty() && place)
            + usize::from(gold.initiator.is_some() && initiator);
        exact
    }

    /// The value of a figure.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn get(&self, figure: Figure) -> f64 {
        let ratio = |part: usize, whole: usize, of_nothing: f64| {
            if whole == 0 {
                of_nothing
            } else {
                part as f64 / whole as f64
            }
        };
        match figure {
            Figure::Docs => self.docs as f64,
            Figure::Gold => self.gold as f64,
            Figure::Pred => self.pred as f64,
            Figure::Precision => ratio(self.found, self.pred, 0.0),
            Figure::Recall => ratio(self.found, self.gold, 0.0),
            Figure::Event => f1(self.found, self.gold, self.pred),
            Figure::Slots => self.slots.f1(),
            Figure::Exact => f1(self.exact, self.gold, self.pred),
            Figure::Parties => ratio(self.parties, self.found, 0.0),
            Figure::Names => self.names.f1(),
            Figure::Office => ratio(self.offices, self.names.right, 1.0),
            Figure::Kind => ratio(self.kinds, self.found, 0.0),
            Figure::Status => ratio(self.statuses, self.found, 0.0),
            Figure::Date => ratio(self.dates, self.found, 0.0),
            Figure::DateOverlap => ratio(self.dates_overlapping, self.dated, 1.0),
            Figure::Place => ratio(self.places, self.found, 0.0),
            Figure::Initiator => ratio(self.initiators, self.found, 0.0),
            Figure::Topics => self.topics.f1(),
            Figure::Alarms => ratio(self.false_alarms, self.docs_without, 0.0),
        }
    }
}
