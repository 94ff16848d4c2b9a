//! HTML bodies as plain text.
//!
//! A feed gives the body of an article as text or as HTML and seldom says which. [`detect`] answers
//! conservatively: only a well-formed tag of a short list, or a character reference, makes a body HTML, so
//! that a "<" in a sentence does not. [`to_text`] then gives the text that a reader sees: block elements
//! become paragraphs separated by a blank line, character references become the characters they stand for,
//! scripts, styles and controls vanish, white space collapses, and nothing is added: no markers for
//! emphasis, no addresses of links, no line wrapping. Spans of events count in this text.
//!
//! The markup is scanned by the tokenizer rules of the HTML standard and no tree is built: the work is linear
//! in the length of the body and the memory bounded by it, however deep its elements are nested and however
//! many attributes they have. (Tree builders and general tokenizers are quadratic, or recurse, on such bodies,
//! and one body may not stop a partition.) Character references are left to a library.

/// Elements that stand on their own lines, in whose presence white space means nothing.
const BLOCKS: [&str; 32] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "tr",
    "ul",
];

/// Elements inside a line: they make a body HTML, but its line ends still count.
const INLINE: [&str; 12] = [
    "a", "b", "br", "cite", "em", "font", "i", "img", "q", "span", "strong", "u",
];

/// Elements whose content is not for reading, with everything inside them.
const HIDDEN: [&str; 19] = [
    "audio", "button", "canvas", "datalist", "iframe", "math", "nav", "noembed", "noframes", "noscript",
    "object", "script", "select", "style", "svg", "template", "textarea", "title", "xmp",
];

/// Elements whose content is no markup.
const RAW_TEXT: [&str; 9] = [
    "iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp",
];

/// Named character references that a plain text would not hold.
const REFERENCES: [&str; 24] = [
    "amp", "apos", "nbsp", "quot", "lt", "gt", "lsquo", "rsquo", "ldquo", "rdquo", "laquo", "raquo", "ndash",
    "mdash", "hellip", "agrave", "ccedil", "eacute", "egrave", "ecirc", "auml", "ouml", "uuml", "szlig",
];

/// How a body that is HTML divides its paragraphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// By elements; line ends are white space.
    Blocks,
    /// By blank lines and `<br>`: text with some inline tags or character references in it.
    Inline,
}

/// Whether `body` is HTML.
#[must_use]
pub fn detect(body: &str) -> Option<Markup> {
    let mut found = None;
    let last_close = body.rfind('>').unwrap_or(0);
    for (at, c) in body.match_indices(['<', '&']) {
        let rest = &body[at + 1..];
        if c == "&" {
            if found.is_none() && is_reference(rest) {
                found = Some(Markup::Inline);
            }
        } else if at < last_close {
            match tag_name(rest) {
                Some(name) if BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name)) => {
                    return Some(Markup::Blocks);
                }
                Some(name) if INLINE.iter().any(|inline| inline.eq_ignore_ascii_case(name)) => {
                    found = Some(Markup::Inline);
                }
                _ => {}
            }
        }
    }
    found
}

/// The text of an HTML body.
#[must_use]
pub fn to_text(body: &str, markup: Markup) -> String {
    let mut text = Text {
        out: String::with_capacity(body.len()),
        gap: Gap::None,
        markup,
        hidden: None,
        preformatted: 0,
    };
    for token in Tokens::new(body) {
        match token {
            Token::Text(raw) => text.text(&htmlize::unescape(raw)),
            Token::Verbatim(raw) => text.text(raw),
            Token::Start { name, self_closing } => text.open(&name.to_ascii_lowercase(), self_closing),
            Token::End { name } => text.close(&name.to_ascii_lowercase()),
        }
    }
    text.out
}

fn tag_name(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let end = rest.bytes().take(12).position(|b| !b.is_ascii_alphanumeric())?;
    let closes = matches!(rest.as_bytes()[end], b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r');
    (end > 0 && closes).then(|| &rest[..end])
}

fn is_reference(rest: &str) -> bool {
    let Some(end) = rest.bytes().take(9).position(|b| b == b';') else {
        return false;
    };
    let name = &rest[..end];
    match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => REFERENCES.contains(&name),
    }
}

