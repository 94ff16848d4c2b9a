//! The gold articles of all languages.

use std::fs;

use rapporteur::article::{Article, Decoder};
use serde_json::Value;

/// All of them, file by file.
pub fn articles() -> Vec<Article> {
    let decoder = Decoder::default();
    let mut files: Vec<_> = fs::read_dir("tests/gold")
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| file.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    files.sort();
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let mut articles = Vec::new();
    for text in texts {
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let article = line["article"].to_string();
            articles.push(decoder.decode(article.as_bytes(), None).unwrap());
        }
    }
    articles
}
