//! Times of publication.
//!
//! What an article calls "today" is a calendar day at the place where it was written. The offset of its
//! `published_at` is the only trace of that place, so it is kept: `2021-12-15T00:30:00+03:00` is the 15th,
//! although it is still the 14th in Greenwich.

use jiff::{Timestamp, civil, fmt::temporal::Pieces, tz::Offset};

/// A time of publication: as written, and as the calendar day it names at the place of publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAt {
    /// RFC 3339 or an ISO date, as it goes into the event.
    pub text: String,
    /// Calendar day in the offset that the text is written in.
    pub date: civil::Date,
}

impl PublishedAt {
    /// Reads an ISO date (`2021-12-14`) or an RFC 3339 time (`2021-12-14T18:05:00+01:00`).
    ///
    /// Near relatives of RFC 3339 that feeds are full of are put right: seconds left out, an offset without
    /// its colon. A time without an offset names a day and no instant, and is reduced to that day.
    /// Anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // jiff reads a larger language: signed years, basic dates, zone annotations.
        let extended_date = text.as_bytes().get(..10).is_some_and(|day| {
            day.iter().enumerate().all(|(i, b)| {
                if i == 4 || i == 7 {
                    *b == b'-'
                } else {
                    b.is_ascii_digit()
                }
            })
        });
        if !extended_date || text.contains('[') {
            return None;
        }
        let pieces = Pieces::parse(text).ok()?;
        let date = pieces.date();
        let text = match (pieces.time(), pieces.to_numeric_offset()) {
            (None, None) if text.len() == 10 => text.to_owned(),
            (None, _) => return None,
            (Some(_), None) => date.to_string(),
            (Some(_), Some(_)) if is_rfc_3339(text) => text.to_owned(),
            (Some(time), Some(offset)) => offset
                .to_timestamp(date.to_datetime(time))
                .ok()?
                .display_with_offset(offset)
                .to_string(),
        };
        Some(Self { text, date })
    }

    /// The time of a record: milliseconds since the epoch, in UTC for want of a place.
    /// `None` where it is beyond the years 0 to 9999.
    #[must_use]
    pub fn from_millisecond(milliseconds: i64) -> Option<Self> {
        let timestamp = Timestamp::from_millisecond(milliseconds).ok()?;
        let date = Offset::UTC.to_datetime(timestamp).date();
        (date.year() >= 0).then(|| Self {
            text: timestamp.to_string(),
            date,
        })
    }

    /// The instant, where the text names one.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.text.parse().ok()
    }

    /// The first instant of the calendar day in UTC: an approximation for who needs an instant at any price.
    #[must_use]
    pub fn instant_or_midnight(&self) -> Option<Timestamp> {
        self.timestamp()
            .or_else(|| Offset::UTC.to_timestamp(self.date.at(0, 0, 0, 0)).ok())
    }
}

/// Whether a text that jiff has read as a time with an offset has the exact form of RFC 3339.
fn is_rfc_3339(text: &str) -> bool {
    let Some((time, offset)) = text.get(11..).and_then(|rest| {
        let at = rest.find(['Z', 'z', '+', '-'])?;
        rest.split_at_checked(at)
    }) else {
        return false;
    };
    let bytes = time.as_bytes();
    let clock = bytes.len() == 8 || (bytes.len() > 9 && bytes[8] == b'.');
    let colons = bytes.get(2) == Some(&b':') && bytes.get(5) == Some(&b':');
    let offset = offset.eq_ignore_ascii_case("z") || (offset.len() == 6 && offset.as_bytes()[3] == b':');
    clock && colons && offset
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(text: &str) -> Option<(String, civil::Date)> {
        PublishedAt::parse(text).map(|p| (p.text, p.date))
    }

    #[test]
    fn the_day_is_that_of_the_articles_own_offset() {
        for (text, day) in [
            ("2021-12-15T00:30:00+03:00", date(2021, 12, 15)),
            ("2021-12-14T23:30:00-05:00", date(2021, 12, 14)),
            ("2021-12-14T23:30:00.250Z", date(2021, 12, 14)),
            ("2021-12-14t23:30:00z", date(2021, 12, 14)),
            ("2021-12-14 23:30:00Z", date(2021, 12, 14)),
            ("2024-02-29", date(2024, 2, 29)),
        ] {
            assert_eq!(read(text), Some((text.to_owned(), day)), "{text}");
        }
    }

    #[test]
    fn near_relatives_of_rfc_3339_are_put_right() {
        let day = date(2021, 12, 14);
        assert_eq!(
            read("2021-12-14T10:00+0100"),
            Some(("2021-12-14T10:00:00+01:00".into(), day))
        );
        assert_eq!(read("2021-12-14T10:00:00"), Some(("2021-12-14".into(), day)));
        assert_eq!(read(" 2021-12-14\n"), Some(("2021-12-14".into(), day)));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "yesterday",
            "2021",
            "2021-12",
            "20211214",
            "2021-13-01",
            "2023-02-29",
            "14/12/2021",
            "+002021-12-14",
            "2021-12-14T25:00:00Z",
            "2021-12-14T10:00:00+01:00[Europe/Paris]",
            "2021-12-14Z",
            "2021-12-1４",
            "Tue, 14 Dec 2021 10:00:00 +0100",
            "2021-12-14T",
            "1639476000",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_records_time_is_read_in_utc() {
        let published = PublishedAt::from_millisecond(1_639_476_000_123).unwrap();
        assert_eq!(published.text, "2021-12-14T10:00:00.123Z");
        assert_eq!(published.date, date(2021, 12, 14));
        assert_eq!(PublishedAt::from_millisecond(i64::MAX), None);
        assert_eq!(PublishedAt::from_millisecond(i64::MIN), None);
    }

    #[test]
    fn an_instant_can_be_had_of_a_day() {
        let day = PublishedAt::parse("2021-12-14").unwrap();
        assert_eq!(day.timestamp(), None);
        assert_eq!(
            day.instant_or_midnight().unwrap().to_string(),
            "2021-12-14T00:00:00Z"
        );
        let time = PublishedAt::parse("2021-12-14T00:30:00+03:00").unwrap();
        assert_eq!(
            time.instant_or_midnight().unwrap().to_string(),
            "2021-12-13T21:30:00Z"
        );
    }
}
