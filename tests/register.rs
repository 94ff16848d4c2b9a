//! The register as a user keeps it up to date: overlays, and what is imported from Wikidata.

#[path = "support/command.rs"]
mod command;

use std::{
    fs,
    path::{Path, PathBuf},
};

use command::rapporteur;
use rapporteur::{
    article::Decoder,
    data::Source,
    event::ContactEvent,
    extract::{Engine, extract},
    register::{Register, import::Import},
};
use serde_json::json;

/// A day on which nobody can yet be known to be the foreign minister.
const DAY: &str = "2027-05-04";

fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn article() -> String {
    json!({
        "id": "overlay",
        "title": "",
        "body": "BERNE, 4 mai - Le chef de la diplomatie finlandaise s'est entretenu mardi par téléphone avec le \
                 président Emmanuel Macron.",
        "published_at": DAY,
        "language": "fr",
    })
    .to_string()
}

fn names(overlays: &[PathBuf]) -> Vec<String> {
    let engine = Engine::load_with(&Source::Embedded, overlays).unwrap();
    let article = Decoder::default().decode(article().as_bytes(), None).unwrap();
    let events: Vec<ContactEvent> = extract(&engine, &article);
    assert_eq!(events.len(), 1, "{events:?}");
    let participants = events.into_iter().flat_map(|event| event.participants);
    participants.map(|person| person.name).collect()
}

#[test]
fn a_new_minister_in_an_overlay_is_the_one_an_unnamed_office_means() {
    let dir = tempfile::tempdir().unwrap();
    let before = names(&[]);
    assert!(!before.contains(&"Aino Testinen".to_owned()), "{before:?}");
    let minister = write(
        dir.path(),
        "minister.csv",
        "party,office,name,start,end,source\nFIN,FOREIGN_MINISTER,Aino Testinen,2027-04-20,,press\n",
    );
    let after = names(std::slice::from_ref(&minister));
    assert!(after.contains(&"Aino Testinen".to_owned()), "{after:?}");
    // A later overlay puts right what an earlier one says.
    let ended = write(
        dir.path(),
        "ended.csv",
        "party,office,name,start,end,source\nFIN,FOREIGN_MINISTER,Aino Testinen,2027-04-20,2027-05-01,press\n",
    );
    let corrected = names(&[minister, ended]);
    assert_eq!(corrected, before);
}

#[test]
fn spellings_in_an_overlay_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let terms = write(
        dir.path(),
        "terms.csv",
        "party,office,name,start,end,source\nFIN,FOREIGN_MINISTER,Aino Testinen,2027-04-20,,press\n",
    );
    let spellings = write(
        dir.path(),
        "spellings.csv",
        "name,family,aliases\nAino Testinen,Testinen,Aïno Testinène\n",
    );
    let engine = Engine::load_with(&Source::Embedded, &[terms, spellings]).unwrap();
    let body = "BERNE, 4 mai - Aïno Testinène a reçu mardi à Helsinki le président français Emmanuel Macron.";
    let article = json!({"id": "a", "title": "", "body": body, "published_at": DAY, "language": "fr"});
    let article = Decoder::default()
        .decode(article.to_string().as_bytes(), None)
        .unwrap();
    let events = extract(&engine, &article);
    let named = |event: &ContactEvent| event.participants.iter().any(|p| p.name == "Aino Testinen");
    assert!(events.iter().any(named), "{events:?}");
}

fn refusal(overlay: &PathBuf) -> String {
    Register::load(&Source::Embedded, std::slice::from_ref(overlay))
        .unwrap_err()
        .to_string()
}

