//! Expressions of time, and the days they mean.
//!
//! A bare weekday or a date without a year means the nearest day that fits the tense, so an expression is
//! resolved only once it is known whether it tells of something past or to come. Days count from the
//! publication date, or from the dateline's own date where the article has one.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};
use smallvec::SmallVec;

use super::document::{Document, Stretch, covering, number, starting};
use crate::{
    event::{ContactStatus, DatePrecision},
    lexicon::{Order, TimeValue, Unit, Word},
    text::Kind,
};

/// Whether a contact is told as past or to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Told as past.
    Past,
    /// Told as to come.
    Future,
    /// Not told: whatever day is nearest.
    Nearest,
}

/// Days that an expression means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// How exactly it is told.
    pub precision: DatePrecision,
}

/// An expression of time.
#[derive(Debug, Clone)]
pub struct Time {
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// What its rule means.
    pub value: TimeValue,
    numbers: SmallVec<[u32; 4]>,
    months: SmallVec<[i8; 2]>,
    weekday: Option<i8>,
    year: Option<i16>,
    told: Option<Date>,
    /// It is the dateline's own date.
    pub dateline: bool,
}

impl Stretch for Time {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

/// All expressions of time in a document.
#[derive(Debug)]
pub struct Times {
    /// By their place.
    pub all: Vec<Time>,
    /// The day that relative expressions count from.
    pub anchor: Date,
}

/// Reads all expressions of time.
pub fn read(document: &Document<'_>) -> Times {
    let mut anchor = document.article.published_at.date;
    let mut all: Vec<Time> = Vec::new();
    let body = document.body_start().unwrap_or(0);
    let mut told: Option<Date> = None;
    for layer in &document.times {
        let mut time = time(document, layer.start, layer.end, document.pack.times[layer.value]);
        if layer.start >= body
            && layer.end <= document.dateline_end
            && matches!(time.value, TimeValue::Date(_) | TimeValue::DayNumber)
        {
            time.dateline = true;
            if let Some(days) = time.resolve(anchor, Direction::Past)
                && (anchor - days.start).get_days().abs() <= 4
            {
                anchor = days.start;
            }
            all.push(time);
            continue;
        }
        time.told = told;
        // A year or a month told in passing is no day to count from.
        // When something was said is a day to count from only where its sentence tells no other.
        let sentence = document.tokens[layer.start].sentence;
        let other = document
            .times
            .iter()
            .any(|t| t.start != layer.start && document.tokens[t.start].sentence == sentence);
        let reported = other && near_report(document, layer.start, layer.end);
        if !reported
            && let Some(days) = time.resolve(anchor, direction(document, layer.start))
            && matches!(days.precision, DatePrecision::Day | DatePrecision::Span)
        {
            told = Some(days.start);
        }
        all.push(time);
    }
    Times { all, anchor }
}

/// Whether the sentence around a token speaks of what is to come.
fn direction(document: &Document<'_>, at: usize) -> Direction {
    let (first, last) = document.sentence(at);
    let near = |start: usize| start >= first && start < last && start.abs_diff(at) <= 12;
    let future = starting(&document.cues, first, last).iter().any(|c| {
        near(c.start)
            && matches!(
                document.pack.cues[c.value].status,
                ContactStatus::Planned | ContactStatus::Proposed | ContactStatus::Cancelled
            )
    }) || (first..last).any(|i| near(i) && document.words(i).has(Word::Will));
    if future {
        Direction::Future
    } else {
        Direction::Nearest
    }
}

/// Whether an expression stands beside a reporting verb, so that it tells when something was said.
pub fn near_report(document: &Document<'_>, start: usize, end: usize) -> bool {
    let (first, last) = document.sentence(start);
    let reports = |at: usize| document.words(at).has(Word::Report);
    (end..(end + 2).min(last)).any(reports)
        || (start.saturating_sub(4).max(first)..start)
            .any(|at| reports(at) && document.word_end(at) + 1 >= start)
}

fn time(document: &Document<'_>, start: usize, end: usize, value: TimeValue) -> Time {
    let mut numbers = SmallVec::new();
    let mut year = None;
    for at in start..end {
        if document.tokens[at].kind == Kind::Number && covering(&document.months, at).is_none() {
            match number(document.word(at)) {
                Some(n @ 1900..=2100) => year = i16::try_from(n).ok(),
                Some(n) => numbers.push(n),
                None => {}
            }
        }
    }
    let months = starting(&document.months, start, end)
        .iter()
        .filter(|m| m.end <= end)
        .map(|m| m.value)
        .collect();
    let weekday = starting(&document.weekdays, start, end)
        .iter()
        .find(|m| m.end <= end)
        .map(|m| m.value);
    if numbers.is_empty() {
        numbers.extend(
            starting(&document.numbers, start, end)
                .iter()
                .filter(|n| n.end <= end)
                .map(|n| u32::from(n.value)),
        );
    }
    Time {
        start,
        end,
        value,
        numbers,
        months,
        weekday,
        year,
        told: None,
        dateline: false,
    }
}

/// One day.
pub fn day(start: Date) -> Option<Days> {
    Some(Days {
        start,
        end: start,
        precision: DatePrecision::Day,
    })
}

fn month(year: i16, month: i8) -> Option<Days> {
    let start = Date::new(year, month, 1).ok()?;
    Some(Days {
        start,
        end: start.last_of_month(),
        precision: DatePrecision::Month,
    })
}

fn add_months(date: Date, months: i32) -> Option<(i16, i8)> {
    let moved = date.first_of_month().checked_add(months.months()).ok()?;
    Some((moved.year(), moved.month()))
}

impl Time {
    /// The days meant, told as past or to come, counted from `anchor`; none where the words give no ground.
    pub fn resolve(&self, anchor: Date, direction: Direction) -> Option<Days> {
        match self.value {
            TimeValue::Date(order) => self.date(order, anchor, direction),
            TimeValue::Dates => self.dates(anchor, direction),
            TimeValue::DayNumber => self.day_number(anchor, direction),
            TimeValue::Weekday(None) => day(self.weekday_near(anchor, direction, true)?),
            TimeValue::Weekday(Some(weeks)) => {
                let direction = if weeks < 0 {
                    Direction::Past
                } else {
                    Direction::Future
                };
                day(self.weekday_near(anchor, direction, false)?)
            }
            TimeValue::WeekdayOfWeek(weeks) => {
                let monday = monday(anchor)?.checked_add((7 * weeks).days()).ok()?;
                day(monday.checked_add((i32::from(self.weekday?) - 1).days()).ok()?)
            }
            TimeValue::Shift(Unit::Year, n) if !self.months.is_empty() => {
                let named = *self.months.first()?;
                let year = i16::try_from(i32::from(anchor.year()) + n).ok()?;
                match self.numbers.first().and_then(|d| i8::try_from(*d).ok()) {
                    Some(dom) => day(Date::new(year, named, dom).ok()?),
                    None => month(year, named),
                }
            }
            TimeValue::Shift(Unit::Month, n) if !self.months.is_empty() => {
                let named = *self.months.first()?;
                let direction = if n < 0 { Direction::Past } else { Direction::Future };
                let mut year = year_of_month(named, anchor, direction);
                if named == anchor.month() {
                    year += i16::try_from(n.signum()).ok()?;
                }
                month(year, named)
            }
            TimeValue::Shift(unit, n) => shift(anchor, unit, n),
            TimeValue::ShiftBy(unit, sign) => {
                shift(anchor, unit, sign * i32::try_from(*self.numbers.first()?).ok()?)
            }
            TimeValue::NamedMonth => {
                let named = *self.months.first()?;
                let year = self
                    .year
                    .unwrap_or_else(|| year_of_month(named, anchor, direction));
                month(year, named)
            }
            TimeValue::Part(part, months) => {
                let (year, month) = match self.months.first() {
                    Some(&named) => (
                        self.year
                            .unwrap_or_else(|| year_of_month(named, anchor, direction)),
                        named,
                    ),
                    None => add_months(anchor, months)?,
                };
                let first = Date::new(year, month, 1).ok()?;
                let (from, to) = match part {
                    0 => (1, 10),
                    1 => (11, 20),
                    _ => (21, first.days_in_month()),
                };
                Some(Days {
                    start: Date::new(year, month, from).ok()?,
                    end: Date::new(year, month, to).ok()?,
                    precision: DatePrecision::PartOfMonth,
                })
            }
            TimeValue::NamedYear => year(self.year?),
            TimeValue::Season(first) => {
                let told = self.year;
                let mut start = Date::new(told.unwrap_or(anchor.year()), first, 1).ok()?;
                if told.is_none() && direction != Direction::Future && start > anchor {
                    start = start.checked_sub(1.year()).ok()?;
                }
                let end = start.checked_add(2.months()).ok()?.last_of_month();
                Some(Days {
                    start,
                    end,
                    precision: DatePrecision::Season,
                })
            }
            TimeValue::Months(first, last, years) => {
                let told = self.year.unwrap_or(anchor.year()) + i16::try_from(years).ok()?;
                Some(Days {
                    start: Date::new(told, first, 1).ok()?,
                    end: Date::new(told, last, 1).ok()?.last_of_month(),
                    precision: DatePrecision::Season,
                })
            }
            TimeValue::FromTold(days) => day(self.told.unwrap_or(anchor).checked_add(days.days()).ok()?),
            TimeValue::FromToldBy(sign) => {
                let days = sign * i32::try_from(*self.numbers.first()?).ok()?;
                day(self.told?.checked_add(days.days()).ok()?)
            }
            TimeValue::Duration | TimeValue::Vague => None,
        }
    }

