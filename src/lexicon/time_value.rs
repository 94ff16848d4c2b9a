//! What a date rule means, apart from the numbers and names in its words.
//!
//! | value | meaning |
//! |---|---|
//! | `date`, `date:mdy`, `date:ymd` | a day of a month, of a year where told; the order of bare numbers |
//! | `dates` | two days of a month (or of two), from the one to the other |
//! | `day_number` | a day of the month, the month not told |
//! | `weekday`, `weekday:-1`, `weekday:+1` | the nearest that fits the tense; the one before, after this week's |
//! | `weekday_of_week:-1` | that day of the week before, of this, of the next |
//! | `day:N` | N days from publication; `day_n:-1`, `day_n:+1`: the number in the words, back or ahead |
//! | `week:N`, `weekend:N`, `month:N`, `year:N` | the whole of it, N from the present one |
//! | `week_n:-1`, `month_n:-1`, `year_n:-1` … | likewise with the number in the words |
//! | `month` | a named month, of a year where told; `month:-1` with a name: last March |
//! | `part:early`, `part:mid`, `part:late` | days 1–10, 11–20, 21–end of the named month, else of this |
//! | `part_of_month:late:-1` | of the month before |
//! | `year` | the number in the words |
//! | `season:spring` … `season:winter` | three months, of a year where told |
//! | `half:1`, `half:2`, `quarter:1` … | of the year told, `half:1:+1` of the next |
//! | `same_day`, `day_before`, `day_after`, `days_after_n`, `days_before_n` | counted from the date last told |
//! | `duration` | so many days from the date told beside it |
//! | `vague` | told, but no ground for a date |

use std::ops::RangeInclusive;

/// The order of bare numbers in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// day month year
    Dmy,
    /// month day year
    Mdy,
    /// year month day
    Ymd,
}

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Day.
    Day,
    /// Week, Monday to Sunday.
    Week,
    /// Saturday and Sunday.
    Weekend,
    /// Month.
    Month,
    /// Year.
    Year,
}

/// What a date rule means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeValue {
    /// A day of a month.
    Date(Order),
    /// Two days.
    Dates,
    /// A day of an untold month.
    DayNumber,
    /// A weekday: nearest by tense, or shifted by weeks.
    Weekday(Option<i32>),
    /// A weekday of a week counted from the present one.
    WeekdayOfWeek(i32),
    /// So many units from the present one.
    Shift(Unit, i32),
    /// As many units as the words say, back or ahead.
    ShiftBy(Unit, i32),
    /// A named month.
    NamedMonth,
    /// A part of a month (its days), of the month so many from the present unless named.
    Part(u8, i32),
    /// A year.
    NamedYear,
    /// A season: its first month.
    Season(i8),
    /// Months of a year: first, last, and the year counted from the one told or present.
    Months(i8, i8, i32),
    /// Days from the date last told.
    FromTold(i32),
    /// As many days from the date last told as the words say.
    FromToldBy(i32),
    /// A length in days.
    Duration,
    /// No ground.
    Vague,
}

impl TimeValue {
    /// The value that `text` names.
    ///
    /// # Errors
    /// A reason, where it names none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let args: Vec<&str> = parts.collect();
        let number = |at: usize| -> Result<i32, String> {
            args.get(at).map_or(Ok(0), |a| {
                a.parse()
                    .map_err(|_| format!("value `{text}`: `{a}` is no number"))
            })
        };
        let within = |n: i32, range: RangeInclusive<i32>| {
            if range.contains(&n) {
                Ok(n)
            } else {
                Err(format!("value `{text}`: {n} is out of range"))
            }
        };
        Ok(match (name, args.first().copied()) {
            ("date", None | Some("dmy")) => Self::Date(Order::Dmy),
            ("date", Some("mdy")) => Self::Date(Order::Mdy),
            ("date", Some("ymd")) => Self::Date(Order::Ymd),
            ("dates", None) => Self::Dates,
            ("day_number", None) => Self::DayNumber,
            ("weekday", None) => Self::Weekday(None),
            ("weekday", Some(_)) => Self::Weekday(Some(number(0)?)),
            ("weekday_of_week", Some(_)) => Self::WeekdayOfWeek(number(0)?),
            ("day", Some(_)) => Self::Shift(Unit::Day, number(0)?),
            ("week", Some(_)) => Self::Shift(Unit::Week, number(0)?),
            ("weekend", Some(_)) => Self::Shift(Unit::Weekend, number(0)?),
            ("month", None) => Self::NamedMonth,
            ("month", Some(_)) => Self::Shift(Unit::Month, number(0)?),
            ("year", None) => Self::NamedYear,
            ("year", Some(_)) => Self::Shift(Unit::Year, number(0)?),
            ("day_n", Some(_)) => Self::ShiftBy(Unit::Day, number(0)?),
            ("week_n", Some(_)) => Self::ShiftBy(Unit::Week, number(0)?),
            ("month_n", Some(_)) => Self::ShiftBy(Unit::Month, number(0)?),
            ("year_n", Some(_)) => Self::ShiftBy(Unit::Year, number(0)?),
            ("part" | "part_of_month", Some(part)) => {
                let part = match part {
                    "early" => 0,
                    "mid" => 1,
                    "late" => 2,
                    _ => return Err(format!("value `{text}`: early, mid or late, not `{part}`")),
                };
                Self::Part(part, number(1)?)
            }
            ("season", Some("spring")) => Self::Season(3),
            ("season", Some("summer")) => Self::Season(6),
            ("season", Some("autumn")) => Self::Season(9),
            ("season", Some("winter")) => Self::Season(12),
            ("half", Some(_)) => {
                let half = within(number(0)?, 1..=2)?;
                Self::Months(
                    if half == 1 { 1 } else { 7 },
                    if half == 1 { 6 } else { 12 },
                    number(1)?,
                )
            }
            ("quarter", Some(_)) => {
                let quarter = i8::try_from(within(number(0)?, 1..=4)?).unwrap_or(1);
                Self::Months(quarter * 3 - 2, quarter * 3, number(1)?)
            }
            ("same_day", None) => Self::FromTold(0),
            ("day_before", None) => Self::FromTold(-1),
            ("day_after", None) => Self::FromTold(1),
            ("days_before_n", None) => Self::FromToldBy(-1),
            ("days_after_n", None) => Self::FromToldBy(1),
            ("duration", None) => Self::Duration,
            ("vague", None) => Self::Vague,
            _ => return Err(format!("value `{text}` is unknown")),
        })
    }
}
