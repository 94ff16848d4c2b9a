//! What a contact is about: topic words in its sentence and in the sentences that go on about it.

use super::document::{Document, starting};
use crate::register::TopicId;

/// Sentences behind the contact's own that may still be about it.
const REACH: usize = 3;
/// Most topics of one contact.
const MOST: usize = 5;

/// A topic and the words that tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The topic.
    pub topic: TopicId,
    /// How surely it is this contact's, 0 to 1.
    pub score: f64,
    /// Tokens of the words.
    pub spans: Vec<(usize, usize)>,
}

/// The topics of a contact told in sentence `sentence`; `stops` holds the sentences of the article's other contacts.
pub fn find(document: &Document<'_>, sentence: usize, own: (usize, usize), stops: &[usize]) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let mut add =
        |topic: TopicId, score: f64, span: (usize, usize)| match told.iter_mut().find(|t| t.topic == topic) {
            Some(t) => {
                t.score = 1.0 - (1.0 - t.score) * (1.0 - score);
                t.spans.push(span);
            }
            None => told.push(Told {
                topic,
                score,
                spans: vec![span],
            }),
        };
    let paragraph = |s: usize| document.tokens[document.sentences[s].0].paragraph;
    let title = document.in_title(document.sentences[sentence].0);
    for s in sentence..document.sentences.len().min(sentence + 1 + REACH) {
        if s > sentence && (stops.contains(&s) || title) {
            break;
        }
        let (first, last) = if s == sentence { own } else { document.sentences[s] };
        let away = f64::from(u32::try_from(s - sentence).unwrap_or(9))
            + if paragraph(s) == paragraph(sentence) {
                0.0
            } else {
                1.0
            };
        if away > 3.0 {
            break;
        }
        let score = if s == sentence { 0.8 } else { 0.65 - 0.1 * away };
        for hit in starting(&document.topics, first, last)
            .iter()
            .filter(|t| t.end <= last)
        {
            add(hit.value, score, (hit.start, hit.end));
        }
    }
    told.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.topic.cmp(&b.topic)));
    told.truncate(MOST);
    told.sort_by_key(|t| t.topic);
    told
}