    /// Whether the words alone tell that it is to come, whatever the tense.
    pub fn points_ahead(&self, anchor: Date) -> bool {
        match self.value {
            TimeValue::Shift(Unit::Day, n) => n > 0,
            TimeValue::Shift(_, n) => n > 0,
            TimeValue::ShiftBy(_, sign) => sign > 0,
            TimeValue::Weekday(Some(n)) | TimeValue::WeekdayOfWeek(n) => n > 0,
            TimeValue::Date(order) if self.year.is_some() => self
                .date(order, anchor, Direction::Past)
                .is_some_and(|d| d.start > anchor),
            TimeValue::NamedMonth if self.year.is_some() => self
                .resolve(anchor, Direction::Past)
                .is_some_and(|d| d.start > anchor),
            TimeValue::Dates => {
                self.resolve(anchor, Direction::Future)
                    .is_some_and(|d| d.start > anchor && d.start <= anchor.saturating_add(60.days()))
                    && self.year.is_some()
            }
            _ => false,
        }
    }

    /// Whether the words alone tell that it is past, whatever the tense.
    pub fn points_back(&self, anchor: Date) -> bool {
        match self.value {
            TimeValue::Shift(_, n) => n < 0,
            TimeValue::ShiftBy(_, sign) => sign < 0,
            TimeValue::Weekday(Some(n)) | TimeValue::WeekdayOfWeek(n) => n < 0,
            TimeValue::Date(_) | TimeValue::NamedMonth | TimeValue::NamedYear | TimeValue::Dates
                if self.year.is_some() =>
            {
                self.resolve(anchor, Direction::Past)
                    .is_some_and(|d| d.end < anchor)
            }
            _ => false,
        }
    }