#[test]
fn a_bad_overlay_is_refused_with_file_row_and_remedy() {
    let header = "party,office,name,start,end,source\n";
    let good = "FIN,FOREIGN_MINISTER,Aino Testinen,2027-04-20,,press\n";
    let dir = tempfile::tempdir().unwrap();
    for (rows, row, remedy) in [
        ("XQQ,FOREIGN_MINISTER,A B,2027,,press\n", 3, "ISO 3166-1 alpha-3"),
        ("FIN,MINISTER_OF_MAGIC,A B,2027,,press\n", 3, "FOREIGN_MINISTER"),
        ("FIN,FOREIGN_MINISTER,,2027,,press\n", 3, "full name"),
        ("FIN,FOREIGN_MINISTER,A B,soon,,press\n", 3, "YYYY-MM-DD"),
        ("FIN,FOREIGN_MINISTER,A B,2027-02-30,,press\n", 3, "YYYY-MM-DD"),
        (
            "FIN,FOREIGN_MINISTER,A B,2027-04-20,2027-04-01,press\n",
            3,
            "correct one of them",
        ),
        ("FIN,FOREIGN_MINISTER,A B\n", 3, "fields"),
    ] {
        let path = write(dir.path(), "bad.csv", &format!("{header}{good}{rows}"));
        let error = refusal(&path);
        let place = format!("{}, row {row}: ", path.display());
        assert!(
            error.starts_with(&place) && error.contains(remedy),
            "{rows}: {error}"
        );
    }
    for (text, remedy) in [
        (
            "country,minister\nFIN,X\n",
            "write `party,office,name,start,end,source`",
        ),
        (
            "name,family,aliases\nNobody Whatsoever,,N. W.\n",
            "spell the name as in register/terms",
        ),
    ] {
        let path = write(dir.path(), "bad.csv", text);
        let error = Engine::load_with(&Source::Embedded, &[path])
            .unwrap_err()
            .to_string();
        assert!(error.contains(remedy), "{error}");
    }
}

#[test]
fn every_command_that_reads_the_register_takes_overlays() {
    let dir = tempfile::tempdir().unwrap();
    let header = "party,office,name,start,end,source\n";
    let good = write(
        dir.path(),
        "good.csv",
        &format!("{header}FIN,FOREIGN_MINISTER,Aino Testinen,2027-04-20,,press\n"),
    );
    let bad = write(
        dir.path(),
        "bad.csv",
        &format!("{header}XQQ,ENVOY,A B,2027,,press\n"),
    );
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let extracted = rapporteur(&["extract", "--overlay", good], article());
    assert!(String::from_utf8_lossy(&extracted.stdout).contains("Aino Testinen"));
    let checked = rapporteur(&["check", "--overlay", good], "");
    assert_eq!(checked.status.code(), Some(0));
    for command in ["extract", "check", "demo", "run"] {
        let output = rapporteur(&[command, "--overlay", bad], "");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{command}: {told}");
        assert!(
            told.contains("bad.csv, row 2: no party `XQQ`"),
            "{command}: {told}"
        );
    }
    let settings = write(
        dir.path(),
        "rapporteur.toml",
        &format!("[register]\noverlays = ['{bad}']\n"),
    );
    let output = rapporteur(&["--config", settings.to_str().unwrap(), "check"], "");
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn an_answer_of_wikidata_becomes_an_overlay_and_what_is_unknown_is_refused() {
    let answer = include_str!("register/answer.json");
    let import = Import::read(&Source::Embedded, answer).unwrap();
    assert_eq!(
        import.overlay().unwrap(),
        "party,office,name,start,end,source\n\
         FIN,FOREIGN_MINISTER,Aino Testinen,2027-04-20,,wikidata\n\
         JPN,DEFENCE_MINISTER,Taro Kono,2019-09,2020,wikidata\n"
    );
    let refused: Vec<(usize, &str, &str)> = import
        .refused
        .iter()
        .map(|r| (r.binding, r.person.as_str(), r.reason.as_str()))
        .collect();
    for (expected, reason) in [
        ((4, "Nobody Inparticular"), "has no code"),
        ((5, "Somebody Else"), "no party `XQQ`"),
        ((6, "Q900000004"), "no label in English"),
        ((7, "Without Start"), "no start"),
        ((8, "Unknown End"), "end is an unknown value"),
        ((9, "Vague Decade"), "precision 8"),
        ((10, "Backward Term"), "before it starts"),
    ] {
        let found = refused.iter().find(|r| (r.0, r.1) == expected);
        assert!(
            found.is_some_and(|r| r.2.contains(reason)),
            "{expected:?}: {refused:?}"
        );
    }
    assert_eq!(refused.len(), 7);
}

#[test]
fn an_imported_overlay_can_be_laid_on_the_register() {
    let dir = tempfile::tempdir().unwrap();
    let answer = include_str!("register/answer.json");
    let output = rapporteur(&["register", "import", "-"], answer);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    // Something was refused.
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("binding 5, Somebody Else: no party `XQQ`") && told.contains("2 rows, 7 refused"),
        "{told}"
    );
    let overlay = write(
        dir.path(),
        "overlay.csv",
        std::str::from_utf8(&output.stdout).unwrap(),
    );
    let found = names(&[overlay]);
    assert!(found.contains(&"Aino Testinen".to_owned()), "{found:?}");
    let bad = rapporteur(&["register", "import", "-"], "<html>");
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("application/sparql-results+json"));
}
