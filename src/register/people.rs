//! People and the offices they held.

use jiff::civil::Date;

use super::PartyId;
use crate::event::Office;

/// A person in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId(pub u32);

/// A person: the name as events write it, and the offices held.
#[derive(Debug, Clone)]
pub struct Person {
    /// Usual English form.
    pub name: String,
    /// The part used alone.
    pub family: String,
    /// Offices held, by their first day.
    pub terms: Vec<Term>,
}

/// An office held for a time.
#[derive(Debug, Clone)]
pub struct Term {
    /// The state or organisation.
    pub party: PartyId,
    /// The office.
    pub office: Office,
    /// First day.
    pub start: Date,
    /// The day it passed to the next; `None` while it lasts.
    pub end: Option<Date>,
    /// Class of the source of the row.
    pub source: String,
}

impl Term {
    /// Whether the office was held on that day.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.start <= day && self.end.is_none_or(|end| day < end)
    }

    /// Days between `day` and the term, 0 where it covers it.
    #[must_use]
    pub fn distance(&self, day: Date) -> i64 {
        let days = |from: Date, to: Date| i64::from((to - from).get_days());
        if day < self.start {
            days(day, self.start)
        } else {
            self.end.map_or(0, |end| days(end, day).max(0))
        }
    }
}