/// A piece of markup.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    /// Text with character references.
    Text(&'a str),
    /// Text without any.
    Verbatim(&'a str),
    Start {
        name: &'a str,
        self_closing: bool,
    },
    End {
        name: &'a str,
    },
}

/// Cuts HTML into tokens; comments, declarations and the content of raw-text elements are passed over.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn new(body: &'a str) -> Self {
        Self { rest: body }
    }

    /// Everything up to `mark`, and goes on behind it; to the end where there is no such mark.
    fn until(&mut self, mark: &str) -> &'a str {
        let (passed, rest) = self.rest.split_once(mark).unwrap_or((self.rest, ""));
        self.rest = rest;
        passed
    }

    fn skip_while(&mut self, test: impl Fn(u8) -> bool) {
        // Tests hold for ASCII bytes only or for all that are not, so the cut is at a character.
        let end = self
            .rest
            .bytes()
            .position(|b| !test(b))
            .unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
    }

    /// Reads a tag from its name to its `>`; attributes are passed over. `None` where it does not end.
    fn tag(&mut self) -> Option<(&'a str, bool)> {
        let start = self.rest;
        self.skip_while(|b| !is_space(b) && b != b'/' && b != b'>');
        let name = &start[..start.len() - self.rest.len()];
        loop {
            self.skip_while(is_space);
            match self.rest.as_bytes().first()? {
                b'>' => {
                    self.rest = &self.rest[1..];
                    return Some((name, false));
                }
                b'/' => {
                    self.rest = &self.rest[1..];
                    if let Some(rest) = self.rest.strip_prefix('>') {
                        self.rest = rest;
                        return Some((name, true));
                    }
                }
                _ => self.attribute(),
            }
        }
    }

    fn attribute(&mut self) {
        // An equals sign in the first place is part of the name.
        self.rest = self.rest.strip_prefix('=').unwrap_or(self.rest);
        self.skip_while(|b| !is_space(b) && !matches!(b, b'/' | b'>' | b'='));
        self.skip_while(is_space);
        let Some(value) = self.rest.strip_prefix('=') else {
            return;
        };
        self.rest = value;
        self.skip_while(is_space);
        match self.rest.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => {
                self.rest = &self.rest[1..];
                self.until(if *quote == b'"' { "\"" } else { "'" });
            }
            _ => self.skip_while(|b| !is_space(b) && b != b'>'),
        }
    }

    /// Passes over the content of a raw-text element, up to its end tag.
    fn raw_text(&mut self, name: &str) {
        let mut from = 0;
        while let Some(at) = self.rest[from..].find("</").map(|at| from + at) {
            let after = &self.rest[at + 2..];
            let names = after
                .get(..name.len())
                .is_some_and(|end| end.eq_ignore_ascii_case(name));
            let ends = after
                .as_bytes()
                .get(name.len())
                .is_some_and(|b| is_space(*b) || matches!(b, b'/' | b'>'));
            if names && ends {
                self.rest = &self.rest[at..];
                return;
            }
            from = at + 2;
        }
        self.rest = "";
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let Some(markup) = self.rest.strip_prefix('<') else {
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                let (text, rest) = self.rest.split_at(end);
                self.rest = rest;
                return Some(Token::Text(text));
            };
            let whole = self.rest;
            self.rest = markup;
            if let Some(comment) = markup.strip_prefix("!--") {
                // "<!-->" and "<!--->" are whole comments.
                self.rest = comment;
                match comment.strip_prefix('>').or_else(|| comment.strip_prefix("->")) {
                    Some(rest) => self.rest = rest,
                    None => {
                        self.until("-->");
                    }
                }
            } else if let Some(data) = markup.strip_prefix("![CDATA[") {
                self.rest = data;
                return Some(Token::Verbatim(self.until("]]>")));
            } else if markup.starts_with(['!', '?']) {
                self.until(">");
            } else if let Some(end) = markup.strip_prefix('/') {
                self.rest = end;
                if end.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    let Some((name, _)) = self.tag() else {
                        self.rest = "";
                        return None;
                    };
                    return Some(Token::End { name });
                }
                self.until(">");
            } else if markup.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let Some((name, self_closing)) = self.tag() else {
                    self.rest = "";
                    return None;
                };
                if RAW_TEXT.iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
                    self.raw_text(name);
                }
                return Some(Token::Start { name, self_closing });
            } else {
                return Some(Token::Text(&whole[..1]));
            }
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// What separates the text so far from the next visible character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
    Paragraph,
}

