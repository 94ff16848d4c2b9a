//! The one-command start.

use std::process::Command;

#[test]
fn the_demo_shows_the_sample_articles_at_work_and_ends_by_itself() {
    let output = Command::new(env!("CARGO_BIN_EXE_rapporteur"))
        .arg("demo")
        .output()
        .unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words}\n{errors}");
    let articles = include_str!("gold/demo.jsonl").lines().count();
    assert!(words.contains(&format!("{articles} articles read")), "{words}");
    assert!(words.contains("0 dead letters"), "{words}");
    assert!(!words.contains('\u{1b}'), "colours are for terminals:\n{words}");
}
