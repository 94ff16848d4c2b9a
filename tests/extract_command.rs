//! `rapporteur extract` and `rapporteur eval` as a user meets them.

#[path = "support/command.rs"]
mod command;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Command, Output, Stdio},
};

use command::rapporteur;
use prost::Message;
use rapporteur::event::ContactEvent;
use serde_json::{Value, json};

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// The articles of a gold file, one a line.
fn articles(file: &str) -> (Vec<String>, String) {
    let gold = fs::read_to_string(file).unwrap();
    let articles: Vec<Value> = gold
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["article"].clone())
        .collect();
    let ids = articles
        .iter()
        .map(|article| article["id"].as_str().unwrap().to_owned())
        .collect();
    (
        ids,
        articles.iter().map(|article| format!("{article}\n")).collect(),
    )
}

#[test]
fn events_come_in_the_order_of_the_articles() {
    let (ids, lines) = articles("tests/gold/wire-fr.jsonl");
    let output = rapporteur(&["extract"], lines.as_bytes());
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let events: Vec<ContactEvent> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let positions: Vec<usize> = events
        .iter()
        .map(|event| {
            ids.iter()
                .position(|id| *id == event.article.as_ref().unwrap().id)
                .unwrap()
        })
        .collect();
    assert!(positions.is_sorted());
    assert!(
        events.len() > 30,
        "{} events in {} dispatches",
        events.len(),
        ids.len()
    );
    let one_thread = rapporteur(&["extract", "--threads", "1", "-"], lines.as_bytes());
    assert_eq!(stdout(&one_thread), stdout(&output));
}

#[test]
fn all_formats_tell_the_same_events() {
    let (_, lines) = articles("tests/gold/wire-fr.jsonl");
    let json = rapporteur(&["extract"], lines.as_bytes());
    let events: Vec<ContactEvent> = stdout(&json)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let protobuf = rapporteur(&["extract", "--format", "protobuf"], lines.as_bytes());
    let mut bytes = protobuf.stdout.as_slice();
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        messages.push(ContactEvent::decode_length_delimited(&mut bytes).unwrap());
    }
    assert_eq!(messages, events);
    let pretty = rapporteur(&["extract", "--format", "pretty"], lines.as_bytes());
    assert!(
        !stdout(&pretty).contains('\u{1b}'),
        "colours where there is no terminal"
    );
    assert_eq!(stdout(&pretty).matches("confidence ").count(), events.len());
}

#[test]
fn bad_lines_are_told_by_number_and_the_rest_goes_on() {
    let (ids, lines) = articles("tests/gold/wire-fr.jsonl");
    let clean = rapporteur(&["extract"], lines.as_bytes());
    let mut mixed = String::from("{oops\n\n{\"body\": 5}\n");
    mixed.push_str(&lines);
    mixed.push_str("[]\n{\"body\": \"x\"}\n");
    let output = rapporteur(&["extract"], mixed.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), stdout(&clean));
    let told: Vec<&str> = stderr(&output).lines().collect();
    let last = ids.len() + 4;
    assert_eq!(
        told,
        [
            "rapporteur: <stdin>:1: invalid JSON: key must be a string (line 1, column 2)",
            "rapporteur: <stdin>:3: body: a number at /body, not a string",
            &format!("rapporteur: <stdin>:{last}: the record is an array, not an object"),
            &format!(
                "rapporteur: <stdin>:{}: published_at: missing (looked at /published_at)",
                last + 1
            ),
        ]
    );
}

#[test]
fn a_file_may_hold_one_object_over_several_lines() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("article.json");
    let article = json!({"id": "a", "title": "Rien", "body": "Le ministre est resté à la maison.", "published_at": "2021-12-14"});
    fs::write(&file, serde_json::to_string_pretty(&article).unwrap()).unwrap();
    let output = rapporteur(&["extract", file.to_str().unwrap()], b"");
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
}