/// The hidden element that is open, and how many of its name.
struct Hidden {
    name: &'static str,
    depth: usize,
}

/// The text so far.
struct Text {
    out: String,
    gap: Gap,
    markup: Markup,
    hidden: Option<Hidden>,
    /// Open `<pre>` elements, inside which line ends count.
    preformatted: usize,
}

impl Text {
    fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn open(&mut self, name: &str, self_closing: bool) {
        // Only the elements of SVG and MathML may close themselves.
        let closed = self_closing && matches!(name, "svg" | "math");
        if let Some(hidden) = &mut self.hidden {
            hidden.depth += usize::from(hidden.name == name && !closed);
            return;
        }
        if let Some(name) = HIDDEN.iter().find(|hidden| **hidden == name) {
            self.hidden = (!closed).then_some(Hidden { name, depth: 1 });
            return;
        }
        if name == "pre" {
            self.preformatted += 1;
        }
        self.boundary(name);
    }

    fn close(&mut self, name: &str) {
        if let Some(hidden) = &mut self.hidden {
            if hidden.name == name {
                hidden.depth -= 1;
                if hidden.depth == 0 {
                    self.hidden = None;
                }
            }
            return;
        }
        if name == "pre" {
            self.preformatted = self.preformatted.saturating_sub(1);
        }
        if name != "br" {
            self.boundary(name);
        }
    }

