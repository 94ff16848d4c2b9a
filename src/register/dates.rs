//! Days as the tables write them: `2011-05-17`, or less where less is known.

use jiff::civil::Date;

/// The first day that `text` can mean.
pub fn first_day(text: &str) -> Option<Date> {
    let (year, month, day) = parts(text)?;
    Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()
}

/// The day after the last one that `text` can mean, where it names no day; else that very day.
pub fn end_day(text: &str) -> Option<Date> {
    let (year, month, day) = parts(text)?;
    match (month, day) {
        (Some(month), Some(day)) => Date::new(year, month, day).ok(),
        (Some(12), None) | (None, _) => Date::new(year + 1, 1, 1).ok(),
        (Some(month), None) => Date::new(year, month + 1, 1).ok(),
    }
}

fn parts(text: &str) -> Option<(i16, Option<i8>, Option<i8>)> {
    let mut parts = text.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next().map(str::parse).transpose().ok()?;
    let day = parts.next().map(str::parse).transpose().ok()?;
    parts.next().is_none().then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn less_known_dates_cover_all_they_can_mean() {
        assert_eq!(first_day("2011"), Some(date(2011, 1, 1)));
        assert_eq!(end_day("2011-12"), Some(date(2012, 1, 1)));
        assert_eq!(end_day("2011-05"), Some(date(2011, 6, 1)));
        assert_eq!(end_day("2011-05-17"), Some(date(2011, 5, 17)));
        assert_eq!(first_day("soon"), None);
        assert_eq!(first_day("2011-13-01"), None);
    }
}