    /// Whether it names a single day or a span of days.
    pub fn is_exact(&self) -> bool {
        !matches!(self.value, TimeValue::Vague | TimeValue::Duration)
    }

    fn date(&self, order: Order, anchor: Date, direction: Direction) -> Option<Days> {
        let (dom, named) = match (self.months.first(), self.numbers.as_slice()) {
            (Some(&named), [dom, ..]) => (*dom, named),
            (None, [a, b, ..]) => {
                let (dom, m) = if order == Order::Dmy { (*a, *b) } else { (*b, *a) };
                (dom, i8::try_from(m).ok()?)
            }
            _ => return None,
        };
        let dom = i8::try_from(dom).ok()?;
        let short_year = match (self.months.first(), self.numbers.as_slice()) {
            (None, [_, _, y]) if self.year.is_none() && *y < 100 => Some(2000 + i16::try_from(*y).ok()?),
            _ => None,
        };
        if let Some(year) = self.year.or(short_year) {
            return day(Date::new(year, named, dom).ok()?);
        }
        day(nearest_year(named, dom, anchor, direction)?)
    }

    fn dates(&self, anchor: Date, direction: Direction) -> Option<Days> {
        let (&from, &to) = match self.numbers.as_slice() {
            [from, to, ..] => (from, to),
            _ => return None,
        };
        let (from, to) = (i8::try_from(from).ok()?, i8::try_from(to).ok()?);
        let (first, last) = match self.months.as_slice() {
            [m] => (*m, *m),
            [a, b, ..] => (*a, *b),
            [] => (anchor.month(), anchor.month()),
        };
        let start = match self.year {
            Some(year) => Date::new(year, first, from).ok()?,
            None => nearest_year(first, from, anchor, direction)?,
        };
        let mut end = Date::new(start.year(), last, to).ok()?;
        if end < start {
            end = Date::new(start.year() + 1, last, to).ok()?;
        }
        Some(Days {
            start,
            end,
            precision: DatePrecision::Span,
        })
    }

