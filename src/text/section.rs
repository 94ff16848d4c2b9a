//! From byte spans in the joined text to code points in a section.

use crate::event::Section;

/// Title and body in one string, and where each lies.
#[derive(Debug, Clone)]
pub struct SectionMap {
    text: String,
    body_start: usize,
    title_len: usize,
    /// Code points before every `STEP`th byte.
    counts: Vec<u32>,
}

/// Bytes between two counts of code points.
const STEP: usize = 256;

fn code_points(bytes: &[u8]) -> usize {
    // Every byte but those that continue a code point.
    bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count()
}

/// A stretch of one section, in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionSpan {
    /// Title or body.
    pub section: Section,
    /// First code point.
    pub start: u32,
    /// One past the last code point.
    pub end: u32,
    /// The words.
    pub text: String,
}

impl SectionMap {
    /// Joins the two sections, a blank line between them.
    #[must_use]
    pub fn new(title: &str, body: &str) -> Self {
        let mut text = String::with_capacity(title.len() + 2 + body.len());
        text.push_str(title);
        text.push_str("\n\n");
        let body_start = text.len();
        text.push_str(body);
        let mut before = 0;
        let counts = text.as_bytes().chunks(STEP).map(|chunk| {
            let here = before;
            before += u32::try_from(code_points(chunk)).unwrap_or(u32::MAX);
            here
        });
        let counts = counts.collect();
        Self {
            text,
            body_start,
            title_len: title.len(),
            counts,
        }
    }

    /// The joined text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the byte offset lies in the title.
    #[must_use]
    pub fn in_title(&self, byte: usize) -> bool {
        byte < self.body_start
    }

    /// Code points of the joined text before a byte.
    fn points(&self, byte: usize) -> usize {
        let step = byte / STEP;
        let before = self
            .counts
            .get(step)
            .or(self.counts.last())
            .map_or(0, |count| *count as usize);
        let from = STEP * step.min(self.counts.len().saturating_sub(1));
        before + code_points(&self.text.as_bytes()[from..byte])
    }

    /// The byte span as code points of its section; a span that crosses sections is cut at the first one's end.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> SectionSpan {
        let (section, base, limit) = if start < self.body_start {
            (Section::Title, 0, self.title_len)
        } else {
            (Section::Body, self.body_start, self.text.len())
        };
        let (start, end) = (start.min(limit), end.min(limit).max(start.min(limit)));
        let before = self.points(start) - self.points(base);
        let words = &self.text[start..end];
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        SectionSpan {
            section,
            start: count(before),
            end: count(before + words.chars().count()),
            text: words.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_code_points_of_their_own_section() {
        let map = SectionMap::new("Été à Genève", "L’émir à 北京 😀 reçu");
        let at = map.text().find("北京").expect("there");
        let span = map.span(at, at + "北京".len());
        assert_eq!((span.section, span.start, span.end), (Section::Body, 9, 11));
        let at = map.text().find("reçu").expect("there");
        assert_eq!(map.span(at, at + "reçu".len()).start, 14);
        let at = map.text().find("Genève").expect("there");
        let span = map.span(at, at + "Genève".len());
        assert_eq!((span.section, span.start, span.end), (Section::Title, 6, 12));
    }

    #[test]
    fn spans_deep_in_a_long_body_count_as_those_at_its_head() {
        let body = "Été 北京 😀 ".repeat(300);
        let map = SectionMap::new("Çà", &body);
        for (at, _) in map.text().match_indices("北京") {
            let wanted = map.text()[map.body_start..at].chars().count();
            assert_eq!(map.span(at, at + "北京".len()).start as usize, wanted);
        }
    }
}
