//! The pieces that mentions are made of: names, what the lexicon knows, and pronouns, in the order of the text.

use super::super::{
    document::{AtomKind, Document, Stretch, starting},
    names::Name,
};
use crate::{
    lexicon::{StateForm, Word},
    register::NameId,
};

/// What a piece is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Atom(AtomKind),
    Name(Option<NameId>),
    He,
    They,
}

/// A piece and its tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub start: usize,
    pub end: usize,
    pub part: Part,
}

impl Stretch for Piece {
    fn place(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

/// The pieces of the document; a name covers what the lexicon knows of its words.
pub(super) fn pieces(document: &Document<'_>, names: &[Name]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for atom in &document.atoms {
        let before = &names[..names.partition_point(|n| n.start < atom.end)];
        if before.last().is_none_or(|n| n.end <= atom.start) {
            pieces.push(Piece {
                start: atom.start,
                end: atom.end,
                part: Part::Atom(atom.kind),
            });
        }
    }
    // Names and atoms lie in order and apart from each other.
    for name in names {
        pieces.push(Piece {
            start: name.start,
            end: name.end,
            part: Part::Name(name.known),
        });
    }
    pieces.sort_by_key(|p| (p.start, p.end));
    let mut pronouns: Vec<Piece> = Vec::new();
    for at in 0..document.tokens.len() {
        let words = document.words(at);
        let end = document.word_end(at);
        let possessive = words.has(Word::His)
            && starting(&pieces, end, end + 3).iter().any(|p| {
                matches!(
                    p.part,
                    Part::Atom(AtomKind::Office(..) | AtomKind::State(_, StateForm::Adjective))
                )
            });
        let part = if possessive {
            continue;
        } else if words.has(Word::He) {
            Part::He
        } else if words.has(Word::They) {
            Part::They
        } else {
            continue;
        };
        let free = |pieces: &[Piece]| {
            pieces[..pieces.partition_point(|p| p.start < end)]
                .last()
                .is_none_or(|p| p.end <= at)
        };
        if free(&pieces) && free(&pronouns) {
            pronouns.push(Piece { start: at, end, part });
        }
    }
    pieces.append(&mut pronouns);
    pieces.sort_by_key(|p| (p.start, p.end));
    pieces
}