#[test]
fn a_file_that_is_not_there_is_told_and_the_others_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("article.json");
    fs::write(&file, "{}").unwrap();
    let output = rapporteur(&["extract", "no-such-file", file.to_str().unwrap()], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).starts_with("rapporteur: no-such-file: No such file"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains("article.json:1: body: missing"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_plain_text_is_an_article_with_its_day() {
    let text = "PARIS, 14 décembre - Emmanuel Macron a reçu mardi à l'Élysée le président turc Recep Tayyip Erdogan.";
    let args = [
        "extract",
        "--text",
        "--published-at",
        "2021-12-14",
        "--language",
        "fr",
    ];
    let output = rapporteur(&args, text.as_bytes());
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let event: ContactEvent = serde_json::from_str(stdout(&output).trim()).unwrap();
    assert_eq!(event.date.unwrap().start, "2021-12-14");
    let refused = rapporteur(&["extract", "--text"], b"x");
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("--published-at"));
    let latin1 = rapporteur(&args, b"Pr\xe9sident");
    assert_eq!(stderr(&latin1), "rapporteur: <stdin>: invalid UTF-8 at byte 2\n");
}

#[test]
fn an_explanation_goes_before_the_events() {
    let (ids, lines) = articles("tests/gold/wire-fr.jsonl");
    let output = rapporteur(
        &["extract", "--explain"],
        lines.lines().next().unwrap().as_bytes(),
    );
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let (explanation, events) = stdout(&output).split_once("\n\n").unwrap();
    assert!(
        explanation.contains(&ids[0]) && events.contains("confidence "),
        "{}",
        stdout(&output)
    );
    assert_eq!(
        rapporteur(&["extract", "--explain", "--format", "json"], b"")
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn a_confidence_cuts_what_is_less_sure() {
    let (_, lines) = articles("tests/gold/wire-fr.jsonl");
    let all = rapporteur(&["extract"], lines.as_bytes());
    let sure = rapporteur(&["extract", "--min-confidence", "0.8"], lines.as_bytes());
    assert!(stdout(&sure).lines().count() <= stdout(&all).lines().count());
    for line in stdout(&sure).lines() {
        let event: ContactEvent = serde_json::from_str(line).unwrap();
        assert!(event.confidence >= 0.8);
    }
    assert_eq!(
        rapporteur(&["extract", "--min-confidence", "2"], b"")
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn data_that_is_not_there_is_an_error_of_its_own() {
    let output = rapporteur(&["extract", "--data", "/no/such/folder"], b"");
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).starts_with("rapporteur: "), "{}", stderr(&output));
}

#[test]
fn an_output_that_closes_ends_it_quietly() {
    let (_, lines) = articles("tests/gold/fr.jsonl");
    let mut child = Command::new(env!("CARGO_BIN_EXE_rapporteur"))
        .arg("extract")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    drop(stdin.write_all(lines.as_bytes()));
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
}

#[test]
fn an_answer_comes_before_the_input_ends() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rapporteur"))
        .arg("extract")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"oops\n").unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(
        line,
        "rapporteur: <stdin>:1: invalid JSON: expected value (line 1, column 1)\n"
    );
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn eval_prints_the_figures_and_holds_them_to_bounds() {
    let example = [
        "eval",
        "tests/eval/gold.jsonl",
        "--predicted",
        "tests/eval/predicted.jsonl",
    ];
    let with = |more: &[&str]| rapporteur(&[&example[..], more].concat(), b"");

    let table = with(&[]);
    assert_eq!(table.status.code(), Some(0));
    let rows: Vec<&str> = stdout(&table).lines().collect();
    assert!(
        rows[0]
            .trim_start()
            .starts_with("docs    gold    pred       P       R   event   slots   exact")
    );
    assert!(rows.iter().any(|row| row.starts_with("fr ")));
    assert!(
        rows.last()
            .unwrap()
            .starts_with("all        40      72      75   0.840   0.875   0.857   0.722   0.381")
    );

    let figures: Value = serde_json::from_str(stdout(&with(&["--json"]))).unwrap();
    assert_eq!(figures["all"]["gold"], json!(72));
    assert_eq!(
        with(&["--by", "doc"])
            .stdout
            .iter()
            .filter(|b| **b == b'\n')
            .count(),
        42
    );
    assert_eq!(
        stdout(&with(&["--misses"]))
            .lines()
            .filter(|line| line.starts_with("MISSED "))
            .count(),
        9
    );

    assert_eq!(
        with(&["--min", "event=0.85", "--max", "alarms=0.7"])
            .status
            .code(),
        Some(0)
    );
    let short = with(&["--min", "event=0.9", "--max", "alarms=0.1"]);
    assert_eq!(short.status.code(), Some(1));
    assert_eq!(
        stderr(&short),
        "rapporteur: short of the mark: event 0.857 < 0.9, alarms 0.625 > 0.1\n"
    );
    assert_eq!(with(&["--min", "evnt=0.9"]).status.code(), Some(2));
}