    fn day_number(&self, anchor: Date, direction: Direction) -> Option<Days> {
        let dom = i8::try_from(*self.numbers.first()?).ok()?;
        let here = Date::new(anchor.year(), anchor.month(), dom).ok();
        let fits = |d: &Date| {
            if direction == Direction::Future {
                *d >= anchor
            } else {
                *d <= anchor
            }
        };
        if let Some(date) = here.filter(fits) {
            return day(date);
        }
        let (year, month) = add_months(anchor, if direction == Direction::Future { 1 } else { -1 })?;
        day(Date::new(year, month, dom).ok()?)
    }

    fn weekday_near(&self, anchor: Date, direction: Direction, today: bool) -> Option<Date> {
        let wanted = Weekday::from_monday_one_offset(self.weekday?).ok()?;
        if today && anchor.weekday() == wanted {
            return Some(anchor);
        }
        let n = if direction == Direction::Future { 1 } else { -1 };
        anchor.nth_weekday(n, wanted).ok()
    }
}

fn nearest_year(month: i8, dom: i8, anchor: Date, direction: Direction) -> Option<Date> {
    let years = [-1, 0, 1]
        .iter()
        .filter_map(|y| Date::new(anchor.year() + y, month, dom).ok());
    let slack = 1.day();
    match direction {
        Direction::Past => years.filter(|d| *d <= anchor.saturating_add(slack)).max(),
        Direction::Future => years.filter(|d| *d >= anchor.saturating_sub(slack)).min(),
        Direction::Nearest => years.min_by_key(|d| (*d - anchor).get_days().abs()),
    }
}

fn year_of_month(named: i8, anchor: Date, direction: Direction) -> i16 {
    match direction {
        Direction::Past | Direction::Nearest if named > anchor.month() => anchor.year() - 1,
        Direction::Future if named < anchor.month() => anchor.year() + 1,
        _ => anchor.year(),
    }
}

fn monday(date: Date) -> Option<Date> {
    date.checked_sub(i32::from(date.weekday().to_monday_zero_offset()).days())
        .ok()
}

fn year(year: i16) -> Option<Days> {
    Some(Days {
        start: Date::new(year, 1, 1).ok()?,
        end: Date::new(year, 12, 31).ok()?,
        precision: DatePrecision::Year,
    })
}

fn shift(anchor: Date, unit: Unit, n: i32) -> Option<Days> {
    match unit {
        Unit::Day => day(anchor.checked_add(n.days()).ok()?),
        Unit::Week => {
            let start = monday(anchor)?.checked_add((7 * n).days()).ok()?;
            Some(Days {
                start,
                end: start.checked_add(6.days()).ok()?,
                precision: DatePrecision::Week,
            })
        }
        Unit::Weekend => {
            let start = monday(anchor)?.checked_add((7 * n + 5).days()).ok()?;
            Some(Days {
                start,
                end: start.checked_add(1.day()).ok()?,
                precision: DatePrecision::Span,
            })
        }
        Unit::Month => {
            let (y, m) = add_months(anchor, n)?;
            month(y, m)
        }
        Unit::Year => year(i16::try_from(i32::from(anchor.year()) + n).ok()?),
    }
}