    fn boundary(&mut self, name: &str) {
        match name {
            // The second of two line breaks makes a paragraph, as writers use them.
            "br" => self.widen(if self.gap >= Gap::Line {
                Gap::Paragraph
            } else {
                Gap::Line
            }),
            "tr" | "td" | "th" => self.widen(Gap::Line),
            _ if BLOCKS.contains(&name) => self.widen(Gap::Paragraph),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        let lines_count = self.markup == Markup::Inline || self.preformatted > 0;
        let mut line_ends = 0;
        for c in text.chars() {
            match c {
                '\n' if lines_count => {
                    line_ends += 1;
                    self.widen(if line_ends > 1 { Gap::Paragraph } else { Gap::Line });
                }
                ' ' | '\t' | '\n' | '\r' | '\x0c' => self.widen(Gap::Space),
                _ => {
                    line_ends = 0;
                    if !self.out.is_empty() {
                        self.out.push_str(match self.gap {
                            Gap::None => "",
                            Gap::Space => " ",
                            Gap::Line => "\n",
                            Gap::Paragraph => "\n\n",
                        });
                    }
                    self.gap = Gap::None;
                    self.out.push(c);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn text(body: &str) -> String {
        to_text(body, detect(body).expect("HTML"))
    }

    #[test]
    fn a_sentence_with_angle_brackets_is_no_html() {
        for body in [
            "",
            "Growth < 2 % and > 1 %.",
            "<3",
            "He wrote to <sergei@example.org>.",
            "a <p without end",
            "AT&T",
            "Q&A;",
            "R&D; budget",
            "<Paris> and <Berlin>",
            "x <i",
            "&#; &#x; &#12a;",
        ] {
            assert_eq!(detect(body), None, "{body}");
        }
    }

    #[test]
    fn tags_and_character_references_make_html() {
        assert_eq!(detect("<P>One</P>"), Some(Markup::Blocks));
        assert_eq!(
            detect("one <b>two</b>\n<div class='x'>three</div>"),
            Some(Markup::Blocks)
        );
        assert_eq!(detect("one<br/>two"), Some(Markup::Inline));
        assert_eq!(detect("l&#8217;OTAN"), Some(Markup::Inline));
        assert_eq!(detect("l&rsquo;OTAN"), Some(Markup::Inline));
    }

    #[test]
    fn blocks_become_paragraphs_and_white_space_collapses() {
        let body = "<html><head><title>No</title><style>p > a { color: red }</style></head><body>\n<h1>Talks</h1>\n\
            <p>Macron  met\n <b>Scholz</b>, <i>again</i>.</p>\n\n\n<p>They&nbsp;spoke of &laquo;peace&raquo; &amp; gas.\
            <script>if (a < b) { document.write('<p>no</p>') }</script></p><ul><li>One</li><li>Two</li></ul>\
            <p>See <a href=\"https://example.org/a?b&c\">the readout</a>.<p>End";
        assert_eq!(
            text(body),
            "Talks\n\nMacron met Scholz, again.\n\nThey\u{a0}spoke of «peace» & gas.\n\nOne\n\nTwo\n\nSee the readout.\n\nEnd"
        );
    }

    #[test]
    fn line_breaks_divide_lines_and_two_divide_paragraphs() {
        assert_eq!(text("One<br>two<br/>\n<br />three"), "One\ntwo\n\nthree");
        assert_eq!(text("<p>One<br>two</p>"), "One\ntwo");
        assert_eq!(
            text("One <em>and</em> a half\nmore\n\n\nTwo &amp; a half"),
            "One and a half\nmore\n\nTwo & a half"
        );
        assert_eq!(text("<p>a</p><pre>b\n\nc</pre>"), "a\n\nb\n\nc");
    }

    #[test]
    fn tables_keep_their_cells_apart() {
        assert_eq!(
            text("<table><tr><td>Paris</td><td>Berlin</td></tr><tr><td>Rome</td></tr></table>"),
            "Paris\nBerlin\nRome"
        );
    }

    #[test]
    fn hidden_elements_end_where_they_are_closed() {
        assert_eq!(
            text("<p>a<svg/>b<svg><svg></svg>x</svg>c<noscript><img></noscript>d</p>"),
            "abcd"
        );
        assert_eq!(text("<p>a</p><!-- <p>no</p> --><p>b</p>"), "a\n\nb");
        assert_eq!(text("<p>a</p><script>never closed <p>b</p>"), "a");
    }

    #[test]
    fn tags_end_where_the_standard_says() {
        assert_eq!(
            text("<p title=\"a > b\" x='>' y=/>one</p x>two</>three"),
            "one\n\ntwothree"
        );
        assert_eq!(
            text("<p>a<!-->b<!--->c<!-- -- > -->d<!x>e<?php >f</ >g"),
            "abcdefg"
        );
        assert_eq!(
            text("<p>a < b <3 <![CDATA[c <p> &amp; d]]></p>"),
            "a < b <3 c <p> &amp; d"
        );
        assert_eq!(text("<p>a<SCRIPT>x</scripty></p></Script >b<br"), "ab");
        assert_eq!(
            text("<p>&eacute;&#233;&#xe9;&eacute &unknown; &#0; &"),
            "ééé\u{e9} &unknown; \u{fffd} &"
        );
    }

    #[test]
    fn monstrous_bodies_cost_no_more_than_their_length() {
        let n = 200_000;
        let quoted: String = (0..n).map(|i| format!(" a{i}=\"{i}\"")).collect();
        let bodies = [
            (format!("{}x{}", "<div>".repeat(n), "</div>".repeat(n)), 1),
            (format!("<p{quoted}>x"), 1),
            (format!("<p{}>x", "/ = a".repeat(n)), 1),
            (format!("<p>{}", "&".repeat(n)), n),
            (format!("<p>{}", "&a".repeat(n)), 2 * n),
            (format!("<p>{}", "< ".repeat(n)), 2 * n - 1),
            (format!("<p>x{}", "<!--".repeat(n)), 1),
            (format!("<p>x{}", "<!-- -- ".repeat(n)), 1),
            (format!("<p>x{}", "<![CDATA[".repeat(n)), 1 + 9 * (n - 1)),
            (format!("<p>x{}", "<a b=\"".repeat(n)), 1),
            (format!("<p>x<script>{}", "</scrip ".repeat(n)), 1),
            (format!("<p>x{}", "<script></script>".repeat(n)), 1),
            (format!("<p>x{}", "<svg>".repeat(n)), 1),
            (format!("<p>x{}", "<".repeat(n)), n + 1),
        ];
        for (body, length) in bodies {
            let start = Instant::now();
            let text = text(&body);
            assert_eq!(text.chars().count(), length, "{:.20}", body);
            assert!(
                start.elapsed() < Duration::from_secs(5),
                "{:.20} {:?}",
                body,
                start.elapsed()
            );
        }
    }
}
